"""Series as a store gives them, as tables: rows are series, columns are steps of time."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.signals import SeriesFrame, SeriesKey
from monitors.capacity.figures import DAY_MS, F64

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


def table(frames: Mapping[SeriesKey, SeriesFrame], keys: Sequence[SeriesKey], when: Period) -> F64:
    """Means of each step; several values within one step are averaged."""
    out = np.full((len(keys), when.columns), np.nan)
    for row, key in enumerate(keys):
        frame = frames.get(key)
        if frame is None:
            continue
        column = (frame.at_ms - when.start_ms) // when.step_ms
        inside = (column >= 0) & (column < when.columns) & np.isfinite(frame.mean)
        column, value = column[inside], frame.mean[inside]
        if len(column) > 1 and not bool((column[1:] > column[:-1]).all()):
            count = np.bincount(column, minlength=when.columns)
            total = np.bincount(column, weights=value, minlength=when.columns)
            column = np.flatnonzero(count)
            value = total[column] / count[column]
        out[row, column] = value
    return out
