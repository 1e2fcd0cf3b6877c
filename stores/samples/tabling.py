"""Many series side by side: one row for each, one column for each step of time. Segments of different times are decoded in parallel.

A segment's rows go straight to their places: no sorting, no joining. Decoding, unpacking and summing up leave the interpreter's lock, so
two cores take half the time of one.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from stores.samples.columns import F64, HOUR_MS, I64, U32, Rows
from stores.samples.segment import STEP_MS, DamagedError, Segment, SegmentReader

THREADS = min(4, os.cpu_count() or 1)
AT_ONCE = 48
"""Segments that are open for it."""


class Table:
    """Rows of `values`, float64[..., columns] and NaN at first: one for each series (ascending), where `rows` says. Of two values of one
    step the one that comes last holds."""

    def __init__(self, series: U32, rows: I64, values: F64, start_ms: int, step_ms: int) -> None:
        self.series, self.rows, self.values, self._start, self._step = series, rows, values, start_ms, step_ms

    def put(self, rows: Rows, start_ms: int, end_ms: int) -> None:
        """Rows in order of series, of whatever series and times; those of ours in [start, end) are taken."""
        low, begin, counts = self._runs(rows.series)
        self._scatter(low, begin, counts, rows, start_ms, end_ms)

    def put_segment(self, reader: SegmentReader, start_ms: int, end_ms: int) -> None:
        """The means of a segment of roll-ups. A series that has all steps of the segment's time needs no times to be read."""
        groups = _touched(reader, self.series)
        if not groups:
            return
        parts = [reader.columns(group, ["series", "value"]) for group in groups]
        series, value = (np.concatenate(column) for column in zip(*parts, strict=True))
        low, begin, counts = self._runs(series)
        first, step = reader.segment.window * HOUR_MS, STEP_MS[reader.segment.tier]
        steps = reader.segment.hours * HOUR_MS // step
        whole = (counts == steps) & (step == self._step)
        skip = max(0, -(-(start_ms - first) // step))
        stop = min(steps, -(-(end_ms - first) // step))
        to = (first + skip * step - self._start) // step
        places, begins = self.rows[low + np.flatnonzero(whole)], begin[whole]
        lead = int(begins[0]) % steps if len(begins) else 0
        if ((begins - lead) % steps).any():  # gaps of others lie between
            for row, at in zip(places.tolist(), begins.tolist(), strict=True):
                self.values[row, to : to + stop - skip] = value[at + skip : at + stop]
        elif len(begins):
            side_by_side = value[lead : lead + (len(value) - lead) // steps * steps].reshape(-1, steps)
            self.values[places, to : to + stop - skip] = side_by_side[(begins - lead) // steps, skip:stop]
        if ((counts > 0) & ~whole).any():
            times = np.concatenate([reader.columns(group, ["at_ms"])[0] for group in groups])
            self._scatter(low, begin, np.where(whole, 0, counts), Rows(series, times, value), start_ms, end_ms)

    def _runs(self, series: U32) -> tuple[int, I64, I64]:
        """Of our series from the number given on: where each begins in an ascending array, and how often it is there."""
        if not len(series):
            return 0, np.empty(0, np.int64), np.empty(0, np.int64)
        low = int(np.searchsorted(self.series, series[0]))
        mine = self.series[low : int(np.searchsorted(self.series, series[-1], "right"))]
        begin = np.searchsorted(series, mine)
        return low, begin, np.searchsorted(series, mine, "right") - begin

    def _scatter(self, low: int, begin: I64, counts: I64, rows: Rows, start_ms: int, end_ms: int) -> None:
        picked = np.repeat(begin - np.cumsum(counts) + counts, counts) + np.arange(int(counts.sum()))
        at, place = rows.at[picked], np.repeat(self.rows[low : low + len(counts)], counts)
        inside = (at >= start_ms) & (at < end_ms)
        if not inside.all():
            at, place, picked = at[inside], place[inside], picked[inside]
        self.values[place, (at - self._start) // self._step] = rows.value[picked]

    def put_segments(self, segments: Sequence[Segment], opened: Callable[[Segment], SegmentReader], bad: dict[Segment, str],
                     start_ms: int, end_ms: int) -> None:
        """What segments have of them; those of one time one after the other, in order of arrival. bad: takes those found damaged."""

        def take(readers: Sequence[SegmentReader]) -> None:
            for reader in readers:
                try:
                    self.put_segment(reader, start_ms, end_ms)
                except DamagedError as error:
                    bad[reader.segment] = str(error)

        with ThreadPoolExecutor(THREADS) as pool:
            for some in _handfuls(_by_time(segments)):
                for _ in pool.map(take, [readers for mine in some if (readers := _readers(mine, opened, bad))]):
                    pass


def _readers(segments: Sequence[Segment], opened: Callable[[Segment], SegmentReader], bad: dict[Segment, str]) -> list[SegmentReader]:
    found = []
    for segment in segments:
        try:
            found.append(opened(segment))
        except DamagedError as error:
            bad[segment] = str(error)
    return found


def _touched(reader: SegmentReader, series: U32) -> list[int]:
    """Row groups that hold any of these series."""
    begin = np.searchsorted(series, reader.groups["first"])
    end = np.searchsorted(series, reader.groups["last"], "right")
    found: list[int] = np.flatnonzero(end > begin).tolist()
    return found


def _by_time(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Those that overlap together, in order of arrival."""
    together: list[Segment] = []
    until = -1
    for segment in sorted(segments, key=lambda one: one.window):
        if together and segment.window >= until:
            yield sorted(together, key=lambda one: one.last)
            together = []
        together.append(segment)
        until = max(until, segment.window + segment.hours)
    if together:
        yield sorted(together, key=lambda one: one.last)


def _handfuls(groups: Iterator[list[Segment]]) -> Iterator[list[list[Segment]]]:
    """At most `AT_ONCE` segments together, or those of one time."""
    some: list[list[Segment]] = []
    for group in groups:
        if some and sum(map(len, some)) + len(group) > AT_ONCE:
            yield some
            some = []
        some.append(group)
    if some:
        yield some
