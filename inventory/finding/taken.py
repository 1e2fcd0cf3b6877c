"""What is taken of the addresses of a prefix, as spans: so that a /64 costs no more than what lies in it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from core.graph import GraphView
from core.objects import Station
from inventory.finding.numbers import Span, bits, span
from inventory.finding.using import nouns


class Within(NamedTuple):
    """The addresses of one prefix, and what of them is taken. kept: how many reservations hold in it."""

    whole: Span
    length: int
    taken: tuple[Span, ...]
    """Sorted and apart from each other."""
    kept: int

    @property
    def used(self) -> int:
        return sum(one.size for one in self.taken)

    def gaps(self) -> Iterator[Span]:
        """What is free, in order."""
        at = self.whole.low
        for one in self.taken:
            if at < one.low:
                yield Span(self.whole.version, at, one.low - 1)
            at = one.high + 1
        if at <= self.whole.high:
            yield Span(self.whole.version, at, self.whole.high)


def within(
    view: GraphView, prefix: str, vpn: str, stations: Iterable[Station], now_ms: int, *, for_prefixes: bool = False,
) -> Within | None:
    """prefix: CIDR. None: it is none. What no VPN is known of (devices, cloud, ARP) counts in each: rather too much taken than too little.

    for_prefixes: what a new prefix may not touch, so the first and the last address of the whole are not taken by themselves.
    """
    whole = span(prefix)
    if whole is None or "-" in prefix:
        return None
    length = bits(whole.version) - (whole.size.bit_length() - 1)
    found = [one for text in _addresses(view, vpn) if (one := span(text.partition("/")[0])) is not None and whole.holds(one)]
    inner = [one for text in _prefixes(view, vpn) if (one := span(text)) is not None and whole.holds(one) and one != whole]
    seen = [one for station in stations if station.address and (one := span(station.address)) is not None and whole.holds(one)]
    kept = _kept(view, vpn, whole, now_ms)
    edges = [] if for_prefixes else ends(whole, length)
    if not for_prefixes and not edges_known(whole, found):
        edges += by_habit(whole, length)
    return Within(whole, length, merged([*found, *inner, *seen, *kept, *edges]), len(kept))


def _addresses(view: GraphView, vpn: str) -> Iterator[str]:
    yield from (one.address for _, one in nouns(view, "ip_address") if one.vpn == vpn)
    yield from (one.address for kind in ("device", "host", "load_balancer") for _, one in nouns(view, kind))
    yield from (text for _, one in nouns(view, "vport") for text in one.addresses)
    yield from (one.name for _, one in nouns(view, "floating_ip"))
    yield from (text for _, one in nouns(view, "nat_mapping") for text in (one.outside, one.inside))
    yield from (one.gateway for _, one in nouns(view, "subnet"))
    yield from (one.peer for _, one in nouns(view, "bgp_session") if one.vpn in ("", vpn))


def _prefixes(view: GraphView, vpn: str) -> Iterator[str]:
    yield from (one.prefix for _, one in nouns(view, "prefix") if one.vpn == vpn)
    yield from (one.prefix for _, one in nouns(view, "access_point") if one.vpn == vpn and one.prefix)
    yield from (one.prefix for _, one in nouns(view, "subnet"))


def _kept(view: GraphView, vpn: str, whole: Span, now_ms: int) -> list[Span]:
    return [
        found for _, one in nouns(view, "reservation")
        if one.what in ("address", "prefix") and one.within == vpn and one.holds(now_ms)
        and (found := span(one.value)) is not None and whole.holds(found) and (found != whole or one.what == "address")
    ]


def ends(whole: Span, length: int) -> list[Span]:
    """Addresses that no host bears: network and broadcast (not of a /31, RFC 3021), the routers' anycast address (RFC 4291, 2.6.1;
    not of a /127, RFC 6164)."""
    if length >= bits(whole.version) - 1:
        return []
    low = Span(whole.version, whole.low, whole.low)
    return [low] if whole.version == 6 else [low, Span(4, whole.high, whole.high)]


def edges_known(whole: Span, found: Sequence[Span]) -> bool:
    """Whether one of the two addresses that are gateways by habit, the first and the last, is known to be used."""
    habit = {whole.low + 1, whole.high - 1} if whole.version == 4 else {whole.low + 1}
    return any(one.low in habit for one in found)


def by_habit(whole: Span, length: int) -> list[Span]:
    """The gateway that nobody wrote down: the first address that a host may bear."""
    if length >= bits(whole.version) - 1:
        return []
    return [Span(whole.version, whole.low + 1, whole.low + 1)]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Sorted, overlapping and neighbouring ones as one."""
    out: list[Span] = []
    for one in sorted(spans):
        if out and one.low <= out[-1].high + 1:
            if one.high > out[-1].high:
                out[-1] = out[-1]._replace(high=one.high)
        else:
            out.append(one)
    return tuple(out)
