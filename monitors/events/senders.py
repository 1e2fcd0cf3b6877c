"""Who spoke: every address that was heard, since when, how often, and what it calls itself. Bounded; who is silent longest is forgotten."""

from collections.abc import Iterable, Mapping

from core.events import Event, EventKind, Sender

MOST = 20_000
"""Addresses: anybody can make them up."""
MAX_HOSTS = 8
"""Names of one address: a relay speaks for many."""


class Senders:
    """Counts batches; one thread at a time."""

    def __init__(self, known: Iterable[Sender] = (), most: int = MOST) -> None:
        self._most = most
        self._known = {one.address: one for one in sorted(known, key=lambda one: one.last_ms)[-most:]}

    def heard(self, counts: Mapping[tuple[str, EventKind], int], at_ms: int) -> None:
        """So many messages of each address and kind."""
        for (address, kind), count in counts.items():
            old = self._known.pop(address, None)
            if old is None:
                new = Sender(address=address, first_ms=at_ms, last_ms=at_ms, count=count, kinds=(kind,))
            else:
                kinds = old.kinds if kind in old.kinds else (*old.kinds, kind)
                new = old.replace(last_ms=at_ms, count=old.count + count, kinds=kinds)
            self._known[address] = new
        while len(self._known) > self._most:
            del self._known[next(iter(self._known))]

    def named(self, events: Iterable[Event]) -> None:
        """What they call themselves: the last names that were heard."""
        for event in events:
            known = self._known.get(event.source) if event.host else None
            if known is not None and event.host not in known.hosts:
                self._known[event.source] = known.replace(hosts=(*known.hosts, event.host)[-MAX_HOSTS:])

    def rows(self) -> list[Sender]:
        """Who spoke last comes first."""
        return list(reversed(self._known.values()))
