"""Utilisation, 95th percentile and growth of many series at once.

Tables are float64[series, steps], NaN where nothing was measured. The percentile is the one that carriers bill by: the means of all
steps in order, the fullest twentieth left out, the largest of the rest (nearest rank, no interpolation), over the steps that were
measured.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
SHARE = 0.95
DAY_MS = 86_400_000
MONTH_DAYS = 30
LEAST_DAYS = 3
LEAST_OF_DAY = 0.25
"""A day of which less was measured says nothing about growth."""


class Figures(NamedTuple):
    """One value for each row; NaN: nothing is known. completeness: 0 to 1."""

    mean: F64
    p95: F64
    peak: F64
    growth: F64
    """In 30 days."""
    completeness: F64


def figures(table: F64, start_ms: int, step_ms: int) -> Figures:
    """All figures of a table."""
    known = np.isfinite(table)
    count = known.sum(axis=1)
    gapless = bool(table.size) and bool(known.all())
    filled = table if gapless else np.where(known, table, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, filled.sum(axis=1) / count, np.nan)
    lowest = table if gapless else np.where(known, table, -np.inf)
    peak = np.where(count > 0, lowest.max(axis=1, initial=-np.inf), np.nan)
    whole = count / table.shape[1] if table.shape[1] else np.zeros(len(table))
    return Figures(mean, percentile(table), peak, growth(table, start_ms, step_ms), whole)


def percentile(table: F64, share: float = SHARE) -> F64:
    """Nearest rank of each row over what is known."""
    if not table.size:
        return np.full(len(table), np.nan)
    known = np.isfinite(table)
    count = known.sum(axis=1)
    rank = np.maximum(np.ceil(np.round(share * count, 9)).astype(np.int64) - 1, 0)
    out, gapless = np.full(len(table), np.nan), count == table.shape[1]
    if gapless.any():
        place = int(rank[gapless][0])
        out[gapless] = np.partition(table if gapless.all() else table[gapless], place, axis=1)[:, place]
    some = ~gapless & (count > 0)
    if some.any():
        ordered = np.sort(np.where(known[some], table[some], np.inf), axis=1)
        out[some] = ordered[np.arange(len(ordered)), rank[some]]
    return out


def growth(table: F64, start_ms: int, step_ms: int) -> F64:
    """The slope of a straight line through the means of days (of UTC), times 30; NaN with fewer than three days that say something."""
    days, means = daily(table, start_ms, step_ms)
    known = np.isfinite(means)
    count = known.sum(axis=1)
    weight = known.astype(np.float64)
    value = np.where(known, means, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        middle = weight @ days / count
        level = value.sum(axis=1) / count
        apart = np.where(known, days[None, :] - middle[:, None], 0.0)
        slope = (apart * (value - np.where(known, level[:, None], 0.0))).sum(axis=1) / (apart**2).sum(axis=1)
    return np.where(count >= LEAST_DAYS, slope * MONTH_DAYS, np.nan)


def daily(table: F64, start_ms: int, step_ms: int) -> tuple[F64, F64]:
    """(number of each day, float64[series, days] means), NaN where less than a quarter of a whole day was measured."""
    columns = table.shape[1]
    if not columns:
        return np.zeros(0), np.zeros((len(table), 0))
    day = (start_ms + np.arange(columns, dtype=np.int64) * step_ms) // DAY_MS
    starts = np.flatnonzero(np.diff(day, prepend=day[0] - 1))
    known = np.isfinite(table)
    if known.all():
        count = np.broadcast_to(np.diff(starts, append=columns), (len(table), len(starts)))
        total = np.add.reduceat(table, starts, axis=1)
    else:
        count = np.add.reduceat(known.astype(np.int64), starts, axis=1)
        total = np.add.reduceat(np.where(known, table, 0.0), starts, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return day[starts].astype(np.float64), np.where(count * step_ms >= LEAST_OF_DAY * DAY_MS, total / count, np.nan)


def together(tables: list[F64]) -> F64:
    """Tables of the same shape added up where any is known: half of a pair that is silent takes nothing away."""
    known = [np.isfinite(table) for table in tables]
    total = sum((np.where(mine, table, 0.0) for mine, table in zip(known, tables, strict=True)), np.zeros(tables[0].shape))
    return np.where(np.logical_or.reduce(known), total, np.nan)
