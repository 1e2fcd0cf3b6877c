"""Addresses of a device, the prefixes that it is connected to, and the next hops of its routes."""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from core.text import Value, number_of
from inventory.crawl import indexes
from inventory.crawl.asking import Heard, Told
from inventory.crawl.indexes import Address

_LOCAL, _REMOTE = 3, 4
"""inetCidrRouteType; ipRouteType calls them direct and indirect."""
_EVERYBODYS = ipaddress.ip_network("127.0.0.0/16")
"""Every device has these for itself."""
_LOOPBACK, _LOOPBACK_LENGTH = ipaddress.ip_network("127.0.0.0/8"), 8
"""RFC 1122, 3.2.1.3: whatever an agent says of its mask, often nothing."""
_NOTHING = Told({})


class Own(NamedTuple):
    """An address of the device itself. length: of its prefix, -1 where it did not say."""

    address: str
    length: int
    port: str
    vrf: str = ""

    @property
    def net(self) -> str:
        """The prefix that it lies in; empty where that is not known, or holds nothing else."""
        return _net(ipaddress.ip_address(self.address), self.length)


def spoken(heard: Heard, names: Mapping[int, str], within: Mapping[str, str]) -> list[Own]:
    """Each address once, also those of the loopback and of the link. names: ifName by ifIndex; within: VPN instance by ifName."""
    found: dict[str, Own] = {}
    for address, told, if_index in _all(heard):
        port, text, length = names.get(if_index, ""), str(address), _length(address, told)
        if not address.is_unspecified and (text not in found or found[text].length < 0 <= length):
            found[text] = Own(text, length, port, within.get(port, ""))
    return list(found.values())


def _length(address: Address, told: int) -> int:
    loopback = isinstance(address, ipaddress.IPv4Address) and address in _LOOPBACK
    return _LOOPBACK_LENGTH if loopback and told <= 0 else told


def is_own(address: Address) -> bool:
    """One by which only this device can be meant."""
    if not indexes.is_usable(address) or address == ipaddress.IPv6Address("::1"):
        return False
    return not (isinstance(address, ipaddress.IPv4Address) and address in _EVERYBODYS)


def _all(heard: Heard) -> Iterator[tuple[Address, int, int]]:
    """Address, length of its prefix, ifIndex."""
    for index, (if_index, prefix) in heard.get("ipAddressTable", _NOTHING).rows.items():
        found = indexes.address(index)
        if found is not None:
            yield found.address, _pointed(prefix, found.address), number_of(if_index)
    for index, (if_index, mask) in heard.get("ipAddrTable", _NOTHING).rows.items():
        # Some agents (FortiOS) put the number of the virtual domain behind the address.
        address = indexes.plain_address(index[:4]) if len(index) <= 6 else None
        if address is not None:
            yield address, _masked(mask), number_of(if_index)
    for index, (length,) in heard.get("ipv6AddrTable", _NOTHING).rows.items():
        address = indexes.plain_address(index[1:])
        if address is not None:
            yield address, number_of(length, -1), index[0]


def _pointed(prefix: Value, address: Address) -> int:
    """ipAddressPrefix points to a row whose index ends with the length."""
    if isinstance(prefix, tuple) and len(prefix) > 12 and 0 <= prefix[-1] <= address.max_prefixlen:
        return prefix[-1]
    return -1


def _masked(mask: Value) -> int:
    if not isinstance(mask, bytes) or len(mask) != 4:
        return -1
    bits = f"{int.from_bytes(mask, 'big'):032b}"
    return bits.count("1") if "01" not in bits else -1


def _net(address: Address, length: int) -> str:
    if not 0 < length < address.max_prefixlen or not is_own(address):
        return ""
    return str(ipaddress.ip_network((address, length), strict=False))


class _Route(NamedTuple):
    net: Address
    length: int
    hop: Address | None
    if_index: int
    kind: int


def routes(
    heard: Heard, names: Mapping[int, str], within: Mapping[str, str],
) -> tuple[dict[tuple[str, str], None], dict[str, None]]:
    """Connected prefixes with their VPN instance, and next hops; each once."""
    connected: dict[tuple[str, str], None] = {}
    hops: dict[str, None] = {}
    for route in (*_inet(heard), *_cidr(heard), *_old(heard)):
        if route.kind == _REMOTE and route.hop is not None and is_own(route.hop):
            hops[str(route.hop)] = None
        elif route.kind == _LOCAL and (net := _net(route.net, route.length)):
            connected[net, within.get(names.get(route.if_index, ""), "")] = None
    return connected, hops


def _inet(heard: Heard) -> Iterator[_Route]:
    """Indexed by destination, length, policy (an OID), next hop."""
    for index, (if_index, kind) in heard.get("inetCidrRoute", _NOTHING).rows.items():
        there = indexes.address(index)
        if there is None or len(there.rest) < 2:
            continue
        hop = indexes.address(there.rest[2 + there.rest[1] :])
        yield _Route(there.address, there.rest[0], hop.address if hop else None, number_of(if_index), number_of(kind))


def _cidr(heard: Heard) -> Iterator[_Route]:
    """Indexed by destination, mask, type of service, next hop."""
    for index, (if_index, kind) in heard.get("ipCidrRoute", _NOTHING).rows.items():
        there, mask = indexes.plain_address(index[:4]), indexes.octets(index[4:8])
        if there is not None and len(index) == 13:
            yield _Route(there, _masked(mask), indexes.plain_address(index[9:]), number_of(if_index), number_of(kind))


def _old(heard: Heard) -> Iterator[_Route]:
    for index, (if_index, hop, kind, mask) in heard.get("ipRoute", _NOTHING).rows.items():
        there = indexes.plain_address(index)
        if there is not None:
            yield _Route(there, _masked(mask), _of_bytes(hop), number_of(if_index), number_of(kind))


def _of_bytes(value: Value) -> Address | None:
    return indexes.plain_address(tuple(value)) if isinstance(value, bytes) else None
