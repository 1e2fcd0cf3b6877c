"""Where a crawl goes: from seeds to neighbours, never outside its prefixes, never into what is denied, never more than it may.

It is a function of what happened: `Frontier.replay` makes the same one again out of the visits that were kept. Time is an argument.
"""

import ipaddress
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from core.errors import InvalidInputError
from core.i18n import tr
from core.nouns import Noun

Net = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Outcome = Literal["read", "known", "silent", "refused", "failed"]
"""known: another address of a device that was read before."""
MOST_SWEPT = 65_536
"""Addresses of prefixes without seeds that are asked one by one."""
MOST_WAITING = 100_000
MOST_PREFIXES = 1000


class Bounds(Noun, frozen=True, kw_only=True):
    """How far a crawl may go."""

    prefixes: tuple[str, ...]
    """It never leaves these."""
    seeds: tuple[str, ...] = ()
    """Where it begins; empty: every address of the prefixes is asked once."""
    deny: tuple[str, ...] = ()
    most: int = 5000
    """Devices."""
    hops: int = 16
    """From the seeds."""
    at_once: int = 32
    per_second: float = 20.0
    """New addresses."""


class Visit(Noun, frozen=True, kw_only=True):
    """What came of one address, as far as the frontier needs it."""

    address: str
    hop: int
    outcome: Outcome
    device: str = ""
    """What tells the device from others: its name and where it says that it is made."""
    own: tuple[str, ...] = ()
    """Its other addresses."""
    onward: tuple[tuple[str, ...], ...] = ()
    """For each neighbour the addresses by which it may be reached, best first."""


class Frontier:
    """What was visited, what waits, and how fast it may go on."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._inside, self._denied = nets(bounds.prefixes), nets(bounds.deny)
        self._waiting: deque[tuple[str, int]] = deque()
        self._met: set[str] = set()
        self._under_way: dict[str, int] = {}
        self._spare: dict[str, tuple[str, ...]] = {}
        """By an address of a neighbour that waits, its other ones: tried when that one is silent."""
        self._devices: set[str] = set()
        self._tokens, self._filled_at = 1.0, 0.0
        self.read = self.left_out = 0
        """Devices that were read; addresses that were outside, denied or too many."""
        self._sweep: Iterator[Address] = iter(())
        self._swept = 0
        self._to_sweep = 0
        if bounds.seeds:
            for seed in bounds.seeds:
                self.meet(seed, 0)
        else:
            self._to_sweep = sum(_hosts(net) for net in self._inside)
            if self._to_sweep > MOST_SWEPT:
                raise InvalidInputError(
                    tr("The prefixes hold {count} addresses; at most {limit} are asked one by one.", count=self._to_sweep,
                       limit=MOST_SWEPT),
                    way_out=tr("Name a device to begin with (--seed), or smaller prefixes."),
                )
            self._sweep = (address for net in self._inside for address in _each(net))

    @classmethod
    def replay(cls, bounds: Bounds, visits: Iterable[Visit]) -> "Frontier":
        """As it was after these visits."""
        frontier, visited = cls(bounds), set()
        for visit in visits:
            visited.add(visit.address)
            frontier._met.add(visit.address)
            frontier.done(visit)
        frontier._waiting = deque(one for one in frontier._waiting if one[0] not in visited)
        return frontier

    @property
    def waiting(self) -> int:
        """Addresses that are still to be visited."""
        return len(self._waiting) + self._to_sweep - self._swept

    @property
    def over(self) -> bool:
        return not self._under_way and (self.full or self.waiting == 0)

    @property
    def full(self) -> bool:
        """As many devices were read as may be."""
        return self.read >= self.bounds.most

    def may(self, address: str) -> bool:
        """Whether an address lies inside and is not denied."""
        one = _address(address)
        return one is not None and any(one in net for net in self._inside) and not any(one in net for net in self._denied)

    def meet(self, address: str, hop: int) -> None:
        """An address to visit, unless it was met before or must not be visited."""
        one = _address(address)
        text = str(one) if one else ""
        if not text or text in self._met:
            return
        self._met.add(text)
        if hop > self.bounds.hops or not self.may(text) or len(self._waiting) >= MOST_WAITING:
            self.left_out += 1
        else:
            self._waiting.append((text, hop))

    def take(self, now_s: float) -> tuple[str, int] | None:
        """The next address and its hop, if one may be visited now."""
        if self.full or len(self._under_way) >= self.bounds.at_once or self.read + len(self._under_way) >= self.bounds.most:
            return None
        if not self._has_token(now_s):
            return None
        found = self._next()
        if found is not None:
            self._tokens -= 1.0
            self._under_way[found[0]] = found[1]
        return found

    def _has_token(self, now_s: float) -> bool:
        most = max(1.0, self.bounds.per_second)
        if self._filled_at:
            self._tokens = min(most, self._tokens + max(0.0, now_s - self._filled_at) * self.bounds.per_second)
        self._filled_at = now_s
        return self._tokens >= 1.0

    def _next(self) -> tuple[str, int] | None:
        if self._waiting:
            return self._waiting.popleft()
        for address in self._sweep:
            self._swept += 1
            text = str(address)
            if text in self._met:
                continue
            self._met.add(text)
            if self.may(text):
                return text, 0
            self.left_out += 1
        return None

    def done(self, visit: Visit) -> None:
        """An address was visited; its neighbours are met."""
        self._under_way.pop(visit.address, None)
        spare = self._spare.pop(visit.address, ())
        if visit.outcome not in ("read", "known") and spare:
            self._go_on(spare, visit.hop)
        if visit.outcome != "read":
            return
        self._devices.add(visit.device)
        self.read += 1
        self._met.update(visit.own)
        if visit.own:
            own = set(visit.own)
            self._waiting = deque(one for one in self._waiting if one[0] not in own)
        for addresses in visit.onward:
            self._go_on(addresses, visit.hop + 1)

    def _go_on(self, addresses: Sequence[str], hop: int) -> None:
        """One address of a neighbour is enough: the first that may be visited; none where one was met before."""
        if any(address in self._met and self.may(address) for address in addresses):
            return
        for place, address in enumerate(addresses):
            if self.may(address):
                self._spare[address] = tuple(addresses[place + 1 :])
                self.meet(address, hop)
                return
        self.left_out += bool(addresses)

    def is_known(self, device: str) -> bool:
        """Whether a device was read by another of its addresses."""
        return bool(device) and device in self._devices


def allows(bounds: Bounds, address: str) -> bool:
    """Whether an address lies inside and is not denied: what `Frontier.may` says, without a frontier."""
    one = _address(address)
    return one is not None and any(one in net for net in nets(bounds.prefixes)) and not any(one in net for net in nets(bounds.deny))


def nets(prefixes: Iterable[str]) -> list[Net]:
    """Raises `InvalidInputError` for what is no prefix."""
    found = []
    for text in prefixes:
        try:
            found.append(ipaddress.ip_network(text.strip(), strict=False))
        except ValueError:
            raise InvalidInputError(
                tr("{text} is no prefix.", text=repr(text[:64])), way_out=tr("Write it like 10.20.0.0/16 or 2001:db8::/48."),
            ) from None
    if len(found) > MOST_PREFIXES:
        raise InvalidInputError(tr("At most {limit} prefixes can be named.", limit=MOST_PREFIXES))
    return found


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


def _hosts(net: Net) -> int:
    return net.num_addresses if net.num_addresses <= 2 else min(net.num_addresses - 2, MOST_SWEPT + 1)


def _each(net: Net) -> Iterator[Address]:
    return iter(net) if net.num_addresses <= 2 else net.hosts()
