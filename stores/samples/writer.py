"""The writer's end: the open write-ahead, and those that are closed and wait to be sealed."""

import threading
from collections import Counter
from pathlib import Path

import numpy as np

from core.errors import InvalidInputError
from core.i18n import tr
from core.signals import SampleBlock
from stores.files import make_folder, storage_errors, sync_folder
from stores.frames import FrameFile
from stores.samples.wal import encode

SHARD_ROWS = 2_000_000
"""A write-ahead is closed when one of its shards has so many rows: that is what sealing holds in memory."""
WAL_BYTES = 1 << 30


class WalWriter:
    """Appends blocks. Safe to use from many threads."""

    def __init__(self, root: Path, first_seq: int) -> None:
        self.folder = root / "wal"
        make_folder(self.folder)
        self._lock = threading.Lock()
        self._file: FrameFile | None = None
        self._opened_ms = -1
        self._rows: Counter[int] = Counter()
        self.closed = sorted(int(path.stem) for path in self.folder.glob("*.wal"))
        """Numbers of the write-aheads that wait to be sealed, oldest first."""
        for seq in self.closed:
            FrameFile(self.path(seq)).close()
        self.next_seq = max([first_seq, *(seq + 1 for seq in self.closed)])

    def path(self, seq: int) -> Path:
        return self.folder / f"{seq:010d}.wal"

    def append(self, block: SampleBlock) -> None:
        """On disk when this returns; after an error nothing of the block is there."""
        _check(block)
        pieces, body = encode(block)
        if not len(pieces):
            return
        with self._lock:
            if self._file is None:
                self._file = FrameFile(self.path(self.next_seq))
                self.next_seq += 1
            self._file.append(pieces.tobytes(), body)
            for shard, rows in zip(pieces["shard"].tolist(), pieces["rows"].tolist(), strict=True):
                self._rows[shard] += rows
            if max(self._rows.values()) >= SHARD_ROWS or self._file.size >= WAL_BYTES:
                self._close()

    def close_when_due(self, now_ms: int, seal_s: int) -> None:
        """Closes the open write-ahead when it was seen open `seal_s` ago."""
        with self._lock:
            if self._file is None:
                return
            if self._opened_ms < 0 or now_ms < self._opened_ms:
                self._opened_ms = now_ms
            if now_ms - self._opened_ms >= seal_s * 1000:
                self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self.closed.append(int(self._file.path.stem))
        self._file, self._opened_ms = None, -1
        self._rows.clear()

    def drop(self, seq: int) -> None:
        """Forgets a write-ahead of which everything is sealed."""
        with storage_errors(self.path(seq)):
            self.path(seq).unlink()
            sync_folder(self.folder)
        self.closed.remove(seq)

    def close(self) -> None:
        with self._lock:
            self._close()


def _check(block: SampleBlock) -> None:
    sizes = {len(column) for column in block}
    if len(sizes) != 1:
        raise InvalidInputError(tr("The columns of a block of samples have different lengths: {sizes}.", sizes=sorted(sizes)))
    if len(block.at_ms) and not 0 <= int(block.at_ms.min()) <= int(block.at_ms.max()) < 2**45:
        raise InvalidInputError(tr("A block of samples has times that no clock shows."))
    if block.series.dtype != np.uint32:
        raise InvalidInputError(tr("Numbers of series are uint32, not {type}.", type=block.series.dtype))
