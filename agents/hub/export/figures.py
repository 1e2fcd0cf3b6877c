"""Fresh values of devices as families of metrics. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.hub.node.metrics import Metric
from core.measured import MEMORY, PROCESSOR, STORAGE, MeasuredNow, sensor_metric
from core.views import DeviceRow, InterfaceRow

FRESH_MS = 15 * 60_000
"""What is older is left out: an old figure that looks new is worse than none."""
MOST_LABEL = 200
MOST_PORTS, MOST_PARTS = 10_000, 10_000
"""Of one device: what more it may claim to have is left out."""
_LETTERS = re.compile(r"[^a-zA-Z0-9_:]")
_OF_DEVICE: tuple[tuple[str, str, str], ...] = (
    ("rtt_ms", "yunwang_device_rtt_ms", "Milliseconds of the last answer."),
    ("uptime_s", "yunwang_device_uptime_seconds", "Since its last start."),
    ("in_bps", "yunwang_device_in_bps", "Bit/s into all physical ports."),
    ("out_bps", "yunwang_device_out_bps", "Bit/s out of all physical ports."),
    ("ports", "yunwang_device_ports", "Physical ports."),
    ("ports_up", "yunwang_device_ports_up", "Of these the ones that are up."),
)
_OF_PORT: tuple[tuple[str, str, str], ...] = (
    ("speed_bps", "yunwang_interface_speed_bps", "Nominal bit/s."), ("in_bps", "yunwang_interface_in_bps", "Bit/s in."),
    ("out_bps", "yunwang_interface_out_bps", "Bit/s out."), ("in_errors", "yunwang_interface_in_errors_per_second", "Errors in."),
    ("out_errors", "yunwang_interface_out_errors_per_second", "Errors out."),
    ("in_discards", "yunwang_interface_in_discards_per_second", "Discards in."),
    ("out_discards", "yunwang_interface_out_discards_per_second", "Discards out."),
)


def of_devices(rows: Sequence[DeviceRow], now_ms: int) -> list[Metric]:
    """A line for each device and figure that is known and fresh; whether it answers, and its alerts, for each that was ever asked."""
    asked = [row for row in rows if row.polled_at]
    fresh = [row for row in asked if now_ms - row.polled_at <= FRESH_MS]
    up = Metric(
        "yunwang_device_up", "gauge", "1: it answers. 0: it does not.",
        [("", labels_of(row), float(row.status in ("up", "partial"))) for row in asked],
    )
    alerts = _family("yunwang_device_alerts", "Open alerts.", ((labels_of(row), row.alerts) for row in asked))
    return [
        up, alerts, *(_family(name, help_, ((labels_of(row), getattr(row, field)) for row in fresh)) for field, name, help_ in _OF_DEVICE),
    ]


def of_ports(found: Iterable[tuple[DeviceRow, Sequence[InterfaceRow]]]) -> list[Metric]:
    """At most `MOST_PORTS` of each device."""
    pairs = [(dict(labels_of(row), interface=port.name[:MOST_LABEL], alias=port.alias[:MOST_LABEL]), port)
             for row, ports in found for port in ports[:MOST_PORTS]]
    up = Metric("yunwang_interface_up", "gauge", "ifOperStatus is up.",
                [("", labels, float(port.oper_status == 1)) for labels, port in pairs if port.oper_status])
    return [up, *(_family(name, help_, ((labels, getattr(port, field)) for labels, port in pairs)) for field, name, help_ in _OF_PORT)]


def of_measures(found: Iterable[tuple[DeviceRow, MeasuredNow]]) -> list[Metric]:
    """Processors, memory, storage and sensors, under the names that they are stored by."""
    families: dict[str, list[tuple[str, Mapping[str, str], float]]] = {}
    for row, now in found:
        base = labels_of(row)
        parts = (
            *((PROCESSOR, one.name, one.usage_percent) for one in now.processors),
            *((MEMORY, one.name, one.used_percent) for one in now.memory),
            *((STORAGE, one.name, one.used_percent) for one in now.storage),
            *((sensor_metric(one.kind), one.name, one.value) for one in now.sensors),
        )
        seen: dict[tuple[str, str], int] = {}
        for metric, name, value in parts[:MOST_PARTS]:
            number = seen[metric, name] = seen.get((metric, name), 0) + 1
            part = name[:MOST_LABEL] if number == 1 else f"{name[:MOST_LABEL]} #{number}"
            families.setdefault(_LETTERS.sub("_", metric), []).append(("", {**base, "part": part}, float(value)))
    return [Metric(name, "gauge", "Of one part of a device.", samples) for name, samples in sorted(families.items())]


def labels_of(row: DeviceRow) -> dict[str, str]:
    """Whose figure it is; what is not known is left out."""
    found = {"device": row.name, "address": row.address, "site": row.site, "county": row.county, "role": row.role, "unit": row.unit}
    return {name: value[:MOST_LABEL] for name, value in found.items() if value}


def _family(name: str, help_: str, values: Iterable[tuple[Mapping[str, str], Any]]) -> Metric:
    return Metric(name, "gauge", help_, [("", labels, float(value)) for labels, value in values if value >= 0])
