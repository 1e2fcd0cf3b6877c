"""Which prefix holds an address: the longest one, found by as many look-ups as there are different lengths."""

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
BITS = {4: 32, 6: 128}


class Address(NamedTuple):
    """version 4 or 6; value as a number."""

    version: int
    value: int


class Net(NamedTuple):
    """A prefix: its first address and its length."""

    version: int
    value: int
    length: int


@lru_cache(maxsize=200_000)
def address(text: str) -> Address | None:
    """None where it is no address."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return Address(found.version, int(found))


@lru_cache(maxsize=50_000)
def net(text: str) -> Net | None:
    """Of a CIDR or an address, its host bits cut off; None where it is neither."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return Net(found.version, int(found.network_address), found.prefixlen)


class Nets(Generic[T]):
    """Values by prefix. Several may share one."""

    def __init__(self) -> None:
        self._held: dict[int, dict[int, dict[int, list[T]]]] = {4: {}, 6: {}}

    def add(self, prefix: Net, value: T) -> None:
        self._held[prefix.version].setdefault(prefix.length, {}).setdefault(prefix.value, []).append(value)

    def holding(self, one: Address | Net, shorter_than: int = 129) -> Iterator[list[T]]:
        """What lies at each prefix that holds an address or a whole prefix, the longest first."""
        bits = BITS[one.version]
        most = min(shorter_than - 1, one.length if isinstance(one, Net) else bits)
        held = self._held[one.version]
        for length in sorted(held, reverse=True):
            if length <= most and (found := held[length].get(one.value >> (bits - length) << (bits - length))) is not None:
                yield found

    def longest(self, one: Address | Net, shorter_than: int = 129) -> list[T]:
        """Empty where none holds it."""
        return next(self.holding(one, shorter_than), [])
