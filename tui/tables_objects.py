"""The columns of the objects: for each kind the few fields that matter, and the tables of one object."""

from collections.abc import Callable
from typing import Any

from core.edges import EDGES
from core.finding import Found
from core.i18n import language, mark, tr
from core.model import MODEL
from core.nouns import Noun
from core.questions import Harmed, RayRow
from core.rows import KindCount, Neighbour, ObjectRow
from core.width import clean
from tui.columns import Column
from tui.fields import FIELDS, brief, field_title, kind_title, protection
from tui.tables import source
from tui.tree import XLine
from tui.words import LEVELS, ROLES, STATUS, Word, count, level, moment, role

SHOWN: dict[str, str] = {
    "unit": "name level parent short_name contact phone chief_data_officer data_steward",
    "system": "name protection_level unit cii internet_facing team depends_on rto_minutes rpo_minutes note",
    "site": "name level county address",
    "device": "name address role site unit model serial platform note",
    "component": "name system tier needed runs_on devices note",
    "person": "name unit phone duty team mail",
    "team": "name company phone unit",
    "data_line": "name source_system target_system fresh_minutes rows_per_day unit note",
    "rack": "name site units_high",
    "ha_group": "name kind members needed",
    "cable": "name device_a port_a device_b port_b circuit",
    "reservation": "value what within unit until reason by made_at",
    "zone": "name kind note",
    "vpn_instance": "name rd zone unit route_targets",
    "circuit": "name carrier bandwidth_bps number site_a site_b sla",
    "access_point": "name unit device port vpn vlan circuit prefix",
    "egress": "name kind device port bandwidth_bps circuit",
    "vlan": "vid domain name purpose vpn",
    "prefix": "prefix vpn unit site vlan purpose",
    "ip_address": "address vpn unit purpose",
    "nat_mapping": "name device kind outside outside_port inside inside_port protocol",
    "policy_rule": "name device action sources destinations services owner expires_at hits enabled",
    "bgp_session": "peer device state remote_as vpn",
    "cloud_platform": "name kind site endpoint",
    "tenant": "name unit platform key",
    "project": "name unit system tenant enabled platform",
    "availability_zone": "name region platform",
    "host": "name state address device vcpus memory_mb zone platform",
    "vm": "name state project host vcpus memory_mb image zone created_at",
    "volume": "name state size_gb vm project",
    "snapshot": "name state volume created_at project",
    "image": "name os state platform",
    "vpc": "name project vlan physical external",
    "subnet": "name prefix gateway network",
    "router": "name project external_network networks",
    "vport": "mac addresses vm network host security_groups name",
    "floating_ip": "name project port",
    "security_group": "name project rules",
    "load_balancer": "name address state members project",
    "quota": "name vcpus_used vcpus memory_mb_used memory_mb volumes_gb_used volumes_gb",
}
"""By kind; the first column is always there, the next ones as there is room."""
_SIZES: dict[str, tuple[int, int]] = {
    "name": (28, 44), "unit": (14, 30), "system": (14, 30), "project": (14, 34), "site": (12, 28), "device": (16, 30), "level": (6, 8),
    "protection_level": (8, 8), "cii": (4, 8), "internet_facing": (8, 15), "vid": (6, 11), "vlan": (6, 10), "prefix": (18, 40),
    "address": (15, 39), "state": (9, 12), "vcpus": (6, 8), "memory_mb": (8, 10), "host": (12, 24), "enabled": (6, 10), "needed": (6, 8),
    "phone": (12, 14), "mac": (17, 17), "purpose": (10, 30), "note": (10, 60), "action": (6, 6), "hits": (6, 9), "kind": (10, 18),
    "addresses": (15, 39), "rules": (8, 60), "sources": (8, 40), "destinations": (8, 40), "created_at": (16, 19), "expires_at": (16, 19),
    "until": (16, 19), "made_at": (16, 19), "bandwidth_bps": (8, 9), "role": (8, 13), "parent": (14, 30), "endpoint": (16, 50),
    "port": (10, 26), "image": (15, 30), "value": (18, 40), "serial": (12, 24), "model": (10, 22),
}
_RIGHT = frozenset({
    "rto_minutes", "rpo_minutes", "needed", "vid", "vcpus", "memory_mb", "size_gb", "hits", "rows_per_day", "fresh_minutes",
    "bandwidth_bps", "vcpus_used", "memory_mb_used", "volumes_gb_used", "volumes_gb", "units_high", "outside_port", "inside_port",
    "remote_as",
})
_LISTS = frozenset({
    "depends_on", "runs_on", "devices", "members", "route_targets", "sources", "destinations", "services", "macs", "networks",
    "addresses", "security_groups", "rules",
})
"""Fields that hold several values: not sortable."""
STATES = {
    "ACTIVE": Word("+", mark("in operation"), "good"), "SHUTOFF": Word("-", mark("shut off"), "dim"),
    "ERROR": Word("x", mark("error"), "bad"),
    "PAUSED": Word("~", mark("paused"), "warn"), "SUSPENDED": Word("~", mark("suspended"), "warn"),
    "BUILD": Word(">", mark("being built"), ""), "REBOOT": Word(">", mark("restarting"), "warn"),
    "IN-USE": Word("+", mark("attached"), "good"), "AVAILABLE": Word("-", mark("available"), "dim"),
    "up": Word("+", mark("up"), "good"), "down": Word("x", mark("down"), "bad"),
}
"""What the platforms say of hosts, machines and the rest, in words."""


