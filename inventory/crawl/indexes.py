"""What hides in the indexes of rows: addresses, MAC addresses, names. An index that lies is no row."""

import ipaddress
from typing import NamedTuple

from core.polling import Oid
from core.text import text_of

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Indexed(NamedTuple):
    """An address in an index, and what of the index follows it."""

    address: Address
    rest: Oid


def octets(part: Oid) -> bytes | None:
    return bytes(part) if all(number < 256 for number in part) else None


def address(index: Oid) -> Indexed | None:
    """InetAddressType, length, octets (RFC 4001); some agents leave the length out. With a zone: without it."""
    if len(index) < 2:
        return None
    size = {1: 4, 2: 16, 3: 8, 4: 20}.get(index[0])
    if size is None:
        return None
    start = 2 if index[1] == size and len(index) >= size + 2 else 1
    body = octets(index[start : start + size])
    if body is None or len(body) != size:
        return None
    return Indexed(ipaddress.ip_address(body[: 4 if size in (4, 8) else 16]), index[start + size :])


def plain_address(index: Oid) -> Address | None:
    """Four or sixteen octets, nothing else."""
    body = octets(index)
    return ipaddress.ip_address(body) if body is not None and len(body) in (4, 16) else None


def mac(part: Oid | bytes) -> str:
    """Pairs with colons of one station's address; empty for groups, zeros and anything of another length."""
    body = part if isinstance(part, bytes) else octets(part)
    if body is None or len(body) != 6 or body[0] & 1 or not any(body):
        return ""
    return body.hex(":")


def name(index: Oid) -> tuple[str, Oid]:
    """A text with its length before it, and the rest of the index; empty where it is none."""
    size = index[0] if index else 0
    body = octets(index[1 : size + 1])
    if not size or body is None or len(body) != size:
        return "", index
    return text_of(body, 255), index[size + 1 :]


def is_usable(one: Address) -> bool:
    broadcast = one == ipaddress.IPv4Address("255.255.255.255")
    return not (one.is_unspecified or one.is_multicast or one.is_link_local or broadcast)
