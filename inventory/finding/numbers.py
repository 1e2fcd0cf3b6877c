"""Addresses and prefixes as numbers, so that what lies in what is a comparison. Texts from outside: what is none gives None."""

import ipaddress
from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """Addresses from `low` to `high`, both included, of one version of IP."""

    version: int
    low: int
    high: int

    def holds(self, other: "Span") -> bool:
        """Whether another span lies within this one."""
        return self.version == other.version and self.low <= other.low and other.high <= self.high

    @property
    def size(self) -> int:
        return self.high - self.low + 1


@lru_cache(maxsize=500_000)
def span(text: str) -> Span | None:
    """Of an address (a span of one), a CIDR, or a range `A-B`."""
    first, dash, last = text.strip().partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return Span(low.version, int(low), int(high)) if low.version == high.version and int(low) <= int(high) else None
        net = ipaddress.ip_network(first, strict=False)
    except ValueError:
        return None
    return Span(net.version, int(net.network_address), int(net.broadcast_address))


def address_text(version: int, number: int) -> str:
    """The canonical text (RFC 5952 for IPv6)."""
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


def prefix_text(version: int, number: int, length: int) -> str:
    return f"{address_text(version, number)}/{length}"


def bits(version: int) -> int:
    return 32 if version == 4 else 128


@lru_cache(maxsize=200_000)
def canonical(text: str) -> str:
    """An address as it is always written; empty when it is none."""
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""


def canonical_prefix(text: str) -> str:
    """A prefix as it is always written, host bits cleared; empty when it is none."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        return ""