def state_word(state: str) -> Word:
    """In words where it is one of those that everybody needs; else as the platform says it."""
    found = STATES.get(state) or STATES.get(state.upper()) or STATES.get(state.lower())
    return found or Word("?" if not state else " ", clean(state) or mark("unknown"), "dim" if not state else "")


def _text(field: str) -> Callable[[ObjectRow], str]:
    if field == "state":
        return lambda row: str(state_word(str(row.fields.get("state", ""))))
    return lambda row: brief(field, row.fields.get(field), row.called)


def _tone(field: str) -> Callable[[ObjectRow], str] | None:
    if field == "state":
        return lambda row: state_word(str(row.fields.get("state", ""))).tone
    return (lambda row: "warn" if row.fields.get("cii") else "dim") if field == "cii" else None


def object_columns(kind: str) -> tuple[Column, ...]:
    """The columns of a kind's list."""
    out = []
    for place, field in enumerate(SHOWN[kind].split()):
        need, want = _SIZES.get(field, (10, 24))
        out.append(Column(
            FIELDS[field], _text(field), need, want, place, "" if field in _LISTS else field, right=field in _RIGHT, tone=_tone(field),
        ))
    return tuple(out)


OBJECTS = {kind: object_columns(kind) for kind in MODEL}
KINDS = (
    Column(mark("Type"), lambda r: kind_title(r.kind), 12, 20, 0, tone=lambda r: "" if r.objects else "dim"),
    Column(mark("Count"), lambda r: count(r.objects), 7, 8, 0, right=True, tone=lambda r: "" if r.objects else "dim"),
)


def kind_key(row: KindCount) -> str:
    return row.kind


class FieldRow(Noun, frozen=True, kw_only=True):
    """One field of an object, with what each kind of source says where they do not agree."""

    field: str
    title: str
    value: str
    declared: str = ""
    observed: str = ""
    configured: str = ""
    origin: str = ""
    """Of what differs."""
    since: int = 0
    differs: bool = False


PLAIN_FIELDS = (
    Column(mark("Field"), lambda r: r.title, 14, 20, 0, tone=lambda r: "warn" if r.differs else "dim"),
    Column(mark("Value"), lambda r: r.value, 22, 110, 0),
)
"""Of an object of which only one source speaks."""
OBJECT_FIELDS = (
    PLAIN_FIELDS[0],
    Column(mark("Value"), lambda r: r.value, 22, 70, 0),
    Column(mark("Declared"), lambda r: r.declared, 14, 34, 1, tone=lambda r: "warn" if r.differs else ""),
    Column(mark("Observed"), lambda r: r.observed, 14, 34, 1, tone=lambda r: "warn" if r.differs else ""),
    Column(mark("Configured"), lambda r: r.configured, 12, 30, 3, tone=lambda r: "warn" if r.differs else ""),
    Column(mark("Told by"), lambda r: clean(r.origin), 12, 24, 2),
    Column(mark("Since"), lambda r: moment(r.since), 11, 11, 3),
)


