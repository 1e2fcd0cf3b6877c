"""The write-ahead: what was acknowledged and is not sealed yet.

A frame is one block as it was appended, cut by shard; the head lists the pieces. Each piece is one zstd frame of three columns
(lower 16 bits of the series as uint16, milliseconds since `low` as uint32, value as float64), so that sealing or reading one shard
touches only its own pieces.
"""

import os
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import zstandard

from core.signals import SampleBlock
from stores.frames import Frame, scan
from stores.samples.columns import SHARD_BITS, Rows

PIECE = np.dtype([("shard", "<u4"), ("rows", "<u4"), ("offset", "<u4"), ("size", "<u4"), ("crc", "<u4"), ("low", "<i8"), ("high", "<i8")])
"""offset: from the beginning of the body. low, high: bounds of the times, milliseconds since 1970."""

Pieces = npt.NDArray[Any]
_SPAN = 2**32 - 1
_LEVEL = -5  # values are noise to zstd at any level; this one costs a third of level 1 and finds zeros as well


def encode(block: SampleBlock) -> tuple[Pieces, bytes]:
    """Pieces and body of one block. NaN is left out; a block of nothing else gives no piece."""
    series, at, value = block
    missing = np.isnan(value)
    if missing.any():
        present = ~missing
        series, at, value = series[present], at[present], value[present]
    shard = (series >> SHARD_BITS).astype(np.uint16)
    if len(shard) and np.any(shard[1:] < shard[:-1]):
        order = np.argsort(shard, kind="stable")
        shard, series, at, value = shard[order], series[order], at[order], value[order]
    cuts = [0, *(np.flatnonzero(shard[1:] != shard[:-1]) + 1).tolist(), len(shard)]
    pieces: list[tuple[int, ...]] = []
    body: list[bytes] = []
    for a, b in pairwise(cuts):
        if b > a:
            _piece(series[a:b], at[a:b], value[a:b], pieces, body)
    return np.array(pieces, PIECE), b"".join(body)


def _piece(series: Any, at: Any, value: Any, pieces: list[tuple[int, ...]], body: list[bytes]) -> None:
    low, high = int(at.min()), int(at.max())
    if high - low > _SPAN:
        early = at <= low + _SPAN
        _piece(series[early], at[early], value[early], pieces, body)
        _piece(series[~early], at[~early], value[~early], pieces, body)
        return
    columns = series.astype("<u2").tobytes() + (at - low).astype("<u4").tobytes() + value.astype("<f8", copy=False).tobytes()
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(columns)
    offset = pieces[-1][2] + pieces[-1][3] if pieces else 0
    pieces.append((int(series[0]) >> SHARD_BITS, len(series), offset, len(packed), zlib.crc32(packed), low, high))
    body.append(packed)


def pieces_of(frame: Frame) -> Pieces:
    """The pieces of a frame with `offset` counted from the beginning of the file."""
    pieces = np.frombuffer(frame.head, PIECE).astype(POSITIONED)
    pieces["offset"] += frame.body_at
    return pieces


POSITIONED = np.dtype([(name, "<i8") for name in PIECE.names or ()])


def read_piece(fd: int, piece: Any) -> Rows | None:
    """The rows of one piece, or None when its bytes are damaged."""
    packed = os.pread(fd, int(piece["size"]), int(piece["offset"]))
    rows = int(piece["rows"])
    if zlib.crc32(packed) != int(piece["crc"]):
        return None
    columns = zstandard.ZstdDecompressor().decompress(packed, max_output_size=rows * 14)
    series = np.frombuffer(columns, "<u2", rows).astype(np.uint32) + np.uint32(int(piece["shard"]) << SHARD_BITS)
    at = np.frombuffer(columns, "<u4", rows, rows * 2).astype(np.int64) + int(piece["low"])
    return Rows(series, at, np.frombuffer(columns, "<f8", rows, rows * 6))


class WalView:
    """A reader's eye on one write-ahead file that may still be growing."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError when the file was sealed in the meantime."""
        self.path = path
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.gaps: list[tuple[int, int]] = []
        self._end = 0
        self._pieces: list[Pieces] = []
        self.refresh()

    def refresh(self) -> None:
        if os.fstat(self.fd).st_size == self._end:
            return
        found = scan(self.fd, self._end)
        self._pieces += [pieces_of(frame) for frame in found.frames]
        self._end = found.end
        self.gaps += found.gaps

    def pieces(self) -> Pieces:
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0] if self._pieces else np.empty(0, POSITIONED)

    def rows(self, shard: int, start_ms: int, end_ms: int) -> Iterator[Rows]:
        """The readable pieces of one shard that touch [start, end), in order of arrival."""
        pieces = self.pieces()
        for piece in pieces[(pieces["shard"] == shard) & (pieces["low"] < end_ms) & (pieces["high"] >= start_ms)]:
            rows = read_piece(self.fd, piece)
            if rows is not None:
                yield rows

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
