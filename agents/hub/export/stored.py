"""Stored samples of devices as series that lead out: under which names, with which labels. In threads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agents.hub.export.figures import MOST_LABEL, labels_of
from agents.hub.export.remote import Series
from core.ports import SampleStore
from core.signals import SeriesFrame, SeriesKey
from core.views import DeviceRow

_LETTERS = re.compile(r"[^a-zA-Z0-9_:]")
OF_DEVICE = {"yw_up": "yunwang_device_up", "yw_rtt_ms": "yunwang_device_rtt_ms"}
OF_PORT: Mapping[str, tuple[str, float]] = {
    "ifHCInOctets": ("yunwang_interface_in_bps", 8), "ifInOctets": ("yunwang_interface_in_bps", 8),
    "ifHCOutOctets": ("yunwang_interface_out_bps", 8), "ifOutOctets": ("yunwang_interface_out_bps", 8),
    "ifInErrors": ("yunwang_interface_in_errors_per_second", 1), "ifOutErrors": ("yunwang_interface_out_errors_per_second", 1),
    "ifInDiscards": ("yunwang_interface_in_discards_per_second", 1), "ifOutDiscards": ("yunwang_interface_out_discards_per_second", 1),
    "ifOperStatus": ("yunwang_interface_up", 1),
}
"""The name that leads out, and what the stored value is multiplied by."""
_PORT = "if"
"""What is measured of ports begins so (RFC 2863)."""


class Wish(NamedTuple):
    """What of the stored leads out. most: series of one device."""

    ports: bool
    most: int = 20_000


def series(store: SampleStore, rows: Sequence[DeviceRow], start_ms: int, end_ms: int, wish: Wish) -> Iterator[Series]:
    """What was measured of these devices in [start, end), as it is stored."""
    by_id = {row.id: labels_of(row) for row in rows}
    keys = [key for row in rows for key in _wanted(store.series_of(row.id), wish)]
    if keys:
        for key, frame in store.read_many(keys, start_ms, end_ms, end_ms - start_ms, bare=True):
            yield _series(key, frame, by_id[key.device_id])


def _wanted(there: Sequence[SeriesKey], wish: Wish) -> list[SeriesKey]:
    """Ports last: where there is too much, they are what is missing."""
    found = [key for key in there if not key.metric.startswith(_PORT)]
    if wish.ports:
        found += sorted(key for key in there if key.metric in OF_PORT)
    return found[: wish.most]


def _series(key: SeriesKey, frame: SeriesFrame, labels: Mapping[str, str]) -> Series:
    values = frame.mean
    name = OF_DEVICE.get(key.metric) or _LETTERS.sub("_", key.metric)
    if key.metric in OF_PORT:
        name, factor = OF_PORT[key.metric]
        values = values * factor if key.metric != "ifOperStatus" else np.where(np.isfinite(values), values == 1, np.nan)
        labels = {**labels, "interface": key.instance[:MOST_LABEL]}
    elif key.instance:
        labels = {**labels, "part": key.instance[:MOST_LABEL]}
    return Series(name, labels, list(zip(frame.at_ms.tolist(), values.tolist(), strict=True)))
