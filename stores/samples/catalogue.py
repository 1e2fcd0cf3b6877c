"""Which number stands for which series: an append-only file, small in memory.

A million `SeriesKey` tuples would cost 300 MB, so each device's series stay packed as they lie in the file (about 9 bytes a series)
and are unpacked when that device is asked for.
"""

import os
import struct
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import zstandard

from core.errors import StorageError
from core.i18n import tr
from core.signals import SeriesKey
from stores.files import storage_errors
from stores.frames import Frame, FrameFile, scan

Known = dict[tuple[str, str], int]
"""(metric, instance) -> number, of one device."""

_HEAD = struct.Struct("<III")  # first number, how many, CRC-32 of the body
_UNPACKED = 64


class Group(NamedTuple):
    """Series of one device that were numbered together, from `first` on."""

    first: int
    packed: bytes


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    device_id: str
    metrics: tuple[str, ...]
    instances: tuple[str, ...]
    metric: bytes
    """uint16 for each series: which of `metrics`."""
    instance: bytes
    """uint32 for each series: which of `instances`."""


class Catalogue:
    """`refresh` brings in what the writer added; only a catalogue opened for writing gives new numbers."""

    def __init__(self, path: Path, readonly: bool) -> None:
        self._path = path
        self._devices: dict[str, tuple[Group, ...]] = {}
        self._unpacked: OrderedDict[str, Known] = OrderedDict()
        self._firsts: list[int] = []
        self._owners: list[tuple[str, Group]] = []
        """Whose the series from each of `_firsts` on are."""
        self._end, self.count = 0, 0
        self.damage: list[str] = []
        self._file = None if readonly else FrameFile(path)
        self.refresh()

    def refresh(self) -> None:
        """Reads the frames that were added since the last time."""
        with storage_errors(self._path):
            if not self._path.exists() or self._path.stat().st_size == self._end:
                return
            fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                found = scan(fd, self._end)
                for frame in found.frames:
                    self._take(frame, os.pread(fd, frame.body_size, frame.body_at))
            finally:
                os.close(fd)
        self.damage += [tr("{name}: bytes {a} to {b} are damaged", name=self._path.name, a=a, b=b) for a, b in found.gaps]
        self._end = found.end

    def _take(self, frame: Frame, body: bytes) -> None:
        first, count, crc = _HEAD.unpack(frame.head)
        self.count = max(self.count, first + count)
        if zlib.crc32(body) != crc:
            self.damage.append(tr("{name}: series {a} to {b} are damaged", name=self._path.name, a=first, b=first + count - 1))
            return
        self._install(first, zstandard.ZstdDecompressor().decompress(body))

    def _install(self, first: int, content: bytes) -> None:
        for packed in msgspec.msgpack.decode(content, type=list[msgspec.Raw]):
            device = msgspec.msgpack.decode(packed, type=_Packed)
            group = Group(first, bytes(packed))
            self._devices[device.device_id] = (*self._devices.get(device.device_id, ()), group)
            self._unpacked.pop(device.device_id, None)
            self._firsts.append(first)
            self._owners.append((device.device_id, group))
            first += len(device.metric) // 2

    def known(self, device_id: str) -> Known:
        """Every series of one device."""
        if device_id in self._unpacked:
            self._unpacked.move_to_end(device_id)
            return self._unpacked[device_id]
        known: Known = {}
        for first, packed in self._devices.get(device_id, ()):
            for number, pair in enumerate(_pairs(packed), first):
                known.setdefault(pair, number)
        self._unpacked[device_id] = known
        if len(self._unpacked) > _UNPACKED:
            self._unpacked.popitem(last=False)
        return known

    def keys(self, numbers: Iterable[int]) -> dict[int, SeriesKey]:
        """Of these numbers, what they stand for; those that nobody knows are left out."""
        found: dict[int, SeriesKey] = {}
        for place, group in groupby(sorted(numbers), key=lambda number: bisect_right(self._firsts, number) - 1):
            if place >= 0:
                device_id, (first, packed) = self._owners[place]
                pairs = list(_pairs(packed))
                found |= {number: SeriesKey(device_id, *pairs[number - first]) for number in group if number - first < len(pairs)}
        return found

    def ids(self, keys: Sequence[SeriesKey]) -> npt.NDArray[np.uint32]:
        """The number of each key. New ones are durable before this returns; all of a call together or none."""
        out = np.empty(len(keys), np.uint32)
        fresh: dict[str, Known] = {}
        following, at = self.count, 0
        for device_id, group in groupby(keys, key=lambda key: key[0]):
            known, new = self.known(device_id), fresh.get(device_id, {})
            for _, metric, instance in group:
                number = known.get((metric, instance))
                if number is None:
                    number = new.get((metric, instance))
                if number is None:
                    number = new[metric, instance] = following
                    following += 1
                out[at] = number
                at += 1
            if new:
                fresh[device_id] = new
        if fresh:
            out = self._add(fresh, out)
        return out

    def _add(self, fresh: dict[str, Known], provisional: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Writes the new series. Numbers run through each device, so those given while keys of devices alternated are moved."""
        if self._file is None:
            raise StorageError(tr("These samples were opened for reading only."), way_out=tr("Only the poller writes samples."))
        order = np.array([number for new in fresh.values() for number in new.values()], np.int64)
        first, count = self.count, len(order)
        if first + count > 0xFFFF_FFFF:
            raise StorageError(tr("There are no numbers left for new series."), way_out=tr("Start a new sample store."))
        content = msgspec.msgpack.encode([_pack(device_id, new) for device_id, new in fresh.items()])
        body = zstandard.ZstdCompressor(level=3).compress(content)
        self._file.append(_HEAD.pack(first, count, zlib.crc32(body)), body)
        self._end, self.count = self._file.size, first + count
        self._install(first, content)
        moved = np.empty(count, np.uint32)
        moved[order - first] = np.arange(first, first + count, dtype=np.uint32)
        new_ones = provisional >= first
        provisional[new_ones] = moved[provisional[new_ones] - first]
        return provisional

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _pairs(packed: bytes) -> Iterable[tuple[str, str]]:
    device = msgspec.msgpack.decode(packed, type=_Packed)
    metric, instance = np.frombuffer(device.metric, "<u2").tolist(), np.frombuffer(device.instance, "<u4").tolist()
    return zip(map(device.metrics.__getitem__, metric), map(device.instances.__getitem__, instance), strict=True)


def _pack(device_id: str, new: Known) -> _Packed:
    metrics = {name: place for place, name in enumerate(dict.fromkeys(metric for metric, _ in new))}
    instances = {name: place for place, name in enumerate(dict.fromkeys(instance for _, instance in new))}
    return _Packed(
        device_id=device_id,
        metrics=tuple(metrics),
        instances=tuple(instances),
        metric=np.array([metrics[metric] for metric, _ in new], "<u2").tobytes(),
        instance=np.array([instances[instance] for _, instance in new], "<u4").tobytes(),
    )
