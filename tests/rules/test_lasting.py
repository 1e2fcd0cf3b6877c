"""Rules over a while, over all devices: which series they are about, and over a real store in their own thread."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.senses.slow import Slow
from core.objects import Device
from core.sections import Samples
from core.signals import Alert, SampleBlock, SeriesKey
from monitors.meaning import ColumnMeaning, PlanMeaning, TableMeaning
from monitors.rules.applying import Subject, subject_of
from monitors.rules.binding import Interface
from monitors.rules.lasting import Watched, aims, step_ms
from monitors.rules.rule import Override, Rule, Where
from stores.samples import open_samples

NOW = time.time_ns() // 1_000_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
COLUMNS = (ColumnMeaning(name="in", metric="ifHCInOctets", counter=True), ColumnMeaning(name="mtu", metric="ifMtu", store=False))
PORTS = {1: Interface(10**9, "to the county", alerting=True), 2: Interface(0, "", alerting=True), 3: Interface(10**9, alerting=False)}
MEANING = PlanMeaning(scalars=(), tables=(
    TableMeaning(table="if", columns=COLUMNS, labels=("GE1", "GE2", "Vlan3"), indexes=(1, 2, 3), physical=(True, True, False)),
    TableMeaning(table="m", columns=(ColumnMeaning(name="s", metric="yw_storage_percent"),), labels=("C:", "D:")),
))


def device(name: str = "d", note: str = "") -> Device:
    return Device(id=name, name=name, address="127.0.0.9", site="s", role="core", note=note)


def watched(name: str = "d", note: str = "", **more: Any) -> Watched:
    return Watched(name, subject_of(device(name, note)), MEANING, PORTS, **more)


def busy(**more: Any) -> Rule:
    return Rule(
        name="busy", kind="percentile", severity="minor", metric=("ifHCInOctets",), above=80.0, share_of="speed", window_s=86400, **more,
    )


def disk(**more: Any) -> Rule:
    return Rule(
        name="disk", kind="forecast", severity="minor", metric=("yw_storage_percent",), above=95.0, window_s=10 * 86400, within_days=7,
        clear_s=0, **more,
    )


def test_ports_without_a_speed_and_those_not_worth_an_alert_are_left_out() -> None:
    found = aims(busy(), [watched()])
    assert {key.instance: (aim.scale, aim.alias) for key, aim in found.items()} == {"GE1": (800 / 10**9, "to the county")}
    assert set(aims(busy(where=Where(instance=("Vlan*",))), [watched()])) == {SeriesKey("d", "ifHCInOctets", "Vlan3")}


def test_objects_and_parts_that_the_rule_is_not_about() -> None:
    rule = disk(where=Where(tag=("db",)), overrides=(Override(where=Where(instance=("D:",)), off=True),))
    assert aims(rule, [watched()]) == {}
    assert [key.instance for key in aims(rule, [watched(note="#db")])] == ["C:"]


def test_series_of_probes_and_of_the_device_itself() -> None:
    rule = Rule(name="slow", kind="percentile", severity="minor", metric=("yw_rtt_ms", "yw_probe_rtt_ms"), above=1.0, window_s=3600)
    own = SeriesKey("x", "yw_probe_rtt_ms", "portal")
    found = aims(rule, [watched(), Watched("x", Subject(name="OA"), series=[own, SeriesKey("x", "yw_probe_up", "portal")])])
    assert set(found) == {SeriesKey("d", "yw_rtt_ms"), own}


def test_long_ones_are_judged_on_hours() -> None:
    assert (step_ms(busy()), step_ms(disk())) == (300_000, HOUR_MS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    opened = open_samples(tmp_path / "samples", Samples())
    yield opened
    opened.close()


def fill(store: Any, key: SeriesKey, days: float, value: Any) -> None:
    at = np.arange(NOW - int(days * DAY_MS), NOW, HOUR_MS // 2, np.int64)
    ids = np.repeat(store.series_ids([key]), len(at))
    store.append(SampleBlock(ids, at, np.broadcast_to(value, at.shape).astype(float)))


def slow(store: Any, rules: list[Rule], things: list[Watched]) -> tuple[Slow, list[Alert]]:
    told: list[Alert] = []
    return Slow(rules, store, lambda: things, told.extend, round_s=0.05), told


def test_a_filling_disk_and_a_busy_line_are_found_in_the_store(store: Any) -> None:
    fill(store, SeriesKey("d", "yw_storage_percent", "C:"), 10, np.linspace(80, 90, 480))
    fill(store, SeriesKey("d", "yw_storage_percent", "D:"), 10, 50.0)
    fill(store, SeriesKey("d", "ifHCInOctets", "GE1"), 1, 0.9 * 10**9 / 8)
    judge, told = slow(store, [busy(), disk()], [watched()])
    judge.start()
    deadline = time.monotonic() + 30
    while len(told) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.2)
    judge.stop()
    found = {(alert.rule, alert.instance): alert.evidence for alert in told}
    assert set(found) == {("busy", "GE1"), ("disk", "C:")}
    assert len(told) == 2
    assert float(found["busy", "GE1"]["value"]) == pytest.approx(90)
    assert found["busy", "GE1"]["unit"] == "%"
    assert found["busy", "GE1"]["alias"] == "to the county"
    assert float(found["disk", "C:"]["days"]) == pytest.approx(5, abs=0.3)
    assert found["disk", "C:"]["date"] > "2020"


def test_what_was_left_open_is_taken_over_and_ended_once(store: Any) -> None:
    fill(store, SeriesKey("d", "yw_storage_percent", "C:"), 10, 50.0)
    left = [
        Alert(id="1", rule="disk", device_id="d", instance="C:", severity="minor", raised_at=NOW - DAY_MS),
        Alert(id="2", rule="disk", device_id="new", instance="C:", severity="minor", raised_at=NOW - DAY_MS),
        Alert(id="3", rule="disk", device_id="gone", instance="C:", severity="minor", raised_at=NOW - DAY_MS),
        Alert(id="4", rule="other", device_id="d", instance="C:", severity="minor", raised_at=NOW - DAY_MS),
    ]
    judge, told = slow(store, [disk()], [watched(), watched("new", known=False)])
    judge.take_over([*left, *left])
    judge._lasting.take_over(judge._left)
    judge.judge(disk(), [watched(), watched("new", known=False)], NOW)
    judge.judge(disk(), [watched(), watched("new", known=False)], NOW + HOUR_MS)
    assert sorted((alert.id, alert.cleared_at > 0) for alert in told) == [("1", True), ("3", True)]


def test_nothing_is_concluded_from_nothing(store: Any) -> None:
    judge, told = slow(store, [disk()], [watched()])
    judge._lasting.take_over([Alert(id="1", rule="disk", device_id="d", instance="C:", severity="minor", raised_at=NOW - DAY_MS)])
    judge.judge(disk(), [watched()], NOW)
    assert told == []
