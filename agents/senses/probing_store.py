"""What probes measured, on its way into the samples: series numbered once, values gathered into blocks."""

import threading
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from agents.senses.store import SampleWriter
from core.probes import Outcome, ProbeTask
from core.signals import SampleBlock, SeriesKey

MOST_SERIES = 500_000
MOST_WAITING = 200_000
"""Values that wait while the store cannot number them; beyond that the oldest are given up."""


class Measured(NamedTuple):
    """One value that a probe measured."""

    key: SeriesKey
    value: float
    at_ms: int


def measured(task: ProbeTask, outcome: Outcome) -> Iterator[Measured]:
    """What of an outcome is stored."""
    for figure in outcome.figures:
        instance = f"{task.probe.name}:{figure.part}" if figure.part else task.probe.name
        yield Measured(SeriesKey(task.object_id, figure.metric, instance), figure.value, outcome.at_ms)


class ProbeStore:
    """`put` may be called from any thread, `flush` from one: it may wait for the disk."""

    def __init__(self, writer: SampleWriter) -> None:
        self.lost = 0
        self._writer = writer
        self._numbers: dict[SeriesKey, int] = {}
        self._waiting: list[Measured] = []
        self._lock = threading.Lock()

    def put(self, values: Iterable[Measured]) -> None:
        with self._lock:
            self._waiting += values
            if (over := len(self._waiting) - MOST_WAITING) > 0:
                self.lost += over
                del self._waiting[:over]

    def flush(self) -> None:
        """Hands what waits to the writer; what cannot be numbered now waits on."""
        with self._lock:
            values, self._waiting = self._waiting, []
        new = list(dict.fromkeys(one.key for one in values if one.key not in self._numbers))
        if new:
            numbers = self._writer.numbers(new)
            if numbers is None:
                self._again(values)
                return
            if len(self._numbers) > MOST_SERIES:
                self._numbers.clear()
                new = list(dict.fromkeys(one.key for one in values))
                numbers = self._writer.numbers(new)
                if numbers is None:
                    self._again(values)
                    return
            self._numbers |= zip(new, numbers.tolist(), strict=True)
        if values:
            self._writer.submit(SampleBlock(
                np.array([self._numbers[one.key] for one in values], np.uint32), np.array([one.at_ms for one in values], np.int64),
                np.array([one.value for one in values], np.float64),
            ))

    def _again(self, values: list[Measured]) -> None:
        with self._lock:
            self._waiting = values + self._waiting
            over = len(self._waiting) - MOST_WAITING
            if over > 0:
                self.lost += over
                del self._waiting[:over]
