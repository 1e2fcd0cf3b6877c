"""Utilisation, percentile and growth against plain Python, one value at a time."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.capacity.figures import DAY_MS, figures, growth, percentile
from monitors.capacity.groups import Sums
from monitors.capacity.tables import FIVE_MINUTES_MS, HOUR_MS, period

VALUE = st.one_of(st.just(math.nan), st.floats(0, 1e12, allow_subnormal=False))
TABLES = st.integers(1, 60).flatmap(lambda columns: st.lists(st.lists(VALUE, min_size=columns, max_size=columns), min_size=1, max_size=6))


def billed(values: Sequence[float]) -> float:
    """What a carrier does with a pencil: sort, throw the upper twentieth away, read the top of the rest."""
    known = sorted((one for one in values if not math.isnan(one)), reverse=True)
    return known[len(known) // 20] if known else math.nan


@given(TABLES)
def test_the_percentile_is_that_of_the_pencil(rows: list[list[float]]) -> None:
    assert percentile(np.array(rows)).tolist() == pytest.approx([billed(row) for row in rows], nan_ok=True, abs=0, rel=0)


@given(TABLES)
def test_means_peaks_and_completeness(rows: list[list[float]]) -> None:
    found = figures(np.array(rows), 0, FIVE_MINUTES_MS)
    for n, row in enumerate(rows):
        known = [one for one in row if not math.isnan(one)]
        assert found.completeness[n] == pytest.approx(len(known) / len(row))
        assert found.mean[n] == pytest.approx(sum(known) / len(known) if known else math.nan, nan_ok=True)
        assert found.peak[n] == (max(known) if known else pytest.approx(math.nan, nan_ok=True))
        if known:
            assert min(known) <= found.p95[n] <= found.peak[n]


@given(st.lists(VALUE, min_size=20, max_size=200), st.randoms(use_true_random=False))
def test_order_and_gaps_change_no_percentile(row: list[float], random: object) -> None:
    shuffled = [*row, math.nan, math.nan]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    both = percentile(np.array([[*row, math.nan, math.nan], shuffled]))
    assert both[0] == both[1] or all(map(math.isnan, row))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares, one point at a time."""
    middle, level = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    return sum((x - middle) * (y - level) for x, y in points) / sum((x - middle) ** 2 for x, _ in points)


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=12), st.integers(0, 23))
def test_growth_is_the_slope_of_the_days(days: list[float | None], hour: int) -> None:
    start = 20_000 * DAY_MS + hour * HOUR_MS
    values = [days[(hour + n) // 24] for n in range(24 * len(days) - hour)]
    row = [math.nan if one is None else one for one in values]
    points = [
        (day, one) for day, one in enumerate(days) if one is not None and sum((hour + n) // 24 == day for n in range(len(row))) >= 6
    ]
    found = float(growth(np.array([row]), start, HOUR_MS)[0])
    if len(points) < 3:
        assert math.isnan(found)
    else:
        assert found == pytest.approx(30 * slope(points), abs=1e-6)


def test_the_traffic_of_a_group_is_added_up_before_the_percentile() -> None:
    """Two lines that are full at different times: their sum never is."""
    morning, evening = np.array([[9.0, 1.0, math.nan]]), np.array([[1.0, 9.0, math.nan]])
    sums = Sums(3)
    sums.add(["a"], morning)
    sums.add(["a"], evening)
    assert sums.table("a")[0, :2].tolist() == [10, 10]
    assert math.isnan(sums.table("a")[0, 2])
    assert sums.average("a")[0, :2].tolist() == [5, 5]
    assert np.isnan(sums.table("nobody")).all()


def test_long_or_old_periods_are_counted_in_hours() -> None:
    now = 30_000 * DAY_MS + 1
    assert period(now - 7 * DAY_MS, now, now, 90).step_ms == FIVE_MINUTES_MS
    assert period(now - 200 * DAY_MS, now, now, 1000).step_ms == HOUR_MS
    assert period(now - 95 * DAY_MS, now - 94 * DAY_MS, now, 90).step_ms == HOUR_MS
    fresh = period(now - 2 * HOUR_MS - 1, now + DAY_MS, now, 90)
    assert (fresh.columns, fresh.end_ms) == (24, now - 1)
