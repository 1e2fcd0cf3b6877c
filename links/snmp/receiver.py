"""Answers on their way in: matched to their requests, checked for their source, decoded in blocks; the odd ones one by one."""

import logging
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from core.errors import ProtocolError
from links.snmp import ber, mend, plain
from links.snmp.flight import Flight
from links.snmp.lane import BLOCK, Arrived, Lane
from links.snmp.polls import Polls
from links.snmp.tally import Tally
from links.snmp.wire import same_source

Ints = npt.NDArray[np.int64]
log = logging.getLogger(__name__)
Clock = Callable[[], float]


class Receiver:
    """Reads the lanes. clock, wall: seconds, monotonic and since 1970."""

    def __init__(self, polls: Polls, flight: Flight, lanes: dict[int, Lane], tally: Tally, clock: Clock, wall: Clock) -> None:
        self._polls, self._flight, self._lanes, self._tally, self._clock, self._wall = polls, flight, lanes, tally, clock, wall

    @property
    def crowded(self) -> bool:
        """A lane has no room for more before what waits was decoded."""
        return any(lane.full for lane in self._lanes.values())

    def receive(self) -> int:
        """Takes what has arrived, as far as there is room; returns how many datagrams."""
        count = 0
        for lane in self._lanes.values():
            while not lane.full and (arrived := lane.receive()) is not None:
                count += len(arrived.at)
                self._sort(lane, arrived)
        return count

    def _sort(self, lane: Lane, arrived: Arrived) -> None:
        """Answers as planned wait for the block decoder, and their devices go on; the rest is looked at one by one."""
        flight, fleet = self._flight, self._polls.fleet
        places, known = flight.find(arrived.ids)
        slots = flight.slot[places]
        devices = fleet.book.device[np.where(known, slots, 0)]
        fast = arrived.good & known
        fast &= same_source(lane.wire.family, lane.wire.names[arrived.buffer], fleet.names[devices])
        fast &= ~fleet.book.plain[np.where(known, slots, 0)]
        fast[fast] = _first_of_each(places[fast])
        chosen, devices, slots = places[fast], devices[fast], slots[fast]
        if len(chosen):
            self._heard(devices, chosen)
            flight.release(chosen, answered=True)
            lane.later(arrived.at[fast], arrived.end[fast], slots)
            self._polls.conclude(devices)
        for i in np.nonzero(~fast)[0].tolist():
            self._odd(lane, arrived, i)

    def _heard(self, devices: Ints, places: Ints) -> None:
        """Times of answers that have just come."""
        flight, fleet, now = self._flight, self._polls.fleet, self._clock()
        self._tally.answers += len(places)
        rtt = now - flight.sent[places]
        once = flight.tries[places] == 0
        fleet.adapt.heard(devices[once], rtt[once])
        fresh = ~fleet.answered[devices]
        if fresh.any():
            new = devices[fresh]
            fleet.answered[new] = True
            fleet.readings.clock[new], fleet.readings.at[new], fleet.readings.rtt[new] = now, self._wall(), rtt[fresh]

    def _odd(self, lane: Lane, arrived: Arrived, i: int) -> None:
        """A datagram that is not simply the planned answer."""
        flight, fleet, tally = self._flight, self._polls.fleet, self._tally
        data = lane.wire.flat[int(arrived.at[i]) : int(arrived.end[i])].tobytes()
        try:
            response = plain.decode(data)
        except ProtocolError:
            tally.malformed += 1
            return
        places, known = flight.find(np.array([response.request_id & ber.MAX_REQUEST_ID]))
        if response.kind != ber.RESPONSE or response.request_id < 0 or not known[0]:
            tally.stray(flight.stray(response.request_id) if response.kind == ber.RESPONSE else "foreign")
            return
        slot = int(flight.slot[places[0]])
        number = int(fleet.book.device[slot])
        sender = lane.wire.names[arrived.buffer[i : i + 1]]
        if not same_source(lane.wire.family, sender, fleet.names[[number]])[0]:
            tally.spoofed += 1
            return
        self._heard(np.array([number]), places)
        flight.release(places, answered=True)
        self._mend(slot, response)
        self._polls.conclude(np.array([number]))

    def _mend(self, slot: int, response: plain.Response) -> None:
        self._tally.slow_path += 1
        self._tally.too_big += response.error_status == plain.TOO_BIG
        self._tally.variables += mend.take(self._polls.fleet, slot, response)

    def decode(self) -> None:
        """Reads all answers that wait, in blocks of about the same number of variables."""
        for lane in self._lanes.values():
            if lane.waiting:
                self._decode(lane)
            lane.filled = 0

    def _decode(self, lane: Lane) -> None:
        fleet = self._polls.fleet
        at, end, slots = lane.take()
        alike = np.argsort(fleet.book.count[slots], kind="stable")
        at, end, slots = at[alike], end[alike], slots[alike]
        for start in range(0, len(slots), BLOCK):
            part = slice(start, start + BLOCK)
            good, numbers = self._read(lane, at[part], end[part], slots[part])
            np.add.at(fleet.got, fleet.book.device[slots[part]], numbers)
            self._tally.variables += int(numbers.sum())
            for i in np.nonzero(~good)[0].tolist():
                self._repair(lane.wire.flat[int(at[start + i]) : int(end[start + i])].tobytes(), int(slots[start + i]))

    def _read(self, lane: Lane, at: Ints, end: Ints, slots: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
        """(whether each answer was as planned, how many numbers it gave). A block that cannot be read is left to the plain decoder:
        whatever is odd about one device must not cost the others their values."""
        try:
            return lane.reader.read(at, end, slots, self._polls.fleet.readings)
        except Exception:
            if not self._tally.unread:
                log.exception("A block of answers cannot be read at once; it is read one by one.")
            self._tally.unread += 1
            self._polls.fleet.book.forms.abandon(slots)
            return np.zeros(len(at), np.bool_), np.zeros(len(at), np.int64)

    def _repair(self, data: bytes, slot: int) -> None:
        """An answer to the right request with other contents than planned."""
        fleet = self._polls.fleet
        try:
            response = plain.decode(data)
        except ProtocolError:
            response = None
        if response is None or response.kind != ber.RESPONSE or response.request_id != fleet.book.id_of(slot):
            self._tally.malformed += 1
            if not fleet.outdated(slot):
                fleet.ask_again(int(fleet.book.device[slot]))
            return
        self._mend(slot, response)


def _first_of_each(places: Ints) -> npt.NDArray[np.bool_]:
    """Marks the first occurrence of each value."""
    out = np.zeros(len(places), np.bool_)
    out[np.unique(places, return_index=True)[1]] = True
    return out
