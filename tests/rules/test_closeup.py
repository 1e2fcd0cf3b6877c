"""A dry run over the hours alone that are worth a closer look finds what one over all of them does, whatever was measured."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.signals import SeriesFrame
from monitors.rules.binding import NOTHING_TOLD, Told
from monitors.rules.closeup import closeup
from monitors.rules.replay import moments_of, replay, replay_moments
from monitors.rules.rule import Rule
from monitors.rules.sifting import may_fire
from monitors.rules.windowed import near_moments, span_ms, verdict

HOUR, DAY, FIVE = 3_600_000, 86_400_000, 300_000
T0 = 1_790_000_000_000 // DAY * DAY
SEEDS = st.integers(0, 2**32 - 1)
LASTING = st.sampled_from([0.0, 60.0, 900.0, 5000.0])
START = st.sampled_from([0, 1, 1_500_000, 7_777_777])
HOURS = st.sampled_from([(), ("Mon-Fri 08:00-18:00",), ("22:00-06:00", "Sun")])
FEW = settings(max_examples=settings().max_examples // 3)


What = tuple[int, list[float], list[float]]
"""A seed, what is usual and what is odd."""
MANY = 4


def rule(kind: str, **keys: Any) -> Rule:
    return Rule(name="r", kind=kind, severity="minor", metric=("m",), **keys)  # type: ignore[arg-type]


def stored(seed: int, usual: list[float], odd: list[float]) -> SeriesFrame:
    """Mostly usual values, spells of odd ones, flapping, and hours without any; of buckets whose low and high lie around the mean."""
    rng, count = np.random.default_rng(seed), 3 * DAY // FIVE
    mean = rng.choice(usual, count)
    for _ in range(int(rng.integers(0, 6))):
        first, long = int(rng.integers(0, count)), int(rng.integers(1, 60))
        spell, share = slice(first, first + long), rng.choice([0.2, 0.6, 1.0])
        runs = np.repeat(rng.choice(odd, 60), rng.integers(1, 25, 60))[: len(mean[spell])]
        mean[spell] = np.where(rng.random(len(runs)) < share, runs, mean[spell])
    seen = np.ones(count, np.bool_)
    for _ in range(int(rng.integers(0, 4))):
        first = int(rng.integers(0, count))
        seen[first : first + int(rng.integers(1, 120))] = rng.random() < 0.3
    wide = np.roll(mean, int(rng.integers(0, 2)))
    at = T0 + np.arange(count, dtype=np.int64) * FIVE
    return SeriesFrame(at[seen], mean[seen], np.minimum(mean, wide)[seen], np.maximum(mean, wide)[seen])


def several(what: What) -> Iterator[SeriesFrame]:
    seed, usual, odd = what
    return (stored(seed + n, usual, odd) for n in range(MANY))


def by_hours(frame: SeriesFrame) -> SeriesFrame:
    hour = frame.at_ms // HOUR
    starts = np.flatnonzero(np.diff(hour, prepend=-1))
    counts = np.diff(np.append(starts, len(hour)))
    low, high = np.minimum.reduceat(frame.low, starts), np.maximum.reduceat(frame.high, starts)
    return SeriesFrame(hour[starts] * HOUR, np.add.reduceat(frame.mean, starts) / counts, low, high)


def only(frame: SeriesFrame, spans: Any) -> SeriesFrame:
    """What lies in the spans, and nothing else."""
    inside = np.zeros(len(frame.at_ms), np.bool_)
    for start, end in spans:
        inside |= (frame.at_ms >= start) & (frame.at_ms < end)
    return SeriesFrame(frame.at_ms[inside], frame.mean[inside], frame.low[inside], frame.high[inside])


def same(one: Rule, what: What, begin: int, told: Told = NOTHING_TOLD) -> None:
    for frame in several(what):
        _same(one, frame, begin, told)


def _same(one: Rule, frame: SeriesFrame, begin: int, told: Told) -> None:
    start, end = T0 + begin, T0 + 3 * DAY - begin
    whole = replay(one, "d", "a", frame, start, end, told=told)
    hours = by_hours(only(frame, [(start // HOUR * HOUR, end)]))
    if not may_fire(one, hours, told):
        assert not whole
        return
    seen = closeup(one, hours, told, moments_of(one, start, end), start, end)
    assert replay(one, "d", "a", only(frame, seen.spans), start, end, told=told) == whole


@given(SEEDS, LASTING, LASTING, st.sampled_from([0, 2]), st.booleans(), HOURS, START)
def test_thresholds(seed: int, for_s: float, clear_s: float, polls: int, rising: bool, during: tuple[str, ...], begin: int) -> None:
    level: dict[str, Any] = {"above": 90.0, "clear": 80.0} if rising else {"below": 15.0, "clear": 25.0}
    one = rule("threshold", for_s=for_s, clear_s=clear_s, raise_polls=polls, during=during, **level)
    same(one, (seed, [50.0, 60.0], [10.0, 20.0, 85.0, 95.0]), begin)
    same(one.replace(clear=None), (seed, [50.0, 60.0], [10.0, 20.0, 85.0, 95.0]), begin)


@given(SEEDS, LASTING, LASTING, st.integers(0, 2), st.booleans(), st.booleans(), START)
def test_states(seed: int, for_s: float, clear_s: float, which: int, after_good: bool, usually_bad: bool, begin: int) -> None:
    kinds: list[dict[str, Any]] = [{"bad": (2, 3)}, {"good": (1, 4)}, {"bad": ("fail",)}]
    told = Told({}, {"1": "normal", "2": "fanFailure", "3": "failed", "4": "no failure"})
    one = rule("state", for_s=for_s, clear_s=clear_s, only_after_good=after_good, **kinds[which])
    same(one, (seed, [2.0 if usually_bad else 1.0], [1.0, 2.0, 3.0, 4.0]), begin, told)


@given(SEEDS, LASTING, LASTING, st.sampled_from(["unreachable", "port-down"]), st.booleans(), START)
def test_what_polls_saw(seed: int, for_s: float, clear_s: float, sees: str, usually_bad: bool, begin: int) -> None:
    one = rule("poll", sees=sees, for_s=for_s, clear_s=clear_s)
    values = ([1.0], [0.0, 1.0]) if sees == "unreachable" else ([2.0, 5.0], [1.0, 2.0]) if usually_bad else ([1.0], [2.0, 5.0, 7.0])
    same(one, (seed, *values), begin)


@given(SEEDS, LASTING, st.sampled_from(["any", "up", "down"]), START)
def test_changes(seed: int, clear_s: float, direction: str, begin: int) -> None:
    same(rule("change", by=3.0, clear_s=clear_s, direction=direction), (seed, [50.0, 51.0], [50.0, 57.0]), begin)


def lasting(one: Rule, what: What) -> None:
    """What is read of it alone finds the same, or says that it is too little."""
    for frame in several(what):
        _lasting(one, frame)


def _lasting(one: Rule, frame: SeriesFrame) -> None:
    start, end = T0 + DAY, T0 + 3 * DAY
    moments = moments_of(one, start, end)
    whole = replay_moments(one, "d", "a", frame, moments, None)
    hours = by_hours(only(frame, [((start - span_ms(one)) // HOUR * HOUR, end)])) if len(frame.at_ms) else frame
    if not may_fire(one, hours, NOTHING_TOLD):
        assert not whole
        return
    seen = closeup(one, hours, NOTHING_TOLD, moments, start, end)
    found = replay_moments(one, "d", "a", only(frame, seen.spans), moments, seen.moments)
    assert found in (None, whole)


@FEW
@given(SEEDS, LASTING, st.sampled_from([50.0, 90.0, 95.0, 100.0]), st.sampled_from([3600.0, 86400.0]), st.booleans(), st.booleans(), HOURS)
def test_percentiles(
    seed: int, clear_s: float, percentile: float, window_s: float, rising: bool, eased: bool, during: tuple[str, ...],
) -> None:
    level: dict[str, Any] = {"above": 90.0} if rising else {"below": 15.0}
    if eased:
        level["clear"] = 80.0 if rising else 25.0
    one = rule("percentile", percentile=percentile, window_s=window_s, clear_s=clear_s, during=during, **level)
    lasting(one, (seed, [50.0, 60.0], [10.0, 20.0, 85.0, 95.0]))


@FEW
@given(SEEDS, LASTING, st.sampled_from([1800.0, 7200.0]), st.sampled_from([5.0, 40.0]), st.sampled_from([None, 2.0, -1.0]), st.booleans())
def test_rates(seed: int, clear_s: float, window_s: float, level: float, clear: float | None, rising: bool) -> None:
    sign = 1.0 if rising else -1.0
    keys: dict[str, Any] = {"above" if rising else "below": sign * level, "clear": None if clear is None else sign * clear}
    lasting(rule("rate", window_s=window_s, clear_s=clear_s, **keys), (seed, [50.0, 51.0], [20.0, 60.0, 90.0]))


@FEW
@given(SEEDS, LASTING, st.sampled_from([600.0, 3600.0, 20000.0]))
def test_absences(seed: int, clear_s: float, after_s: float) -> None:
    lasting(rule("absence", after_s=after_s, clear_s=clear_s), (seed, [1.0], [1.0]))


@FEW
@given(SEEDS, st.sampled_from([0.3, 1.0, 3.0]), st.sampled_from([0.0, 0.2]), st.booleans())
def test_what_needs_no_fit_is_told_for_many_moments_as_for_each(seed: int, noise: float, gaps: float, rising: bool) -> None:
    rng, count = np.random.default_rng(seed), 24 * 12
    seen = rng.random(count) >= gaps
    one = rule("forecast", window_s=4 * 86400.0, within_days=7.0, **({"above": 90.0} if rising else {"below": 10.0}))
    moments = T0 + np.arange(0, 13) * DAY
    for slope in rng.uniform(-0.02, 0.1, MANY).tolist():
        value = 50 + (slope if rising else -slope) * np.arange(count) + rng.normal(0, noise, count)
        frame = SeriesFrame((T0 + np.arange(count, dtype=np.int64) * HOUR)[seen], value[seen], value[seen], value[seen])
        found = [verdict(one, frame, now) for now in moments.tolist()]
        near = near_moments(one, frame.at_ms, frame.mean, moments)
        assert near.tolist() == [said is not None and "days" in said.seen for said in found]


def test_what_goes_on_below_its_level_is_followed_until_it_is_clear() -> None:
    value = np.full(864, 50.0)
    value[400], value[401:500] = 95.0, 85.0
    frame = SeriesFrame(T0 + np.arange(864, dtype=np.int64) * FIVE, value, value, value)
    one = rule("threshold", above=90.0, clear=80.0)
    _same(one, frame, 0, NOTHING_TOLD)
    (alert,) = replay(one, "d", "a", frame, T0, T0 + 3 * DAY)
    assert alert.cleared_at == T0 + 500 * FIVE


def test_quiet_days_are_not_read_again() -> None:
    """One spike in three days: its hour and the one after it, and of a day's percentile the day after."""
    at = T0 + np.arange(864, dtype=np.int64) * FIVE
    value = np.where(np.arange(864) == 400, 95.0, 50.0)
    frame = SeriesFrame(at, value, value, value)
    hour = T0 + 400 * FIVE // HOUR * HOUR
    spike = closeup(rule("threshold", above=90.0), by_hours(frame), NOTHING_TOLD, at, T0, T0 + 3 * DAY)
    assert spike.spans == ((hour, hour + 3 * HOUR),)
    p95 = rule("percentile", above=90.0, window_s=86400.0)
    ((start, end),) = closeup(p95, by_hours(frame), NOTHING_TOLD, moments_of(p95, T0, T0 + 3 * DAY), T0, T0 + 3 * DAY).spans
    assert hour - DAY <= start
    assert end <= hour + DAY + 4 * HOUR
