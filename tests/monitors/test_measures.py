"""What rules of profiles make of tables: each key of the language on rows written by hand, and what polling makes of them."""

import asyncio
from typing import Any

import numpy as np
import pytest

from agents.recorded import RecordedSession
from agents.senses.discovery import Discovery
from core.polling import Kind, Oid, PollPlan, PollStatus, Readings
from core.text import millionths
from monitors.budget import Budget, planned
from monitors.discovery import Discovered
from monitors.gauging import gauging
from monitors.meaning import UPTIME, PlanMeaning, Polled
from monitors.profiles import Catalogue
from monitors.reading import read_profile
from monitors.samples import Ledger, keys_of

BASE: Oid = (1, 3, 6, 1, 4, 1, 99999, 1)
HEAD = "profile: t\ntitle: T\nsource: made up\n"
SYSTEM: dict[Oid, tuple[int, Any]] = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): (4, b"a box"), (1, 3, 6, 1, 2, 1, 1, 2, 0): (6, (1, 3, 6, 1, 4, 1, 99999)),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): (Kind.TIMETICKS, 100),
}
Cells = dict[str, Any]


def oid(column: int) -> str:
    return ".".join(map(str, (*BASE, column)))


def found(yaml: str, cells: Cells) -> Discovered:
    """cells: `column.index` below 99999.1 to a number, a text or an OID."""
    variables = dict(SYSTEM)
    for name, value in cells.items():
        kind = 2 if isinstance(value, int) else 6 if isinstance(value, tuple) else 4
        variables[BASE + tuple(map(int, name.split(".")))] = (kind, value.encode() if isinstance(value, str) else value)
    session = RecordedSession(variables)
    return asyncio.run(Discovery(session, Catalogue([read_profile("t.yml", HEAD + yaml)]), "d").finish(0))


def polled(one: Discovered, values: list[int]) -> dict[tuple[str, str], float]:
    """The series that a poll with these raw values, in the plan's order, becomes."""
    readings = Readings([one.polled.plan.size])
    readings.raw[:] = np.array(values, np.int64).astype(np.uint64)
    readings.kind[:] = Kind.INTEGER
    readings.kind[0] = Kind.TIMETICKS
    readings.at[:] = readings.clock[:] = 1000.0
    readings.status[:] = PollStatus.COMPLETE
    keys = keys_of("d", one.polled)
    ledger = Ledger(readings, [one.polled], [np.arange(len(keys), dtype=np.uint32)])
    block, _ = ledger.advance(readings, [0], 0)
    named = {n: (key.metric, key.instance) for n, key in enumerate(keys) if key is not None}
    return {named[n]: v for n, v in zip(block.series.tolist(), block.value.tolist(), strict=True) if n in named}


SENSORS = f"""
tables:
  probes:
    label: [name]
    joins: {{board: {{table: boards, column: [slot, sub]}}}}
    columns:
      name: {{oid: {oid(1)}, type: text}}
      value: {{oid: {oid(2)}}}
      slot: {{oid: {oid(3)}}}
      sub: {{oid: {oid(4)}}}
  boards:
    columns:
      kind: {{oid: {oid(11)}, type: text}}
      top: {{oid: {oid(12)}}}
sensors:
  - {{table: probes, value: value, kind: temperature, scale: 0.1, skip: [255], RULE}}
"""
ROWS = {
    "1.1": "in", "2.1": 215, "3.1": 1, "4.1": 7, "1.2": "out", "2.2": 255, "3.2": 1, "4.2": 7, "1.3": "dead", "2.3": 300,
    "3.3": 2, "4.3": 9,
    "11.1.7": "cpu", "12.1.7": 600, "11.2.9": "fan tray", "12.2.9": 500,
}


@pytest.mark.parametrize(("rule", "names"), [
    ("limits: no", None),
    ("", ["in", "dead"]),
    ("matching: {name: '^i'}", ["in"]),
    ("excluding: {name: '^i'}", ["dead"]),
    ("matching: {board.kind: 'fan'}", ["dead"]),
    ("where: {board.top: [600]}", ["in"]),
    ("unless: {slot: [2]}", ["in"]),
    ("rows: ['3']", ["dead"]),
    ("index: {0: [1, 2]}", ["in"]),
    ("names: {'1': Inlet}", ["Inlet", "dead"]),
    ("valid: [0, 25]", ["in"]),
    ("label: [board.kind, name]", ["cpu", "fan tray"]),
])
def test_rows_are_chosen_and_named_as_the_rule_says(rule: str, names: list[str] | None) -> None:
    text = SENSORS.replace(", RULE", f", {rule}" if rule else "")
    if names is None:
        with pytest.raises(ValueError, match=r"t\.yml:\d+: sensors.0.limits: there is no such key"):
            found(text, ROWS)
        return
    assert [one.name for one in found(text, ROWS).measured.sensors] == names


