"""Thinning of series for a chart."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.signals import SeriesFrame
from tui.chart import thin


def _frame(values, step_ms=1000):
    mean = np.array(values, np.float64)
    return SeriesFrame(np.arange(len(mean), dtype=np.int64) * step_ms, mean, mean, mean)


def test_octets_become_bits_and_gaps_are_left_out():
    at, value = thin(_frame([1.0, np.nan, 3.0]), 10)
    assert at.tolist() == [0.0, 2.0]
    assert value.tolist() == [8.0, 24.0]


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=500), st.integers(2, 60))
def test_a_thinned_series_is_bounded_ordered_and_stays_within_its_values(values, points):
    at, value = thin(_frame(values), points)
    assert 0 < len(at) <= max(points, len(values) if len(values) <= points else 0)
    assert (np.diff(at) > 0).all()
    assert value.min() >= min(values) * 8 * (1 - 1e-9)
    assert value.max() <= max(values) * 8 * (1 + 1e-9)


def test_an_empty_series_stays_empty():
    at, value = thin(_frame([]), 10)
    assert len(at) == len(value) == 0
