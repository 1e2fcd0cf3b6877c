"""What a rule would have raised over stored samples is what it raises over the same values when they are fresh."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.signals import Alert, SeriesFrame
from monitors.rules.binding import Told
from monitors.rules.replay import composed, metrics_of, replay
from monitors.rules.rule import Rule
from monitors.rules.settling import Watch, observed, settled

T0 = 1_790_000_000_000
STEP = 60_000


def frame(values):
    at = T0 + np.arange(len(values), dtype=np.int64) * STEP
    value = np.asarray(values, np.float64)
    return SeriesFrame(at, value, value, value)


def rule(kind="threshold", **keys):
    return Rule(name="r", kind=kind, severity="minor", metric=("m",), **keys)


def minutes(alerts):
    return [((a.raised_at - T0) // STEP, (a.cleared_at - T0) // STEP if a.cleared_at else None) for a in alerts]


def run(one, values, **more):
    return minutes(replay(one, "d", "cpu 1", frame(values), T0, T0 + len(values) * STEP, **more))


def test_hysteresis_and_duration():
    one = rule(above=90.0, clear=80.0, for_s=120)
    assert run(one, [50, 95, 95, 95, 85, 85, 79, 50]) == [(3, 6)]
    assert run(one, [50, 95, 95, 85, 95, 95, 95]) == [(6, None)]
    assert run(one, [50, 95, 95, 70]) == []


def test_raised_by_polls_if_that_is_sooner():
    assert run(rule(above=90.0, for_s=600, raise_polls=2), [95, 95, 95, 10]) == [(1, 3)]


def test_two_spells_and_one_that_still_holds():
    assert run(rule(below=10.0), [20, 5, 20, 5, 5]) == [(1, 2), (3, None)]


def test_states_by_number_by_word_and_only_after_good():
    assert run(rule("state", bad=(2,)), [1, 2, 2, 1]) == [(1, 3)]
    assert run(rule("state", good=(1, 4)), [1, 4, 3, 1]) == [(2, 3)]
    told = Told({}, {"1": "normal", "3": "fanFailure", "4": "noFault"})
    assert run(rule("state", bad=("fail", "fault")), [1, 4, 3, 1], told=told) == [(2, 3)]
    assert run(rule("state", bad=(2,), only_after_good=True), [2, 2, 1, 2]) == [(3, None)]


def test_a_limit_of_the_device_itself():
    assert run(rule(above="high"), [50, 75, 60], told=Told({"high": 70.0}, {})) == [(1, 2)]
    assert run(rule(above="high"), [50, 75, 60]) == []


def test_a_change_has_a_direction():
    assert run(rule("change", by=2.0, direction="down"), [8, 8, 4, 4, 9]) == [(2, 3)]
    assert run(rule("change", by=2.0), [8, 8, 4, 4, 9]) == [(2, 3), (4, None)]


def test_polls_that_had_no_answer():
    one = Rule(name="device-unreachable", kind="poll", severity="critical", sees="unreachable", raise_polls=2, for_s=90)
    assert metrics_of(one) == ("yw_up",)
    assert run(one, [1, 0, 1, 0, 0, 0, 1]) == [(4, 6)]
    assert metrics_of(rule("poll", sees="refused")) == ("m",)[:0]


def test_windowed_ones_are_cleared_when_they_pass():
    values = [40.0] * 120 + [99.0] * 120 + [40.0] * 240
    found = replay(rule("percentile", above=90.0, window_s=3600, percentile=50.0), "d", "x", frame(values), T0, T0 + 480 * STEP)
    assert len(found) == 1
    assert 145 <= minutes(found)[0][0] <= 165
    assert 265 <= minutes(found)[0][1] <= 285
    assert float(found[0].evidence["value"]) > 90


@given(st.lists(st.sampled_from([50.0, 85.0, 95.0]), min_size=1, max_size=60), st.sampled_from([0, 60, 150]), st.sampled_from([0, 120]))
def test_the_same_as_judging_value_by_value(values, for_s, clear_s):
    one = rule(above=90.0, clear=80.0, for_s=for_s, clear_s=clear_s)
    watch: Watch | None = None
    expected: dict[str, Alert] = {}
    for number, value in enumerate(values):
        alerted = watch is not None and watch.alert is not None and watch.bad
        watch = observed(watch, value > (80 if alerted else 90), T0 + number * STEP)
        watch, alert = settled("d", one, "cpu 1", watch, {}, T0 + number * STEP)
        if alert is not None:
            expected[alert.id] = alert
    assert run(one, values) == minutes(expected.values())


def spell(name, start, end):
    return Alert(
        id=f"{name}{start}", rule=name, device_id="d", severity="minor", raised_at=T0 + start * STEP,
        cleared_at=T0 + end * STEP if end else 0,
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [({"all": ("a", "b")}, [(5, 10)]), ({"any": ("a", "b")}, [(0, 20)]), ({"all": ("a",), "none": ("b",)}, [(0, 5)]),
     ({"all": ("a",), "for_s": 480}, [(8, 10)]), ({"all": ("a", "c")}, [])],
)
def test_compositions(keys, expected):
    parts = {"a": [spell("a", 0, 10)], "b": [spell("b", 5, 20)]}
    assert minutes(composed(rule("composed", **keys), "d", parts, T0 + 30 * STEP)) == expected
