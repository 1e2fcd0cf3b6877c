"""One address family's road: its wire, the datagrams that wait to be decoded, and the block decoder over them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from links.snmp.book import Book
from links.snmp.reader import Reader
from links.snmp.wire import BATCH, Wire

Ints = npt.NDArray[np.int64]
BLOCK = 256
"""Datagrams read together: they and what is expected of them stay in the processor's cache."""


class Arrived(NamedTuple):
    """Datagrams just received: buffer numbers, where each begins and ends, and the request-id found in each."""

    buffer: Ints
    at: Ints
    end: Ints
    ids: Ints
    good: npt.NDArray[np.bool_]


class Lane:
    """Datagrams stay in their buffers until enough are there to be decoded together."""

    def __init__(self, wire: Wire, book: Book) -> None:
        self.wire = wire
        self.filled = 0
        self._waiting: list[tuple[Ints, Ints, Ints]] = []
        self.waiting = 0
        self.reader = Reader(wire.flat, book)

    def use(self, book: Book) -> None:
        """Another book; what waits belongs to the old one and is dropped."""
        self.reader = Reader(self.wire.flat, book)
        self._waiting.clear()
        self.filled = self.waiting = 0

    @property
    def full(self) -> bool:
        return self.filled + BATCH > self.wire.buffers

    def receive(self) -> Arrived | None:
        """What has arrived, at most one batch; None: nothing."""
        got = self.wire.receive(self.filled)
        if not got:
            return None
        buffer = np.arange(self.filled, self.filled + got)
        self.filled += got
        at = buffer * self.wire.stride
        end = at + self.wire.sizes[buffer]
        ids, good = self.reader.ids(at, end)
        return Arrived(buffer, at, end, ids, good & ~self.wire.cut[buffer])

    def later(self, at: Ints, end: Ints, slots: Ints) -> None:
        """Leaves answers to be decoded with others."""
        self._waiting.append((at, end, slots))
        self.waiting += len(slots)

    def take(self) -> tuple[Ints, Ints, Ints]:
        """(begin, end, slot) of all that waits; the buffers are free after it was decoded and `filled` set to 0."""
        at, end, slots = (np.concatenate(part) for part in zip(*self._waiting, strict=True))
        self._waiting.clear()
        self.waiting = 0
        return at, end, slots