def edge_word(kind: str) -> str:
    """What a kind of edge is called."""
    meaning = EDGES.get(kind)  # type: ignore[call-overload]
    return clean(meaning.zh if meaning is not None and language() == "zh" else kind)


def relation(row: Neighbour) -> str:
    """The edge as seen from the object: `->` it needs or belongs to the other, `<-` the other needs or belongs to it."""
    arrow = "--" if row.edge == "linked" else "->" if row.ahead else "<-"
    return f"{arrow} {edge_word(row.edge)}"


NEIGHBOURS = (
    Column(mark("Relation"), relation, 12, 18, 0),
    Column(mark("Type"), lambda r: kind_title(r.kind) if r.kind else "", 8, 14, 1),
    Column(mark("Object"), lambda r: clean(r.name) if r.object_id else tr("(not visible to you)"), 30, 50, 0,
           tone=lambda r: "" if r.object_id else "dim"),
    Column(mark("Port here"), lambda r: clean(r.port), 10, 26, 2),
    Column(mark("Port there"), lambda r: clean(r.far_port), 10, 26, 2),
    Column(mark("Source"), lambda r: source(r.source), 8, 10, 3),
    Column(mark("Told by"), lambda r: clean(r.origin), 12, 26, 5),
    Column(mark("Sure"), lambda r: f"{r.confidence:.0%}", 5, 5, 6, right=True),
    Column(mark("Since"), lambda r: moment(r.valid_from), 11, 11, 4),
)


class EventLine(Noun, frozen=True, kw_only=True):
    """One field of something that was written of an object."""

    id: str
    at_ms: int
    actor: str
    action: str
    field: str = ""
    before: str = ""
    after: str = ""
    first: bool = False
    """The first line of what was written together."""


EVENTS = (
    Column(mark("When"), lambda r: moment(r.at_ms) if r.first else "", 11, 11, 0),
    Column(mark("Who"), lambda r: clean(r.actor) if r.first else "", 10, 24, 0),
    Column(mark("What"), lambda r: clean(r.action) if r.first else "", 14, 24, 2),
    Column(mark("Field"), lambda r: r.field, 10, 18, 0, tone=lambda _r: "dim"),
    Column(mark("Before"), lambda r: r.before, 14, 50, 1, tone=lambda r: "bad" if r.before else ""),
    Column(mark("After"), lambda r: r.after, 14, 50, 0, tone=lambda r: "good" if r.after else ""),
)


def object_key(row: Any) -> str:
    return str(row.id)


def tree_text(line: XLine) -> str:
    """The object, as far in as it hangs: `+` there is more below, `-` it is open."""
    fold = "+ " if line.folded else "- " if line.opens else "  "
    return f"{'*' if line.marked else ' '}{'  ' * line.row.depth}{fold}{clean(line.name)}"


def ray_state(row: RayRow) -> Word:
    if not row.state:
        return Word("", "", "")
    return STATUS.get(row.state, STATUS["unknown"]) if row.thing.kind == "device" else state_word(row.state)


def reached(row: RayRow) -> str:
    """How it is reached: the edge, and the port where it meets one."""
    edge = edge_word(row.edge) if row.edge else ""
    return f"{edge} {clean(row.port)}".strip()


def spare(row: RayRow) -> str:
    """How many of how many must live."""
    return tr("{needed} of {of}", needed=row.needed, of=row.of) if row.of else ""


def shielded(level: int, cii: bool) -> str:
    """Protection level, and whether it is critical infrastructure."""
    return f"{protection(level)}{' ' + tr('CII') if cii else ''}" if level or cii else ""


