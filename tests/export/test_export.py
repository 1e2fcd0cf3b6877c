"""What Prometheus is given: figures by their labels, escaped and fresh; and a remote write that another decoder reads."""

import tracemalloc
from typing import Any

import pytest

from agents.hub.export import figures, remote
from agents.hub.export.remote import Series
from agents.hub.node.metrics import render, rendered
from core.measured import MeasuredNow, Processor, Sensor
from core.views import DeviceRow, InterfaceRow

NOW = 1_790_000_000_000
ROW = DeviceRow(id="1", name='LD "CORE"\n\\1', address="10.0.0.1", site="莲都机房", status="up", polled_at=NOW, rtt_ms=1.5, in_bps=8e9)


def test_names_of_devices_cannot_break_the_lines() -> None:
    text = render(figures.of_devices([ROW], NOW)).decode()
    assert 'yunwang_device_up{device="LD \\"CORE\\"\\n\\\\1",address="10.0.0.1",site="莲都机房"} 1' in text
    assert "yunwang_device_in_bps" in text
    assert all(line.startswith(("#", "yunwang_device_")) for line in text.splitlines())


def test_what_is_old_or_unknown_is_left_out() -> None:
    old = ROW.replace(status="down", polled_at=NOW - figures.FRESH_MS - 1, alerts=2)
    families = {metric.name: metric.samples for metric in figures.of_devices([old, ROW.replace(polled_at=0)], NOW)}
    assert [value for _, _, value in families["yunwang_device_up"]] == [0.0]
    assert families["yunwang_device_in_bps"] == []
    assert [value for _, _, value in families["yunwang_device_alerts"]] == [2.0], "what is down for long has its alerts still"
    unknown = figures.of_devices([ROW.replace(in_bps=-1.0)], NOW)
    assert next(metric for metric in unknown if metric.name == "yunwang_device_in_bps").samples == []


def test_parts_of_one_name_stay_apart() -> None:
    now = MeasuredNow(
        device_id="1", processors=(Processor(name="CPU", usage_percent=1.0), Processor(name="CPU", usage_percent=2.0)),
        sensors=(Sensor(kind="temperature", name="in", value=30.0),),
    )
    found = {metric.name: [labels["part"] for _, labels, _ in metric.samples] for metric in figures.of_measures([(ROW, now)])}
    assert found == {"yw_processor_percent": ["CPU", "CPU #2"], "yw_temperature": ["in"]}
    ports = figures.of_ports([(ROW, [InterfaceRow(if_index=1, name="GE0/0/1", oper_status=1, in_bps=5.0)])])
    assert 'interface="GE0/0/1"' in render(ports).decode()


def test_a_remote_write_is_what_its_specification_says(read: Any) -> None:
    names = [remote.named("yunwang_device_up", {"device": f"设备{n}", "zone": "a", "address": "10.0.0.1"}) for n in range(3000)]
    series = [Series(name, ((NOW, n / 2),)) for n, name in enumerate(names)]
    sent = list(remote.requests(series, most=2000))
    assert [one.samples for one in sent] == [2000, 1000]
    found = [one for request in sent for one in read(request.body)]
    assert found[7] == ((("__name__", "yunwang_device_up"), ("address", "10.0.0.1"), ("device", "设备7"), ("zone", "a")), [(NOW, 3.5)])


def test_a_long_series_is_continued_in_the_next_request(read: Any) -> None:
    values = [(NOW + n, float(n)) for n in range(25)]
    sent = list(remote.requests([Series(remote.named(name, {}), values[:most]) for name, most in (("a", 1), ("b", 25), ("c", 2))], most=10))
    assert [one.samples for one in sent] == [10, 10, 8]
    parts = [(dict(labels)["__name__"], samples) for request in sent for labels, samples in read(request.body)]
    assert [name for name, _ in parts] == ["a", "b", "b", "b", "c"]
    assert [sample for name, samples in parts if name == "b" for sample in samples] == values


def test_figures_of_a_province_are_never_in_memory_as_text() -> None:
    one = ROW.replace(county="云和县", unit="云和县大数据发展管理局")
    rows = [one.replace(id=f"{n:032x}", name=f"LS-YH-ACC-S5735-{n:05d}") for n in range(3000)]
    size = sum(len(piece) for piece in rendered(figures.of_devices(rows, NOW)))
    tracemalloc.start()
    try:
        largest = max(len(piece) for piece in rendered(figures.of_devices(rows, NOW)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 1_500_000
    assert largest < 200_000
    assert peak < 12_000_000


def test_what_one_device_claims_to_have_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_PORTS", 5)
    monkeypatch.setattr(figures, "MOST_PARTS", 4)
    ports = [InterfaceRow(if_index=n, name=f"GE0/0/{n}" + "x" * 1000, oper_status=1) for n in range(9)]
    up = figures.of_ports([(ROW, ports)])[0]
    assert len(up.samples) == 5
    assert all(len(labels["interface"]) == figures.MOST_LABEL for _, labels, _ in up.samples)
    now = MeasuredNow(device_id="1", processors=tuple(Processor(name=f"CPU{n}", usage_percent=1.0) for n in range(9)))
    assert [len(metric.samples) for metric in figures.of_measures([(ROW, now)])] == [4]
