"""What is free: addresses and prefixes, VLANs, ports. Nothing here counts addresses one by one."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from core.finding import FreePort, PrefixUse
from core.graph import GraphView, Node
from core.network import Reservation
from core.objects import Station
from core.views import InterfaceRow
from inventory.finding.numbers import Span, address_text, bits, prefix_text, span
from inventory.finding.places import place_in
from inventory.finding.taken import Within, merged
from inventory.finding.using import nouns

LOWEST_VLAN, HIGHEST_VLAN = 2, 4094
"""IEEE 802.1Q; 1 is the default VLAN of every switch, and nobody's."""
ETHERNET = frozenset({6, 62, 69, 117})
"""IANAifType: ethernetCsmacd, fastEther, fastEtherFX, gigabitEthernet."""
UP, DOWN = 1, 2


def addresses(found: Within) -> Iterator[str]:
    """Free addresses in order, one after the other as they are asked for."""
    for gap in found.gaps():
        at = gap.low
        while at <= gap.high:
            yield address_text(gap.version, at)
            at += 1


def prefixes(found: Within, length: int) -> Iterator[str]:
    """Free prefixes of this length in order; none where the length does not fit into the whole."""
    version = found.whole.version
    if not found.length <= length <= bits(version):
        return
    size = 1 << (bits(version) - length)
    for gap in found.gaps():
        at = -(-gap.low // size) * size
        while at + size - 1 <= gap.high:
            yield prefix_text(version, at, length)
            at += size


def count_prefixes(found: Within, length: int) -> int:
    """How many there are."""
    version = found.whole.version
    if not found.length <= length <= bits(version):
        return 0
    size = 1 << (bits(version) - length)
    return sum(max(0, (gap.high + 1) // size - -(-gap.low // size)) for gap in found.gaps())


# ---- how full prefixes are

def prefix_uses(view: GraphView, vpn: str | None, now_ms: int) -> list[PrefixUse]:
    """Every prefix (of one VPN; None: of all), by VPN and address. What is taken is sorted once, so a city costs one pass."""
    by_vpn: dict[str, list[tuple[Span, Node, Any]]] = {}
    for node, one in nouns(view, "prefix"):
        found = span(one.prefix)
        if found is not None and vpn in (None, one.vpn):
            by_vpn.setdefault(one.vpn, []).append((found, node, one))
    points, common = _points(view, now_ms)
    return [row for name in sorted(by_vpn) for row in _uses_of(view, name, by_vpn[name], sorted(points.get(name, set()) | common))]


def _uses_of(view: GraphView, vpn: str, held: list[tuple[Span, Node, Any]], points: list[Span]) -> Iterator[PrefixUse]:
    held = sorted(held, key=lambda one: (one[0].version, one[0].low, -one[0].high))
    spans = [one for one, _, _ in held]
    starts, places = [(one.version, one.low) for one in spans], [(one.version, one.low) for one in points]
    for whole, node, noun in held:
        low, high = (whole.version, whole.low), (whole.version, whole.high)
        below = [one for one in spans[bisect_left(starts, low) : bisect_right(starts, high)] if one != whole and whole.holds(one)]
        used = sum(one.size for one in merged([*below, *points[bisect_left(places, low) : bisect_right(places, high)]]))
        unit, site = place_in(view, node)
        yield PrefixUse(
            id=node.id, prefix=noun.prefix, vpn=vpn, unit=unit, site=site, size=str(whole.size), used=str(used),
            percent=round(100 * used / whole.size, 2), children=len(below),
        )


def _points(view: GraphView, now_ms: int) -> tuple[dict[str, set[Span]], set[Span]]:
    """Addresses that are used: by VPN, and those of which no VPN is known."""
    by_vpn: dict[str, set[Span]] = {}
    told = [(one.vpn, one.address) for _, one in nouns(view, "ip_address")]
    told += [(one.within, one.value) for _, one in nouns(view, "reservation") if one.what == "address" and one.holds(now_ms)]
    for vpn, text in told:
        if (found := span(text.partition("/")[0])) is not None:
            by_vpn.setdefault(vpn, set()).add(found)
    texts = [text for _, one in nouns(view, "vport") for text in one.addresses]
    texts += [one.address for kind in ("device", "host") for _, one in nouns(view, kind)]
    return by_vpn, {found for text in texts if (found := span(text.partition("/")[0])) is not None}


# ---- VLANs

class Vlans(NamedTuple):
    """VLAN numbers of one domain. known: there is such a domain."""

    known: bool
    taken: frozenset[int]
    kept: int

    def free(self, low: int, high: int) -> list[int]:
        return [vid for vid in range(max(low, LOWEST_VLAN), min(high, HIGHEST_VLAN) + 1) if vid not in self.taken]


def vlans(view: GraphView, domain: str, stations: Iterable[Station], now_ms: int) -> Vlans:
    """Declared, used at access points and by networks of the cloud, seen in the bridge table, kept."""
    declared = {one.vid for _, one in nouns(view, "vlan") if one.domain == domain}
    entered = {one.vlan for _, one in nouns(view, "access_point") if one.device == domain and one.vlan}
    clouds = {one.vlan for _, one in nouns(view, "vpc") if one.physical == domain and one.vlan}
    device = view.find("device", domain)
    seen = {one.vlan for one in stations if device is not None and one.device_id == device.id and one.vlan}
    kept = [
        int(one.value) for _, one in nouns(view, "reservation")
        if one.what == "vlan" and one.within == domain and one.holds(now_ms) and one.value.isdigit()
    ]
    known = bool(declared or entered or clouds or device is not None)
    return Vlans(known, frozenset(declared | entered | clouds | seen | set(kept)), len(kept))


def ranges(numbers: Sequence[int]) -> Iterator[str]:
    """`2-99`, `101`: ascending numbers, as people write them."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] != numbers[at - 1] + 1:
            yield str(numbers[start]) if at - start == 1 else f"{numbers[start]}-{numbers[at - 1]}"
            start = at


# ---- ports

def used_ports(view: GraphView, device: Node, stations: Collection[Station], now_ms: int) -> dict[str, str]:
    """ifNames of a device that something uses, and what."""
    out: dict[str, str] = {}
    for edge in view.edges(device.id, ("linked",)):
        out[edge.a_port] = "linked"
    for edge in view.edges_to(device.id, ("linked", "plugged-into", "enters-through", "carried-by")):
        out[edge.b_port] = edge.kind
    for kind in ("access_point", "egress"):
        out |= {one.port: kind for _, one in nouns(view, kind) if one.device == device.name}
    for _, one in nouns(view, "cable"):
        out |= {port: "cable" for name, port in ((one.device_a, one.port_a), (one.device_b, one.port_b)) if name == device.name}
    out |= {one.port: "station" for one in stations if one.device_id == device.id and one.source == "mac"}
    out |= {one.value: "reservation" for one in kept_ports(view, device.name, now_ms)}
    out.pop("", None)
    return out


def kept_ports(view: GraphView, device: str, now_ms: int) -> list[Reservation]:
    return [one for _, one in nouns(view, "reservation") if one.what == "port" and one.within == device and one.holds(now_ms)]


def ports(
    view: GraphView, device: Node, rows: Iterable[InterfaceRow], stations: Collection[Station], now_ms: int,
) -> Iterator[FreePort]:
    """Physical ports that are down, carry no description, and that nothing uses; since when, where somebody watched."""
    used = used_ports(view, device, stations, now_ms)
    _, site = place_in(view, device)
    for row in rows:
        if row.if_type in ETHERNET and row.oper_status == DOWN and not row.alias.strip() and row.name not in used and "." not in row.name:
            yield FreePort(
                device=device.name, site=site, port=row.name, speed_bps=row.speed_bps, admin_down=row.admin_status == DOWN,
                down_since=row.changed_at,
            )


def first(texts: Iterable[str], count: int) -> tuple[str, ...]:
    """At most so many."""
    return tuple(islice(texts, count))