XRAY = (
    Column(mark("Object"), tree_text, 40, 76, 0, tone=lambda line: "warn" if line.marked else ""),
    Column(mark("Type"), lambda line: kind_title(line.row.thing.kind), 8, 12, 1, tone=lambda _line: "dim"),
    Column(mark("State"), lambda line: str(ray_state(line.row)).strip(), 8, 11, 0, tone=lambda line: ray_state(line.row).tone),
    Column(mark("Protection"), lambda line: shielded(line.row.protection_level, line.row.cii), 9, 9, 1,
           tone=lambda line: "warn" if line.row.cii or line.row.protection_level > 2 else ""),
    Column(mark("Must live"), lambda line: spare(line.row), 8, 10, 2),
    Column(mark("How"), lambda line: reached(line.row), 16, 40, 1),
    Column(mark("Details"), lambda line: clean(line.row.about), 16, 70, 3),
)
HARMS = {
    "down": Word("x", mark("fails"), "bad"),
    "degraded": Word("~", mark("degraded"), "warn"),
}


def harm(name: str) -> Word:
    return HARMS.get(name, Word("?", clean(name), "dim"))


def left(row: Harmed) -> str:
    """Of those that stand in for each other, how many live."""
    return tr("{left} of {of} left", left=row.left, of=row.of) if row.of else ""


HARMED = (
    Column(mark("Impact"), lambda r: f"{harm(r.harm)}{' <- ' + tr(harm(r.was).word) if r.was else ''}", 6, 18, 0,
           tone=lambda r: harm(r.harm).tone),
    Column(mark("Type"), lambda r: kind_title(r.thing.kind), 8, 14, 0),
    Column(mark("Object"), lambda r: clean(r.thing.name or r.thing.id) or tr("(not visible to you)"), 30, 60, 0),
    Column(mark("Protection"), lambda r: shielded(r.protection_level, r.cii), 9, 9, 1,
           tone=lambda r: "warn" if r.cii or r.protection_level > 2 else ""),
    Column(mark("Redundancy"), left, 10, 12, 2),
    Column(mark("Because of"), lambda r: clean(r.because.name) if r.because else "", 16, 50, 1),
)


HIT_UNITS = (
    Column(mark("Unit"), lambda r: clean(r.thing.name) or tr("(not visible to you)"), 28, 50, 0),
    Column(mark("Systems that fail"), lambda r: count(r.down) if r.down else "", 8, 12, 0, right=True, tone=lambda _r: "bad"),
    Column(mark("Degraded ones"), lambda r: count(r.degraded) if r.degraded else "", 6, 12, 0, right=True, tone=lambda _r: "warn"),
    Column(mark("Protection"), lambda r: shielded(r.level, bool(r.cii)), 9, 9, 1, tone=lambda r: "warn" if r.cii or r.level > 2 else ""),
    Column(mark("Access to the net"), lambda r: f"{harm(r.access)} {tr('{left} of {of} left', left=r.left, of=r.of)}" if r.access else "",
           12, 22, 2, tone=lambda r: harm(r.access).tone if r.access else ""),
    Column(mark("Contact"), lambda r: clean(r.contact), 10, 20, 1),
    Column(mark("Phone"), lambda r: clean(r.phone), 12, 14, 1),
)
"""Whom to call."""


def harmed_key(row: Harmed) -> str:
    return row.thing.id


class FoundRow(Noun, frozen=True, kw_only=True):
    """One line of a search's answer; the first of its kind names the kind."""

    id: str
    found: Found
    first: bool = False


def place_of(found: Found) -> str:
    note = " ".join(level(word) if word in LEVELS else role(word) if word in ROLES else word for word in found.note.split(" "))
    return clean("  ".join(filter(None, (found.address, found.unit, found.site, note))))


def because_of(found: Found) -> str:
    """Which field fits, and what stands there."""
    return clean(tr(", ").join(f"{field_title(field)} {text}" for field, text in found.why.items()))


FOUND = (
    Column(mark("Type"), lambda r: kind_title(r.found.kind) if r.first else "", 8, 12, 0, tone=lambda _r: "dim"),
    Column(mark("Object"), lambda r: clean(r.found.name), 28, 48, 0, tone=lambda r: "good" if r.found.exact else ""),
    Column(mark("State"), lambda r: str(state_word(r.found.state)) if r.found.state else "", 8, 11, 2,
           tone=lambda r: state_word(r.found.state).tone if r.found.state else ""),
    Column(mark("What and where"), lambda r: place_of(r.found), 20, 70, 1),
    Column(mark("Found in"), lambda r: because_of(r.found), 16, 50, 3, tone=lambda _r: "dim"),
)
