"""The parts of senses by themselves: lines of waiting devices, rows that keep what is known, plans that are shared, devices set apart."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.senses.entry import ALIVE, Entry
from agents.senses.line import Line
from agents.senses.live import LiveRows
from agents.senses.ports import ports_of
from agents.senses.shared import Shared
from agents.senses.trial import separated
from core.messages import LiveDevice
from core.objects import Device, Interface
from core.polling import PollPlan, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp.engine import Engine
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning

SYS_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
COLUMN = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)


def row(**fields: Any) -> LiveDevice:
    return LiveDevice(**{"id": "d", "status": "up", "since": 5, "polled_at": 5, **fields})


def polled_of(index: int = 1) -> Polled:
    plan = PollPlan(scalars=(SYS_UPTIME,), tables=(TablePlan(columns=(COLUMN,), indexes=((index,),)),))
    column = ColumnMeaning(name="ifOperStatus", metric="ifOperStatus")
    table = TableMeaning(table="interfaces", columns=(column,), labels=("Gi1",), indexes=(1,), physical=(True,))
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


def test_an_answer_that_was_not_asked_about_ports_leaves_them_as_they_were() -> None:
    rows = LiveRows()
    rows.put(row(ports=48, ports_up=40, in_bps=7.0, out_bps=8.0))
    shown = rows.put(row(since=9, polled_at=9))
    assert (shown.ports, shown.ports_up, shown.in_bps, shown.out_bps) == (48, 40, 7.0, 8.0)
    assert (shown.since, shown.polled_at) == (5, 9)
    assert rows.put(row(ports=47, ports_up=0)).ports == 47


def test_of_a_device_that_is_silent_nothing_is_claimed() -> None:
    rows = LiveRows()
    rows.put(row(ports=48, ports_up=40))
    silent = rows.put(row(status="down", since=9))
    assert (silent.since, silent.ports, silent.ports_up) == (9, -1, -1)
    rows.forget("d")
    assert rows.put(row(since=12)).ports == -1


async def test_devices_that_somebody_looks_at_are_next() -> None:
    line = Line()
    for device_id in "abcda":
        line.put(device_id)
    line.prefer(["c", "x"])
    assert [await line.get() for _ in range(2)] == ["c", "a"]
    assert len(line) == 2
    line.put("c")
    line.prefer([])
    assert [await line.get() for _ in range(3)] == ["b", "d", "c"]
    waiting = asyncio.create_task(line.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.put("e")
    assert await waiting == "e"


def test_equal_plans_become_one_and_unused_ones_are_let_go() -> None:
    shared = Shared()
    one, other = shared.one(polled_of()), shared.one(polled_of(2))
    assert shared.one(polled_of()) is one
    assert one is not other
    shared.keep([other])
    assert shared.one(polled_of(2)) is other
    assert shared.one(polled_of()) is not one


@given(st.lists(st.tuples(st.integers(1, 2**31 - 1), st.text(max_size=9), st.integers(1, 2**31 - 1), st.integers(0, 10**13)), max_size=9))
def test_ports_by_column_hold_whatever_discovery_may_find(found: list[tuple[int, str, int, int]]) -> None:
    interfaces = [
        Interface(device_id="d", if_index=index, name=name, alias=name, if_type=kind, speed_bps=speed, admin_status=3, oper_status=7)
        for index, name, kind, speed in found
    ]
    ports = ports_of(interfaces)
    assert list(zip(ports.if_index, ports.name, ports.if_type, ports.speed_bps, strict=True)) == found
    assert ports == ports_of(interfaces)


@pytest.fixture
def engine() -> Any:
    made = Engine(Polling())
    yield made
    made.close()


def entry(device_id: str, polled: Polled, **target: Any) -> Entry:
    device = Device(id=device_id, name=device_id, address="127.0.0.1", site="s", role="access")
    known = {"device_id": device_id, "address": "127.0.0.1", "secret": SnmpSecret(community="c"), **target}
    return Entry(device, Target(**known), polled)


def test_devices_that_cannot_be_polled_are_set_apart_with_the_reason(engine: Engine) -> None:
    good, damaged = polled_of(), polled_of(-5)
    short = SnmpSecret(username="u", auth="SHA256", auth_key="short", priv="AES128", priv_key="x" * 8)
    entries = [
        entry("good", good),
        entry("plan", damaged),
        entry("meaning", good.replace(meaning=good.meaning.replace(scalars=(UPTIME,) * 9))),
        entry("user", good, version="3", secret=short),
        entry("alive", ALIVE),
    ]
    parts = separated(engine, entries)
    assert [(e.target.device_id, e.known) for e in parts.entries] == [("good", True), ("plan", False), ("meaning", False), ("alive", False)]
    assert parts.odd == {"plan", "meaning"}
    assert "8" in parts.unusable["user"]
    engine.assign([(e.target, e.polled.plan) for e in parts.entries])


async def test_more_v3_devices_than_files_leave_the_rest_polled(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.senses.trial.most_peers", lambda: 1)
    secret = SnmpSecret(username="u", auth="SHA256", auth_key="longenough", priv="AES128", priv_key="longenough")
    entries = [entry("a", ALIVE), *(entry(f"v{n}", ALIVE, version="3", secret=secret) for n in range(3))]
    parts = separated(engine, entries)
    assert [e.target.device_id for e in parts.entries] == ["a", "v0"]
    assert parts.unusable.keys() == {"v1", "v2"}


