"""The book of requests: every request of every device in flat arrays, ready to send, and the names expected in answer.

A request is known by its slot. Slots of a device are consecutive; when a device is asked in another way, new slots are written
behind the last and the old ones stay valid for what is still in flight, until `crowded` says that it is time for a new book.
"""

import numpy as np
import numpy.typing as npt

from links.snmp.requests import Ask

Ints = npt.NDArray[np.int64]
_MOST_WORDS = 6


class Book:
    """Arrays by slot: `offset`, `size` (of the request in `data`), `id_at` (in `data`), `device`, `start`, `count`, `weight`, `plain`.

    Arrays by variable: `heads` uint64[n, words] (the first bytes of the variable binding: 30 00 06 length name), `name_size` uint8[n].
    By device: `first`, `stop` (its slots).
    """

    def __init__(self, devices: int) -> None:
        self.data: npt.NDArray[np.uint8] = np.zeros(1 << 16, np.uint8)
        self.slots = 0
        self.waste = 0
        self._used = 0
        self._columns: dict[str, Ints] = {k: np.zeros(1024, np.int64) for k in ("offset", "size", "id_at", "device", "start", "count", "weight")}
        self.plain: npt.NDArray[np.bool_] = np.zeros(1024, np.bool_)
        self.first: Ints = np.zeros(devices, np.int64)
        self.stop: Ints = np.zeros(devices, np.int64)
        self.words = 3
        self.heads: npt.NDArray[np.uint64] = np.zeros((0, 3), np.uint64)
        self.name_size: npt.NDArray[np.uint8] = np.zeros(0, np.uint8)

    def __getattr__(self, name: str) -> Ints:
        try:
            return self.__dict__["_columns"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def expect(self, bodies: list[list[bytes]]) -> None:
        """The names of all devices' variables. Names too long for `words` are left to the plain decoder."""
        sizes = np.array([len(b) for device in bodies for b in device], np.int64)
        if len(sizes):
            self.words = int(min(_MOST_WORDS, -(-(4 + int(np.quantile(sizes, 0.99, method="higher"))) // 8)))
        wide = 8 * self.words
        flat = b"".join([b"\x30\x00\x06" + bytes((min(len(b), 255),)) + b[: wide - 4].ljust(wide - 4, b"\0") for d in bodies for b in d])
        self.heads = np.frombuffer(flat, np.uint64).reshape(-1, self.words)
        self.name_size = np.minimum(sizes, 255).astype(np.uint8)

    def write(self, device: int, base: int, asks: list[Ask], plain: bool) -> None:
        """The device is asked like this from now on. base: number of its first variable in the arena."""
        self.waste += int(self.stop[device] - self.first[device])
        self.first[device] = self.slots
        for ask in asks:
            self.add(device, base, ask, plain)
        self.stop[device] = self.slots

    def add(self, device: int, base: int, ask: Ask, plain: bool) -> int:
        """One more request, of no device's list by itself; returns its slot."""
        slot, at = self.slots, self._used
        self._room(len(ask.data))
        self.data[at : at + len(ask.data)] = np.frombuffer(ask.data, np.uint8)
        row = (at, len(ask.data), at + ask.id_at, device, base + ask.start, ask.count, ask.weight)
        for column, value in zip(self._columns.values(), row, strict=True):
            column[slot] = value
        longest = self.name_size[base + ask.start : base + ask.start + ask.count].max(initial=0)
        self.plain[slot] = plain or longest > min(8 * self.words - 4, 100)
        self.slots, self._used = slot + 1, at + len(ask.data)
        return slot

    def _room(self, size: int) -> None:
        if self.slots == len(self.plain):
            self._columns = {name: np.concatenate([c, np.zeros_like(c)]) for name, c in self._columns.items()}
            self.plain = np.concatenate([self.plain, np.zeros_like(self.plain)])
        if self._used + size > len(self.data):
            self.data = np.concatenate([self.data, np.zeros(len(self.data) + size, np.uint8)])

    @property
    def crowded(self) -> bool:
        """More than half of the book is out of use."""
        return self.waste > 4096 and self.waste > self.slots // 2

    def stamp(self, slots: Ints, ids: Ints) -> None:
        """Writes request-ids into the requests."""
        at = self.id_at[slots]
        digits = ids.astype(">u4").view(np.uint8).reshape(-1, 4)
        for byte in range(4):
            self.data[at + byte] = digits[:, byte]
