"""The log store in one folder: `open/` (frames as they were acknowledged), `sealed/`, `damaged/`."""

import heapq
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import zstandard

from core.errors import InvalidInputError, StorageError
from core.i18n import tr
from core.ports import LogQuery
from core.sections import Logs
from core.signals import RawLine
from stores.files import OnlyWriter, make_folder, set_aside, set_aside_list, storage_errors, sync_folder
from stores.frames import FrameFile, scan
from stores.logs import block as blocks
from stores.logs import segment as segments
from stores.logs.block import Block

SEAL_LINES = 200_000
SEAL_BYTES = 48 << 20
SEAL_MS = 3_600_000
MAX_LIMIT = 100_000
DAY_MS = 86_400_000
_LEVEL = 1
_ATTEMPTS = 20
_HEAD = struct.Struct("<IIIqq")  # lines, CRC-32 of the body, unpacked size, bounds of the times


class ZstdLogs:
    """Every method may be called from any thread. `maintain` seals one file at most at each call (about a second of work)."""

    def __init__(self, directory: Path, settings: Logs, readonly: bool = False) -> None:
        self._root, self._settings, self._readonly = directory, settings, readonly
        self._open, self._sealed = directory / "open", directory / "sealed"
        self._lock, self._maintenance = threading.Lock(), threading.Lock()
        self._file: FrameFile | None = None
        self._lines, self._bytes, self._opened_ms = 0, 0, -1
        self._bad: dict[segments.Segment, str] = {}
        if not readonly:
            for folder in (self._open, self._sealed):
                make_folder(folder)
            self._only = OnlyWriter(directory)
            with storage_errors(directory):
                self._recover()

    def _recover(self) -> None:
        for path in self._sealed.glob("*.tmp"):
            path.unlink()
        self._closed = sorted(int(path.stem) for path in self._open.glob("*.log"))
        for seq in self._closed:
            FrameFile(self._path(seq)).close()
        newest = max((s.seq for s in self._segments()), default=0)
        self._next = max([newest, *self._closed]) + 1

    def _path(self, seq: int) -> Path:
        return self._open / f"{seq:010d}.log"

    def append(self, lines: Iterable[RawLine]) -> int:
        """On disk when this returns. A batch larger than a block is written as several frames, all or as many as there was room for."""
        if self._readonly:
            raise StorageError(tr("These logs were opened for reading only."), way_out=tr("Only the listeners write logs."))
        written, pending = 0, iter(lines)
        while batch := list(islice(pending, blocks.MAX_LINES)):
            for part in _parts(batch):
                self._append(part)
                written += len(part.at)
        return written

    def _append(self, part: Block) -> None:
        plain = blocks.pack(part)
        body = zstandard.ZstdCompressor(level=_LEVEL).compress(plain)
        head = _HEAD.pack(len(part.at), zlib.crc32(body), len(plain), int(part.at.min()), int(part.at.max()))
        with self._lock:
            if self._file is None:
                with storage_errors(self._open):
                    self._file = FrameFile(self._path(self._next))
                self._next += 1
            self._file.append(head, body)
            self._lines += len(part.at)
            self._bytes += len(part.raw)
            if self._lines >= SEAL_LINES or self._bytes >= SEAL_BYTES:
                self._close_file()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._closed.append(int(self._file.path.stem))
        self._file, self._lines, self._bytes, self._opened_ms = None, 0, 0, -1

    # reading

    def search(self, query: LogQuery) -> Iterator[RawLine]:
        if not 1 <= query.limit <= MAX_LIMIT:
            raise InvalidInputError(tr("A search returns 1 to {limit} lines.", limit=MAX_LIMIT))
        with storage_errors(self._root):
            for _ in range(_ATTEMPTS):
                try:
                    return iter(self._search(query))
                except FileNotFoundError:
                    continue
        raise StorageError(tr("The logs in {path} change faster than they can be read.", path=self._root))

    def _search(self, query: LogQuery) -> list[RawLine]:
        """Newest first; of one source's lines of the same millisecond the one that came later."""
        best = _Newest(query.limit)
        unsealed = sorted((int(p.stem) for p in self._open.glob("*.log")), reverse=True) if self._open.is_dir() else []
        for seq in unsealed:
            fd = os.open(self._path(seq), os.O_RDONLY | os.O_CLOEXEC)
            try:
                for order, part in enumerate(_frames(fd, query.start_ms, query.end_ms, [])):
                    best.add(part, query, seq, order)
            finally:
                os.close(fd)
        sealed = (s for s in self._segments() if s.seq not in unsealed and s.low < query.end_ms and s.high >= query.start_ms)
        for segment in sorted(sealed, key=lambda s: s.high, reverse=True):
            if not best.wants(segment.high):
                break
            self._search_segment(segment, query, best)
        return best.lines()

    def _search_segment(self, segment: segments.Segment, query: LogQuery, best: "_Newest") -> None:
        try:
            reader = segments.SegmentReader(self._sealed, segment)
            try:
                for order, entry in sorted(enumerate(reader.entries), key=lambda pair: pair[1].high, reverse=True):
                    if _may_hold(entry, query) and best.wants(entry.high):
                        best.add(reader.block(entry), query, segment.seq, order)
            finally:
                reader.close()
        except segments.DamagedError as error:
            self._bad[segment] = str(error)

    def _segments(self) -> list[segments.Segment]:
        if not self._sealed.is_dir():
            return []
        parsed = (segments.parse(path.name) for path in self._sealed.iterdir())
        return [segment for segment in parsed if segment is not None and segment not in self._bad]

    def newest_ms(self) -> int:
        """Of the lines that are sealed; 0: none are."""
        return max((segment.high for segment in self._segments()), default=0)

    # housekeeping

    def maintain(self, now_ms: int) -> None:
        """Closes what is an hour old, seals one closed file, forgets what is older than it must be."""
        if self._readonly or not self._maintenance.acquire(blocking=False):
            return
        try:
            with storage_errors(self._root):
                self._step(now_ms)
        finally:
            self._maintenance.release()

    def _step(self, now_ms: int) -> None:
        with self._lock:
            if self._file is not None and (self._opened_ms < 0 or now_ms < self._opened_ms):
                self._opened_ms = now_ms
            elif self._file is not None and now_ms - self._opened_ms >= SEAL_MS:
                self._close_file()
        for segment, reason in list(self._bad.items()):
            set_aside(self._sealed / segment.name, self._root / "damaged", reason)
            del self._bad[segment]
        if self._closed:
            self._seal(self._closed[0])
            return
        for segment in self._segments():
            if segment.high < now_ms - self._settings.keep_days * DAY_MS:
                (self._sealed / segment.name).unlink(missing_ok=True)

    def _seal(self, seq: int) -> None:
        path, damage = self._path(seq), list[str]()
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            parts = list(_frames(fd, -(2**62), 2**62, damage))
        finally:
            os.close(fd)
        if parts:
            segments.write(self._sealed, seq, blocks.by_source(blocks.join(parts)))
        if damage:
            set_aside(path, self._root / "damaged", "; ".join(damage))
        else:
            path.unlink()
            sync_folder(self._open)
        self._closed.remove(seq)

    def damaged(self) -> Sequence[str]:
        return [*set_aside_list(self._root / "damaged"), *(f"{segment.name}: {why}" for segment, why in self._bad.items())]

    def close(self) -> None:
        with self._maintenance, self._lock:
            if not self._readonly:
                self._close_file()
                self._only.release()


