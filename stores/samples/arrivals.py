"""Samples in the order in which they arrived, for those who hand them on: what comes late is handed on late, and never missed.

A write-ahead is such an order, frame after frame. Once it is sealed its samples lie in order of series and time, perhaps together with
those of others: then everything that came with it or later is given hour by hour, and a little of what was given before with it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import StorageError
from core.i18n import tr
from stores.files import storage_errors
from stores.frames import scan
from stores.samples.columns import HOUR_MS, Rows, join
from stores.samples.segment import DamagedError, Segment, SegmentReader
from stores.samples.shelf import Shelves
from stores.samples.wal import pieces_of, read_piece

_ATTEMPTS = 20


class Arrival(NamedTuple):
    """How far a reader came: which write-ahead, and which byte of it follows."""

    seq: int
    offset: int


class Taken(NamedTuple):
    """sealed: in order of hour, series and time instead of arrival, and some of it may have been taken before."""

    rows: Rows
    sealed: bool


class Arrivals:
    """Belongs to one thread at a time, in any process. A write-ahead of which a part was read is held until the rest is, sealed or not."""

    def __init__(self, root: Path, shelves: Shelves, at: Arrival | None = None) -> None:
        """at None: after everything that is there now."""
        self._root, self._shelves = root, shelves
        self._fd, self._held = -1, -1
        self._backlog: Iterator[Rows] | None = None
        self._following = Arrival(0, 0)
        with storage_errors(root):
            self.at = self._end() if at is None else at

    def take(self, most: int, oldest_ms: int = 0, until: Arrival | None = None) -> Taken | None:
        """What follows: about `most` samples, at least one frame; None: there is nothing yet. `at` is behind it, and stays in front of
        what is sealed until all of that was taken. oldest_ms: hours that were over before may be left out. until: no further than this
        of a write-ahead."""
        with storage_errors(self._root):
            for _ in range(_ATTEMPTS):
                try:
                    return self._take(most, oldest_ms, until)
                except FileNotFoundError:
                    self._backlog = None
        raise StorageError(tr("The samples in {path} change faster than they can be read.", path=self._root))

    def _take(self, most: int, oldest_ms: int, until: Arrival | None) -> Taken | None:
        while True:
            if self._backlog is not None:
                if (rows := _some(self._backlog, most)) is not None:
                    return Taken(rows, sealed=True)
                self._backlog, self.at = None, self._following
            files = self._files()  # before the frames: what is closed by now gets no more of them
            if self._hold(files):
                if (rows := self._frames(most, until)) is not None:
                    return Taken(rows, sealed=False)
                if self.at.seq in files and self.at.seq == files[-1]:
                    return None
                self.at = Arrival(self.at.seq + 1, 0)
            elif sealed := self._sealed(files):
                later = min((seq for seq in files if seq >= self.at.seq), default=max(one.last for one in sealed) + 1)
                self._backlog, self._following = self._groups(sealed, oldest_ms), Arrival(later, 0)
            elif later := next((seq for seq in files if seq > self.at.seq), 0):
                self.at = Arrival(later, 0)
            elif (end := self._end().seq) < self.at.seq:  # a write-ahead that a crash left empty gives its number to the next
                self.at = Arrival(end if end == self.at.seq - 1 else 0, 0)  # else it is another store, which begins anew
            else:
                return None

    def _files(self) -> list[int]:
        folder = self._root / "wal"
        return sorted(int(path.stem) for path in folder.glob("*.wal")) if folder.is_dir() else []

    def _hold(self, files: list[int]) -> bool:
        if self._held == self.at.seq and self._fd >= 0:
            return True
        self.close()
        if self.at.seq not in files:
            return False
        self._fd = os.open(self._root / "wal" / f"{self.at.seq:010d}.wal", os.O_RDONLY | os.O_CLOEXEC)
        self._held = self.at.seq
        if os.fstat(self._fd).st_size < self.at.offset:
            self.at = Arrival(self.at.seq, 0)
        return True

    def _frames(self, most: int, until: Arrival | None) -> Rows | None:
        parts: list[Rows] = []
        count, at = 0, self.at
        for frame in scan(self._fd, self.at.offset).frames:
            found = [rows for piece in pieces_of(frame) if (rows := read_piece(self._fd, piece)) is not None]
            parts += found
            count += sum(len(rows.series) for rows in found)
            at = Arrival(at.seq, frame.body_at + frame.body_size)
            if count >= most or at == until:
                break
        self.at = at
        return join(parts) if parts else None

    def _sealed(self, files: list[int]) -> list[Segment]:
        """What came from here on and is sealed, in order of time; not what still lies in a write-ahead."""
        found = [
            one for shard in self._shelves.shards("raw") for one in self._shelves.live("raw", shard)
            if one.last >= self.at.seq and not any(one.first <= seq <= one.last for seq in files)
        ]
        return sorted(found, key=lambda one: (one.window, one.shard, one.last))

    def _groups(self, segments: list[Segment], oldest_ms: int) -> Iterator[Rows]:
        for segment in segments:
            if (segment.window + segment.hours) * HOUR_MS <= oldest_ms:
                continue
            try:
                reader = SegmentReader(self._root, segment)
            except DamagedError as error:
                self._shelves.bad[segment] = str(error)
                continue
            try:
                yield from reader.each_group()
            except DamagedError as error:
                self._shelves.bad[segment] = str(error)
            finally:
                reader.close()

    def _end(self) -> Arrival:
        """Behind everything that is there."""
        files = self._files()
        if not files:
            return Arrival(max((one.last for one in self._shelves.everything()), default=0) + 1, 0)
        fd = os.open(self._root / "wal" / f"{files[-1]:010d}.wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return Arrival(files[-1], scan(fd).end)
        finally:
            os.close(fd)

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd, self._held = -1, -1


def _some(groups: Iterator[Rows], most: int) -> Rows | None:
    parts: list[Rows] = []
    count = 0
    for rows in groups:
        parts.append(rows)
        count += len(rows.series)
        if count >= most:
            break
    return join(parts) if parts else None
