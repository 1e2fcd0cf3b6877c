"""All edges of a moment, derived from its records and from what devices report. Nothing else makes edges.

Each join is a function of some fields of some kinds alone, so that after a change only those are done again that read what was touched
(`Deriver`); together they are `derive`.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from core.edges import REFERENCES, Edge
from core.model import KEYED, MODEL
from inventory.graph import addressing, outward
from inventory.graph.joining import NOTHING_SEEN, REPLACED_BY_GROUP, Facts, Mint, Records, Seen, reference_edges
from inventory.graph.plugging import plugged
from inventory.graph.wiring import linked

LINKS, STATIONS = "links", "stations"
"""What devices report, named beside the kinds."""


class Round:
    """One derivation: what several joins share is made once."""

    def __init__(self, facts: Facts, mint: Mint) -> None:
        self.facts, self.mint = facts, mint
        self.addressing = addressing.Addressing(facts)
        self.outside = outward.Outside(facts)
        self._links: list[Edge] | None = None

    def links(self) -> list[Edge]:
        if self._links is None:
            self._links = linked(self.facts, self.mint)
        return self._links


class Join(NamedTuple):
    """reads: the fields (`KIND.FIELD`), and what of the reports, that it looks at; of no other does it take notice."""

    name: str
    reads: frozenset[str]
    make: Callable[[Round], Iterable[Edge]]

    @property
    def observed(self) -> bool:
        """Whether it follows from reports, which are kept only as they are now."""
        return bool(self.reads & {LINKS, STATIONS})


def _fields(**kinds: str) -> frozenset[str]:
    return frozenset(f"{kind}.{field}" for kind, names in kinds.items() for field in names.split())


def _references(kind: str) -> Join:
    read = {f"{kind}.{field}" for reference in REFERENCES[kind] for field in (reference.field, reference.port) if field}
    read |= {f"{reference.target}.{'key' if reference.target in KEYED else 'name'}" for reference in REFERENCES[kind]}
    if kind in REPLACED_BY_GROUP:
        read.add("ha_group.members")
    return Join(f"reference:{kind}", frozenset(read), lambda now: reference_edges(kind, now.facts, now.mint))


_WIRED = _fields(device="name address", cable="name device_a port_a device_b port_b") | {LINKS}
_NETS = _fields(prefix="prefix vpn")
_OF_UNIT = _fields(access_point="unit vpn", vport="network addresses", vpc="key project", project="key unit")
_OUTSIDE = _fields(floating_ip="name", load_balancer="address", vport="addresses")
JOINS: tuple[Join, ...] = (
    *(_references(kind) for kind in REFERENCES if REFERENCES[kind]),
    Join("linked", _WIRED, Round.links),
    Join(
        "plugged", _WIRED | _fields(device="role", host="macs device", vport="mac") | {STATIONS},
        lambda now: plugged(now.facts, now.links(), now.mint),
    ),
    Join(
        "prefixes", _NETS | _fields(ip_address="address vpn", access_point="prefix vpn device vlan", vlan="name"),
        lambda now: addressing.prefixes(now.addressing, now.mint),
    ),
    Join("machines", _NETS | _OF_UNIT | _fields(subnet="network prefix"), lambda now: addressing.machines(now.addressing, now.mint)),
    Join(
        "bearers", _OF_UNIT | _OUTSIDE | _fields(ip_address="address vpn", device="address", host="address"),
        lambda now: addressing.bearers(now.addressing, now.mint),
    ),
    Join(
        "balanced", _fields(
            load_balancer="members project address", vport="network addresses vm", vpc="key project", vm="key", component="runs_on",
        ), lambda now: outward.balanced(now.outside, now.mint),
    ),
    Join(
        "translated", _OUTSIDE | _fields(
            nat_mapping="inside outside device", policy_rule="device action enabled destinations", egress="device kind", ha_group="members",
        ), lambda now: outward.translated(now.outside, now.mint),
    ),
)
"""No two of them make the same edge."""
OBSERVED_KINDS = frozenset({"linked", "plugged-into"})
"""Kinds of edges that follow from reports: of a past moment they are read from the table of edges, all others derived from its records."""


def derive(records: Records, seen: Seen = NOTHING_SEEN) -> list[Edge]:
    """All edges of these records and reports, in the order of their ids. valid_from is 0 where nobody knows since when."""
    came = Deriver().update(records, seen).came
    return sorted(came, key=lambda edge: edge.id)


def derive_from_records(records: Records) -> list[Edge]:
    """The edges of all joins that need no reports."""
    now = Round(Facts(records), Mint())
    return list({edge.id: edge for join in JOINS if not join.observed for edge in join.make(now)}.values())


class Moved(NamedTuple):
    """What a change made of the edges. One that is not what it was is in both."""

    came: list[Edge]
    went: list[Edge]


class Deriver:
    """Keeps what each join made, and does those again that read what was touched."""

    def __init__(self) -> None:
        self._mint = Mint()
        self._made: dict[str, dict[str, Edge]] = {join.name: {} for join in JOINS}

    def update(self, records: Records, seen: Seen, touched: Iterable[str] | None = None) -> Moved:
        """touched: `KIND.FIELD`, `links`, `stations`; None: everything."""
        some = None if touched is None else frozenset(touched)
        now, moved = Round(Facts(records, seen), self._mint), Moved([], [])
        for join in JOINS:
            if some is None or join.reads & some:
                was, made = self._made[join.name], {edge.id: edge for edge in join.make(now)}
                moved.came.extend(edge for edge in made.values() if was.get(edge.id) != edge)
                moved.went.extend(edge for edge in was.values() if made.get(edge.id) != edge)
                self._made[join.name] = made
        self._mint.forget(2 * sum(map(len, self._made.values())) + 10_000)
        return moved

    def made(self, join: str) -> dict[str, Edge]:
        """What a join made last, by id."""
        return self._made[join]


def fields_touched(kind: str, before: Any, after: Any) -> frozenset[str]:
    """What of a record changed, as `Deriver.update` takes it. None: it was not there, or is no more, and all of it changed."""
    names = MODEL[kind].__struct_fields__
    if before is None or after is None:
        return frozenset(f"{kind}.{name}" for name in names)
    return frozenset(f"{kind}.{name}" for name in names if getattr(before, name) != getattr(after, name))
