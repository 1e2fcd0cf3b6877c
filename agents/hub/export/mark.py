"""How far a receiver has everything: a small file, so that neither a restart nor a kill loses what was not sent, or sends it twice.

One line of JSON, then the time up to which each series was sent: int64 as differences from one series to the next, packed by zstd. Series
of a device were measured together, so that it packs well.
"""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import zstandard

from core.errors import StorageError
from core.i18n import tr
from stores.files import make_folder, publish, storage_errors
from stores.samples.arrivals import Arrival
from stores.samples.columns import I64

MOST_SERIES = 1 << 26


class Place(NamedTuple):
    """Everything before `at` was taken, or refused for good. until: what was being sent ended there. at_ms: by the clock."""

    at: Arrival
    until: Arrival
    at_ms: int
    skipped_ms: int = 0
    """Of all that was ever too old to be sent, how long."""


class Kept(NamedTuple):
    """sent: by number of series, the time of its last sample that was sent."""

    place: Place
    sent: I64


class _Head(msgspec.Struct, frozen=True):
    receiver: str
    place: Place
    series: int


class Mark:
    """Written by one thread. Of each receiver its own: what another one got says nothing about this."""

    def __init__(self, folder: Path, url: str) -> None:
        self._path = folder / "remote-write"
        self._receiver = hashlib.sha256(url.encode()).hexdigest()[:32]

    def read(self) -> Kept | None:
        """None: this receiver never got anything, or nobody can tell any more."""
        try:
            line, _, packed = self._path.read_bytes().partition(b"\n")
            head = msgspec.json.decode(line, type=_Head)
            size = min(head.series, MOST_SERIES) * 8
            steps = np.frombuffer(zstandard.ZstdDecompressor().decompress(packed, max_output_size=size), np.int64)
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, zstandard.ZstdError, ValueError):
            return None
        except OSError as error:
            raise StorageError(tr("The file {file} cannot be read: {reason}.", file=self._path, reason=str(error))) from None
        return Kept(head.place, np.cumsum(steps)) if head.receiver == self._receiver and len(steps) == head.series else None

    def write(self, kept: Kept) -> None:
        """Durable when this returns, whole or not at all."""
        make_folder(self._path.parent)
        steps = np.diff(kept.sent, prepend=0).astype(np.int64)
        part = self._path.with_suffix(".tmp")
        with storage_errors(self._path), part.open("wb") as out:
            out.write(msgspec.json.encode(_Head(self._receiver, kept.place, len(steps))) + b"\n")
            out.write(zstandard.ZstdCompressor(level=1).compress(steps.tobytes()))
            out.flush()
            os.fsync(out.fileno())
            publish(part, self._path)
