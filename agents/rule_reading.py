"""What is read of stored samples to try rules: every series by the hour, once for all rules of it; closely only the days that are worth it,
each once for all series that need them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.ports import SampleStore
from core.signals import SeriesFrame, SeriesKey
from monitors.rules.closeup import Span
from monitors.rules.lasting import FIVE_MS, step_ms
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.windowed import DAY_MS, HOUR_MS

FINE_MS = 30_000
RAW_MS = 8 * DAY_MS
"""So long raw samples are usually kept."""
ROWS_AT_ONCE = 2_000_000
"""Of one read: 150 MB."""
_SHORT_S = 300


class Detail(NamedTuple):
    """How closely: in which steps, and whether the means alone are enough, at half the cost."""

    step: int
    bare: bool


def detail_of(rule: Rule) -> Detail:
    """How closely a rule is to be tried that hours are too coarse for."""
    if rule.kind in WINDOWED:
        return Detail(step_ms(rule), bare=True)
    return Detail(FINE_MS, bare=rule.kind == "change" or (rule.kind == "threshold" and max(rule.for_s, rule.clear_s) >= _SHORT_S))


def by_hours(
    samples: SampleStore, starts: Mapping[SeriesKey, int], end_ms: int,
) -> Iterator[tuple[SeriesKey, SeriesFrame]]:
    """Each series from its own start on."""
    first = min(starts.values(), default=0) // HOUR_MS * HOUR_MS
    points = max((end_ms - first) // HOUR_MS, 1)
    keys, at_once = list(starts), max(ROWS_AT_ONCE // points, 1)
    for begin in range(0, len(keys), at_once):
        for key, frame in samples.read_many(keys[begin : begin + at_once], first, end_ms, points):
            start = starts[key] // HOUR_MS * HOUR_MS
            place = int(np.searchsorted(frame.at_ms, start)) if start > first else 0
            if len(frame.at_ms) > place:
                yield key, _after(frame, place)


def _after(frame: SeriesFrame, place: int) -> SeriesFrame:
    return SeriesFrame(frame.at_ms[place:], frame.mean[place:], frame.low[place:], frame.high[place:])


def closely(
    samples: SampleStore, wanted: Mapping[SeriesKey, Iterable[Span]], end_ms: int, detail: Detail,
) -> Iterator[tuple[SeriesKey, SeriesFrame]]:
    """Each series as one frame, on the days that its spans touch; what lies between them is left out."""
    days = {key: found for key, spans in wanted.items() if (found := _days(spans, end_ms))}
    rows_a_day = DAY_MS // (FIVE_MS if detail.step > FINE_MS else FINE_MS)
    for keys in _portions(days, rows_a_day):
        by_day: dict[int, list[SeriesKey]] = {}
        for key in keys:
            for day in days[key]:
                by_day.setdefault(day, []).append(key)
        parts: dict[SeriesKey, list[SeriesFrame]] = {}
        for start, end, some in _reads(by_day, end_ms):
            for key, frame in samples.read_many(some, start, end, max((end - start) // detail.step, 1), bare=detail.bare):
                parts.setdefault(key, []).append(frame)
        for key, frames in parts.items():
            yield key, frames[0] if len(frames) == 1 else SeriesFrame(*map(np.concatenate, zip(*frames, strict=True)))


def _days(spans: Iterable[Span], end_ms: int) -> tuple[int, ...]:
    """What begins in the last hour belongs to the day before: a read of minutes would be answered with raw samples."""
    last = max(end_ms - HOUR_MS, 0) // DAY_MS
    found: set[int] = set()
    for start, end in spans:
        found.update(range(min(max(start, 0) // DAY_MS, last), min((min(end, end_ms) - 1) // DAY_MS, last) + 1))
    return tuple(sorted(found))


def _portions(days: Mapping[SeriesKey, Sequence[int]], rows_a_day: int) -> Iterator[list[SeriesKey]]:
    """So many at a time that memory is bounded."""
    some: list[SeriesKey] = []
    rows = 0
    for key, its in days.items():
        rows += len(its) * rows_a_day
        if some and rows > ROWS_AT_ONCE:
            yield some
            some, rows = [], len(its) * rows_a_day
        some.append(key)
    if some:
        yield some


def _reads(by_day: Mapping[int, list[SeriesKey]], end_ms: int) -> Iterator[tuple[int, int, list[SeriesKey]]]:
    """From, until and what: days in a row of which the same is wanted are read at once."""
    last = max(end_ms - HOUR_MS, 0) // DAY_MS
    start: int | None = None
    for day in sorted(by_day):
        start = day if start is None else start
        if by_day.get(day + 1) != by_day[day]:
            yield start * DAY_MS, end_ms if day == last else (day + 1) * DAY_MS, by_day[day]
            start = None
