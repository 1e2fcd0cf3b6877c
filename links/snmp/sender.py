"""Requests on their way out: so many in flight at once, again after a time-out, given up after the last try."""

import os
import socket
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from links.snmp.adapt import LARGEST
from links.snmp.flight import Flight
from links.snmp.lane import Lane
from links.snmp.polls import Polls
from links.snmp.tally import Tally
from links.snmp.wire import BATCH, Wire

Ints = npt.NDArray[np.int64]
_SILENT_S = 0.25
"""A request unanswered for so long no longer counts for the window: dead devices must not slow the living."""


class Lost(NamedTuple):
    """Requests that nobody answered, after all tries."""

    devices: Ints
    slots: Ints


NOTHING_LOST = Lost(np.zeros(0, np.int64), np.zeros(0, np.int64))


class Sender:
    """Sends what `polls` has ready over the lane of each device's address family."""

    def __init__(self, polls: Polls, flight: Flight, lanes: dict[int, Lane], tally: Tally, window: int) -> None:
        self._polls, self._flight, self._lanes, self._tally, self._window = polls, flight, lanes, tally, window

    def suit(self, wire: Wire) -> None:
        """Never more in flight than this wire's receive buffer can hold the answers of."""
        self._window = max(16, min(self._window, wire.receive_buffer // (2 * LARGEST)))

    def transmit(self, now: float) -> None:
        """Sends as much as may be in flight."""
        flight, fleet = self._flight, self._polls.fleet
        while self._polls.ready:
            room = min(self._window - flight.fresh(now - _SILENT_S), flight.room)
            devices = self._polls.next(room, min(BATCH, self._window) // 4, BATCH)
            if not len(devices):
                return
            slots = fleet.cursor[devices]
            places = flight.take(slots, os.urandom(4 * len(slots)))
            fleet.book.stamp(slots, flight.ids[places])
            flight.sent[places] = now
            given = fleet.adapt.retries[devices] - fleet.patience[devices]
            flight.deadline[places] = now + fleet.adapt.wait(devices, given)
            self._send(devices, slots)

    def _send(self, devices: Ints, slots: Ints) -> None:
        fleet, book = self._polls.fleet, self._polls.fleet.book
        self._tally.requests += len(slots)
        six = fleet.six[devices]
        for family, chosen in ((socket.AF_INET, ~six), (socket.AF_INET6, six)):
            if chosen.any():
                part = slots[chosen]
                self._lanes[family].wire.send(book.data, book.offset[part], book.size[part], fleet.names[devices[chosen]])

    def expire(self, now: float) -> Lost:
        """Asks again for what is overdue; returns what had its last try."""
        flight, fleet = self._flight, self._polls.fleet
        places = flight.overdue(now)
        if not len(places):
            return NOTHING_LOST
        slots = flight.slot[places]
        devices = fleet.book.device[slots]
        flight.tries[places] += 1
        again = flight.tries[places] <= fleet.patience[devices]
        if again.any():
            chosen = places[again]
            flight.sent[chosen] = now
            flight.deadline[chosen] = now + fleet.adapt.wait(devices[again], flight.tries[chosen])
            self._tally.resent += len(chosen)
            self._send(devices[again], slots[again])
        flight.release(places[~again], answered=False)
        self._tally.timeouts += int((~again).sum())
        return Lost(devices[~again], slots[~again])
