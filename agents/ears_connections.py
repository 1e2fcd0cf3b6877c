"""Who is connected by TCP: bounded in all and for each source, and whoever has said nothing gives way to whoever comes."""

from collections import Counter
from typing import Protocol

MOST = 4_000
OF_ONE_SOURCE = 500
"""A relay or an address translator stands for many; nobody may take all."""
SILENT_S = 300.0
"""Who spoke once keeps its place so long, though others wait."""


class Connection(Protocol):
    """What is counted here."""

    source: str
    heard_s: float
    """When it said something last; of one that has said nothing, when it came."""

    def abort(self) -> None: ...


class Connections:
    """In the order in which they were heard last, the silent ones apart."""

    def __init__(self, most: int = MOST, of_one_source: int = OF_ONE_SOURCE) -> None:
        self._most, self._of_one = most, of_one_source
        self._mute: dict[Connection, None] = {}
        self._spoken: dict[Connection, None] = {}
        self._of_source: Counter[str] = Counter()
        self.turned_away = 0

    def __len__(self) -> int:
        return len(self._mute) + len(self._spoken)

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter([*self._mute, *self._spoken])

    def admit(self, one: Connection) -> bool:
        """Whether there is room, if need be that of another, which is aborted."""
        if self._of_source[one.source] >= self._of_one:
            victim = next((other for other in self._mute if other.source == one.source), None)
        elif len(self) >= self._most:
            victim = next(iter(self._mute), None) or self._stale(one.heard_s)
        else:
            victim = one
        if victim is None:
            self.turned_away += 1
            return False
        if victim is not one:
            self.turned_away += 1
            self.leave(victim)
            victim.abort()
        self._mute[one] = None
        self._of_source[one.source] += 1
        return True

    def heard(self, one: Connection) -> None:
        """It said something."""
        if one in self._mute:
            del self._mute[one]
        elif one in self._spoken:
            del self._spoken[one]
        else:
            return
        self._spoken[one] = None

    def leave(self, one: Connection) -> None:
        if one not in self._mute and one not in self._spoken:
            return
        self._mute.pop(one, None)
        self._spoken.pop(one, None)
        self._of_source[one.source] -= 1
        if not self._of_source[one.source]:
            del self._of_source[one.source]

    def _stale(self, now_s: float) -> Connection | None:
        oldest = next(iter(self._spoken), None)
        return oldest if oldest is not None and now_s - oldest.heard_s > SILENT_S else None
