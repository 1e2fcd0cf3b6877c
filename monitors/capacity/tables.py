"""The steps of time that figures are of: columns of tables of which the rows are series."""

from typing import NamedTuple

from monitors.capacity.figures import DAY_MS

FIVE_MINUTES_MS, HOUR_MS = 300_000, 3_600_000
MOST_FINE_DAYS = 100
"""Longer periods are counted in hours."""


class Period(NamedTuple):
    """Whole steps: [start, start + columns * step)."""

    start_ms: int
    step_ms: int
    columns: int

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.columns * self.step_ms

    @property
    def step_s(self) -> float:
        return self.step_ms / 1000


def period(start_ms: int, end_ms: int, now_ms: int, fine_days: int) -> Period:
    """The steps of a question. fine_days: how long five minutes are kept; a step that is not over yet is left out."""
    fine = end_ms - start_ms <= MOST_FINE_DAYS * DAY_MS and start_ms >= now_ms - fine_days * DAY_MS
    step = FIVE_MINUTES_MS if fine else HOUR_MS
    first = start_ms // step * step
    return Period(first, step, max(0, (min(end_ms, now_ms) - first) // step))

