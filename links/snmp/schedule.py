"""When each device is polled. Pure; the monotonic clock is an argument.

A device's phase follows from its id, so polls spread over the interval, stay where they are when others come and go, and survive a
restart. Phases lie on a grid: devices of one tick are asked together, because answers read in blocks cost a tenth.
"""

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.polling import Target

Ints = npt.NDArray[np.int64]
_TICKS = 30
_LONGEST_TICK_S = 2.0
_SHORTEST_TICK_S = 0.05
IDLE = np.inf


class Schedule:
    """Arrays by device: `due` (monotonic seconds; `IDLE` while it is polled), `interval`, `misses` (polls without any answer in a row),
    `every` (it is asked for everything at each so many-th turn), `until` (turns before the next of these)."""

    def __init__(self, targets: Sequence[Target], longest_pause_s: float, now: float) -> None:
        self.interval = np.array([max(t.interval_s, 0.05) for t in targets], np.float64)
        share = np.array([zlib.crc32(t.device_id.encode()) / 2**32 for t in targets], np.float64)
        tick = np.clip(self.interval / _TICKS, _SHORTEST_TICK_S, _LONGEST_TICK_S)
        self._phase = np.floor(share * self.interval / tick) * tick
        self._longest = np.maximum(longest_pause_s, self.interval)
        self.due = np.full(len(targets), now)
        self.started = np.full(len(targets), now)
        self.misses = np.zeros(len(targets), np.int64)
        self.every = np.array([max(t.every, 1) for t in targets], np.int64)
        self.until = np.zeros(len(targets), np.int64)
        self._all_alike = bool((self.every == 1).all())

    def keep(self, old: "Schedule", pairs: Sequence[tuple[int, int]], now: float) -> None:
        """Devices that stayed, (number here, number in `old`), keep their turn."""
        for new, was in pairs:
            if old.due[was] != IDLE and old.interval[was] == self.interval[new]:
                self.due[new] = old.due[was]
            elif old.due[was] == IDLE:
                self.due[new] = now
            self.misses[new] = old.misses[was]
            self.until[new] = min(old.until[was], self.every[new] - 1)

    def take_due(self, now: float) -> Ints:
        """Devices whose turn has come; they are busy until `finished`."""
        found: Ints = np.nonzero(self.due <= now)[0]
        self.due[found] = IDLE
        self.started[found] = now
        return found

    def take_all(self, now: float) -> Ints:
        """All devices that are not busy, for everything."""
        self.until[:] = 0
        self.due[self.due != IDLE] = now
        return self.take_due(now)

    def light(self, devices: Ints) -> Ints:
        """Of devices whose turn has come those that are asked only whether they answer."""
        if self._all_alike:
            return devices[:0]
        slow = devices[self.every[devices] > 1]
        until = self.until[slow]
        small = (until > 0) & (self.misses[slow] == 0)
        self.until[slow] = np.where(small, until, self.every[slow]) - 1
        out: Ints = slow[small]
        return out

    def finished(self, devices: Ints, answered: npt.NDArray[np.bool_], now: float) -> None:
        """The next turn of each: on its phase, or after a growing pause while it does not answer."""
        self.misses[devices] = np.where(answered, 0, self.misses[devices] + 1)
        interval = self.interval[devices]
        turn = np.floor((now - self._phase[devices]) / interval) + 1
        regular = turn * interval + self._phase[devices]
        pause = np.minimum(interval * 2.0 ** np.minimum(self.misses[devices] - 1, 30), self._longest[devices])
        self.due[devices] = np.where(self.misses[devices] <= 1, regular, np.maximum(regular, self.started[devices] + pause))

    def next_due(self) -> float:
        return float(self.due.min(initial=IDLE))

    def overdue(self, now: float) -> int:
        """Devices whose poll is later than one interval: waiting for their turn, or still being polled."""
        busy = self.due == IDLE
        since = np.where(busy, self.started, self.due)
        return int(np.count_nonzero(now - since > self.interval * np.where(busy, self.every, 1)))
