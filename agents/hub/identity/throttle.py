"""How often somebody may be wrong, in memory: one origin must not try everybody's passwords, nor lock everybody's accounts.

Names without an account are counted like accounts, so that an answer never tells which names there are.
"""

from collections import OrderedDict

from core.identity import Actor

MINUTE_MS = 60_000
ORIGIN_FAILURES = 10
"""Failed logins of one origin in `ORIGIN_MINUTES`: fewer than would lock three accounts."""
ORIGIN_MINUTES = 10
MOST = 10_000
"""Origins and names remembered; beyond that the oldest are forgotten."""


def origin_of(peer: Actor) -> str:
    """What counts as one origin: an account of this machine, or an address; of IPv6 the network of 64 bits."""
    if peer.uid >= 0:
        return f"uid:{peer.uid}"
    host = peer.origin.removeprefix("tcp:")
    if ":" not in host:
        return host
    from ipaddress import ip_network

    try:
        return str(ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        return host


class Failures:
    """Counts that fade: each is forgotten `minutes` after the last failure. Belongs to one event loop."""

    def __init__(self, most: int, minutes: int) -> None:
        self._most, self._ms = most, minutes * MINUTE_MS
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def blocked_until(self, key: str, now_ms: int) -> int:
        """Until when this one has to wait; 0: not at all. A clock that was set back does not prolong it."""
        count, last = self._counts.get(key, (0, 0))
        if count < self._most or not 0 <= now_ms - last < self._ms:
            return 0
        return last + self._ms

    def add(self, key: str, now_ms: int) -> int:
        """One more failure; how many there are now."""
        count, last = self._counts.pop(key, (0, 0))
        count = count + 1 if 0 <= now_ms - last < self._ms else 1
        self._counts[key] = (count, now_ms)
        if len(self._counts) > MOST:
            self._counts.popitem(last=False)
        return count

    def forget(self, key: str) -> None:
        self._counts.pop(key, None)
