"""What may be reserved: a thing that is named, or the free ones in turn. Whoever reserves tries them inside the transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.finding import ReserveWish, Use
from core.graph import GraphView, Node
from core.i18n import tr
from core.objects import Station
from core.views import InterfaceRow
from inventory.finding import free, who
from inventory.finding.numbers import Span, canonical, canonical_prefix, span
from inventory.finding.places import place_in
from inventory.finding.taken import Within, within
from inventory.finding.using import nouns

IN_USE = frozenset({"record", "bears", "gateway", "floating", "translates", "balances", "seen", "session"})
Rows = Mapping[str, Sequence[InterfaceRow]]
"""Interfaces by the id of their device."""


class Offer(NamedTuple):
    """(within, value) in the order of trying, and the unit and site of what they are taken from."""

    values: Iterator[tuple[str, str]]
    single: bool
    unit: str = ""
    site: str = ""


def vpn_of(view: GraphView, wanted: Span, vpn: str) -> str:
    """The VPN that is meant: the one that was named (`-`: none), else the only one whose prefix holds it, or lies in it. Raises where
    there are several."""
    if vpn == "-":
        return ""
    if vpn:
        if view.find("vpn_instance", vpn) is None and not any(one.vpn == vpn for _, one in nouns(view, "prefix")):
            known = ", ".join(sorted(node.name for node in view.of_kind("vpn_instance"))[:12])
            raise NotFoundError(tr("There is no VPN named {name}.", name=vpn[:64]), way_out=tr("VPNs: {names}.", names=known or "-"))
        return vpn
    spans = [(one.vpn, held) for _, one in nouns(view, "prefix") if (held := span(one.prefix)) is not None]
    found = {name for name, held in spans if held.holds(wanted)} or {name for name, held in spans if wanted.holds(held)}
    if len(found) > 1:
        names = ", ".join(sorted(name or "-" for name in found))
        raise InvalidInputError(tr("Several VPNs have a prefix there."), way_out=tr("Name one with --vpn: {names}.", names=names))
    return found.pop() if found else ""


def closest(view: GraphView, wanted: Span, vpn: str) -> Node | None:
    """The smallest declared prefix of the VPN that holds it."""
    held = [(found.size, node) for node, one in nouns(view, "prefix")
            if one.vpn == vpn and (found := span(one.prefix)) is not None and found.holds(wanted)]
    return min(held, key=lambda one: one[0])[1] if held else None


def prefix_named(text: str) -> tuple[str, Span]:
    """Canonical text and span of a prefix. Raises `InvalidInputError`."""
    plain = canonical_prefix(text)
    found = span(plain) if plain else None
    if found is None:
        raise InvalidInputError(tr("{text} is no prefix.", text=repr(text[:64])), way_out=tr("For example 10.1.2.0/24 or 2001:db8::/48."))
    return plain, found


def address_named(text: str) -> tuple[str, Span]:
    """Canonical text and span of an address. Raises `InvalidInputError`."""
    plain = canonical(text)
    found = span(plain) if plain else None
    if found is None:
        raise InvalidInputError(tr("{text} is no address.", text=repr(text[:64])), way_out=tr("For example 10.1.2.3 or 2001:db8::1."))
    return plain, found


def offer(view: GraphView, wish: ReserveWish, stations: Sequence[Station], rows: Rows, now_ms: int) -> Offer:
    """Raises `ConflictError` where what is named is in use, `InvalidInputError` and `NotFoundError` where it is none."""
    makers: dict[str, Callable[[], Offer]] = {
        "address": lambda: _address(view, wish, stations, now_ms), "prefix": lambda: _prefix(view, wish, stations, now_ms),
        "vlan": lambda: _vlan(view, wish, stations, now_ms), "port": lambda: _port(view, wish, stations, rows, now_ms),
    }
    return makers[wish.what]()


def _address(view: GraphView, wish: ReserveWish, stations: Sequence[Station], now_ms: int) -> Offer:
    if wish.value:
        address, wanted = address_named(wish.value)
        vpn = vpn_of(view, wanted, wish.within)
        _refuse_kept(view, wanted, vpn, wish, now_ms)
        _refuse_used(who.of_address(view, address, stations, now_ms), vpn, address)
        return Offer(iter(((vpn, address),)), True, *_place(view, closest(view, wanted, vpn)))
    plain, wanted = prefix_named(wish.inside)
    vpn = vpn_of(view, wanted, wish.within)
    _refuse_kept(view, wanted, vpn, wish, now_ms)
    found = within(view, plain, vpn, stations, now_ms)
    values = free.addresses(found) if found is not None else iter(())
    return Offer(((vpn, value) for value in values), False, *_place(view, closest(view, wanted, vpn)))


def _refuse_kept(view: GraphView, wanted: Span, vpn: str, wish: ReserveWish, now_ms: int) -> None:
    """What lies in a prefix that is kept for a unit is this unit's to take."""
    for _, one in nouns(view, "reservation"):
        if one.what != "prefix" or one.within != vpn or not one.holds(now_ms) or (one.unit and one.unit == wish.unit):
            continue
        kept = span(one.value)
        if kept is not None and kept.holds(wanted) and one.value != wish.value:
            raise ConflictError(
                tr("{value} is kept for {who} already.", value=one.value, who=one.unit or one.by),
                way_out=tr("Take it for the same unit, or look elsewhere: `prefix free` shows what is free."),
            )


