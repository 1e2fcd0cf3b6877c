"""Which hours of a series need a closer look, as its hourly roll-ups tell: where something may begin, and on until it certainly has ended.
Pure.

A dry run over these hours alone raises and clears what one over all of them does.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.signals import SeriesFrame
from monitors.rules.binding import Told
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.settling import MOST_FLAPS
from monitors.rules.sifting import PORT_DOWN, bad_hours, hot_moments, may_be_one_of, moving_moments
from monitors.rules.windowed import HOUR_MS, span_ms

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Span = tuple[int, int]
"""From, until; milliseconds."""
_PORT_UP = 1


class Closeup(NamedTuple):
    """spans: what must be read. moments: of a rule over a while, at which of its moments anything can be told from that; None: at all."""

    spans: tuple[Span, ...]
    moments: Flags | None = None


def closeup(
    rule: Rule, hours: SeriesFrame, told: Told, moments: Ints, start_ms: int, end_ms: int, scale: float = 1.0,
) -> Closeup:
    """hours: all that is looked at, and as much before it as the rule looks back. moments: at which a rule over a while is tried."""
    if rule.kind in WINDOWED:
        return _of_moments(rule, hours, moments, start_ms, end_ms, scale)
    if rule.kind == "change":
        return Closeup(((start_ms, end_ms),))
    inside = slice(*np.searchsorted(hours.at_ms, [start_ms // HOUR_MS * HOUR_MS, end_ms]).tolist())
    at = hours.at_ms[inside]
    begins, holds = _possible(rule, hours.low[inside] * scale, hours.high[inside] * scale, told)
    spans = list(_until_quiet(at, begins, holds, _patience_ms(rule)))
    if spans and (rule.only_after_good or rule.sees == "port-down"):
        good = ~holds if rule.kind == "state" else (hours.low[inside] == _PORT_UP) & (hours.high[inside] == _PORT_UP)
        sure = np.flatnonzero(good & (at >= start_ms))
        spans.insert(0, (start_ms, int(at[sure[0]]) + HOUR_MS if len(sure) else end_ms))
    return Closeup(tuple(spans))


def _patience_ms(rule: Rule) -> int:
    """So long what was raised may still be watched once it is good again."""
    return int(rule.clear_s * 1000 * (1 + MOST_FLAPS))


def _possible(rule: Rule, low: Floats, high: Floats, told: Told) -> tuple[Flags, Flags]:
    """In which hours something may begin, and in which it may go on."""
    if rule.kind == "threshold":
        level = rule.above if rule.above is not None else rule.below
        level = told.limits.get(level) if isinstance(level, str) else level
        if level is None:
            return np.zeros(len(low), np.bool_), np.zeros(len(low), np.bool_)
        clear = level if rule.clear is None else rule.clear
        if rule.above is not None:
            return high > level, high > min(level, clear)
        return low < level, low < max(level, clear)
    if rule.kind == "state":
        bad = bad_hours(rule, low, high, told)
    else:
        bad = low < 1 if rule.sees == "unreachable" else may_be_one_of(PORT_DOWN, low, high)
    return bad, bad


def _until_quiet(at: Ints, begins: Flags, holds: Flags, patience_ms: int) -> Iterator[Span]:
    """From each hour in which something may begin until no watch can be left of it."""
    starts, noisy, quiet = np.flatnonzero(begins), np.flatnonzero(holds | begins), np.flatnonzero(~(holds | begins))
    end = 0
    while (begin := _next(starts, end)) is not None:
        end = _quiet_at(at, noisy, quiet, begin, patience_ms)
        yield int(at[begin]), int(at[end - 1]) + HOUR_MS


def _quiet_at(at: Ints, noisy: Ints, quiet: Ints, number: int, patience_ms: int) -> int:
    """The place after the hours that end it: one that is quiet, and a value that is so much later, with nothing between."""
    loud: int | None = number
    while loud is not None and (calm := _next(quiet, loud)) is not None:
        last = int(np.searchsorted(at, at[calm] + HOUR_MS + patience_ms))
        loud = _next(noisy, calm)
        if last < len(at) and (loud is None or loud > last):
            return last + 1
    return len(at)


def _next(places: Ints, number: int) -> int | None:
    """The first of these places from a number on."""
    found = int(np.searchsorted(places, number))
    return int(places[found]) if found < len(places) else None


def _of_moments(rule: Rule, hours: SeriesFrame, moments: Ints, start_ms: int, end_ms: int, scale: float) -> Closeup:
    back = span_ms(rule)
    match rule.kind:
        case "percentile":
            flags = hot_moments(rule, hours, moments, scale)
        case "rate":
            flags = moving_moments(rule, hours, moments, scale)
        case _:
            return Closeup(((start_ms - back, end_ms),))
    if flags.all():
        return Closeup(((start_ms - back, end_ms),))
    step = int(moments[1] - moments[0]) if len(moments) > 1 else HOUR_MS
    flags = _and_after(flags, _patience_ms(rule) // step + 2)
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False)).reshape(-1, 2)
    return Closeup(tuple((int(moments[a]) - back, int(moments[b - 1]) + 1) for a, b in edges.tolist()), flags)


def _and_after(flags: Flags, more: int) -> Flags:
    """The same, and so many after each."""
    counts = np.concatenate([np.zeros(more + 1, np.int64), np.cumsum(flags)])
    found: Flags = counts[more + 1 :] > counts[: len(flags)]
    return found
