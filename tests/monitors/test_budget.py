"""What a device can be asked, and how often: laws that hold for any device, and what people read of it."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import i18n
from core.measured import PROCESSOR
from core.polling import Oid, PollPlan, TablePlan
from monitors.budget import Budget, Planning, planned, usual
from monitors.gauging import Gauging
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.trimming import LEAST


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


PORT_COLUMNS = ("ifOperStatus", "ifAdminStatus", "ifHCInOctets", "ifHCOutOctets", "ifInErrors", "ifOutDiscards", "ifHCInUcastPkts")
NOTHING = Gauging((), ())


def _table(number: int, metrics: tuple[str, ...], rows: int, plugged: int, first: int = 1) -> tuple[TablePlan, TableMeaning]:
    """plugged: how many of the rows are ports with a plug; -1: they are no ports."""
    indexes = tuple(range(first, first + rows))
    return (
        TablePlan(columns=tuple((1, 3, number, at) for at in range(1, len(metrics) + 1)), indexes=tuple((i,) for i in indexes)),
        TableMeaning(
            table=f"t{number}", columns=tuple(ColumnMeaning(name=m, metric=m, store=bool(m)) for m in metrics),
            labels=tuple(f"row{i}" for i in indexes), indexes=indexes if plugged >= 0 else (),
            physical=tuple(at % 2 == 0 or at >= rows - plugged // 2 for at in range(rows)) if plugged >= 0 else (),
            factors={0: tuple(float(i) for i in indexes)},
        ),
    )


def _polled(*tables: tuple[TablePlan, TableMeaning]) -> Polled:
    return Polled(
        plan=PollPlan(scalars=((1, 3, 6, 0),), tables=tuple(p for p, _ in tables)),
        meaning=PlanMeaning(scalars=(UPTIME,), tables=tuple(m for _, m in tables)),
    )


def _meanings(polled: Polled) -> dict[Oid, tuple[str, str, float]]:
    """Metric, row and factor of each variable."""
    out: dict[Oid, tuple[str, str, float]] = {(1, 3, 6, 0): ("sysUpTime", "", 1.0)}
    for plan, meaning in zip(polled.plan.tables, polled.meaning.tables, strict=True):
        assert len(plan.indexes) == len(meaning.labels)
        assert list(plan.indexes) == sorted(plan.indexes)
        for row, index in enumerate(plan.indexes):
            for at, column in enumerate(plan.columns):
                assert column + index not in out, "asked twice"
                factor = meaning.factors.get(at, (1.0,) * len(meaning.labels))[row]
                out[column + index] = (meaning.columns[at].metric, meaning.labels[row], factor)
    assert list(out) == polled.plan.oids()
    return out


ports = st.builds(
    lambda number, columns, rows, plugged: _table(number, tuple(columns), rows, min(rows, plugged), 1 + 1000 * number),
    st.integers(1, 9), st.sets(st.sampled_from(PORT_COLUMNS), min_size=1), st.integers(1, 60), st.integers(0, 60),
)
others = st.builds(
    lambda number, metric, rows: _table(number, (metric,), rows, -1),
    st.integers(20, 29), st.sampled_from([PROCESSOR, "yw_temperature", "yw_dbm", "jnxSessions", ""]), st.integers(1, 60),
)
devices = st.lists(st.one_of(ports, others), max_size=6, unique_by=lambda one: one[0].columns[0]).map(lambda tables: _polled(*tables))
budgets = st.builds(
    Budget, variables=st.integers(100, 500), share=st.sampled_from([0.0, 0.1, 0.5]), interval_s=st.sampled_from([1.0, 30.0, 60.0, 400.0]),
    longest_s=st.sampled_from([1.0, 120.0, 300.0]),
)
speeds = st.sampled_from([0.0, 1e-6, 0.001, 0.05, 0.2, 3.0])


@given(devices, budgets, speeds)
@settings(max_examples=150, deadline=None)
def test_whatever_the_device_it_is_asked_within_its_budget_and_nothing_changes_its_meaning(
    device: Polled, budget: Budget, seconds_each: float,
) -> None:
    made = planned(device, NOTHING, budget, seconds_each)
    before, after = _meanings(device), _meanings(made.polled)
    assert after.items() <= before.items()
    assert made.polled.plan.size <= max(made.pace.room, LEAST + 1)
    assert made.pace.every * budget.interval_s <= max(budget.longest_s, budget.interval_s)
    if made.pace.every > 1:
        shorter = (made.pace.every - 1) * budget.interval_s * budget.share
        assert min(len(before), budget.variables) * seconds_each > shorter * (1 - 1e-9), "it is asked as often as it can be"
    if budget.share and seconds_each:
        longest = max(1, int(budget.longest_s // budget.interval_s)) * budget.interval_s * budget.share
        if len(before) * seconds_each <= longest and len(before) <= budget.variables:
            assert after == before, "what can be asked at a longer interval is not left out"
    states = {key for key, (metric, _, _) in before.items() if metric in ("ifOperStatus", "ifAdminStatus")}
    assert not states or states & after.keys(), "something of its ports is always asked"
    told = len(made.marks) > (made.pace.every > 1)
    assert told == any(before[key][0] for key in before.keys() - after.keys()), "what is left out is told, but for what was never stored"
    _worth(device, after)


def _worth(device: Polled, after: dict[Oid, tuple[str, str, float]]) -> None:
    """Of a row the less worthy columns are polled only where the more worthy ones are; of ports those with a plug come first."""
    for plan, meaning in zip(device.plan.tables, device.meaning.tables, strict=True):
        if not meaning.indexes:
            continue
        for index in plan.indexes:
            have = [column + index in after for column in plan.columns]
            ranks = [PORT_COLUMNS.index(column.metric) // 2 for column in meaning.columns]
            for has, rank in zip(have, ranks, strict=True):
                assert not has or all(h for h, r in zip(have, ranks, strict=True) if r < rank)
        for column in plan.columns:
            asked = [column + index in after for index in plan.indexes]
            for plugged in (True, False):
                mine = [a for a, p in zip(asked, meaning.physical, strict=True) if p == plugged]
                assert mine == sorted(mine, reverse=True), "by ifIndex"


def _big(budget: Budget, seconds_each: float) -> Planning:
    chassis = _table(1, PORT_COLUMNS, 400, 200)
    return planned(_polled(chassis, _table(2, (PROCESSOR,), 4, -1)), NOTHING, budget, seconds_each)


def test_a_slow_device_is_polled_less_often_and_says_why() -> None:
    made = _big(Budget(share=0.1, interval_s=30, longest_s=300), 9.8 / 2805)
    assert (made.pace.every, made.slow, made.polled.plan.size) == (4, True, 2805)
    [mark] = made.marks
    assert mark.startswith("Polled every 120 s instead of 30, because it needs 9.8 s for 2,805 variables; ")


def test_one_that_is_too_slow_even_for_the_longest_interval_keeps_its_ports() -> None:
    made = _big(Budget(share=0.5, interval_s=30, longest_s=300), 0.1)
    metrics = {metric for metric, _, _ in _meanings(made.polled).values()}
    assert made.pace.every == 10
    assert made.polled.plan.size <= made.pace.room == 1500
    assert {"ifOperStatus", "ifHCInOctets", PROCESSOR} <= metrics
    plugged = [key for key, (metric, _, _) in _meanings(made.polled).items() if metric == "ifOperStatus"]
    assert len(plugged) > 200
    assert "ifHCInUcastPkts (400)" in made.marks[1]


def test_a_fast_one_is_left_alone() -> None:
    made = _big(Budget(share=0.5, interval_s=30, longest_s=300), 0.0001)
    assert (made.pace.every, made.slow, made.marks) == (1, False, ())


@pytest.mark.parametrize(("times", "expected"), [
    ([], 0.0), ([(0, 3.0)], 0.0), ([(100, 1.0)], 0.01), ([(100, 0.1), (100, 0.1), (3, 2.0)], 0.001),
    ([(90, 0.9), (90, 2.9), (90, 0.9)], 0.01),
])
def test_one_lost_answer_does_not_make_a_device_slow(times: list[tuple[int, float]], expected: float) -> None:
    assert math.isclose(usual(times), expected)
