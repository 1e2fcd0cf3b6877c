"""What is free, as it is answered: a view, what devices see, and the pure functions of `inventory.finding`."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from agents.hub.sight import Sight
from core.errors import ForbiddenError, InvalidInputError
from core.finding import FreeAnswer, PrefixUses, ReservationRow
from core.graph import GraphView, Node
from core.i18n import tr
from core.objects import Station
from core.views import InterfaceRow
from inventory.finding import free, offering
from inventory.finding.places import place_in
from inventory.finding.taken import within
from inventory.finding.using import nouns

MOST = 1000


class Asking(NamedTuple):
    """What every question is about: the newest view, what devices see, now, and what the caller sees."""

    view: GraphView
    stations: Sequence[Station]
    now_ms: int
    sight: Sight

def addresses(asking: Asking, prefix: str, vpn: str, count: int) -> FreeAnswer:
    view, stations, now_ms, sight = asking
    plain, wanted = offering.prefix_named(prefix)
    vpn = offering.vpn_of(view, wanted, vpn)
    _must_see(view, offering.closest(view, wanted, vpn), sight, plain)
    found = within(view, plain, vpn, stations, now_ms)
    if found is None:
        raise InvalidInputError(tr("{text} is no prefix.", text=repr(prefix[:64])))
    left = found.whole.size - found.used
    return FreeAnswer(
        what="address", within=_in(vpn, plain), revision=view.revision, free=free.first(free.addresses(found), count),
        total=str(found.whole.size), free_count=str(left), reserved=found.kept, more=left > count,
    )


def prefixes(asking: Asking, prefix: str, length: int, vpn: str, count: int) -> FreeAnswer:
    view, stations, now_ms, sight = asking
    plain, wanted = offering.prefix_named(prefix)
    vpn = offering.vpn_of(view, wanted, vpn)
    _must_see(view, offering.closest(view, wanted, vpn), sight, plain)
    found = within(view, plain, vpn, stations, now_ms, for_prefixes=True)
    if found is None:
        raise InvalidInputError(tr("{text} is no prefix.", text=repr(prefix[:64])))
    offering.check_length(found, length)
    left = free.count_prefixes(found, length)
    return FreeAnswer(
        what="prefix", within=_in(vpn, plain), revision=view.revision, free=free.first(free.prefixes(found, length), count),
        total=str(1 << (length - found.length)), free_count=str(left), reserved=found.kept, more=left > count,
    )


def vlans(asking: Asking, domain: str, between: str) -> FreeAnswer:
    view, stations, now_ms, sight = asking
    low, high = offering.vlan_range(between)
    if not sight.everything:
        _must_see(view, view.find("device", domain), sight, domain)
    known = offering.domain_named(view, domain, stations, now_ms)
    numbers = known.free(low, high)
    return FreeAnswer(
        what="vlan", within=domain, revision=view.revision, free=free.first(free.ranges(numbers), MOST), total=str(max(0, high - low + 1)),
        free_count=str(len(numbers)), reserved=known.kept,
    )


def ports(asking: Asking, name: str, rows: dict[str, tuple[InterfaceRow, ...]], count: int) -> FreeAnswer:
    view, stations, now_ms, sight = asking
    devices = [node for node in offering.devices_at(view, name) if node.id in rows and _sees(view, node, sight)]
    if not devices:
        _must_see(view, None, sight, name)
    found = [port for device in devices for port in free.ports(view, device, rows[device.id], stations, now_ms)]
    kept = sum(len(free.kept_ports(view, device.name, now_ms)) for device in devices)
    total = sum(row.if_type in free.ETHERNET for device in devices for row in rows[device.id])
    return FreeAnswer(
        what="port", within=name, revision=view.revision, ports=tuple(found[:count]), total=str(total), free_count=str(len(found)),
        reserved=kept, more=len(found) > count,
    )


def uses(asking: Asking, vpn: str, unit: str, limit: int, *, fullest: bool) -> PrefixUses:
    """How full prefixes are: by address, or the fullest first."""
    view, _, now_ms, sight = asking
    if vpn and vpn != "-":
        offering.vpn_of(view, offering.prefix_named("::/0")[1], vpn)
    found = free.prefix_uses(view, ("" if vpn == "-" else vpn) if vpn else None, now_ms)
    rows = [row for row in found if unit in ("", row.unit) and (sight.everything or sight.sees(row.unit, row.site))]
    if fullest:
        rows.sort(key=lambda row: -row.percent)
    return PrefixUses(rows=tuple(rows[:limit]), total=len(rows))


def reservations(asking: Asking, unit: str) -> tuple[ReservationRow, ...]:
    """Those that hold, by name."""
    view, _, now_ms, sight = asking
    found = []
    for node, one in nouns(view, "reservation"):
        device = view.find("device", one.within) if one.what in ("vlan", "port") else None
        site = place_in(view, device)[1] if device is not None else ""
        if one.holds(now_ms) and unit in ("", one.unit) and (sight.everything or sight.sees(one.unit, site)):
            found.append((node.name, ReservationRow(reservation=one, site=site)))
    return tuple(row for _, row in islice(sorted(found, key=lambda pair: pair[0]), 10_000))


def _in(vpn: str, plain: str) -> str:
    return f"{vpn}|{plain}" if vpn else plain


def _sees(view: GraphView, node: Node | None, sight: Sight) -> bool:
    return sight.everything or (node is not None and sight.sees(*place_in(view, node)))


def _must_see(view: GraphView, node: Node | None, sight: Sight, what: str) -> None:
    """What is free says what is used: only who sees the whole may know."""
    if not _sees(view, node, sight):
        raise ForbiddenError(
            tr("You may not see {what}.", what=what[:128]), way_out=tr("Ask the security officer for the role at that unit or site."),
        )
