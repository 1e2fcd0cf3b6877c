"""Laws of schedules: a due time is served once, over restarts, jumps of the clock and summer time; none is lost that must be caught up."""

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.hub.jobs import planner
from core.errors import InvalidInputError
from core.work import Schedule

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
T = 1_800_000_000_000
CRONS = ("* * * * *", "*/7 * * * *", "30 2 * * *", "0 */5 * * *", "15 3 * * 1", "0 0 1 * *", "0 12 29 2 *", "45 1-4 * * 0,6")
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


def schedule(cron: str = "30 2 * * *", **changes: object) -> Schedule:
    return Schedule(id="s", name="s", kind="k", cron=cron, last_due=T).replace(**changes)


def at(zone: str, *moment: int) -> int:
    return int(datetime(*moment, tzinfo=ZoneInfo(zone)).timestamp() * 1000)  # type: ignore[arg-type,misc]


def serve(one: Schedule, clock: list[int], restart_every: int = 0) -> list[int]:
    """The due times that are served as the clock is looked at, in order. A restart forgets all but the record."""
    served = []
    for now in clock:
        if planner.clock_was_ahead(one, now):
            one = one.replace(last_due=now)
        if (due := planner.due(one, now)) is not None:
            served.append(due.at_ms)
            one = one.replace(last_due=due.at_ms)
    return served


@settings(max_examples=60)
@given(st.sampled_from(CRONS), st.sampled_from(ZONES), st.integers(0, 400), st.lists(st.integers(0, 3 * HOUR), min_size=1, max_size=30))
def test_each_due_time_is_served_once_and_the_newest_always(cron: str, zone: str, day: int, pauses: list[int]) -> None:
    one = schedule(cron, time_zone=zone, last_due=T + day * DAY)
    clock, now = [], one.last_due
    for pause in pauses:
        now += pause
        clock += [now, now]
    served = serve(one, clock)
    assert len(served) == len(set(served))
    assert served == sorted(served)
    assert all(one.last_due < time <= now for time in served)
    following = planner.after(one, served[-1] if served else one.last_due)
    assert not following or following > now, "the newest that was due is served"


@settings(max_examples=60)
@given(st.sampled_from(CRONS[:4]), st.lists(st.integers(-20 * HOUR, 20 * HOUR), max_size=25))
def test_small_steps_of_the_clock_serve_nothing_twice(cron: str, steps: list[int]) -> None:
    now, clock = T, []
    for change in steps:
        now = max(T - 20 * HOUR, now + change)
        clock.append(now)
    served = serve(schedule(cron), clock)
    assert len(served) == len(set(served))


@pytest.mark.parametrize("cron", CRONS[:4])
def test_a_clock_that_was_a_year_ahead_does_not_stop_a_schedule_for_a_year(cron: str) -> None:
    ahead = T + 366 * DAY
    served = serve(schedule(cron), [T, ahead, ahead + MINUTE, T + MINUTE, T + DAY, T + 2 * DAY])
    assert len(served) == len(set(served))
    assert sum(time > ahead - 2 * DAY for time in served) in (1, 2), "what was missed is caught up once"
    assert [time for time in served if T < time <= T + 2 * DAY], "after the clock was mended it runs again"


def test_a_clock_out_of_its_mind_plans_nothing() -> None:
    for now in (-T, 0, 1, 10**15, 2**62):
        assert planner.due(schedule(), now) is None
    for now in (-T, 10**15, 2**62):
        assert planner.upcoming(schedule(), now, 3) == ()


SUMMER = [
    ("Europe/Berlin", (2025, 10, 25), "30 2 * * *", ["2025-10-26T02:30:00+02:00"]),  # comes twice, runs once
    ("Europe/Berlin", (2025, 3, 29), "30 2 * * *", ["2025-03-30T03:00:00+02:00"]),  # never comes, runs right after
    ("America/New_York", (2025, 11, 1), "45 1 * * *", ["2025-11-02T01:45:00-04:00"]),
    ("America/New_York", (2025, 3, 8), "15 2 * * *", ["2025-03-09T03:00:00-04:00"]),
    ("Australia/Lord_Howe", (2025, 4, 5), "45 1 * * *", ["2025-04-06T01:45:00+11:00"]),
]


