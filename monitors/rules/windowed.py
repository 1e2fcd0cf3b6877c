"""Rules over a while: rate, absence, percentile, season and forecast, judged on roll-ups of one series. Pure; time is an argument.

A frame is a `SeriesFrame` (milliseconds, oldest first); its mean is what is judged. None instead of a verdict: there is too little to tell.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.signals import SeriesFrame
from monitors.rules.rule import Rule

HOUR_MS, DAY_MS, WEEK_MS = 3_600_000, 86_400_000, 7 * 86_400_000
ENOUGH = 0.5
"""Share of a window that must be covered by values."""
FIT_POINTS = 150
"""Most points of a fit: it looks at each pair of them."""
EASE = 1.25
"""A forecast is cleared once it lies so many times as far off as it had to be near to be raised."""
MAD_TO_SIGMA = 1.4826
FEWEST_WEEKS = 2
_MUCH = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Verdict(NamedTuple):
    """Whether it is bad, and what was seen; numbers in the unit of the metric (or percent of the speed)."""

    bad: bool
    seen: Mapping[str, float]


def span_ms(rule: Rule) -> int:
    """How far back a rule looks."""
    if rule.kind == "seasonal":
        return rule.weeks * WEEK_MS + HOUR_MS
    if rule.kind == "absence":
        return int(rule.after_s * 1000) + DAY_MS
    return int(rule.window_s * 1000)


def verdict(rule: Rule, frame: SeriesFrame, now_ms: int, *, was_bad: bool = False, scale: float = 1.0) -> Verdict | None:
    """What the rule says of a series at a moment. was_bad: then the value must come back to `clear`. scale: what values are multiplied by
    (see `share_of`). What lies after `now_ms` is not looked at."""
    start, end = np.searchsorted(frame.at_ms, [now_ms - span_ms(rule), now_ms], side="right").tolist()
    at, value = frame.at_ms[start:end], frame.mean[start:end] * scale
    known = np.isfinite(value)
    if not known.all():
        at, value = at[known], value[known]
    if not len(at):
        return None
    match rule.kind:
        case "rate":
            return _rate(rule, at, value, was_bad)
        case "absence":
            return Verdict(now_ms - int(at[-1]) > rule.after_s * 1000, {"value": (now_ms - int(at[-1])) / 60_000})
        case "percentile":
            return _percentile(rule, at, value, was_bad)
        case "seasonal":
            return _seasonal(rule, at, value, now_ms)
        case "forecast":
            return _forecast(rule, at, value, now_ms, was_bad)
        case _:
            return None


def beyond(rule: Rule, value: float, *, was_bad: bool) -> bool:
    """Whether a value lies beyond the rule's level; one that was bad must come back to `clear`."""
    level = rule.above if rule.above is not None else rule.below
    if not isinstance(level, int | float):
        return False
    if was_bad and rule.clear is not None:
        level = rule.clear
    return value > level if rule.above is not None else value < level


def _covers(rule: Rule, at: Ints) -> bool:
    return len(at) > 1 and int(at[-1] - at[0]) >= ENOUGH * rule.window_s * 1000


def _rate(rule: Rule, at: Ints, value: Floats, was_bad: bool) -> Verdict | None:
    """Change per hour, from the first to the last quarter of the window."""
    if not _covers(rule, at):
        return None
    quarter = (int(at[-1]) - int(at[0])) / 4
    first, last = at <= at[0] + quarter, at >= at[-1] - quarter
    hours = (float(np.mean(at[last])) - float(np.mean(at[first]))) / HOUR_MS
    if hours <= 0:
        return None
    rate = (float(np.median(value[last])) - float(np.median(value[first]))) / hours
    return Verdict(beyond(rule, rate, was_bad=was_bad), {"value": rate, "now": float(value[-1])})


def _percentile(rule: Rule, at: Ints, value: Floats, was_bad: bool) -> Verdict | None:
    if not _covers(rule, at):
        return None
    found = float(np.percentile(value, rule.percentile))
    return Verdict(beyond(rule, found, was_bad=was_bad), {"value": found, "peak": float(value.max())})


