"""What a crawl has visited so far, in a file of its own: whoever goes on after an interruption begins where it ended."""

import contextlib
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from core.nouns import Noun
from inventory.crawl.frontier import Visit
from inventory.crawl.telling import Read

_HEAD = struct.Struct(">I")
_LONGEST = 64 * 1024 * 1024
KEPT_S = 7 * 86_400
"""After that nobody resumes a crawl any more."""


class Step(Noun, frozen=True, kw_only=True):
    """One visit, and what was read there."""

    visit: Visit
    read: Read | None = None
    problem: str = ""


class Spool:
    """Steps in the order in which they were done. A step that was cut by a crash is as if it had not been done."""

    def __init__(self, folder: Path, job: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in folder.glob("*.crawl"):
            with contextlib.suppress(OSError):
                if time.time() - old.stat().st_mtime > KEPT_S:
                    old.unlink()
        self.path = folder / f"{''.join(c for c in job if c.isalnum() or c == '-')[:64]}.crawl"
        self._file: BinaryIO | None = None

    def steps(self) -> Iterator[Step]:
        """What was done before; what lies behind a cut is thrown away."""
        if not self.path.exists():
            return
        good = 0
        with self.path.open("rb") as file:
            while head := file.read(_HEAD.size):
                size = _HEAD.unpack(head)[0] if len(head) == _HEAD.size else 0
                body = file.read(size) if 0 < size <= _LONGEST else b""
                if not body or len(body) != size:
                    break
                try:
                    step = msgspec.msgpack.decode(body, type=Step)
                except msgspec.DecodeError:
                    break
                yield step
                good = file.tell()
        with self.path.open("r+b") as file:
            file.truncate(good)

    def add(self, step: Step) -> None:
        if self._file is None:
            self._file = self.path.open("ab")
            self.path.chmod(0o600)
        body = msgspec.msgpack.encode(step)
        self._file.write(_HEAD.pack(len(body)) + body)
        self._file.flush()

    def close(self, *, forget: bool) -> None:
        if self._file is not None:
            self._file.close()
        if forget:
            self.path.unlink(missing_ok=True)
