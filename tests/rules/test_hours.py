"""Rules that hold at some times only: by the site's clock, over midnight, over a new year, over clocks that jump."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.events import Event
from core.polling import PollPlan, TablePlan
from core.signals import Alert
from monitors.judge import DeviceState, Observation, judge
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.rules.applying import Subject
from monitors.rules.binding import bound
from monitors.rules.composing import Composing
from monitors.rules.events import State, conditions
from monitors.rules.fleet import Fleet, Member
from monitors.rules.hours import edges, holds_at, minutes_of
from monitors.rules.reading import read_rules
from monitors.rules.rule import Rule

CHINA = timezone(timedelta(hours=8))
MINUTE = 60_000
OFFICE = ("Mon-Fri 08:00-18:00",)


def at(text: str, zone: timezone = CHINA) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def rule(**keys: Any) -> Rule:
    keys = {"name": "r", "kind": "threshold", "severity": "minor", "metric": ("m",), **keys}
    return Rule(**keys)


@pytest.mark.parametrize(
    ("spans", "moment", "inside"),
    [
        (OFFICE, "2026-11-23 08:00", True), (OFFICE, "2026-11-23 07:59:59", False), (OFFICE, "2026-11-23 18:00", False),
        (OFFICE, "2026-11-22 12:00", False), (("Sat,Sun",), "2026-11-22 23:59", True), (("Sat,Sun",), "2026-11-23 00:00", False),
        (("Fri-Mon",), "2026-11-23 12:00", True), (("Fri-Mon",), "2026-11-24 12:00", False),
        (("Sun 22:00-06:00",), "2026-11-23 05:59", True), (("Sun 22:00-06:00",), "2026-11-22 05:59", False),
        (("22:00-06:00",), "2027-01-01 00:30", True), (("00:00-24:00",), "2026-11-23 23:59", True),
        (("2026-10-01..2026-10-08",), "2026-10-08 23:59", True), (("2026-10-01..2026-10-08",), "2026-10-09 00:00", False),
        (("2026-10-10 00:00-12:00",), "2026-10-10 11:00", True), (("2026-10-10 00:00-12:00",), "2026-10-10 13:00", False),
        (("sat", "2026-11-23"), "2026-11-23 03:00", True),
    ],
)
def test_spans_by_the_sites_clock(spans: tuple[str, ...], moment: str, inside: bool) -> None:
    assert bool(holds_at(rule(during=spans), at(moment))) is inside
    assert bool(holds_at(rule(not_during=spans), at(moment))) is not inside


def test_both_together_and_another_zone() -> None:
    one = rule(during=OFFICE, not_during=("12:00-13:00", "2026-10-01..2026-10-08"))
    assert [bool(holds_at(one, at(f"2026-11-23 {hour}:30"))) for hour in ("11", "12", "13")] == [True, False, True]
    assert not holds_at(one, at("2026-10-05 09:00"))
    assert holds_at(rule(during=OFFICE, zone="+00:00"), at("2026-11-23 08:00", UTC))
    assert minutes_of("-03:30") == -210


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("during", "Mon-Fry", "no day of the week"), ("during", "whenever", "no span"), ("during", "08:00-25:00", "no time of day"),
        ("during", "08:00-08:00", "ends where it begins"), ("not_during", "'2026-02-30'", "no day of the calendar"),
        ("not_during", "2026-10-08..2026-10-01", "before it begins"), ("zone", "CST", "distance from UTC"), ("during", "''", "no span"),
    ],
)
def test_mistakes_are_named(key: str, value: str, what: str) -> None:
    text = f"rules:\n  a:\n    kind: absence\n    metric: m\n    after_s: 60\n    severity: info\n    {key}: {value}\n"
    with pytest.raises(InvalidInputError, match=f"own.yml:7: rules.a.{key}.*{what}"):
        read_rules("own.yml", text)


@given(
    st.lists(st.sampled_from(["Mon-Fri 08:00-18:00", "Sat,Sun", "22:00-06:00", "2026-11-20..2026-11-24", "Wed 23:00-01:00"]), max_size=3),
    st.lists(st.sampled_from(["12:00-13:00", "Sun", "2026-11-23", "23:30-00:30"]), max_size=2), st.integers(0, 14 * 1440),
)
def test_many_moments_at_once_are_as_each_alone_and_change_at_edges_only(during: list[str], never: list[str], start: int) -> None:
    one = rule(during=tuple(during), not_during=tuple(never))
    begin = at("2026-11-15 00:00") + start * MINUTE
    moments = begin + np.arange(3000) * MINUTE
    together = np.broadcast_to(holds_at(one, moments), moments.shape)
    assert together.tolist() == [bool(holds_at(one, int(moment))) for moment in moments]
    changed = set(moments[1:][np.diff(together.astype(int)) != 0].tolist())
    assert changed <= set(edges(one, begin, begin + 3000 * MINUTE))


def polled() -> Polled:
    plan = PollPlan(scalars=((1, 3, 0),), tables=(TablePlan(columns=((1, 9),), indexes=((1,),), by_name=True),))
    table = TableMeaning(table="t", columns=(ColumnMeaning(name="m", metric="m"),), labels=("a",))
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


def test_fresh_values_are_judged_within_the_hours_and_what_was_raised_ends_with_them() -> None:
    timed = rule(above=90.0, for_s=300, during=OFFICE)
    block = bound([timed, rule(name="always", above=90.0)], polled(), {}, {})
    fleet = Fleet(["r", "always"])
    fleet.assign([Member("d", block, 0)], {}, at("2026-11-23 07:00"))

    def see(moment: str, value: float = 95.0) -> list[tuple[str, bool]]:
        return [(a.rule, a.cleared_at > 0) for a in fleet.look([0], np.array([0, value], np.float32), at(moment))]

    assert see("2026-11-23 07:50") == [("always", False)]
    assert see("2026-11-23 08:00") == []
    assert see("2026-11-23 08:05") == [("r", False)], "it lasts since the hours began"
    assert see("2026-11-23 03:00") == [("r", True)], "a clock that is set back leads out of the hours, too"
    assert see("2026-11-23 09:00") == []
    assert see("2026-11-23 09:05") == [("r", False)]
    assert see("2026-11-25 18:00") == [("r", True)], "a clock that jumps over two nights"
    assert see("2026-11-25 18:30", 10) == [("always", True)]


def test_polls_compositions_and_events_keep_to_the_hours() -> None:
    night, day = at("2026-11-23 03:00"), at("2026-11-23 09:00")
    down = rule(kind="poll", sees="unreachable", metric=(), during=OFFICE)
    state = DeviceState(device_id="d")
    state, alerts = judge(state, {"r": down}, Observation("none"), night)
    assert (alerts, state.quiet) == ((), True)
    state, (raised,) = judge(state, {"r": down}, Observation("none"), day)
    _, (ended,) = judge(state, {"r": down}, Observation("none"), at("2026-11-23 18:01"))
    assert ended.id == raised.id
    both = Composing([rule(kind="composed", metric=(), all=("x",), during=OFFICE)], [])
    part = Alert(id="x", rule="x", device_id="d", severity="minor", raised_at=night)
    assert both.look([part], lambda _: Subject(), night) == []
    assert len(both.look([part], lambda _: Subject(), day)) == 1
    said = rule(kind="event", metric=(), words=("odd",), during=OFFICE)
    event = Event(id="1", at_ms=night, source="10.0.0.1", kind="syslog", text="odd", device_id="d")
    assert conditions(event, (said,), State(), night) == []
    assert len(conditions(event, (said,), State(), day)) == 1