@pytest.mark.parametrize(("zone", "day", "cron", "expected"), SUMMER)
def test_summer_time(zone: str, day: tuple[int, int, int], cron: str, expected: list[str]) -> None:
    start = at(zone, *day, 12)
    served = serve(schedule(cron, time_zone=zone, last_due=start), list(range(start, start + 20 * HOUR, 5 * MINUTE)))
    assert [datetime.fromtimestamp(time / 1000, ZoneInfo(zone)).isoformat() for time in served] == expected


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_of_an_hour_is_every_quarter_of_an_hour(zone: str) -> None:
    for month, day in ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1)):
        start = at(zone, 2025, month, day)
        one = schedule("*/15 * * * *", time_zone=zone, last_due=start)
        served, time = [], start
        while (time := planner.after(one, time)) < start + 2 * DAY:
            served.append(time)
        assert {later - sooner for sooner, later in pairwise(served)} == {15 * MINUTE}


@pytest.mark.parametrize("cron", CRONS)
def test_after_years_of_downtime_only_the_newest_is_caught_up(cron: str) -> None:
    one = schedule(cron, time_zone="Europe/Berlin")
    now = T + 8 * 366 * DAY
    due = planner.due(one, now)
    assert due is not None
    following = planner.after(one, due.at_ms)
    assert due.at_ms <= now < following
    assert planner.due(one.replace(last_due=due.at_ms), now) is None


def test_what_is_not_caught_up_is_seen_as_missed() -> None:
    one = schedule(catch_up=False, deadline_s=600)
    due = planner.after(one, T)
    assert planner.due(one, due + 599_000) == planner.Due(due)
    assert planner.due(one, due + 601_000) == planner.Due(due, planner.DOWNTIME)


def test_overlap() -> None:
    one = schedule()
    due = planner.after(one, T)
    for before in ("waiting", "running"):
        assert planner.due(one, due, before) == planner.Due(due, planner.OVERLAP)  # type: ignore[arg-type]
        assert planner.due(one.replace(overlap="queue"), due, before) == planner.Due(due)  # type: ignore[arg-type]


def test_what_is_turned_off_is_never_due() -> None:
    assert planner.due(schedule("* * * * *", enabled=False), T + DAY) is None


@given(st.text(max_size=12), st.integers(0, 3600))
def test_jitter_is_the_same_every_time_and_within_its_bound(name: str, jitter_s: int) -> None:
    one = schedule(id=name, jitter_s=jitter_s)
    late = planner.jitter_ms(one)
    assert 0 <= late <= jitter_s * 1000
    assert planner.jitter_ms(one) == late
    due = planner.after(one, T)
    assert planner.due(one, due + late - 1) is None
    assert planner.due(one, due + late) == planner.Due(due)
    assert planner.upcoming(one, T, 1) == (due + late,)


def test_schedules_of_one_time_are_spread() -> None:
    assert len({planner.jitter_ms(schedule(id=str(number), jitter_s=900)) for number in range(50)}) > 40


NO_CRON = ("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "0 0 30 2 *", "@daily", "a b c d e", "*/0 * * * *")


@pytest.mark.parametrize("cron", NO_CRON)
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(InvalidInputError, match="no cron expression"):
        planner.check(schedule(cron))


@pytest.mark.parametrize("changes", [
    {"time_zone": "Mars/Olympus"}, {"time_zone": "../../etc/passwd"}, {"time_zone": ""}, {"time_zone": "/etc/localtime"},
    {"jitter_s": -1}, {"jitter_s": 10**9}, {"deadline_s": 0}, {"limit_s": -5}, {"cron": "* * * * " + "1," * 200 + "1"},
])
def test_what_cannot_run_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        planner.check(schedule(**changes))


@given(st.text(max_size=30))
def test_no_text_makes_it_fail_otherwise(cron: str) -> None:
    try:
        planner.check(schedule(cron))
    except InvalidInputError:
        return
    assert len(cron.split()) == 5
