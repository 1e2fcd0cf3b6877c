"""Which series a rule can have fired on at all, by hourly roll-ups alone: nearly all others need no closer look. Pure.

Every sieve only lets through too much, never too little: `low` and `high` of an hour bound whatever was measured in it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.signals import SeriesFrame
from monitors.rules.binding import Told, is_meant
from monitors.rules.rule import Rule
from monitors.rules.windowed import HOUR_MS, span_ms

PORT_DOWN = (2, 6, 7)
_NEARLY = 1 - 1e-9
"""Sums of floats are not exact."""
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Bounds(NamedTuple):
    """Between what all values of a series lie, and their means of an hour."""

    low: float
    high: float
    least_mean: float
    greatest_mean: float


def bounds_of(hours: SeriesFrame) -> Bounds:
    """Of at least one hour."""
    return Bounds(float(hours.low.min()), float(hours.high.max()), float(hours.mean.min()), float(hours.mean.max()))


def may_fire(rule: Rule, hours: SeriesFrame, told: Told, scale: float = 1.0, bounds: Bounds | None = None) -> bool:
    """Whether the series needs a closer look. hours: all that is looked at, with what lies before it as far as the rule looks back.
    bounds: theirs, where they are known."""
    if not len(hours.at_ms):
        return False
    bounds = bounds or bounds_of(hours)
    low, high = bounds.low * scale, bounds.high * scale
    match rule.kind:
        case "threshold" | "percentile":
            return _reaches(rule, low, high, told)
        case "change":
            return high - low >= max(rule.by, 1e-9)
        case "state":
            return bool(bad_hours(rule, hours.low, hours.high, told).any())
        case "poll":
            return low < 1 if rule.sees == "unreachable" else any(low <= value <= high for value in PORT_DOWN)
        case "rate":
            return _most_moved(rule, hours) * scale >= _much(rule) if _is_slow_at_rest(rule) else True
        case "seasonal":
            return (bounds.greatest_mean - bounds.least_mean) * scale >= rule.least * _NEARLY
        case _:
            return True


def _reaches(rule: Rule, low: float, high: float, told: Told) -> bool:
    level = rule.above if rule.above is not None else rule.below
    level = told.limits.get(level) if isinstance(level, str) else level
    if level is None:
        return False
    return high > level if rule.above is not None else low < level


def bad_hours(rule: Rule, low: Floats, high: Floats, told: Told) -> Flags:
    """In which hours a state may have been bad."""
    if rule.good:
        found: Flags = (low != high) | ~np.isin(low, rule.good)
        return found
    words = [word.lower() for word in rule.bad if isinstance(word, str)]
    bad = {value for value in rule.bad if isinstance(value, int)}
    bad |= {int(v) for v, meaning in told.states.items() if v.isdigit() and is_meant(meaning, words)}
    return may_be_one_of(bad, low, high)


def may_be_one_of(values: Iterable[int], low: Floats, high: Floats) -> Flags:
    """In which hours one of these values may have been."""
    found = np.zeros(len(low), np.bool_)
    for value in values:
        found |= (low <= value) & (high >= value)
    return found


def hot_moments(rule: Rule, hours: SeriesFrame, moments: Ints, scale: float = 1.0) -> Flags:
    """Of a percentile: at which moments its window holds anything beyond the level, or beyond `clear`."""
    level = rule.above if rule.above is not None else rule.below
    if not isinstance(level, int | float):
        return np.zeros(len(moments), np.bool_)
    clear = level if rule.clear is None else rule.clear
    hot = hours.high * scale > min(level, clear) if rule.above is not None else hours.low * scale < max(level, clear)
    counts = np.concatenate([[0], np.cumsum(hot)])
    start = np.searchsorted(hours.at_ms, moments - int(rule.window_s * 1000) - HOUR_MS, "right")
    found: Flags = counts[np.searchsorted(hours.at_ms, moments, "right")] > counts[start]
    return found


def moving_moments(rule: Rule, hours: SeriesFrame, moments: Ints, scale: float = 1.0) -> Flags:
    """Of a rate: at which moments the values of its window lie far enough apart. It is taken between quarters of a window that is at least
    half covered: at least a quarter of the window apart."""
    if not _is_slow_at_rest(rule):
        return np.ones(len(moments), np.bool_)
    if not len(hours.at_ms):
        return np.zeros(len(moments), np.bool_)
    width = int(rule.window_s * 1000 // HOUR_MS) + 2
    end = moments // HOUR_MS - int(hours.at_ms[0] // HOUR_MS)
    high, low = _spread(hours.at_ms, hours.high, -np.inf), _spread(hours.at_ms, hours.low, np.inf)
    places = np.arange(width)
    moved = _at(high, end[:, None] - places, -np.inf).max(1) - _at(low, end[:, None] - places, np.inf).min(1)
    found: Flags = moved * scale >= _much(rule)
    return found


def _is_slow_at_rest(rule: Rule) -> bool:
    """Whether what stands still is good, and lets what was raised be cleared."""
    level = rule.above if rule.above is not None else rule.below
    return isinstance(level, int | float) and all(
        one >= 0 if rule.above is not None else one <= 0 for one in (level, level if rule.clear is None else rule.clear)
    )


def _much(rule: Rule) -> float:
    """How far values must at least lie apart for a rate that is bad, or stays so."""
    level = rule.above if rule.above is not None else rule.below
    levels = [abs(one) for one in (level, rule.clear) if isinstance(one, int | float)]
    return min(levels) * rule.window_s / 3600 / 4 * _NEARLY


def _most_moved(rule: Rule, hours: SeriesFrame) -> float:
    width = int(rule.window_s * 1000 // HOUR_MS) + 2
    high, low = _spread(hours.at_ms, hours.high, -np.inf), _spread(hours.at_ms, hours.low, np.inf)
    if len(high) <= width:
        return float(high.max() - low.min())
    windows = np.lib.stride_tricks.sliding_window_view
    return float((windows(high, width).max(1) - windows(low, width).min(1)).max())


def unusual_moments(rule: Rule, hours: SeriesFrame, moments: Ints, scale: float = 1.0) -> Flags:
    """Of a season: at which of the moments (an hour apart) the last hour may lie far enough from the usual: half of what is usual must lie
    off in one direction."""
    places, grid = _grid(hours.at_ms, hours.mean * scale)
    if not places.size:
        return np.zeros(len(moments), np.bool_)
    first = int(places[0])
    now = moments // HOUR_MS - first
    part = int(moments[0] % HOUR_MS)
    week, half = 168, HOUR_MS // 2
    back = [
        j for k in range(1, rule.weeks + 1) for j in range(k * week - 2, k * week + 3)
        if part + j * HOUR_MS >= week * HOUR_MS - half and (part + j * HOUR_MS + half) % (week * HOUR_MS) < 2 * HOUR_MS
        and part + j * HOUR_MS <= rule.weeks * week * HOUR_MS + HOUR_MS
    ]
    here = _at(grid, now)
    same = _at(grid, now[:, None] - np.array(back)[None, :])
    known = np.isfinite(same).sum(1)
    under, over = (same < here[:, None] - rule.least).sum(1), (same > here[:, None] + rule.least).sum(1)
    found: Flags = np.isfinite(here) & (known > 0) & ((under * 2 >= known) | (over * 2 >= known))
    return found


def crowded_moments(rule: Rule, at: Ints, value: Floats, moments: Ints) -> Flags:
    """Of a percentile: at which moments enough values of its window lie beyond the level for it to lie there. `value` has no gaps."""
    level = rule.above if rule.above is not None else rule.below
    if not isinstance(level, int | float):
        return np.zeros(len(moments), np.bool_)
    counts = np.concatenate([[0], np.cumsum(value > level if rule.above is not None else value < level)])
    start, end = np.searchsorted(at, moments - int(rule.window_s * 1000), "right"), np.searchsorted(at, moments, "right")
    size, beyond = end - start, counts[end] - counts[start]
    share = rule.percentile / 100
    needed = size - np.ceil((size - 1) * share) if rule.above is not None else np.floor((size - 1) * share) + 1
    found: Flags = (size > 0) & (beyond >= needed)
    return found


def silent_moments(rule: Rule, at: Ints, moments: Ints) -> Flags:
    """Of an absence: at which moments there was no value for too long, and there had been one."""
    if not len(at):
        return np.zeros(len(moments), np.bool_)
    last = np.searchsorted(at, moments, "right") - 1
    age = moments - at[np.maximum(last, 0)]
    found: Flags = (last >= 0) & (age > rule.after_s * 1000) & (age < span_ms(rule))
    return found


def _grid(at: Ints, value: Floats) -> tuple[Ints, Floats]:
    """Hours since 1970 at which there is a value, and all hours from the first on, with gaps as NaN."""
    places = at // HOUR_MS
    if not len(places):
        return places, np.zeros(0)
    grid = np.full(int(places[-1] - places[0]) + 1, np.nan)
    grid[places - places[0]] = value
    return places, grid


def _spread(at: Ints, value: Floats, gap: float) -> Floats:
    _, grid = _grid(at, value)
    return np.where(np.isnan(grid), gap, grid)


def _at(grid: Floats, places: Ints, gap: float = np.nan) -> Floats:
    inside = (places >= 0) & (places < len(grid))
    return np.where(inside, grid[np.clip(places, 0, len(grid) - 1)], gap)
