"""Times up, down, planned and unknown against plain Python; what follows through a graph against every moment judged by itself."""

import math
from collections.abc import Collection
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.objects import BusinessSystem, Device, Unit
from core.sections import Availability
from monitors.capacity.availability import DOWN, PLANNED, UNKNOWN, UP, Bools, coded, either, every, follow, held, longest, spans, times
from monitors.capacity.levels import target

SHARE = st.one_of(st.just(math.nan), st.sampled_from([0.0, 0.2, 0.5, 0.8, 1.0]))
ROW = st.lists(st.tuples(SHARE, st.booleans()), min_size=1, max_size=40)
CODE = st.sampled_from([UP, DOWN, PLANNED, UNKNOWN])
CODES = st.integers(1, 12).flatmap(
    lambda columns: st.lists(st.lists(CODE, min_size=columns, max_size=columns), min_size=4, max_size=4)
)


@given(ROW)
def test_the_four_times_are_the_period_and_nothing_unknown_is_up(row: list[tuple[float, bool]]) -> None:
    share, planned = np.array([one for one, _ in row]), np.array([one for _, one in row])
    found = times(share, planned, 300)
    known = [one for one, plan in row if not plan and not math.isnan(one)]
    assert sum(found) == pytest.approx(300 * len(row))
    assert found.up_s == pytest.approx(300 * sum(known))
    assert found.down_s == pytest.approx(300 * sum(1 - one for one in known))
    assert found.planned_s == 300 * sum(plan for _, plan in row)
    assert found.percent == (pytest.approx(100 * sum(known) / len(known)) if known else None)
    outside = [one for one, plan in row if not plan]
    assert found.completeness == pytest.approx(len(known) / len(outside) if outside else 0)


@given(ROW)
def test_codes_and_outages(row: list[tuple[float, bool]]) -> None:
    share, planned = np.array([[one for one, _ in row]]), np.array([[one for _, one in row]])
    codes = coded(share, planned)[0].tolist()
    for (one, plan), code in zip(row, codes, strict=True):
        plain = UNKNOWN if math.isnan(one) else DOWN if one < 0.5 else UP
        assert code == (PLANNED if plan and plain != UP else plain)
    found = spans(np.array(codes) == DOWN)
    assert [n for span in found for n in range(span.first, span.last)] == [n for n, code in enumerate(codes) if code == DOWN]
    assert all(a.last < b.first for a, b in pairwise(found))
    few = longest(found, 2)
    assert few == sorted(few)
    assert sorted(one.last - one.first for one in few) == sorted(one.last - one.first for one in found)[-2:]


@given(st.lists(SHARE, min_size=1, max_size=30), st.integers(0, 4))
def test_an_answer_holds_so_many_steps_and_no_longer(row: list[float], steps: int) -> None:
    found = held(np.array([row]), steps)[0]
    for n, value in enumerate(found.tolist()):
        last = next((row[at] for at in range(n, max(n - steps, 0) - 1, -1) if not math.isnan(row[at])), math.nan)
        assert value == last or (math.isnan(value) and math.isnan(last))


@given(st.lists(st.tuples(SHARE, SHARE), min_size=1, max_size=20))
def test_one_answer_is_enough_for_a_device_and_every_probe_counts_for_a_system(pairs: list[tuple[float, float]]) -> None:
    both = np.array(pairs).T
    for n, pair in enumerate(pairs):
        known = [one for one in pair if not math.isnan(one)]
        best, worst = either(both)[n], every(both)[n]
        assert (best, worst) == (max(known), min(known)) if known else math.isnan(best) and math.isnan(worst)


def harm(rows: Collection[int]) -> tuple[Bools, Bools]:
    """Object 0 needs row 0 or row 1, object 1 needs rows 1 and 2, object 2 nothing."""
    gone = set(rows)
    down = [{0, 1} <= gone, bool({1, 2} & gone), False]
    hurt = [bool({0, 1} & gone), down[1], False]
    return np.array(down), np.array([hurt[n] and not down[n] for n in range(3)])


@given(CODES)
def test_what_follows_is_what_each_moment_by_itself_says(rows: list[list[int]]) -> None:
    codes = np.array(rows, np.uint8)
    found = follow(codes, harm, 3)
    assert found.moments <= codes.shape[1]
    for column in range(codes.shape[1]):
        sets = {code: {n for n in range(4) if rows[n][column] == code} for code in (DOWN, PLANNED, UNKNOWN)}
        for thing in range(3):
            gone: set[int] = set()
            state = UP
            for code in (DOWN, PLANNED, UNKNOWN):
                gone |= sets[code]
                if state == UP and harm(gone)[0][thing]:
                    state = code
            assert found.codes[thing, column] == state
            assert found.degraded[thing, column] == (harm(sets[DOWN])[1][thing] and state == UP)


def test_each_different_moment_is_judged_once_and_can_be_stopped() -> None:
    asked: list[Collection[int]] = []

    def counted(rows: Collection[int]) -> tuple[Bools, Bools]:
        asked.append(rows)
        return harm(rows)

    codes = np.zeros((4, 8640), np.uint8)
    codes[0, 100:200] = codes[1, 5000:5010] = DOWN
    found = follow(codes, counted, 3)
    assert found.moments == len(asked) == 3

    def stop(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow(codes, harm, 3, stop)


def test_targets_follow_the_level() -> None:
    promised = Availability(system_3=99.9, system_cii=99.95, unit_county=98)
    system = BusinessSystem(id="s", name="s", unit="u", protection_level=3)
    assert target("system", system, promised) == ("level-3", 99.9)
    assert target("system", system.replace(cii=True), promised) == ("level-3-cii", 99.95)
    assert target("system", system.replace(cii=True, protection_level=5), promised).percent == promised.system_5
    assert target("unit", Unit(id="u", name="u", level="county"), promised) == ("county", 98)
    device = Device(id="d", name="d", address="10.0.0.1", site="", role="PE")
    assert target("device", device, promised) == ("backbone", promised.backbone)
    assert target("device", device.replace(role="access"), promised) == ("device", promised.device)