def _refuse_used(uses: Sequence[Use], vpn: str, value: str) -> None:
    bearer = next((use for use in uses if use.how in IN_USE and use.vpn in ("", vpn)), None)
    if bearer is not None:
        raise ConflictError(
            tr("{value} is in use: {name}.", value=value, name=bearer.thing.name),
            way_out=tr("`yunwang address show {value}` tells more; name its prefix to take the next free one.", value=value),
        )


def _prefix(view: GraphView, wish: ReserveWish, stations: Sequence[Station], now_ms: int) -> Offer:
    plain, wanted = prefix_named(wish.value or wish.inside)
    vpn = vpn_of(view, wanted, wish.within)
    _refuse_kept(view, wanted, vpn, wish, now_ms)
    found = within(view, plain, vpn, stations, now_ms, for_prefixes=True)
    place = _place(view, closest(view, wanted, vpn))
    if wish.value:
        if view.find("prefix", f"{vpn}|{plain}") is not None or (found is not None and found.used):
            raise ConflictError(tr("Of {value} something is in use.", value=plain), way_out=tr("`prefix free` shows what is free."))
        return Offer(iter(((vpn, plain),)), True, *place)
    check_length(found, wish.length)
    values = free.prefixes(found, wish.length) if found is not None else iter(())
    return Offer(((vpn, value) for value in values), False, *place)


def check_length(found: Within | None, length: int) -> None:
    most = 32 if found is None or found.whole.version == 4 else 128
    if found is not None and not found.length < length <= most:
        raise InvalidInputError(
            tr("A prefix of length {length} does not fit there.", length=length),
            way_out=tr("Name a length from {low} to {high} with --length.", low=found.length + 1, high=most),
        )


def _vlan(view: GraphView, wish: ReserveWish, stations: Sequence[Station], now_ms: int) -> Offer:
    known = domain_named(view, wish.within, stations, now_ms)
    device = view.find("device", wish.within)
    place = _place(view, device)
    if wish.value:
        vid = vlan_number(wish.value)
        if vid in known.taken and not _kept_only(view, wish.within, vid, stations, now_ms):
            raise ConflictError(
                tr("{value} is in use: {name}.", value=vid, name=wish.within), way_out=tr("`vlan free` shows what is free."),
            )
        return Offer(iter(((wish.within, str(vid)),)), True, *place)
    low, high = vlan_range(wish.inside)
    return Offer(((wish.within, str(vid)) for vid in known.free(low, high)), False, *place)


def _kept_only(view: GraphView, domain: str, vid: int, stations: Sequence[Station], now_ms: int) -> bool:
    """Whether only reservations take it: of those the transaction says it better."""
    return all(use.how == "reserved" for use in who.of_vlan(view, vid, domain, stations, now_ms))


def domain_named(view: GraphView, domain: str, stations: Sequence[Station], now_ms: int) -> free.Vlans:
    """The VLANs of a domain. Raises `NotFoundError` with the ones that there are."""
    found = free.vlans(view, domain, stations, now_ms)
    if not domain or not found.known:
        names = {one.domain for _, one in nouns(view, "vlan")} | {one.physical for _, one in nouns(view, "vpc") if one.physical}
        raise NotFoundError(
            tr("There is no VLAN domain named {name}.", name=domain[:64]),
            way_out=tr("Domains: {names}.", names=", ".join(sorted(names)[:12]) or "-"),
        )
    return found


def vlan_number(text: str) -> int:
    number = text.strip()
    if not number.isascii() or not number.isdigit() or not free.LOWEST_VLAN <= int(number[:9]) <= free.HIGHEST_VLAN:
        raise InvalidInputError(tr("{text} is no VLAN.", text=repr(text[:64])), way_out=tr("A number from 2 to 4094."))
    return int(number)


def vlan_range(text: str) -> tuple[int, int]:
    """`100-199`, `100`, or empty for all."""
    if not text:
        return free.LOWEST_VLAN, free.HIGHEST_VLAN
    low, dash, high = text.partition("-")
    return vlan_number(low), vlan_number(high if dash else low)


def _port(view: GraphView, wish: ReserveWish, stations: Sequence[Station], rows: Rows, now_ms: int) -> Offer:
    devices = devices_at(view, wish.within)
    if wish.value:
        device = devices[0]
        names = [row.name for row in rows.get(device.id, ())]
        if names and wish.value not in names:
            raise NotFoundError(
                tr("{device} has no port {port}.", device=device.name, port=wish.value[:64]), way_out=tr("`port free` shows what is free."),
            )
        used = free.used_ports(view, device, stations, now_ms).get(wish.value, "")
        if used not in ("", "reservation"):
            raise ConflictError(
                tr("{value} is in use: {name}.", value=wish.value[:64], name=used), way_out=tr("`port free` shows what is free."),
            )
        return Offer(iter(((device.name, wish.value),)), True, *_place(view, device))
    found = ((device.name, port.port) for device in devices for port in free.ports(view, device, rows.get(device.id, ()), stations, now_ms))
    return Offer(found, False, *_place(view, devices[0]))


def devices_at(view: GraphView, name: str) -> list[Node]:
    """The device of this name, or all devices at the site of this name, by name. Raises `NotFoundError`."""
    device = view.find("device", name)
    if device is not None:
        return [device]
    site = view.find("site", name)
    found = [node for node, one in nouns(view, "device") if site is not None and one.site == name]
    if not found:
        raise NotFoundError(
            tr("There is no device or site named {name}.", name=name[:64]), way_out=tr("`yunwang search` finds it by a part of its name."),
        )
    return sorted(found, key=lambda node: node.name)


def _place(view: GraphView, node: Node | None) -> tuple[str, str]:
    return place_in(view, node) if node is not None else ("", "")