def test_limits_come_from_joined_columns_and_are_scaled_as_the_value_is() -> None:
    one = found(SENSORS.replace("RULE", "high: board.top"), ROWS).measured.sensors[0]
    assert (one.value, one.high, one.low) == (21.5, 60.0, None)
    assert one.oid == f"{oid(2)}.1"


def test_a_table_is_read_only_where_its_gate_is_open() -> None:
    gated = SENSORS.replace("    label: [name]\n", f"    label: [name]\n    ask_if: {oid(50)}.0\n").replace(", RULE", "")
    assert not found(gated, ROWS).measured.sensors
    assert found(gated, {**ROWS, "50.0": 1}).measured.sensors
    other = SENSORS.replace("    label: [name]\n", "    label: [name]\n    ask_unless: boards\n").replace(", RULE", "")
    assert not found(other, ROWS).measured.sensors
    assert found(other, {k: v for k, v in ROWS.items() if k[:2] not in ("11", "12")}).measured.sensors


def test_lists_sizes_and_words_in_texts() -> None:
    one = found(
        f"scalars:\n  loads: {{oid: {oid(1)}.0, type: text}}\n  used: {{oid: {oid(2)}.0, type: text}}\n"
        f"  total: {{oid: {oid(3)}.0, type: text}}\n  power: {{oid: {oid(4)}.0, type: text}}\n"
        "processors:\n  - {usage: loads, name: CPU, each: true, regex: '([0-9]{1,3})%'}\n"
        "memory:\n  - {used: used, total: total, name: RAM}\n"
        "sensors:\n  - {value: power, kind: state, name: PSU, codes: {ok: 1, failed: 2}, states: {1: ok, 2: failed}}\n",
        {"1.0": "12%, 34%", "2.0": "512 MB", "3.0": "2 GB", "4.0": "Failed"},
    )
    assert [(p.name, p.usage_percent) for p in one.measured.processors] == [("CPU 1", 12), ("CPU 2", 34)]
    assert [(m.total_bytes, m.used_percent) for m in one.measured.memory] == [(2 << 30, 25.0)]
    assert [(s.value, s.states) for s in one.measured.sensors] == [(2.0, {"1": "ok", "2": "failed"})]
    assert one.polled.plan.size == 1, "texts are not polled"


def test_otherwise_speaks_only_where_nothing_was_found_before() -> None:
    yaml = (
        f"scalars:\n  new: {{oid: {oid(1)}.0}}\n  old: {{oid: {oid(2)}.0}}\n"
        "processors:\n  - {usage: new, name: new}\n  - {idle: old, name: old, otherwise: true}\n"
    )
    assert [p.name for p in found(yaml, {"1.0": 5, "2.0": 90}).measured.processors] == ["new"]
    assert [(p.name, p.usage_percent) for p in found(yaml, {"2.0": 90}).measured.processors] == [("old", 10)]


def test_what_was_measured_is_polled_in_the_same_unit() -> None:
    yaml = (
        f"scalars:\n  idle: {{oid: {oid(1)}.0}}\n  free: {{oid: {oid(2)}.0, scale: 1024}}\n  total: {{oid: {oid(3)}.0, scale: 1024}}\n"
        f"  cache: {{oid: {oid(4)}.0, scale: 1024}}\n  light: {{oid: {oid(5)}.0, scale: 0.001}}\n"
        f"  cold: {{oid: {oid(6)}.0, signed: 8, offset: 0.5}}\n"
        "processors:\n  - {idle: idle, name: CPU}\nmemory:\n  - {free: free, total: total, less: [cache], name: RAM}\n"
        "sensors:\n  - {value: light, kind: dbm, name: Rx, milliwatts: true}\n"
        "  - {value: cold, kind: temperature, name: Out, skip: [127]}\n"
    )
    one = found(yaml, {"1.0": 60, "2.0": 200, "3.0": 1000, "4.0": 300, "5.0": 100, "6.0": 246})
    measured = one.measured
    assert (measured.processors[0].usage_percent, measured.memory[0].used_percent) == (40, 50)
    assert [s.value for s in measured.sensors] == pytest.approx([-10, -9.5])
    order = [*one.polled.plan.oids()]
    now = {oid(1): 25, oid(2): 100, oid(4): 400, oid(5): 1000, oid(6): 250}
    values = [now.get(".".join(map(str, name[:-1])), 100) for name in order]
    assert polled(one, values) == {
        ("yw_processor_percent", "CPU"): 75, ("yw_memory_percent", "RAM"): pytest.approx(50), ("yw_dbm", "Rx"): pytest.approx(0),
        ("yw_temperature", "Out"): -5.5,
    } | {key: value for key, value in polled(one, values).items() if key[0] in ("yw_up", "yw_rtt_ms")}
    skipped = [127 if name[:-1] == (*BASE, 6) else value for name, value in zip(order, values, strict=True)]
    assert ("yw_temperature", "Out") not in polled(one, skipped)


