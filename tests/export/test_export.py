"""What Prometheus is given: figures by their labels, escaped and fresh; and a remote write that another decoder reads."""

import struct

from agents.hub.export import figures, remote
from agents.hub.node.metrics import Metric, render
from core.measured import MeasuredNow, Processor, Sensor
from core.views import DeviceRow, InterfaceRow

NOW = 1_790_000_000_000
ROW = DeviceRow(id="1", name='LD "CORE"\n\\1', address="10.0.0.1", site="莲都机房", status="up", polled_at=NOW, rtt_ms=1.5, in_bps=8e9)


def unpacked(data: bytes) -> bytes:
    """Snappy blocks of literals, after the format description."""
    size, at = number(data, 0)
    out = b""
    while at < len(data):
        tag = data[at]
        assert tag & 3 == 0
        length = tag >> 2
        at += 1
        if length >= 60:
            octets = length - 59
            length = int.from_bytes(data[at : at + octets], "little")
            at += octets
        out += data[at : at + length + 1]
        at += length + 1
    assert len(out) == size
    return out


def number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data: bytes) -> list[tuple[int, object]]:
    at, out = 0, []
    while at < len(data):
        tag, at = number(data, at)
        if tag & 7 == 2:
            size, at = number(data, at)
            out.append((tag >> 3, data[at : at + size]))
            at += size
        elif tag & 7 == 1:
            out.append((tag >> 3, struct.unpack("<d", data[at : at + 8])[0]))
            at += 8
        else:
            value, at = number(data, at)
            out.append((tag >> 3, value))
    return out


def test_names_of_devices_cannot_break_the_lines() -> None:
    text = render(figures.of_devices([ROW], NOW)).decode()
    assert 'yunwang_device_up{device="LD \\"CORE\\"\\n\\\\1",address="10.0.0.1",site="莲都机房"} 1' in text
    assert "yunwang_device_in_bps" in text
    assert all(line.startswith(("#", "yunwang_device_")) for line in text.splitlines())


def test_what_is_old_or_unknown_is_left_out() -> None:
    old = ROW.replace(status="down", polled_at=NOW - figures.FRESH_MS - 1)
    families = {metric.name: metric.samples for metric in figures.of_devices([old, ROW.replace(polled_at=0)], NOW)}
    assert [value for _, _, value in families["yunwang_device_up"]] == [0.0]
    assert families["yunwang_device_in_bps"] == []
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


def test_a_remote_write_is_what_its_specification_says() -> None:
    samples = [("", {"device": f"设备{n}", "zone": "a", "address": "10.0.0.1"}, n / 2) for n in range(3000)]
    bodies = list(remote.requests([Metric("yunwang_device_up", "gauge", "", samples)], NOW, most=2000))
    assert len(bodies) == 2
    series = [body for packed in bodies for name, body in fields(unpacked(packed)) if name == 1]
    assert len(series) == 3000
    first = fields(series[7])
    labels = [tuple(text.decode() for _, text in fields(body)) for name, body in first if name == 1]
    assert labels == [("__name__", "yunwang_device_up"), ("address", "10.0.0.1"), ("device", "设备7"), ("zone", "a")]
    assert fields(next(body for name, body in first if name == 2)) == [(1, 3.5), (2, NOW)]
