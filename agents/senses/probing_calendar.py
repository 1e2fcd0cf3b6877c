"""When which probe is due: spread over its interval by its name, so that a city is not asked all at once. Time is an argument."""

import heapq
from collections.abc import Iterable
from hashlib import blake2b

Due = tuple[float, str, int]


class Calendar:
    """Seconds of any steady clock."""

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._turn: dict[str, int] = {}
        self._interval: dict[str, float] = {}

    def keep(self, intervals: dict[str, float], now_s: float, at_once: Iterable[str] = ()) -> None:
        """These and no others, by name. What stays the same keeps its time; at_once: those that are due now whatever they were."""
        for name in self._interval.keys() - intervals.keys():
            del self._interval[name]
            self._turn[name] = self._turn.get(name, 0) + 1
        soon = set(at_once)
        for name, interval_s in intervals.items():
            new = name not in self._interval
            if new or self._interval[name] != interval_s or name in soon:
                self._interval[name] = interval_s
                first = interval_s * _share(name) if interval_s < _SOON_S or not (new or name in soon) else _SOON_S * _share(name)
                self._enter(name, now_s + first)
        if len(self._heap) > 2 * len(self._interval) + 64:
            self._heap = [due for due in self._heap if self._holds(due)]
            heapq.heapify(self._heap)

    def due(self, now_s: float) -> list[str]:
        """Names whose time has come; each is due again after its interval. A time that was missed is not made up for."""
        out = []
        while self._heap and self._heap[0][0] <= now_s:
            entry = heapq.heappop(self._heap)
            if self._holds(entry):
                at, name, _ = entry
                interval_s = self._interval[name]
                missed = max(0, int((now_s - at) / interval_s))
                self._enter(name, at + interval_s * (missed + 1))
                out.append(name)
        return out

    def _enter(self, name: str, at: float) -> None:
        self._turn[name] = self._turn.get(name, 0) + 1
        heapq.heappush(self._heap, (at, name, self._turn[name]))

    def _holds(self, due: Due) -> bool:
        return due[1] in self._interval and self._turn.get(due[1]) == due[2]


_SOON_S = 3.0
"""New probes are first run within so long."""


def _share(name: str) -> float:
    """Between 0 and 1, always the same for a name."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") / 2**32