def test_buffers_and_cache_are_no_used_memory_and_have_the_size_of_all() -> None:
    kind, used, size = (f"{{oid: {oid(n)}{more}}}" for n, more in ((1, ", type: text"), (2, ""), (3, "")))
    one = found(
        f"tables:\n  pools:\n    label: [kind]\n    columns: {{kind: {kind}, used: {used}, size: {size}}}\n"
        "memory:\n  - {table: pools, used: used, total: size, total_of: {kind: real}, less_of: {kind: cache}, less_in: {kind: real}}\n",
        {"1.1": "real", "2.1": 800, "3.1": 1000, "1.2": "cache", "2.2": 300, "3.2": 300},
    )
    assert [(m.name, m.used_percent) for m in one.measured.memory] == [("real", 50), ("cache", 30)]


def test_sensors_know_the_interface_of_the_part_that_they_are_in() -> None:
    yaml = (
        f"tables:\n  e:\n    gives: entities\n    columns:\n      entPhysicalContainedIn: {{oid: {oid(1)}}}\n"
        f"  a:\n    gives: port-parts\n    columns: {{entAliasMappingIdentifier: {{oid: {oid(2)}, type: oid}}}}\n"
        f"  s:\n    columns: {{v: {{oid: {oid(3)}}}}}\nsensors:\n  - {{table: s, value: v, kind: dbm, part: index.0, name: Rx}}\n"
    )
    one = found(yaml, {"1.10": 0, "1.11": 10, "2.10.0": (1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 501), "3.11": -5, "3.12": -6})
    assert [(s.value, s.if_index) for s in one.measured.sensors] == [(-5, 501), (-6, 0)]


def test_a_slow_device_is_asked_for_the_most_important_only_and_says_so() -> None:
    yaml = (
        f"tables:\n  s:\n    columns: {{v: {{oid: {oid(3)}}}, w: {{oid: {oid(4)}}}}}\n"
        "processors:\n  - {table: s, usage: v}\nsensors:\n  - {table: s, value: w, kind: voltage}\n"
    )

    one = found(yaml, {f"{column}.{row}": 1 for column in (3, 4) for row in range(1, 41)})
    bare = Polled(plan=PollPlan(scalars=((1, 3, 0),)), meaning=PlanMeaning(scalars=(UPTIME,), tables=()))
    few = planned(bare, gauging(one.measured.gauges), Budget(variables=51), 0.0)
    assert [(t.columns[0].metric, len(t.labels)) for t in few.polled.meaning.tables] == [("yw_processor_percent", 40), ("yw_voltage", 10)]
    assert "yw_voltage (30)" in few.marks[0]
    assert planned(bare, gauging(one.measured.gauges), Budget(variables=100), 0.0).marks == ()


def test_a_sensor_whose_value_is_a_text_is_polled_like_any_other() -> None:
    yaml = (
        f"tables:\n  s:\n    columns: {{v: {{oid: {oid(3)}, type: text, scale: 0.1, valid: [-50, 50]}}}}\n"
        "sensors:\n  - {table: s, value: v, kind: dbm, skip: [-400]}\n"
    )
    one = found(yaml, {"3.1": "-42.5 x", "3.2": "N/A", "3.3": "-400", "3.4": "12", "3.5": "1.2.3"})
    assert {s.name: s.value for s in one.measured.sensors} == pytest.approx({"1": -4.25, "4": 1.2, "5": 0.12})
    [table] = one.polled.plan.tables
    assert (table.text, table.by_name, table.indexes) == (True, True, ((1,), (4,)))
    values = polled(one, [0, -42_600_000, 12_000_000])
    assert values == {("yw_dbm", "1"): pytest.approx(-4.26), ("yw_dbm", "4"): pytest.approx(1.2)} | {
        key: value for key, value in values.items() if key[0] in ("yw_up", "yw_rtt_ms")
    }
    assert ("yw_dbm", "1") not in polled(one, [0, -400_000_000, 12_000_000]), "what means that there is none"
    assert ("yw_dbm", "4") not in polled(one, [0, 0, 900_000_000]), "beyond what can be true"


@pytest.mark.parametrize(("text", "expected"), [
    (b"23.5", 23_500_000), (b"-4.2 dBm", -4_200_000), (b" +7", 7_000_000), (b"33 (Normal)", 33_000_000), (b"0.0000019", 1),
    (b"21\xc2\xb0C\x00", 21_000_000), (b"", None), (b"N/A", None), (b"1.2.3", None), (b"1,234", None), (b"10:20", None), (b"1e9", None),
    (b"9" * 13, None), (b"1" + b" " * 40, None), (b"--1", None), (b".5", None), (b"0x10", None), (b"5 of 6", None),
])
def test_which_texts_are_numbers(text: bytes, expected: int | None) -> None:
    assert millionths(text) == expected
