"""Which segments there are. The names in the folders are the catalogue: no list beside them can disagree with what is there."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stores.samples.segment import TIERS, Segment, parse, shelf

_SETTLED_NS = 100_000_000
"""A folder that changed this lately may change again within the same tick of the file system's clock."""


class _Listing(NamedTuple):
    changed_ns: int
    segments: tuple[Segment, ...]


class Shelves:
    """Lists folders, and remembers them as long as they do not change. Safe to use from many threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._listings: dict[tuple[str, int], _Listing] = {}
        self.bad: dict[Segment, str] = {}
        """Segments that this process found damaged."""

    def live(self, tier: str, shard: int) -> tuple[Segment, ...]:
        """Segments of one shard that no other replaces, oldest window first, within a window by age of what they hold."""
        folder = shelf(self._root, tier, shard)
        with self._lock:
            known = self._listings.get((tier, shard))
            changed = _changed_ns(folder)
            if known is None or known.changed_ns != changed or time.time_ns() - changed < _SETTLED_NS:
                known = _list(folder, tier, shard)
                self._listings[tier, shard] = known
        return tuple(segment for segment in known.segments if segment not in self.bad)

    def shards(self, tier: str) -> list[int]:
        folder = self._root / tier
        names = _names(folder) if folder.is_dir() else []
        return sorted(int(name[1:]) for name in names if name[:1] == "s" and name[1:].isdigit())

    def everything(self) -> Iterator[Segment]:
        for tier in TIERS:
            for shard in self.shards(tier):
                yield from self.live(tier, shard)


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _changed_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _list(folder: Path, tier: str, shard: int) -> _Listing:
    """A listing during which the folder did not change: one that did may show neither the old file nor the new."""
    for _ in range(100):
        before = _changed_ns(folder)
        names = _names(folder) if before else []
        if _changed_ns(folder) == before:
            break
    found = [segment for segment in (parse(tier, shard, name) for name in names) if segment is not None]
    return _Listing(before, tuple(_not_replaced(found)))


def _not_replaced(segments: list[Segment]) -> list[Segment]:
    """Between the birth of a merged segment and the end of its parts both are there."""
    segments.sort(key=lambda s: (s.window, s.last, s.first))
    out = []
    for segment in segments:
        near = (other for other in segments if other.window <= segment.window < other.window + other.hours)
        if not any(other.replaces(segment) and (not segment.replaces(other) or other.crc > segment.crc) for other in near):
            out.append(segment)
    return out
