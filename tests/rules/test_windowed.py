"""Rules over a while, on series that were made up so that the answer is known."""

import numpy as np
import pytest

from core.signals import SeriesFrame
from monitors.rules.rule import Rule
from monitors.rules.windowed import DAY_MS, HOUR_MS, WEEK_MS, fit, verdict

NOW = 1_790_000_000_000
NOISE = np.random.default_rng(7)


def frame(at, value):
    at, value = np.asarray(at, np.int64), np.asarray(value, np.float64)
    return SeriesFrame(at, value, value, value)


def last(days, step_ms=300_000):
    return np.arange(NOW - int(days * DAY_MS), NOW, step_ms) + step_ms


def rule(kind, **keys):
    return Rule(name="r", kind=kind, severity="minor", metric=("m",), **keys)


def test_a_disk_that_fills_is_told_days_before():
    at = last(14, HOUR_MS)
    value = 70 + (at - at[0]) / DAY_MS + NOISE.normal(0, 0.3, len(at))
    found = verdict(rule("forecast", above=90.0, window_s=14 * 86400, within_days=7), frame(at, value), NOW)
    assert found is not None
    assert found.bad
    assert found.seen["days"] == pytest.approx(6, abs=0.4)
    assert found.seen["per_day"] == pytest.approx(1, abs=0.05)
    assert found.seen["at_ms"] == pytest.approx(NOW + 6 * DAY_MS, abs=0.4 * DAY_MS)


def test_a_few_odd_days_do_not_bend_a_forecast():
    at = last(14, HOUR_MS)
    value = 70 + (at - at[0]) / DAY_MS
    value[100:160] = 5.0
    slope, here, _ = fit(at, value, NOW)
    assert slope == pytest.approx(1, abs=0.05)
    assert here == pytest.approx(84, abs=0.5)


@pytest.mark.parametrize("value", [lambda n: NOISE.normal(80, 3, n), lambda n: np.linspace(80, 70, n)])
def test_noise_and_what_falls_has_no_forecast(value):
    at = last(14, HOUR_MS)
    found = verdict(rule("forecast", above=90.0, window_s=14 * 86400, within_days=30), frame(at, value(len(at))), NOW)
    assert found is not None
    assert not found.bad


def test_a_forecast_that_was_raised_must_move_away_to_be_cleared():
    at = last(10, HOUR_MS)
    value = 80 + (at - NOW) / DAY_MS
    one = rule("forecast", above=86.5, window_s=10 * 86400, within_days=6)
    assert not verdict(one, frame(at, value), NOW).bad
    assert verdict(one, frame(at, value), NOW, was_bad=True).bad


def test_a_percentile_forgives_short_peaks_and_not_long_ones():
    at = last(1)
    value = np.full(len(at), 40.0)
    value[:10] = 99.0
    one = rule("percentile", above=90.0, clear=80.0, window_s=86400, percentile=95.0)
    assert not verdict(one, frame(at, value), NOW).bad
    value[:20] = 99.0
    assert verdict(one, frame(at, value), NOW).bad
    value[:20] = 85.0
    assert not verdict(one, frame(at, value), NOW).bad
    assert verdict(one, frame(at, value), NOW, was_bad=True).bad


def test_half_a_window_is_needed():
    at = last(0.4)
    one = rule("percentile", above=1.0, window_s=86400, percentile=95.0)
    assert verdict(one, frame(at, np.full(len(at), 99.0)), NOW) is None
    assert verdict(one, frame([], []), NOW) is None


def test_values_of_the_future_are_not_looked_at():
    at = np.append(last(1), NOW + HOUR_MS)
    value = np.append(np.full(len(at) - 1, 10.0), 99.0)
    found = verdict(rule("percentile", above=90.0, window_s=86400, percentile=100.0), frame(at, value), NOW)
    assert found is not None
    assert found.seen["peak"] == 10.0


def test_a_rate_is_per_hour():
    at = last(1 / 12)
    value = 20 + (at - at[0]) / HOUR_MS * 6
    found = verdict(rule("rate", above=5.0, window_s=7200), frame(at, value), NOW)
    assert found is not None
    assert found.bad
    assert found.seen["value"] == pytest.approx(6, abs=0.01)
    assert not verdict(rule("rate", below=-5.0, window_s=7200), frame(at, value), NOW).bad


def test_an_absence_counts_from_the_last_value():
    at = [NOW - 20 * 60_000, NOW - 11 * 60_000]
    assert verdict(rule("absence", after_s=600), frame(at, [1, 1]), NOW).bad
    assert not verdict(rule("absence", after_s=700), frame(at, [1, 1]), NOW).bad
    assert verdict(rule("absence", after_s=700), frame([], []), NOW) is None


def season(now_value, weeks=4):
    at = np.concatenate([np.arange(NOW - (w + 1) * WEEK_MS, NOW - w * WEEK_MS, HOUR_MS // 2) for w in reversed(range(weeks))])
    hour = (at - NOW) % WEEK_MS // HOUR_MS
    value = 100 + 50.0 * (hour % 24) + NOISE.normal(0, 5, len(at))
    recent = NOW - at <= HOUR_MS
    value[recent] = now_value
    usual = 100 + 50.0 * 23
    return frame(at + 1, value), usual


@pytest.mark.parametrize(("factor", "direction", "bad"), [(1.0, "any", False), (0.3, "any", True), (0.3, "up", False), (2, "up", True)])
def test_a_season_compares_with_the_same_hour_of_the_week(factor, direction, bad):
    series, usual = season(0)
    series, usual = season(usual * factor)
    found = verdict(rule("seasonal", weeks=4, band=6.0, least=20.0, direction=direction), series, NOW)
    assert found is not None
    assert found.bad is bad
    assert found.seen["usual"] == pytest.approx(usual, rel=0.06)


def test_one_week_is_no_season():
    series, _ = season(0, weeks=1)
    assert verdict(rule("seasonal", weeks=4, band=4.0), series, NOW) is None