def _seasonal(rule: Rule, at: Ints, value: Floats, now_ms: int) -> Verdict | None:
    """The last hour beside the same hour of the weeks before: their median, and the usual distance from it."""
    age = now_ms - at
    current = value[age < HOUR_MS]
    week = (age + HOUR_MS // 2) // WEEK_MS
    same = (age >= WEEK_MS - HOUR_MS // 2) & ((age + HOUR_MS // 2) % WEEK_MS < 2 * HOUR_MS)
    if not len(current) or len(np.unique(week[same])) < FEWEST_WEEKS:
        return None
    usual = float(np.median(value[same]))
    spread = float(np.median(np.abs(value[same] - usual))) * MAD_TO_SIGMA
    now = float(current.mean())
    allowed = max(rule.band * spread, rule.least)
    off = {"any": abs(now - usual), "up": now - usual, "down": usual - now}[rule.direction]
    seen = {"value": now, "usual": usual, "low": usual - allowed, "high": usual + allowed}
    return Verdict(allowed > 0 and off > allowed, seen)


def _forecast(rule: Rule, at: Ints, value: Floats, now_ms: int, was_bad: bool) -> Verdict | None:
    """When a straight line through the window meets the level: Theil and Sen's, which a few odd days do not bend."""
    level = rule.above if rule.above is not None else rule.below
    if not _covers(rule, at) or not isinstance(level, int | float):
        return None
    rising = rule.above is not None
    if _is_far(value, level, int(at[-1] - at[0]) / DAY_MS, rule.within_days, rising=rising):
        return Verdict(False, {"value": float(value[-1])})
    slope, here, noise = fit(at, value, now_ms)
    gap = level - here if rising else here - level
    toward = slope if rising else -slope
    if gap <= 0:
        return Verdict(True, {"value": here, "days": 0.0, "per_day": slope, "at_ms": float(now_ms)})
    sure = toward > 0 and toward * (int(at[-1]) - int(at[0])) / DAY_MS > 2 * noise
    days = gap / toward if sure else np.inf
    within = rule.within_days * (EASE if was_bad else 1.0)
    seen = {"value": here, "days": float(days), "per_day": slope, "at_ms": now_ms + float(days) * DAY_MS}
    return Verdict(bool(days <= within), seen)


def _is_far(value: Floats, level: float, days: float, within_days: float, *, rising: bool) -> bool:
    """Whether a look at the first and the last quarter is enough: it stands, goes away from the level, or is much too slow. Nine of ten
    series are; a fit costs thirty times as much."""
    sign, quarter = (1.0 if rising else -1.0), max(len(value) // 4, 1)
    before, after = np.median(value[:quarter]), np.median(value[-quarter:])
    gap, moved = sign * (level - after), sign * (after - before) / (0.75 * days)
    return bool(gap > 0 and (moved <= 0 or gap / moved > _MUCH * max(within_days, 1.0)))


def near_moments(rule: Rule, at: Ints, value: Floats, moments: Ints) -> npt.NDArray[np.bool_]:
    """Of a forecast: at which moments a fit is needed, as `_is_far` tells it, for many moments at once. `value` has no gaps."""
    level = rule.above if rule.above is not None else rule.below
    out = np.zeros(len(moments), np.bool_)
    if not isinstance(level, int | float) or not len(at):
        return out
    sign = 1.0 if rule.above is not None else -1.0
    start, end = np.searchsorted(at, [moments - span_ms(rule), moments], side="right")
    size = end - start
    days = np.where(size > 1, at[np.minimum(end, len(at)) - 1] - at[np.minimum(start, len(at) - 1)], 0) / DAY_MS
    covered = (size > 1) & (days * DAY_MS >= ENOUGH * rule.window_s * 1000)
    unsure = covered & ~_surely_far(rule, sign * value, sign * level, start, end, days)
    for count in np.unique(size[unsure]).tolist():
        some = np.flatnonzero(unsure & (size == count))
        quarter = np.arange(max(count // 4, 1))
        before = np.median(value[start[some, None] + quarter], axis=1)
        after = np.median(value[end[some, None] - 1 - quarter], axis=1)
        gap, moved = sign * (level - after), sign * (after - before) / (0.75 * days[some])
        with np.errstate(divide="ignore", invalid="ignore"):
            out[some] = ~((gap > 0) & ((moved <= 0) | (gap / moved > _MUCH * max(rule.within_days, 1.0))))
    return out


def _surely_far(rule: Rule, value: Floats, level: float, start: Ints, end: Ints, days: Floats) -> npt.NDArray[np.bool_]:
    """Whether it is far wherever in their quarters the medians lie: at most the usual deviation from the mean. Rising; no sorting."""
    off = value - value.mean()
    loose = 1e-5 * float(np.abs(off).max())
    sums, squares = np.concatenate([[0.0], np.cumsum(off)]), np.concatenate([[0.0], np.cumsum(off * off)])
    quarter = np.maximum((end - start) // 4, 1)
    means, spreads = [], []
    for a, b in ((start, np.minimum(start + quarter, len(value))), (np.maximum(end - quarter, 0), end)):
        mean = (sums[b] - sums[a]) / quarter
        means.append(mean)
        spreads.append(np.sqrt(np.maximum((squares[b] - squares[a]) / quarter - mean * mean, 0)) + loose)
    gap = level - float(value.mean()) - means[1] - spreads[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = (means[1] + spreads[1] - means[0] + spreads[0]) / (0.75 * days)
        far: npt.NDArray[np.bool_] = (gap > 0) & ((moved <= 0) | (gap / moved > _MUCH * max(rule.within_days, 1.0)))
    return far


def fit(at: Ints, value: Floats, now_ms: int) -> tuple[float, float, float]:
    """Slope a day, the line's value now, and the usual distance of values from it."""
    if len(at) > FIT_POINTS:
        cuts = np.linspace(0, len(at), FIT_POINTS + 1).astype(np.int64)[:-1]
        counts = np.diff(np.append(cuts, len(at)))
        days = np.add.reduceat((at - now_ms) / DAY_MS, cuts) / counts
        values = np.add.reduceat(value, cuts) / counts
    else:
        days, values = (at - now_ms) / DAY_MS, value
    one, other = np.triu_indices(len(days), 1)
    apart = days[other] - days[one]
    slope = float(np.median((values[other] - values[one])[apart > 0] / apart[apart > 0]))
    here = float(np.median(values - slope * days))
    return slope, here, float(np.median(np.abs(values - here - slope * days))) * MAD_TO_SIGMA
