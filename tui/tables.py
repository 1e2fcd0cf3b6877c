"""The columns of every table of the console."""

from core.i18n import mark, tr
from core.objects import Fact, Link
from core.views import AlertRow, DeviceRow, GroupCount, InterfaceRow
from core.width import clean
from tui.columns import Column
from tui.words import (
    NOTHING,
    OPERATIONAL,
    SEVERITY,
    SHUT,
    STATUS,
    Word,
    because,
    bits,
    count,
    duration,
    level,
    milliseconds,
    moment,
    percent,
    rate,
    role,
    sentence,
    severity,
)

BAR = 12
_SEVERITIES = tuple(word.word for word in SEVERITY.values())


def _state(row: DeviceRow) -> Word:
    return STATUS.get(row.status, STATUS["unknown"])


def _port(row: InterfaceRow) -> Word:
    return SHUT if row.admin_status == 2 else OPERATIONAL.get(row.oper_status, OPERATIONAL[4])


def _used(rate_bps: float, row: InterfaceRow) -> str:
    return percent(rate_bps, row.speed_bps)


def _busy(row: InterfaceRow) -> str:
    share = max(row.in_bps, row.out_bps) / row.speed_bps if row.speed_bps else 0.0
    return "bad" if share >= 0.9 else "warn" if share >= 0.7 else ""


def _sum(a: float, b: float) -> float:
    return -1.0 if a < 0 and b < 0 else max(a, 0.0) + max(b, 0.0)


def source(name: str) -> str:
    """Where something is known from."""
    return tr({"declared": mark("declared"), "observed": mark("observed"), "configured": mark("configured")}.get(name, name.upper()))


def bar(part: int, whole: int, cells: int = BAR) -> str:
    """A share as `======..`: ASCII, because block characters are two cells wide in some terminals."""
    full = round(cells * part / whole) if whole else 0
    return "=" * full + "." * (cells - full)


DEVICES = (
    Column(mark("Status"), lambda r: str(_state(r)), 6, 7, 0, "status", tone=lambda r: _state(r).tone,
           words=tuple(word.word for word in STATUS.values())),
    Column(mark("Device"), lambda r: clean(r.name), 24, 28, 0, "name"),
    Column(mark("Address"), lambda r: clean(r.address), 15, 18, 1, "address"),
    Column(mark("Level"), lambda r: level(r.level), 8, 8, 6, "level"),
    Column(mark("County"), lambda r: clean(r.county), 8, 8, 2, "county"),
    Column(mark("Role"), lambda r: role(r.role), 8, 13, 2, "role"),
    Column(mark("Site"), lambda r: clean(r.site), 12, 28, 4, "site"),
    Column(mark("Unit"), lambda r: clean(r.unit), 12, 28, 5, "unit"),
    Column(mark("Platform"), lambda r: clean(r.platform), 12, 18, 4, "platform"),
    Column(mark("In"), lambda r: bits(r.in_bps), 6, 6, 1, "in_bps", right=True),
    Column(mark("Out"), lambda r: bits(r.out_bps), 6, 6, 1, "out_bps", right=True),
    Column(mark("Ports"), lambda r: f"{r.ports_up}/{r.ports}" if r.ports >= 0 else NOTHING, 7, 9, 3, "ports_up", right=True),
    Column(mark("Alerts"), lambda r: count(r.alerts) if r.alerts else "", 4, 6, 1, "alerts", right=True, tone=lambda _r: "bad"),
    Column(mark("Answer ms"), lambda r: milliseconds(r.rtt_ms), 9, 9, 5, "rtt_ms", right=True),
    Column(mark("Running"), lambda r: duration(r.uptime_s), 9, 9, 5, "uptime_s", right=True),
    Column(mark("Since"), lambda r: moment(r.since), 11, 11, 3, "since"),
    Column(mark("Polled"), lambda r: moment(r.polled_at), 11, 11, 6, "polled_at"),
)
INTERFACES = (
    Column(mark("No."), lambda r: str(r.if_index), 5, 10, 6, "if_index", right=True),
    Column(mark("Interface"), lambda r: clean(r.name), 22, 30, 0, "name"),
    Column(mark("Status"), lambda r: str(_port(r)), 8, 18, 0, "oper_status", tone=lambda r: _port(r).tone),
    Column(mark("Speed"), lambda r: bits(r.speed_bps) if r.speed_bps else NOTHING, 6, 6, 3, "speed_bps", right=True),
    Column(mark("In"), lambda r: bits(r.in_bps), 6, 6, 0, "in_bps", right=True),
    Column(mark("In %"), lambda r: _used(r.in_bps, r), 6, 6, 1, right=True, tone=_busy),
    Column(mark("Out"), lambda r: bits(r.out_bps), 6, 6, 0, "out_bps", right=True),
    Column(mark("Out %"), lambda r: _used(r.out_bps, r), 6, 6, 1, right=True, tone=_busy),
    Column(mark("Errors/s"), lambda r: rate(_sum(r.in_errors, r.out_errors)), 8, 8, 2, "in_errors", right=True,
           tone=lambda r: "bad" if _sum(r.in_errors, r.out_errors) >= 0.005 else ""),
    Column(mark("Discards/s"), lambda r: rate(_sum(r.in_discards, r.out_discards)), 10, 10, 3, "in_discards", right=True,
           tone=lambda r: "warn" if _sum(r.in_discards, r.out_discards) >= 0.005 else ""),
    Column(mark("Description"), lambda r: clean(r.alias), 12, 60, 4, "alias"),
    Column(mark("Changed"), lambda r: moment(r.changed_at), 11, 11, 5, "changed_at"),
)


