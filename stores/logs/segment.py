"""One sealed segment of lines: zstd blocks sorted by source and time, an index of what lies in which, a trailer.

The name is `{seq}-{low}-{high}-{crc}.lines`: the open file it was made from, the bounds of its times (ms), CRC-32 of the index. A
device's lines lie in one or two blocks of each segment, so its day is found without unpacking the rest.
"""

import os
import re
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import zstandard

from core.i18n import tr
from stores.files import publish
from stores.logs.block import Block, cut, pack, unpack

BLOCK_LINES = 4096
BLOCK_BYTES = 512 << 10
_TRAILER = struct.Struct("<Q4s")
_MAGIC = b"YWL1"
_NAME = re.compile(r"(\d{10})-(\d{15})-(\d{15})-([0-9a-f]{8})\.lines")
_LEVEL = 3


class DamagedError(Exception):
    """A segment that must be set aside; its text is the reason."""


class Segment(NamedTuple):
    """A segment by its name."""

    seq: int
    low: int
    high: int
    crc: int

    @property
    def name(self) -> str:
        return f"{self.seq:010d}-{self.low:015d}-{self.high:015d}-{self.crc:08x}.lines"


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """One block of a segment: where it lies and what it holds."""

    offset: int
    size: int
    crc: int
    lines: int
    low: int
    high: int
    first_source: str
    last_source: str
    unpacked: int


def parse(name: str) -> Segment | None:
    found = _NAME.fullmatch(name)
    return Segment(int(found[1]), int(found[2]), int(found[3]), int(found[4], 16)) if found else None


def write(folder: Path, seq: int, block: Block) -> Segment:
    """Seals lines that are sorted by source; the segment is on disk, with its name, when this returns."""
    temporary = folder / f"{seq:010d}.tmp"
    entries: list[Entry] = []
    packer = zstandard.ZstdCompressor(level=_LEVEL)
    with temporary.open("wb") as file:
        for a, b in _ranges(block):
            part = cut(block, a, b)
            plain = pack(part)
            data = packer.compress(plain)
            bounds = int(part.at.min()), int(part.at.max()), part.sources[0], part.sources[-1]
            entries.append(Entry(file.tell(), len(data), zlib.crc32(data), b - a, *bounds, len(plain)))
            file.write(data)
        index = msgspec.msgpack.encode(entries)
        file.write(index + _TRAILER.pack(len(index), _MAGIC))
        file.flush()
        os.fsync(file.fileno())
    segment = Segment(seq, int(block.at.min()), int(block.at.max()), zlib.crc32(index))
    publish(temporary, folder / segment.name)
    return segment


def _ranges(block: Block) -> list[tuple[int, int]]:
    """Cuts of at most `BLOCK_LINES` lines and about `BLOCK_BYTES` bytes."""
    out, a = [], 0
    while a < len(block.at):
        room = int(block.start[a]) + BLOCK_BYTES
        b = max(a + 1, min(a + BLOCK_LINES, int(block.start.searchsorted(room, "right")) - 1))
        b = min(b, len(block.at))
        out.append((a, b))
        a = b
    return out


class SegmentReader:
    """Reads blocks. Raises `DamagedError`, or FileNotFoundError when the segment was forgotten in the meantime."""

    def __init__(self, folder: Path, segment: Segment) -> None:
        self._fd = os.open(folder / segment.name, os.O_RDONLY | os.O_CLOEXEC)
        try:
            self.entries = self._index(segment)
        except BaseException:
            os.close(self._fd)
            raise

    def _index(self, segment: Segment) -> list[Entry]:
        size = os.fstat(self._fd).st_size
        tail = os.pread(self._fd, _TRAILER.size, max(size - _TRAILER.size, 0))
        length, magic = _TRAILER.unpack(tail) if len(tail) == _TRAILER.size else (0, b"")
        if magic != _MAGIC or length > size:
            raise DamagedError(tr("the end of the file is missing"))
        index = os.pread(self._fd, length, size - _TRAILER.size - length)
        if zlib.crc32(index) != segment.crc:
            raise DamagedError(tr("the index is damaged"))
        return msgspec.msgpack.decode(index, type=list[Entry])

    def block(self, entry: Entry) -> Block:
        data = os.pread(self._fd, entry.size, entry.offset)
        if len(data) < entry.size or zlib.crc32(data) != entry.crc:
            raise DamagedError(tr("the block at byte {offset} is damaged", offset=entry.offset))
        return unpack(zstandard.ZstdDecompressor().decompress(data, max_output_size=entry.unpacked))

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
