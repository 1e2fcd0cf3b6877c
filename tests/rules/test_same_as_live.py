"""A dry run over what was stored raises and clears what judging the same values when they are fresh does: each kind, whatever comes."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.polling import PollPlan, TablePlan
from core.signals import Alert, SeriesFrame, SeriesKey
from monitors.judge import Observation, Port, fresh, judge
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.rules.applying import Subject
from monitors.rules.binding import Told, bound
from monitors.rules.composing import Composing
from monitors.rules.fleet import Fleet, Member
from monitors.rules.lasting import Aim, Lasting
from monitors.rules.replay import composed, moments_of, replay
from monitors.rules.rule import Rule
from monitors.rules.sifting import may_fire

T0 = 1_790_000_000_000 // 3_600_000 * 3_600_000
STEP = 60_000
HOUR, DAY = 3_600_000, 86_400_000
NAN = float("nan")
DURATIONS = st.sampled_from([0.0, 60.0, 150.0])
HOURS = st.sampled_from([(), ("Mon-Fri 08:00-18:00",), ("22:00-06:00", "Sun"), ("00:10-00:20", "02:00-14:10")])
Spells = list[tuple[int, int]]


def rule(kind: str, **keys: Any) -> Rule:
    return Rule(name="r", kind=kind, severity="minor", metric=("m",), **keys)  # type: ignore[arg-type]


def spells(alerts: Iterable[Alert]) -> Spells:
    """When each was raised and cleared; an alert may be told twice."""
    last = {alert.id: alert for alert in alerts}
    return sorted((alert.raised_at, alert.cleared_at) for alert in last.values())


def frame(values: Sequence[float], step: int = STEP, start: int = T0) -> SeriesFrame:
    """As it is stored: what was not seen is not there."""
    value = np.asarray(values, np.float64)
    known = np.isfinite(value)
    at = (start + np.arange(len(values), dtype=np.int64) * step)[known]
    return SeriesFrame(at, value[known], value[known], value[known])


def by_hours(values: SeriesFrame) -> SeriesFrame:
    hour = values.at_ms // HOUR
    starts = np.flatnonzero(np.diff(hour, prepend=-1))
    sums, counts = np.add.reduceat(values.mean, starts), np.diff(np.append(starts, len(hour)))
    low, high = np.minimum.reduceat(values.low, starts), np.maximum.reduceat(values.high, starts)
    return SeriesFrame(hour[starts] * HOUR, sums / counts, low, high)


def live(one: Rule, values: Sequence[float], told: Told | None = None) -> Spells:
    """As the sweep judges polls a minute apart."""
    plan = PollPlan(scalars=((1, 3, 0),), tables=(TablePlan(columns=((1, 9),), indexes=((1,),), by_name=True),))
    table = TableMeaning(table="t", columns=(ColumnMeaning(name="m", metric="m"),), labels=("a",))
    block = bound([one], Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,))), {},
                  {("m", "1.9.1"): told} if told else {})
    fleet = Fleet([one.name])
    fleet.assign([Member("d", block, 0)], {}, T0)
    return spells(
        alert for number, value in enumerate(values) for alert in fleet.look([0], np.array([0, value], np.float32), T0 + number * STEP)
    )


def dry(one: Rule, values: Sequence[float], told: Told | None = None) -> Spells:
    """As `rule test` does: what the sieve holds back is not looked at."""
    stored, known = frame(values), told or Told({}, {})
    if not len(stored.at_ms) or not may_fire(one, by_hours(stored), known):
        return []
    return spells(replay(one, "d", "a", stored, T0, T0 + len(values) * STEP, told=known))


LEVELS = st.lists(st.sampled_from([50.0, 85.0, 95.0, NAN]), min_size=1, max_size=200)


@given(LEVELS, DURATIONS, DURATIONS, st.sampled_from([0, 2, 3]), st.booleans(), HOURS)
def test_thresholds(values: list[float], for_s: float, clear_s: float, polls: int, rising: bool, during: tuple[str, ...]) -> None:
    level = {"above": 90.0, "clear": 80.0} if rising else {"below": 60.0, "clear": 90.0}
    one = rule("threshold", for_s=for_s, clear_s=clear_s, raise_polls=polls, during=during, **level)
    assert dry(one, values) == live(one, values)


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]), min_size=1, max_size=200), DURATIONS, DURATIONS, st.integers(0, 3),
       st.booleans(), HOURS)
def test_states(values: list[float], for_s: float, clear_s: float, which: int, after_good: bool, during: tuple[str, ...]) -> None:
    keys: dict[str, Any] = [{"bad": (2, 3)}, {"good": (1, 4)}, {"bad": ("fail", 3)}, {"bad": (4,)}][which]
    one = rule("state", for_s=for_s, clear_s=clear_s, only_after_good=after_good, during=during, **keys)
    told = Told({}, {"1": "normal", "2": "fanFailure", "4": "no failure"})
    assert dry(one, values, told) == live(one, values, told)


@given(st.lists(st.sampled_from([8.0, 9.0, 12.0, NAN]), min_size=1, max_size=200), st.sampled_from([0.0, 2.0, 4.0]), DURATIONS,
       st.sampled_from(["any", "up", "down"]), HOURS)
def test_changes(values: list[float], by: float, clear_s: float, direction: str, during: tuple[str, ...]) -> None:
    one = rule("change", by=by, clear_s=clear_s, direction=direction, during=during)
    assert dry(one, values) == live(one, values)


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.sampled_from([0, 2, 4]), DURATIONS, DURATIONS, HOURS)
def test_devices_that_do_not_answer(answers: list[bool], polls: int, for_s: float, clear_s: float, during: tuple[str, ...]) -> None:
    one = rule("poll", sees="unreachable", raise_polls=polls, for_s=for_s, clear_s=clear_s, during=during)
    state, found = fresh("d", {one.name: one}), []
    for number, answered in enumerate(answers):
        state, alerts = judge(state, {one.name: one}, Observation("yes" if answered else "none"), T0 + number * STEP)
        found += alerts
    assert dry(one, [float(answered) for answered in answers]) == spells(found)


@given(st.lists(st.sampled_from([1, 2, 3, 7]), min_size=1, max_size=200), DURATIONS, DURATIONS, HOURS)
def test_ports_that_go_down(states: list[int], for_s: float, clear_s: float, during: tuple[str, ...]) -> None:
    one = rule("poll", sees="port-down", for_s=for_s, clear_s=clear_s, during=during)
    state, found = fresh("d", {one.name: one}), []
    for number, oper in enumerate(states):
        seen = Observation("yes", 1, False, (Port("a", 1, oper),))
        state, alerts = judge(state, {one.name: one}, seen, T0 + number * STEP)
        found += alerts
    assert dry(one, [float(oper) for oper in states]) == spells(found)


def lasting(one: Rule, stored: SeriesFrame, start: int, end: int) -> Spells:
    """As senses judge, at the moments at which a dry run looks."""
    judging, key = Lasting([one]), SeriesKey("d", "m", "a")
    found = (judging.look(Aim(one, 1.0, ""), key, stored, now) for now in moments_of(one, start, end).tolist())
    return spells(alert for alert in found if alert is not None)


def same(one: Rule, stored: SeriesFrame, start: int, end: int) -> None:
    expected = lasting(one, stored, start, end)
    found = spells(replay(one, "d", "a", stored, start, end)) if may_fire(one, by_hours(stored), Told({}, {})) else []
    assert found == expected


def walk(seed: int, count: int, step: int, jump: float, gaps: float) -> SeriesFrame:
    """A curve of days and weeks with noise, spikes and gaps."""
    rng = np.random.default_rng(seed)
    at = np.arange(count) * step
    value = 50 + 30 * np.sin(at / DAY * 2 * math.pi) + rng.normal(0, 3, count) + rng.normal(0, jump, count).cumsum()
    value[rng.random(count) < 0.02] += 60
    value[rng.random(count) < gaps] = NAN
    if gaps:
        first = int(rng.integers(0, count))
        value[first : first + int(rng.integers(0, count // 4))] = NAN
    return frame(value.tolist(), step)


FEW = settings(max_examples=settings.default.max_examples // 3)
SEEDS, GAPS, JUMPS = st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1]), st.sampled_from([0.0, 0.5, 3.0])


@FEW
@given(SEEDS, GAPS, JUMPS, st.sampled_from([50.0, 90.0, 95.0, 100.0]), st.sampled_from([3600.0, 86400.0]), st.booleans(), HOURS)
def test_percentiles(
    seed: int, gaps: float, jump: float, percentile: float, window_s: float, rising: bool, during: tuple[str, ...],
) -> None:
    level = {"above": 85.0, "clear": 75.0} if rising else {"below": 25.0, "clear": 30.0}
    one = rule("percentile", percentile=percentile, window_s=window_s, clear_s=3600.0, during=during, **level)
    stored = walk(seed, 600, 300_000, jump, gaps)
    if len(stored.at_ms):
        same(one, stored, T0 + DAY // 2, T0 + 600 * 300_000)


@FEW
@given(SEEDS, GAPS, JUMPS, st.sampled_from([5.0, 20.0, 100.0]), st.booleans())
def test_rates(seed: int, gaps: float, jump: float, level: float, rising: bool) -> None:
    one = rule("rate", window_s=7200.0, **({"above": level} if rising else {"below": -level}))
    stored = walk(seed, 400, 300_000, jump, gaps)
    if len(stored.at_ms):
        same(one, stored, T0 + 3 * HOUR, T0 + 400 * 300_000)


@FEW
@given(SEEDS, st.sampled_from([0.3, 0.7]), st.sampled_from([600.0, 3600.0]))
def test_absences(seed: int, gaps: float, after_s: float) -> None:
    stored = walk(seed, 300, 300_000, 0.0, gaps)
    if len(stored.at_ms):
        same(rule("absence", after_s=after_s), stored, T0 + HOUR, T0 + 300 * 300_000)


@FEW
@given(SEEDS, GAPS, JUMPS, st.sampled_from(["any", "up", "down"]), st.sampled_from([0.0, 20.0]), st.integers(0, 59))
def test_seasons(seed: int, gaps: float, jump: float, direction: str, least: float, minute: int) -> None:
    one = rule("seasonal", weeks=3, band=4.0, least=least, direction=direction)
    stored = walk(seed, 24 * 30, HOUR, jump, gaps)
    if len(stored.at_ms):
        same(one, stored, T0 + 20 * DAY + minute * 60_000, T0 + 30 * DAY)


@FEW
@given(SEEDS, GAPS, st.sampled_from([-2.0, 0.08, 0.2]), st.sampled_from([7.0, 30.0]))
def test_forecasts_that_are_looked_at_by_days_find_the_same_hours(seed: int, gaps: float, slope: float, within: float) -> None:
    """Slow things: one that begins and ends within a day is what a forecast is not about."""
    rng = np.random.default_rng(seed)
    value = 40 + slope * np.arange(24 * 12) + rng.normal(0, 1, 24 * 12)
    value[rng.random(len(value)) < gaps] = NAN
    stored = frame(value.tolist(), HOUR)
    one = rule("forecast", above=95.0, window_s=3 * 86400.0, within_days=within)
    expected, found = lasting(one, stored, T0 + 4 * DAY, T0 + 12 * DAY), replay(one, "d", "a", stored, T0 + 4 * DAY, T0 + 12 * DAY)
    assert bool(expected) == bool(found)
    if expected:
        first, raised = expected[0][0], spells(found)[0][0]
        assert abs(first - raised) <= DAY


PART = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), max_size=4)


@given(PART, PART, PART, st.sampled_from([0.0, 120.0]), st.sampled_from([0.0, 60.0, 180.0]), HOURS)
def test_compositions(a: list[Any], b: list[Any], c: list[Any], for_s: float, clear_s: float, during: tuple[str, ...]) -> None:
    """Asked every minute, alerts beginning and ending at whole minutes."""
    one = rule("composed", all=("a",), any=("b", "c"), none=("d",), for_s=for_s, clear_s=clear_s, during=during).replace(metric=())
    parts = {"a": _alerts("a", a), "b": _alerts("b", b), "c": _alerts("c", c), "d": []}
    composing, found, end = Composing([one], []), [], T0 + 300 * STEP
    for now in range(T0, end + 1, STEP):
        open_ones = [x for some in parts.values() for x in some if x.raised_at <= now < x.cleared_at]
        found += composing.look(open_ones, lambda _id: Subject(), now)
    assert spells(composed(one, "d", parts, end)) == spells(found)


def _alerts(name: str, some: list[tuple[int, int]]) -> list[Alert]:
    return [
        Alert(id=f"{name}{n}", rule=name, device_id="d", severity="minor", raised_at=T0 + start * STEP,
              cleared_at=T0 + (start + long) * STEP)
        for n, (start, long) in enumerate(some)
    ]
