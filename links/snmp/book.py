"""The book of requests: every request of every device in flat arrays, ready to send, and the names expected in answer.

A request is known by its slot. Slots of a device are consecutive; when a device is asked in another way, new slots are written
behind the last and the old ones stay valid for what is still in flight, until `crowded` says that it is time for a new book.
"""

import numpy as np
import numpy.typing as npt

from links.snmp.forms import Forms
from links.snmp.requests import MOST_VARIABLES, Ask

Ints = npt.NDArray[np.int64]
WORDS = 3
"""64-bit words of a head: names of up to twenty bytes. Longer ones are rare and left to the plain decoder."""
MOST = MOST_VARIABLES + 1
"""No request asks for more variables."""


def _masks() -> npt.NDArray[np.uint64]:
    masks = np.zeros((256, 8 * WORDS), np.uint8)
    for size in range(256):
        masks[size, : 4 + size] = 0xFF
    masks[:, 1] = 0
    return masks.view(np.uint64)


MASKS = _masks()
"""By size of a name: which bytes of a head count; the binding's own length is checked elsewhere."""


class Book:
    """Arrays by slot: `offset`, `size` (of the request in `data`), `id_at` (in `data`), `device`, `start`, `count`, `weight`, `plain`.

    Arrays by variable, with `MOST` spare ones behind: `heads` uint64[n, WORDS] (the first bytes of the variable binding: 30 00 06 length
    name), `name_size` uint8[n],
    `binding` uint8[n] (size of the whole binding in the answer before; a guess that the decoder checks).
    By device: `first`, `stop` (its slots). `forms`: how the answers looked.
    """

    def __init__(self, devices: int, variables: int) -> None:
        self.data: npt.NDArray[np.uint8] = np.zeros(1 << 16, np.uint8)
        self.slots = 0
        self.waste = 0
        self._used = 0
        self.offset, self.size, self.id_at, self.device, self.start, self.count, self.weight = (np.zeros(1024, np.int64) for _ in range(7))
        self.plain: npt.NDArray[np.bool_] = np.zeros(1024, np.bool_)
        self.first: Ints = np.zeros(devices, np.int64)
        self.stop: Ints = np.zeros(devices, np.int64)
        self.forms = Forms()
        self.heads: npt.NDArray[np.uint64] = np.zeros((variables + MOST, WORDS), np.uint64)
        self.name_size: npt.NDArray[np.uint8] = np.zeros(variables + MOST, np.uint8)
        self.binding: npt.NDArray[np.uint8] = np.zeros(variables + MOST, np.uint8)

    def expect(self, base: int, bodies: list[bytes]) -> None:
        """The names of one device's variables, from number `base` on. Names too long for a head are left to the plain decoder."""
        wide = 8 * WORDS
        flat = b"".join([b"\x30\x00\x06" + bytes((min(len(b), 255),)) + b[: wide - 4].ljust(wide - 4, b"\0") for b in bodies])
        part = slice(base, base + len(bodies))
        self.heads[part] = np.frombuffer(flat, np.uint64).reshape(-1, WORDS)
        self.name_size[part] = np.fromiter((min(len(b), 255) for b in bodies), np.uint8, len(bodies))

    def adopt(self, device: int, base: int, old: "Book", was: int, old_base: int, variables: int) -> None:
        """Takes a device over from another book, as it is asked there."""
        part, there = slice(base, base + variables), slice(old_base, old_base + variables)
        for name in ("heads", "name_size", "binding"):
            getattr(self, name)[part] = getattr(old, name)[there]
        self.first[device] = self.slots
        for slot in range(int(old.first[was]), int(old.stop[was])):
            at, size = int(old.offset[slot]), int(old.size[slot])
            start = int(old.start[slot]) - old_base
            ask = Ask(old.data[at : at + size].tobytes(), int(old.id_at[slot]) - at, start, int(old.count[slot]), int(old.weight[slot]))
            self.forms.adopt(self.add(device, base, ask, bool(old.plain[slot])), old.forms, slot)
        self.stop[device] = self.slots

    def write(self, device: int, base: int, asks: list[Ask], plain: bool) -> None:
        """The device is asked like this from now on. base: number of its first variable in the arena."""
        self.waste += int(self.stop[device] - self.first[device])
        self.forms.forget(int(self.first[device]), int(self.stop[device]))
        self.first[device] = self.slots
        for ask in asks:
            self.add(device, base, ask, plain)
        self.stop[device] = self.slots

    def add(self, device: int, base: int, ask: Ask, plain: bool) -> int:
        """One more request, of no device's list by itself; returns its slot."""
        slot, at = self.slots, self._used
        self._room(len(ask.data))
        self.data[at : at + len(ask.data)] = np.frombuffer(ask.data, np.uint8)
        self.offset[slot], self.size[slot], self.id_at[slot] = at, len(ask.data), at + ask.id_at
        self.device[slot], self.start[slot], self.count[slot], self.weight[slot] = device, base + ask.start, ask.variables, ask.weight
        longest = self.name_size[base + ask.start : base + ask.start + ask.variables].max(initial=0)
        self.plain[slot] = plain or longest > 8 * WORDS - 4
        self.slots, self._used = slot + 1, at + len(ask.data)
        return slot

    def _room(self, size: int) -> None:
        if self.slots == len(self.plain):
            for name in ("offset", "size", "id_at", "device", "start", "count", "weight", "plain"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate([column, np.zeros_like(column)]))
        if self._used + size > len(self.data):
            self.data = np.concatenate([self.data, np.zeros(len(self.data) + size, np.uint8)])

    @property
    def crowded(self) -> bool:
        """More than half of the book is out of use."""
        return self.waste > 4096 and self.waste > self.slots // 2

    def id_of(self, slot: int) -> int:
        """The request-id as it was sent last."""
        at = int(self.id_at[slot])
        return int.from_bytes(self.data[at : at + 4].tobytes(), "big")

    def stamp(self, slots: Ints, ids: Ints) -> None:
        """Writes request-ids into the requests."""
        at = self.id_at[slots]
        digits = ids.astype(">u4").view(np.uint8).reshape(-1, 4)
        for byte in range(4):
            self.data[at + byte] = digits[:, byte]
