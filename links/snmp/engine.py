"""The engine: polls thousands of devices from one thread, each at its own time and in its own way.

    engine = Engine(settings.polling)
    engine.assign([(target, plan), ...])
    while running:
        for device in engine.step(0.5): ...        # engine.readings.span(device) has its new values

v1 and v2c go over one socket an address family; v3 runs beside it on a loop of its own. Everything is counted.
"""

import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import ProtocolError
from core.polling import EngineCounters, Readings
from core.sections import Polling
from links.snmp import ber, mend, plain
from links.snmp.adapt import LARGEST
from links.snmp.fleet import Fleet, Work
from links.snmp.flight import FREE, Flight
from links.snmp.lane import BLOCK, Arrived, Lane
from links.snmp.secure import SecureRoad
from links.snmp.tally import Tally
from links.snmp.wire import BATCH, open_wire, same_source

Ints = npt.NDArray[np.int64]
_BUFFERS = 512
_SILENT_S = 0.25
"""A request unanswered for so long no longer counts for the window: dead devices must not slow the living."""
_LINGER_S = 0.002
"""Answers that come one by one are waited for a little and then read together."""
_FEW = 64


class Engine:
    """Polls devices over SNMP v1, v2c and v3. Not thread-safe, but for `wake`.

    engine_ids: file that keeps what is known of v3 engines over a restart; None: not kept. portable: without libc's sendmmsg.
    """

    def __init__(
        self, settings: Polling, *, engine_ids: Path | None = None, portable: bool = False,
        clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._portable, self._clock, self._wall = settings, portable, clock, wall
        places = 1 << max(6, (4 * settings.window - 1).bit_length())
        self._flight = Flight(places)
        self._window = settings.window
        self._tally = Tally()
        self._lanes: dict[int, Lane] = {}
        self._secure = SecureRoad(self._tally, self.wake, engine_ids, wall)
        self._bell_in, self._bell_out = socket.socketpair()
        self._bell_in.setblocking(False)
        self._bell_out.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._bell_in, select.POLLIN)
        self._fleet = Fleet([], settings, clock())
        self._ready: deque[Ints] = deque()
        self._spent: list[Ints] = []
        self._done: list[Ints] = []
        self._last_batch = 0

    @property
    def readings(self) -> Readings:
        """The arena of the devices as last assigned."""
        return self._fleet.readings

    def counters(self) -> EngineCounters:
        """What was seen since the start."""
        return self._tally.noun()

    def overdue(self) -> int:
        """Devices whose poll is later than one interval."""
        return self._fleet.schedule.overdue(self._clock())

    def assign(self, work: Work) -> None:
        """Replaces the devices. Those whose target and plan stay keep their readings, their turn and what was learnt of them.

        Raises `InvalidInputError` and `UnavailableError` for a target that cannot be polled; then everything stays as it was.
        """
        now = self._clock()
        fleet = Fleet(work, self._settings, now)
        fleet.fill(self._fleet if self._fleet.work else None, now)
        self._secure.assign(fleet)
        self._fleet = fleet
        self._drop_flying()
        for family, some in ((socket.AF_INET, ~fleet.six), (socket.AF_INET6, fleet.six)):
            if (some & ~fleet.secure).any() and family not in self._lanes:
                wire = open_wire(family, _BUFFERS, LARGEST + 1024, self._settings.receive_buffer, self._portable)
                self._lanes[family] = Lane(wire, fleet.book)
                self._poll.register(wire.socket, select.POLLIN)
                self._window = max(16, min(self._window, wire.receive_buffer // (2 * LARGEST)))
        for lane in self._lanes.values():
            lane.use(fleet.book)

    def _drop_flying(self) -> None:
        flying = np.nonzero(self._flight.slot != FREE)[0]
        self._flight.release(flying, answered=False)
        self._ready.clear()
        self._spent.clear()
        self._done.clear()

    def step(self, budget_s: float) -> list[int]:
        """Works until devices have been polled or the budget is spent; returns their numbers. Sleeps while there is nothing to do."""
        until = self._clock() + budget_s
        while True:
            now = self._clock()
            self._launch(self._fleet.schedule.take_due(now), now)
            self._turn(now)
            if self._done:
                finished: list[int] = np.concatenate(self._done).tolist()
                self._done.clear()
                return finished
            if self._clock() >= until or self._wait(until):
                return []

    def sweep(self) -> list[int]:
        """Polls every device once, now; returns all numbers in the order they were finished."""
        now = self._clock()
        self._launch(self._fleet.schedule.take_all(now), now)
        left, out = set(range(len(self._fleet.work))), []
        while left:
            self._turn(self._clock())
            if not self._done:
                self._wait(self._clock() + 0.1)
            for number in [n for part in self._done for n in part.tolist()]:
                left.discard(number)
                out.append(number)
            self._done.clear()
        return out

    def wake(self) -> None:
        """Makes a `step` that sleeps return. From any thread."""
        try:
            self._bell_out.send(b"!")
        except OSError:
            return

    def close(self) -> None:
        """Closes all sockets; what was learnt of v3 engines is kept."""
        self._secure.close()
        for lane in self._lanes.values():
            lane.wire.close()
        self._bell_in.close()
        self._bell_out.close()

    def _launch(self, devices: Ints, now: float) -> None:
        if not len(devices):
            return
        fleet = self._fleet
        if fleet.book.crowded:
            self._rewrite()
        fleet.begin(devices)
        secure = fleet.secure[devices]
        self._secure.poll(devices[secure].tolist(), now)
        if not secure.all():
            self._ready.append(devices[~secure])

    def _rewrite(self) -> None:
        """A new book without the requests that are no longer used, once nothing of the old one is in flight."""
        if self._flight.open or self._ready or self._spent:
            return
        self._fleet.renew_book()
        for lane in self._lanes.values():
            lane.use(self._fleet.book)

    def _turn(self, now: float) -> None:
        """One round: send what may be sent, read what came, decode what is enough, give up what was overdue before that."""
        self._transmit(now)
        self._last_batch = 0
        for lane in self._lanes.values():
            while not lane.full and (arrived := lane.receive()) is not None:
                self._last_batch += len(arrived.at)
                self._sort(lane, arrived)
        crowded = any(lane.full for lane in self._lanes.values())
        if not crowded:
            self._expire(now)
        if crowded or (self._spent and (not self._last_batch or not self._flight.open)):
            self._decode_all()
            self._close_polls()
        self._secure_results()

    def _wait(self, until: float) -> bool:
        """Sleeps until something comes, falls due, or was woken (True)."""
        if self._spent:
            return False
        now = self._clock()
        if self._flight.open > _FEW and 0 < self._last_batch < _FEW:
            time.sleep(_LINGER_S)
            return False
        next_time = min(until, self._fleet.schedule.next_due(), self._flight.next_deadline())
        if self._ready:
            next_time = min(next_time, now + 0.02)
        ready = self._poll.poll(max(0.0, next_time - now) * 1000.0)
        if any(number == self._bell_in.fileno() for number, _ in ready):
            self._bell_in.recv(4096)
            return not self._secure.has_results
        return False

    def _transmit(self, now: float) -> None:
        flight, fleet = self._flight, self._fleet
        while self._ready:
            room = min(self._window - flight.fresh(now - _SILENT_S), flight.room)
            devices = self._next_ready(room)
            if not len(devices):
                return
            slots = fleet.cursor[devices]
            places = flight.take(slots, os.urandom(4 * len(slots)))
            fleet.book.stamp(slots, flight.ids[places])
            flight.sent[places] = now
            given = fleet.adapt.retries[devices] - fleet.patience[devices]
            flight.deadline[places] = now + fleet.adapt.wait(devices, given)
            self._send(devices, slots)

    def _next_ready(self, room: int) -> Ints:
        """As many devices as may be asked now, and are worth a call."""
        if room <= 0:
            return np.zeros(0, np.int64)
        waiting = sum(map(len, self._ready))
        if min(room, waiting) < min(BATCH, self._window) // 4 and waiting > room:
            return np.zeros(0, np.int64)
        devices = self._ready.popleft()
        while self._ready and len(devices) < min(room, BATCH):
            devices = np.concatenate([devices, self._ready.popleft()])
        most = min(room, BATCH)
        if len(devices) > most:
            self._ready.appendleft(devices[most:])
        return devices[:most]

    def _send(self, devices: Ints, slots: Ints) -> None:
        fleet, book = self._fleet, self._fleet.book
        self._tally.requests += len(slots)
        six = fleet.six[devices]
        for family, chosen in ((socket.AF_INET, ~six), (socket.AF_INET6, six)):
            if chosen.any():
                part = slots[chosen]
                self._lanes[family].wire.send(book.data, book.offset[part], book.size[part], fleet.names[devices[chosen]])

    def _expire(self, now: float) -> None:
        flight, fleet = self._flight, self._fleet
        places = flight.overdue(now)
        if not len(places):
            return
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
        lost = ~again
        flight.release(places[lost], answered=False)
        self._tally.timeouts += int(lost.sum())
        if (fleet.answered[devices] & lost).any():
            self._decode_all()
        for number, slot in zip(devices[lost].tolist(), slots[lost].tolist(), strict=True):
            self._give_up(number, slot)

    def _give_up(self, number: int, slot: int) -> None:
        """No answer after all tries. A device that answered before may only be unable to send so much at once."""
        fleet = self._fleet
        fleet.failures[number] += 1
        if fleet.answered[number] and fleet.failures[number] < 2:
            fleet.adapt.cut(number, int(fleet.book.weight[slot]) // 2)
            fleet.ask_again(number)
            self._conclude(np.array([number]))
        else:
            fleet.todo.pop(number, None)
            fleet.special[number] = True
            self._spent.append(np.array([number]))

    def _sort(self, lane: Lane, arrived: Arrived) -> None:
        """Answers as planned wait for the block decoder, and their devices go on; the rest is looked at one by one."""
        flight, fleet = self._flight, self._fleet
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
            self._conclude(devices)
        for i in np.nonzero(~fast)[0].tolist():
            self._odd(lane, arrived, i)

    def _heard(self, devices: Ints, places: Ints) -> None:
        """Times of answers that have just come."""
        flight, fleet, now = self._flight, self._fleet, self._clock()
        self._tally.answers += len(places)
        rtt = now - flight.sent[places]
        once = flight.tries[places] == 0
        fleet.adapt.heard(devices[once], rtt[once])
        fresh = ~fleet.answered[devices]
        if fresh.any():
            new = devices[fresh]
            fleet.answered[new] = True
            fleet.readings.clock[new], fleet.readings.at[new], fleet.readings.rtt[new] = now, self._wall(), rtt[fresh]

    def _conclude(self, devices: Ints) -> None:
        """These devices' requests are over: on to the next, or to the end of the poll."""
        fleet = self._fleet
        special = fleet.special[devices]
        if special.any():
            odd = devices[special]
            goes_on = np.array([fleet.following(number) for number in odd.tolist()], np.bool_)
            self._queue(odd[goes_on], odd[~goes_on])
            devices = devices[~special]
        more = fleet.cursor[devices] + 1 < fleet.book.stop[devices]
        fleet.cursor[devices[more]] += 1
        self._queue(devices[more], devices[~more])

    def _queue(self, going_on: Ints, at_end: Ints) -> None:
        if len(going_on):
            self._ready.append(going_on)
        if len(at_end):
            self._spent.append(at_end)

    def _odd(self, lane: Lane, arrived: Arrived, i: int) -> None:
        """A datagram that is not simply the planned answer."""
        flight, fleet, tally = self._flight, self._fleet, self._tally
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
        self._conclude(np.array([number]))

    def _mend(self, slot: int, response: plain.Response) -> None:
        self._tally.slow_path += 1
        self._tally.too_big += response.error_status == plain.TOO_BIG
        self._tally.variables += mend.take(self._fleet, slot, response)

    def _decode_all(self) -> None:
        for lane in self._lanes.values():
            self._decode(lane)

    def _decode(self, lane: Lane) -> None:
        """Reads all answers that wait, in blocks of about the same number of variables."""
        if lane.waiting:
            at, end, slots = lane.take()
            alike = np.argsort(self._fleet.book.count[slots], kind="stable")
            at, end, slots = at[alike], end[alike], slots[alike]
            for start in range(0, len(slots), BLOCK):
                part = slice(start, start + BLOCK)
                good, numbers = lane.reader.read(at[part], end[part], slots[part], self._fleet.readings)
                np.add.at(self._fleet.got, self._fleet.book.device[slots[part]], numbers)
                self._tally.variables += int(numbers.sum())
                for i in np.nonzero(~good)[0].tolist():
                    self._repair(lane.wire.flat[int(at[start + i]) : int(end[start + i])].tobytes(), int(slots[start + i]))
        lane.filled = 0

    def _repair(self, data: bytes, slot: int) -> None:
        """An answer to the right request with other contents than planned."""
        try:
            response = plain.decode(data)
        except ProtocolError:
            response = None
        if response is None or response.kind != ber.RESPONSE or response.request_id != self._fleet.book.id_of(slot):
            self._tally.malformed += 1
            if not self._fleet.outdated(slot):
                self._fleet.ask_again(int(self._fleet.book.device[slot]))
            return
        self._mend(slot, response)

    def _close_polls(self) -> None:
        """Polls whose last answer was read: finished, unless that answer showed that something is to be asked again."""
        if not self._spent:
            return
        fleet, spent = self._fleet, np.unique(np.concatenate(self._spent))
        self._spent.clear()
        for number in spent[fleet.special[spent]].tolist():
            if fleet.following(number):
                self._ready.append(np.array([number]))
                spent = spent[spent != number]
        if len(spent):
            answered = fleet.verdict(spent)
            now = self._clock()
            fleet.schedule.finished(spent, answered, now)
            fleet.stale.update(fleet.adapt.complete(spent[fleet.whole(spent)]).tolist())
            self._done.append(spent)

    def _secure_results(self) -> None:
        finished = self._secure.results(self._fleet)
        if len(finished):
            answered = self._fleet.answered[finished]
            self._fleet.schedule.finished(finished, answered, self._clock())
            self._done.append(finished)


def _first_of_each(places: Ints) -> npt.NDArray[np.bool_]:
    """Marks the first occurrence of each value."""
    out = np.zeros(len(places), np.bool_)
    out[np.unique(places, return_index=True)[1]] = True
    return out
