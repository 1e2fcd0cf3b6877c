"""Samples and live figures of whole arenas against a plain calculation, value by value."""

import math
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.polling import Kind, PollPlan, PollStatus, Readings, TablePlan
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.samples import NOT_STORED, Ledger, Live, keys_of

COLUMNS = (
    ColumnMeaning(name="ifOperStatus", metric="ifOperStatus"),
    ColumnMeaning(name="ifHCInOctets", metric="ifHCInOctets", counter=True),
    ColumnMeaning(name="hot", metric="hot", scale=0.1, low=0, high=100),
)
KINDS = (Kind.INTEGER, Kind.COUNTER64, Kind.GAUGE32)


def device(rows: int, physical: tuple[bool, ...]) -> Polled:
    indexes = tuple((n,) for n in range(1, rows + 1))
    labels = tuple(f"p{n}" for n in range(rows))
    table = TableMeaning(table="interfaces", columns=COLUMNS, labels=labels, indexes=tuple(i[0] for i in indexes), physical=physical)
    plan = PollPlan(scalars=((1, 3, 6, 1, 2, 1, 1, 3, 0),), tables=(TablePlan(columns=((1, 1), (1, 2), (1, 3)), indexes=indexes),))
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


reading = [st.integers(1, 3), st.integers(0, 10**9), st.integers(0, 2000)]
rows_of = st.lists(st.tuples(st.booleans(), *(reading * 2)), max_size=4)


def expectation(city: list[list[Any]]) -> dict[tuple[int, str, str], float]:
    expected: dict[tuple[int, str, str], float] = {}
    for d, rows in enumerate(city):
        expected |= {(d, "yw_up", ""): 1.0, (d, "yw_rtt_ms", ""): 2.0}
        for n, row in enumerate(rows):
            expected[d, "ifOperStatus", f"p{n}"] = row[4]
            expected[d, "ifHCInOctets", f"p{n}"] = row[5] / 10
            if row[6] * 0.1 <= 100:
                expected[d, "hot", f"p{n}"] = row[6] * 0.1
    return expected


def answer(city: list[list[Any]], readings: Readings, turn: int) -> None:
    for d, rows in enumerate(city):
        values, kinds = [1000 * (turn + 1)], [Kind.TIMETICKS]
        for row in rows:
            oper, octets, heat = row[1 + 3 * turn : 4 + 3 * turn]
            values += [oper, row[2] + (row[5] if turn else 0) if turn else octets, heat]
            kinds += list(KINDS)
        readings.raw[readings.span(d)], readings.kind[readings.span(d)] = values, kinds


def check_live(city: list[list[Any]], live: Live) -> None:
    for d, rows in enumerate(city):
        ports = [row for row in rows if row[0]]
        assert (live.ports[d], live.ports_up[d]) == (len(ports), sum(row[4] == 1 for row in ports))
        assert live.moved[d] == any(row[1] != row[4] for row in rows)
        if ports:
            assert math.isclose(live.in_bps[d], sum(row[5] / 10 * 8 for row in ports), abs_tol=1e-6)
        else:
            assert math.isnan(live.in_bps[d])


@settings(max_examples=60)
@given(st.lists(rows_of, min_size=1, max_size=4))
def test_samples_are_what_a_plain_calculation_gives(city: list[list[Any]]) -> None:
    polled = [device(len(rows), tuple(r[0] for r in rows)) for rows in city]
    readings = Readings([p.plan.size for p in polled])
    series, number = [], 0
    names: dict[int, tuple[int, str, str]] = {}
    for d, p in enumerate(polled):
        keys = list(keys_of(f"d{d}", p))
        numbers = np.full(len(keys), NOT_STORED, np.uint32)
        for at, key in enumerate(keys):
            if key is not None:
                numbers[at], names[number] = number, (d, key.metric, key.instance)
                number += 1
        series.append(numbers)
    ledger = Ledger(readings, polled, series)
    for turn in range(2):
        answer(city, readings, turn)
        readings.status[:], readings.at[:] = PollStatus.COMPLETE, 1e9 + 10 * turn
        readings.clock[:], readings.uptime[:], readings.rtt[:] = 50 + 10 * turn, 1000 * (turn + 1), 0.002
        block, live = ledger.advance(readings, list(range(len(city))), 0)
    got = {names[int(s)]: v for s, v in zip(block.series, block.value, strict=True)}
    expected = expectation(city)
    assert got.keys() == expected.keys()
    assert all(math.isclose(got[k], expected[k], rel_tol=1e-9, abs_tol=1e-9) for k in expected)
    assert set(block.at_ms.tolist()) == {1_000_000_010_000}
    check_live(city, live)


def test_a_silent_device_is_down_at_the_present_time_and_says_nothing_else() -> None:
    polled = device(2, (True, True))
    readings = Readings([polled.plan.size])
    numbers = np.arange(len(list(keys_of("d", polled))), dtype=np.uint32)
    ledger = Ledger(readings, [polled], [numbers])
    readings.status[:], readings.at[:] = PollStatus.NO_ANSWER, 5.0
    block, live = ledger.advance(readings, [0], 777)
    assert (block.series.tolist(), block.at_ms.tolist(), block.value.tolist()) == ([len(numbers) - 2], [777], [0.0])
    assert len(live.device) == 0


def test_a_reboot_is_seen_even_when_the_plan_changed_in_between_and_makes_no_rate() -> None:
    before, after = device(1, (True,)), device(2, (True, True))
    ledgers = []
    for polled, uptime, clock in ((before, 500_000, 10.0), (after, 300, 15.0)):
        readings = Readings([polled.plan.size])
        readings.raw[:] = [uptime] + [1, 10**6, 5] * len(polled.plan.tables[0].indexes)
        readings.kind[:] = [Kind.TIMETICKS] + list(KINDS) * len(polled.plan.tables[0].indexes)
        readings.uptime[0], readings.clock[0], readings.at[0], readings.status[0] = uptime, clock, 1000 + clock, PollStatus.COMPLETE
        numbers = np.arange(polled.plan.size + 2, dtype=np.uint32)
        ledgers.append(Ledger(readings, [polled], [numbers]))
        if len(ledgers) == 2:
            ledgers[1].carry_time(ledgers[0], [(0, 0)])
        block, live = ledgers[-1].advance(readings, [0], 2_000_000)
    assert live.rebooted.tolist() == [True]
    assert math.isnan(live.in_bps[0])
    assert not set(block.series.tolist()) & {2, 5}, "a counter without a reading before has no rate"