def _tone(row: AlertRow) -> str:
    return "dim" if row.cleared_at else severity(row.severity).tone


def alert_columns(*, with_device: bool) -> tuple[Column, ...]:
    """The alert list; on a device's own screen without its name."""
    device = (Column(mark("Device"), lambda r: clean(r.device), 22, 30, 1, "device"),)
    return (
        Column(mark("Severity"), lambda r: str(severity(r.severity)), 7, 7, 0, "severity", tone=_tone, words=_SEVERITIES),
        Column(mark("Raised"), lambda r: moment(r.raised_at), 11, 11, 1, "raised_at"),
        *(device if with_device else ()),
        Column(mark("What happened"), sentence, 24, 76, 0, "rule"),
        Column(mark("Stands for"), lambda r: f"+{r.suppressed:,}" if r.suppressed else "", 6, 8, 1, "suppressed", right=True),
        Column(mark("Taken on by"), lambda r: clean(r.acked_by), 8, 14, 3, "acked_by"),
        Column(mark("Cleared"), lambda r: moment(r.cleared_at) if r.cleared_at else "", 11, 11, 2, "cleared_at"),
        Column(mark("Because of"), because, 10, 14, 4),
    )


ALERTS = alert_columns(with_device=True)
DEVICE_ALERTS = alert_columns(with_device=False)
NEWEST = (
    Column(mark("Severity"), lambda r: str(severity(r.severity)), 7, 7, 0, tone=_tone, words=_SEVERITIES),
    Column(mark("Raised"), lambda r: moment(r.raised_at), 11, 11, 3),
    Column(mark("Device"), lambda r: clean(r.device), 14, 24, 0),
    Column(mark("What happened"), sentence, 24, 90, 0),
)
COUNTIES = (
    Column(mark("County"), lambda r: clean(r.name) or NOTHING, 8, 12, 0),
    Column(mark("All"), lambda r: count(r.devices), 5, 6, 0, right=True),
    Column(mark("Up"), lambda r: count(r.up), 5, 6, 0, right=True, tone=lambda _r: "good"),
    Column(mark("Down"), lambda r: count(r.down), 4, 6, 0, right=True, tone=lambda r: "bad" if r.down else "dim"),
    Column(mark("Alerts"), lambda r: count(r.alerts), 4, 6, 1, right=True, tone=lambda r: "warn" if r.alerts else "dim"),
    Column(mark("Up share"), lambda r: percent(r.up, r.devices), 8, 8, 2, right=True),
    Column("", lambda r: bar(r.up, r.devices), BAR, BAR, 3, tone=lambda r: "bad" if r.down * 10 > r.devices else "good"),
)
BUSIEST = (
    Column(mark("Busiest"), lambda r: clean(r.name), 24, 34, 0),
    Column(mark("In"), lambda r: bits(r.in_bps), 6, 6, 0, right=True),
    Column(mark("Out"), lambda r: bits(r.out_bps), 6, 6, 0, right=True),
    Column(mark("County"), lambda r: clean(r.county), 8, 10, 2),
    Column(mark("Role"), lambda r: role(r.role), 11, 13, 3),
)
FACTS = (
    Column(mark("Fact"), lambda r: clean(r.field), 12, 14, 0),
    Column(mark("Value"), lambda r: clean(r.value), 38, 110, 0),
    Column(mark("Source"), lambda r: source(r.source), 8, 10, 1),
    Column(mark("Sure"), lambda r: f"{r.confidence:.0%}", 5, 5, 2, right=True),
    Column(mark("Since"), lambda r: moment(r.valid_from), 11, 11, 3),
)
LINKS = (
    Column(mark("Interface"), lambda r: clean(r.port_a), 20, 26, 0),
    Column(mark("Neighbour"), lambda r: clean(r.device_b), 20, 32, 0),
    Column(mark("Its interface"), lambda r: clean(r.port_b), 16, 26, 0),
    Column(mark("Source"), lambda r: source(r.source), 6, 8, 1),
    Column(mark("Sure"), lambda r: f"{r.confidence:.0%}", 5, 5, 2, right=True),
    Column(mark("Since"), lambda r: moment(r.valid_from), 11, 11, 3),
)


def fact_key(fact: Fact) -> str:
    return f"{fact.field}\n{fact.value}"


def link_key(link: Link) -> str:
    return f"{link.port_a}\n{link.device_b}\n{link.port_b}\n{link.source}"


def county_key(group: GroupCount) -> str:
    return group.name
