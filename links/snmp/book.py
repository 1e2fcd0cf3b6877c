"""The book of requests: every request of every device in flat arrays, ready to send, and where the names expected in answer stand.

A request is known by its slot. Slots of a device are consecutive; when a device is asked in another way, new slots are written
behind the last and the old ones stay valid for what is still in flight, until `crowded` says that it is time for a new book.
"""

import numpy as np
import numpy.typing as npt

from links.snmp.forms import Forms
from links.snmp.names import LONGEST, MOST, Names
from links.snmp.requests import Ask

Ints = npt.NDArray[np.int64]
class Book:
    """Arrays by slot: `offset`, `size` (of the request in `data`), `id_at` (in `data`), `device`, `start`, `count`, `weight`, `plain`,
    `named` (where the names of its variables stand in `names`).

    By variable, with `MOST` spare ones behind: `binding` uint8[n] (size of the whole binding in the answer before; a guess that the
    decoder checks). By device: `first`, `stop` (its slots), `names_at`. `forms`: how the answers looked.
    """

    def __init__(self, names: Names, names_at: Ints, variables: int) -> None:
        """names_at: by device, where the names of its plan begin."""
        devices = len(names_at)
        self.data: npt.NDArray[np.uint8] = np.zeros(1 << 16, np.uint8)
        self.slots = 0
        self.waste = 0
        self._used = 0
        self.offset, self.size, self.id_at, self.device, self.start, self.count, self.weight, self.named = (
            np.zeros(1024, np.int64) for _ in range(8)
        )
        self.plain: npt.NDArray[np.bool_] = np.zeros(1024, np.bool_)
        self.first: Ints = np.zeros(devices, np.int64)
        self.stop: Ints = np.zeros(devices, np.int64)
        self.forms = Forms()
        self.names, self.names_at = names, names_at
        self.binding: npt.NDArray[np.uint8] = np.zeros(variables + MOST, np.uint8)

    def adopt(self, device: int, base: int, old: "Book", was: int, old_base: int, variables: int) -> None:
        """Takes a device over from another book, as it is asked there."""
        self.binding[base : base + variables] = old.binding[old_base : old_base + variables]
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
            self.add(device, base, ask, plain or ask.text)
        self.stop[device] = self.slots

    def add(self, device: int, base: int, ask: Ask, plain: bool) -> int:
        """One more request, of no device's list by itself; returns its slot."""
        slot, at = self.slots, self._used
        self._room(len(ask.data))
        self.data[at : at + len(ask.data)] = np.frombuffer(ask.data, np.uint8)
        self.offset[slot], self.size[slot], self.id_at[slot] = at, len(ask.data), at + ask.id_at
        self.device[slot], self.start[slot], self.count[slot], self.weight[slot] = device, base + ask.start, ask.variables, ask.weight
        named = self.named[slot] = self.names_at[device] + ask.start
        self.plain[slot] = plain or self.names.size[named : named + ask.variables].max(initial=0) > LONGEST
        self.slots, self._used = slot + 1, at + len(ask.data)
        return slot

    def _room(self, size: int) -> None:
        if self.slots == len(self.plain):
            for name in ("offset", "size", "id_at", "device", "start", "count", "weight", "named", "plain"):
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
