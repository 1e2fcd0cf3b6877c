"""Requests in flight: who answers to which request-id. Pure; ids and times are arguments.

The low bits of a request-id are a place in this table, the high ones are random: an answer finds its request by one look, and a
stranger has to guess twenty bits and the source.
"""

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from links.snmp import ber

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
FREE = -1
_REMEMBERED = 65536


class Flight:
    """`places` is a power of two. Arrays by place: `slot` (FREE: nothing), `ids`, `sent` and `deadline` (seconds), `tries`."""

    def __init__(self, places: int) -> None:
        self.mask = places - 1
        self.slot: Ints = np.full(places, FREE, np.int64)
        self.ids: Ints = np.zeros(places, np.int64)
        self.answered: Ints = np.zeros(places, np.int64)
        self.sent: Floats = np.zeros(places)
        self.deadline: Floats = np.full(places, np.inf)
        self.tries: Ints = np.zeros(places, np.int64)
        self._free: Ints = np.arange(places - 1, -1, -1)
        self._left = places
        self._expired: OrderedDict[int, None] = OrderedDict()

    @property
    def room(self) -> int:
        """Free places."""
        return self._left

    @property
    def open(self) -> int:
        """Requests in flight."""
        return len(self.slot) - self._left

    def fresh(self, since: float) -> int:
        """Requests in flight that were sent after `since`: the others are answers that most likely never come."""
        return int(np.count_nonzero((self.slot != FREE) & (self.sent > since)))

    def take(self, slots: Ints, entropy: bytes) -> Ints:
        """Places for new requests; their ids are then in `ids`. entropy: four bytes a slot."""
        count = len(slots)
        self._left -= count
        places: Ints = self._free[self._left : self._left + count].copy()
        noise = np.frombuffer(entropy, "<u4", count).astype(np.int64) & ber.MAX_REQUEST_ID & ~self.mask
        noise[noise < ber.MIN_REQUEST_ID] |= (ber.MIN_REQUEST_ID << 1) & ~self.mask
        self.ids[places] = noise | places
        self.slot[places] = slots
        self.tries[places] = 0
        return places

    def find(self, ids: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """(place, whether it is in flight) for request-ids as they came."""
        places = ids & self.mask
        return places, (self.slot[places] != FREE) & (self.ids[places] == ids)

    def overdue(self, now: float) -> Ints:
        """Places whose deadline has passed."""
        found: Ints = np.nonzero(self.deadline <= now)[0]
        return found

    def next_deadline(self) -> float:
        return float(self.deadline.min())

    def release(self, places: Ints, answered: bool) -> None:
        """These requests are over."""
        if answered:
            self.answered[places] = self.ids[places]
        else:
            for number in self.ids[places].tolist():
                self._expired[number] = None
            while len(self._expired) > _REMEMBERED:
                self._expired.popitem(last=False)
        self.slot[places] = FREE
        self.deadline[places] = np.inf
        self._free[self._left : self._left + len(places)] = places
        self._left += len(places)

    def stray(self, number: int) -> str:
        """What an answer is that nothing in flight asked for: `late`, `duplicate` or `foreign`."""
        if number in self._expired:
            return "late"
        return "duplicate" if number > 0 and self.answered[number & self.mask] == number else "foreign"