class _Newest:
    """The newest lines so far, at most `limit`: a heap whose root is the oldest of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._heap: list[tuple[tuple[int, int, int], int, RawLine]] = []
        self._times = np.empty(0, np.int64)
        self._tie = count()

    def wants(self, at_ms: int) -> bool:
        return len(self._heap) < self._limit or at_ms >= self._heap[0][0][0]

    def add(self, part: Block, query: LogQuery, seq: int, order: int) -> None:
        hits = self._hopeful(part, blocks.matching(part, query))
        for number in hits.tolist():
            key = (int(part.at[number]), seq, order * blocks.MAX_LINES + number)
            item = (key, next(self._tie), part.line(number))
            if len(self._heap) < self._limit:
                heapq.heappush(self._heap, item)
            elif key > self._heap[0][0]:
                heapq.heapreplace(self._heap, item)

    def _hopeful(self, part: Block, hits: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Those that can be among the newest: no others become objects."""
        if len(hits) > self._limit:
            hits = hits[part.at[hits].argsort(kind="stable")[-self._limit :]]
        both = np.concatenate([self._times, part.at[hits]])
        if len(both) <= self._limit:
            self._times = both
            return hits
        self._times = np.partition(both, -self._limit)[-self._limit :]
        return hits[np.flatnonzero(part.at[hits] >= self._times[0])]

    def lines(self) -> list[RawLine]:
        return [line for _, _, line in sorted(self._heap, reverse=True)]


def _may_hold(entry: segments.Entry, query: LogQuery) -> bool:
    if entry.low >= query.end_ms or entry.high < query.start_ms:
        return False
    return not query.sources or any(entry.first_source <= source <= entry.last_source for source in query.sources)


def _parts(batch: list[RawLine]) -> Iterator[Block]:
    """The lines as blocks of at most `MAX_BYTES`."""
    whole = blocks.from_lines(batch)
    if len(whole.raw) <= blocks.MAX_BYTES:
        yield whole
        return
    a = 0
    while a < len(batch):
        b = max(a + 1, int(whole.start.searchsorted(whole.start[a] + blocks.MAX_BYTES, "right")) - 1)
        yield blocks.cut(whole, a, min(b, len(batch)))
        a = b


def _frames(fd: int, start_ms: int, end_ms: int, damage: list[str]) -> Iterator[Block]:
    """The readable blocks of an open file that touch [start, end)."""
    found = scan(fd)
    damage += [tr("bytes {a} to {b} are damaged", a=a, b=b) for a, b in found.gaps]
    for frame in found.frames:
        lines, crc, size, low, high = _HEAD.unpack(frame.head)
        if low >= end_ms or high < start_ms:
            continue
        body = os.pread(fd, frame.body_size, frame.body_at)
        if zlib.crc32(body) != crc:
            damage.append(tr("{lines} lines at byte {at} are damaged", lines=lines, at=frame.body_at))
            continue
        yield blocks.unpack(zstandard.ZstdDecompressor().decompress(body, max_output_size=size))
