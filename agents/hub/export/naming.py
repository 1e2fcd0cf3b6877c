"""Stored samples as series that lead out: under which names, with which labels. Called in threads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agents.hub.export import remote
from agents.hub.export.figures import MOST_LABEL, labels_of
from agents.hub.export.remote import Series
from core.signals import SeriesKey
from core.views import DeviceRow
from stores.samples import ParquetSamples
from stores.samples.columns import F64, U32, Rows

_LETTERS = re.compile(r"[^a-zA-Z0-9_:]")
OF_DEVICE = {"yw_up": "yunwang_device_up", "yw_rtt_ms": "yunwang_device_rtt_ms"}
STATE = "ifOperStatus"
OF_PORT: Mapping[str, tuple[str, float]] = {
    "ifHCInOctets": ("yunwang_interface_in_bps", 8), "ifInOctets": ("yunwang_interface_in_bps", 8),
    "ifHCOutOctets": ("yunwang_interface_out_bps", 8), "ifOutOctets": ("yunwang_interface_out_bps", 8),
    "ifInErrors": ("yunwang_interface_in_errors_per_second", 1), "ifOutErrors": ("yunwang_interface_out_errors_per_second", 1),
    "ifInDiscards": ("yunwang_interface_in_discards_per_second", 1), "ifOutDiscards": ("yunwang_interface_out_discards_per_second", 1),
    STATE: ("yunwang_interface_up", 1),
}
"""The name that leads out, and what the stored value is multiplied by."""
_PORT = "if"
"""What is measured of ports begins so (RFC 2863)."""
MOST = 20_000
"""Series of one device, at most half of them before its ports are what is left out."""


class Named(NamedTuple):
    """labels: encoded. factor 0: a state of RFC 2863, of which only whether it is up leads out."""

    labels: bytes
    factor: float


class Names:
    """What numbers of series are called outside. Remembered until a device is renamed or moved."""

    def __init__(self, store: ParquetSamples, *, ports: bool) -> None:
        self._store, self._ports = store, ports
        self._devices: dict[str, dict[str, str]] = {}
        self._named: dict[int, Named | None] = {}
        self._counts: dict[str, int] = {}

    def use(self, rows: Sequence[DeviceRow]) -> None:
        """These are the devices that there are."""
        devices = {row.id: labels_of(row) for row in rows}
        if devices != self._devices:
            self._devices = devices
            self._named.clear()
            self._counts.clear()

    def series(self, rows: Rows) -> Iterator[Series]:
        """Those that lead out, each with its samples in the order in which they are given."""
        if not len(rows.series):
            return
        order = np.argsort(rows.series, kind="stable")
        number, at, value = rows.series[order], rows.at[order], rows.value[order]
        first = np.flatnonzero(np.diff(number, prepend=np.uint32(number[0] ^ 1)))
        named = self._names(number[first])
        for one, a, b in zip(named, first.tolist(), [*first[1:].tolist(), len(number)], strict=True):
            if one is not None:
                yield Series(one.labels, list(zip(at[a:b].tolist(), _outside(value[a:b], one.factor).tolist(), strict=True)))

    def _names(self, numbers: U32) -> list[Named | None]:
        wanted = numbers.tolist()
        new = [number for number in wanted if number not in self._named]
        if new:
            keys = self._store.keys_of(np.array(new, np.uint32))
            self._named |= {number: self._name(keys[number]) if number in keys else None for number in new}
        return [self._named[number] for number in wanted]

    def _name(self, key: SeriesKey) -> Named | None:
        labels, port = self._devices.get(key.device_id), key.metric.startswith(_PORT)
        count = self._counts.get(key.device_id, 0)
        if labels is None or (port and not (self._ports and key.metric in OF_PORT)) or count >= (MOST // 2 if port else MOST):
            return None
        self._counts[key.device_id] = count + 1
        if port:
            name, factor = OF_PORT[key.metric]
            more = {"interface": key.instance[:MOST_LABEL]}
            return Named(remote.named(name, {**labels, **more}), 0.0 if key.metric == STATE else factor)
        name = OF_DEVICE.get(key.metric) or _LETTERS.sub("_", key.metric)
        return Named(remote.named(name, {**labels, "part": key.instance[:MOST_LABEL]}), 1.0)


def _outside(values: F64, factor: float) -> F64:
    return values * factor if factor else np.where(np.isfinite(values), values == 1, np.nan)
