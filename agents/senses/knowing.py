"""What every device measures, as discovery found it: kept in little room, and told with the values of the last poll."""

import zlib
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from core.measured import MEMORY, PROCESSOR, STORAGE, MeasuredNow, MemoryPool, StorageVolume, sensor_metric
from monitors.discovery import Discovered

P = TypeVar("P", MemoryPool, StorageVolume)
Current = Mapping[tuple[str, str], float]
"""Last value by metric and OID."""


class Known:
    """By device; a city has 300,000 sensors."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}

    def put(self, device_id: str, found: Discovered) -> None:
        """What a complete discovery found."""
        measured = found.measured
        now = MeasuredNow(
            device_id=device_id, found_ms=found.observed.at_ms, processors=measured.processors, memory=measured.memory,
            storage=measured.storage, sensors=measured.sensors, peers=found.peers, ospf=found.ospf, members=found.members,
            profiles=found.profiles, marks=found.marks,
        )
        self._packed[device_id] = zlib.compress(msgspec.msgpack.encode(now), 1)

    def forget(self, device_ids: Iterable[str]) -> None:
        for device_id in device_ids:
            self._packed.pop(device_id, None)

    def told(self, device_id: str) -> MeasuredNow:
        """As it was found; empty where discovery has not come so far."""
        packed = self._packed.get(device_id)
        return msgspec.msgpack.decode(zlib.decompress(packed), type=MeasuredNow) if packed else MeasuredNow(device_id=device_id)


def living(found: MeasuredNow, polled_ms: int, current: Current) -> MeasuredNow:
    """The same with what was polled since."""
    return found.replace(
        polled_ms=polled_ms if current else 0,
        processors=tuple(
            one if (value := current.get((PROCESSOR, one.oid))) is None else one.replace(usage_percent=value, live=True)
            for one in found.processors
        ),
        memory=tuple(_filled(one, current.get((MEMORY, one.oid))) for one in found.memory),
        storage=tuple(_filled(one, current.get((STORAGE, one.oid))) for one in found.storage),
        sensors=tuple(
            one if (value := current.get((sensor_metric(one.kind), one.oid))) is None else one.replace(value=value, live=True)
            for one in found.sensors
        ),
    )


def _filled(one: P, percent: float | None) -> P:
    if percent is None:
        return one
    used = int(one.total_bytes * percent / 100) if one.total_bytes > 0 else one.used_bytes
    return one.replace(used_percent=percent, used_bytes=used, live=True)
