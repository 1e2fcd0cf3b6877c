"""Which series a rule can have fired on at all, by hourly roll-ups alone: nearly all others need no closer look. Pure.

Every sieve only lets through too much, never too little: `low` and `high` of an hour bound whatever was measured in it.
"""

import numpy as np
import numpy.typing as npt

from core.signals import SeriesFrame
from monitors.rules.binding import Told, is_meant
from monitors.rules.rule import Rule

HOUR_MS = 3_600_000
_PORT_DOWN = (2, 6, 7)
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def may_fire(rule: Rule, hours: SeriesFrame, told: Told, scale: float = 1.0) -> bool:
    """Of a rule on single values, a percentile or a rate: whether the series needs a closer look. hours: all that is looked at, with what
    lies before it as far as the rule looks back."""
    if not len(hours.at_ms):
        return False
    low, high = float(np.nanmin(hours.low)) * scale, float(np.nanmax(hours.high)) * scale
    match rule.kind:
        case "threshold" | "percentile":
            return _reaches(rule, low, high, told)
        case "change":
            return high - low >= max(rule.by, 1e-9)
        case "state":
            return _is_ever_bad(rule, hours, told)
        case "poll":
            return low < 1 if rule.sees == "unreachable" else any(low <= value <= high for value in _PORT_DOWN)
        case "rate":
            return _moves(rule, hours, scale)
        case _:
            return True


def _reaches(rule: Rule, low: float, high: float, told: Told) -> bool:
    level = rule.above if rule.above is not None else rule.below
    level = told.limits.get(level) if isinstance(level, str) else level
    if level is None:
        return False
    return high > level if rule.above is not None else low < level


def _is_ever_bad(rule: Rule, hours: SeriesFrame, told: Told) -> bool:
    if rule.good:
        alike = hours.low == hours.high
        return bool(np.any(~alike | ~np.isin(hours.low, rule.good)))
    words = [word.lower() for word in rule.bad if isinstance(word, str)]
    bad = {value for value in rule.bad if isinstance(value, int)}
    bad |= {int(v) for v, meaning in told.states.items() if v.isdigit() and is_meant(meaning, words)}
    return any(bool(np.any((hours.low <= value) & (hours.high >= value))) for value in bad)


def _moves(rule: Rule, hours: SeriesFrame, scale: float) -> bool:
    """A rate is taken between quarters of a window that is at least half covered: at least a quarter of the window apart."""
    level = rule.above if rule.above is not None else rule.below
    if not isinstance(level, int | float) or (level < 0 if rule.above is not None else level > 0):
        return True
    width = int(rule.window_s * 1000 // HOUR_MS) + 2
    first, _ = _grid(hours.at_ms, hours.high)
    if first.size == 0:
        return False
    high, low = _spread(hours.at_ms, hours.high, -np.inf), _spread(hours.at_ms, hours.low, np.inf)
    if len(high) <= width:
        moved = float(high.max() - low.min())
    else:
        windows = np.lib.stride_tricks.sliding_window_view
        moved = float((windows(high, width).max(1) - windows(low, width).min(1)).max())
    return moved * scale >= abs(level) * rule.window_s / 3600 / 4


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


def _at(grid: Floats, places: Ints) -> Floats:
    inside = (places >= 0) & (places < len(grid))
    return np.where(inside, grid[np.clip(places, 0, len(grid) - 1)], np.nan)
