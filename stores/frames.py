"""Append-only files of frames: the write-ahead of samples, the catalogue of series and the open log all lie in such files.

A frame is 20 bytes (magic, length of head, length of body, CRC-32 of head, CRC-32 of these 16 bytes), the head, the body. The head
says how to check the body. A frame that is cut off at the end was never acknowledged and is forgotten; behind damaged bytes in the
middle the next whole frame is found again.
"""

import mmap
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

from stores.files import storage_errors, sync_folder, write_all

MAGIC = b"YWF1"
_FIXED = struct.Struct("<4sIII")
_CRC = struct.Struct("<I")
PREFIX = _FIXED.size + _CRC.size
MAX_HEAD = 64 << 20


class Frame(NamedTuple):
    """One whole frame of a file: its head, and where its body lies."""

    head: bytes
    body_at: int
    body_size: int


class Scan(NamedTuple):
    """Whole frames from an offset on, the offset behind the last of them, and the damaged ranges between them."""

    frames: list[Frame]
    end: int
    gaps: list[tuple[int, int]]


def pack(head: bytes, body_size: int) -> bytes:
    """What stands before the body."""
    fixed = _FIXED.pack(MAGIC, len(head), body_size, zlib.crc32(head))
    return fixed + _CRC.pack(zlib.crc32(fixed)) + head


def scan(fd: int, start: int = 0) -> Scan:
    """Finds the frames of a file that may still be growing. Bodies are not read."""
    size, at = os.fstat(fd).st_size, start
    found = Scan([], start, [])
    while at < size:
        frame = _frame_at(fd, at, size)
        if frame is None:
            later = _next_frame(fd, at + 1, size)
            if later < 0:
                break
            found.gaps.append((at, later))
            at = later
            continue
        found.frames.append(frame)
        at = frame.body_at + frame.body_size
        found = found._replace(end=at)
    return found


def _frame_at(fd: int, at: int, size: int) -> Frame | None:
    prefix = os.pread(fd, PREFIX, at)
    if len(prefix) < PREFIX or prefix[:4] != MAGIC or zlib.crc32(prefix[:16]) != _CRC.unpack_from(prefix, 16)[0]:
        return None
    _, head_size, body_size, head_crc = _FIXED.unpack_from(prefix)
    body_at = at + PREFIX + head_size
    if head_size > MAX_HEAD or body_at + body_size > size:
        return None
    head = os.pread(fd, head_size, at + PREFIX)
    if zlib.crc32(head) != head_crc:
        return None
    return Frame(head, body_at, body_size)


def _next_frame(fd: int, at: int, size: int) -> int:
    """Offset of the next whole frame, or -1."""
    with mmap.mmap(fd, size, prot=mmap.PROT_READ) as view:
        at = view.find(MAGIC, at)
        while at >= 0:
            if _frame_at(fd, at, size):
                return at
            at = view.find(MAGIC, at + 1)
    return -1


class FrameFile:
    """The writer's end of such a file. What `append` returned from is on disk (`fdatasync`)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with storage_errors(path):
            self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            found = scan(self.fd)
            self.frames, self.gaps, self.size = found.frames, found.gaps, found.end
            if os.fstat(self.fd).st_size > self.size:
                os.ftruncate(self.fd, self.size)
            sync_folder(path.parent)

    def append(self, head: bytes, body: bytes) -> int:
        """Writes one frame and returns where its body lies. After an error the file is as it was before."""
        start = pack(head, len(body))
        with storage_errors(self.path):
            try:
                write_all(self.fd, start + body, self.size)
                os.fdatasync(self.fd)
            except BaseException:
                os.ftruncate(self.fd, self.size)
                raise
        at = self.size + len(start)
        self.size = at + len(body)
        return at

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
