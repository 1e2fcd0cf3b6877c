"""The engine: polls thousands of devices from one thread, each at its own time and in its own way.

    engine = Engine(settings.polling)
    engine.assign([(target, plan), ...])
    while running:
        for device in engine.step(0.5): ...        # engine.readings.span(device) has its new values

v1 and v2c go over one socket an address family; v3 runs beside it on a loop of its own. Everything is counted.
"""

import select
import socket
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.polling import EngineCounters, PollPlan, Readings, Target
from core.sections import Polling
from links.snmp.adapt import LARGEST
from links.snmp.fleet import Fleet, Work
from links.snmp.flight import FREE, Flight
from links.snmp.lane import Lane
from links.snmp.polls import Polls
from links.snmp.receiver import Receiver
from links.snmp.secure import SecureRoad
from links.snmp.sender import Sender
from links.snmp.session3 import new_session
from links.snmp.tally import Tally
from links.snmp.wire import open_wire

Ints = npt.NDArray[np.int64]
_BUFFERS = 512
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
        self._settings, self._portable, self._clock = settings, portable, clock
        self._flight = Flight(1 << max(6, (4 * settings.window - 1).bit_length()))
        self._tally = Tally()
        self._lanes: dict[int, Lane] = {}
        self._secure = SecureRoad(self._tally, self.wake, engine_ids, wall)
        self._bell_in, self._bell_out = socket.socketpair()
        self._bell_in.setblocking(False)
        self._bell_out.setblocking(False)
        self._poll = select.poll()
        self._poll.register(self._bell_in, select.POLLIN)
        self._polls = Polls(Fleet([], settings, clock()))
        self._sender = Sender(self._polls, self._flight, self._lanes, self._tally, settings.window)
        self._receiver = Receiver(self._polls, self._flight, self._lanes, self._tally, clock, wall)
        self._done: list[Ints] = []
        self._last_batch = 0

    @property
    def _fleet(self) -> Fleet:
        return self._polls.fleet

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
        old = self._fleet if self._fleet.work else None
        fleet = Fleet(work, self._settings, now, old)
        fleet.fill(old, now)
        self._secure.assign(fleet)
        self._flight.release(np.nonzero(self._flight.slot != FREE)[0], answered=False)
        self._polls.use(fleet)
        self._done.clear()
        self._open_lanes(fleet)
        for lane in self._lanes.values():
            lane.use(fleet.book)

    def trial(self, target: Target, plan: PollPlan) -> None:
        """Raises what `assign` would raise because of this one device; polls nothing."""
        fleet = Fleet([(target, plan)], self._settings, self._clock())
        fleet.fill(None, self._clock())
        if target.version == "3":
            new_session(target)

    def _open_lanes(self, fleet: Fleet) -> None:
        for family, some in ((socket.AF_INET, ~fleet.six), (socket.AF_INET6, fleet.six)):
            if (some & ~fleet.secure).any() and family not in self._lanes:
                wire = open_wire(family, _BUFFERS, LARGEST + 1024, self._settings.receive_buffer, self._portable)
                self._lanes[family] = Lane(wire, fleet.book)
                self._poll.register(wire.socket, select.POLLIN)
                self._sender.suit(wire)

    def step(self, budget_s: float) -> list[int]:
        """Works until devices have been polled or the budget is spent; returns their numbers. Sleeps while there is nothing to do."""
        until = self._clock() + budget_s
        while True:
            now = self._clock()
            self._launch(self._fleet.schedule.take_due(now), now)
            self._turn(now)
            if self._done:
                return self._take_done()
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
                continue
            for number in self._take_done():
                left.discard(number)
                out.append(number)
        return out

    def _take_done(self) -> list[int]:
        finished: list[int] = np.concatenate(self._done).tolist()
        self._done.clear()
        return finished

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
            self._polls.ready.append(devices[~secure])

    def _rewrite(self) -> None:
        """A new book without the requests that are no longer used, once nothing of the old one is in flight."""
        if self._flight.open or self._polls.ready or self._polls.spent:
            return
        self._fleet.renew_book()
        for lane in self._lanes.values():
            lane.use(self._fleet.book)

    def _turn(self, now: float) -> None:
        """One round: send what may be sent, read what came, decode what is enough, give up what was overdue before that."""
        self._sender.transmit(now)
        self._last_batch = self._receiver.receive()
        crowded = self._receiver.crowded
        if not crowded:
            self._expire(now)
        if crowded or (self._polls.spent and (not self._last_batch or not self._flight.open)):
            self._receiver.decode()
            self._finished(self._polls.close(self._clock()))
        secure = self._secure.results(self._fleet)
        if len(secure):
            self._fleet.schedule.finished(secure, self._fleet.answered[secure], self._clock())
            self._finished(secure)

    def _finished(self, devices: Ints) -> None:
        if len(devices):
            self._done.append(devices)

    def _expire(self, now: float) -> None:
        lost = self._sender.expire(now)
        if not len(lost.slots):
            return
        if self._fleet.answered[lost.devices].any():
            self._receiver.decode()
        for number, slot in zip(lost.devices.tolist(), lost.slots.tolist(), strict=True):
            self._polls.give_up(number, slot)

    def _wait(self, until: float) -> bool:
        """Sleeps until something comes, falls due, or was woken (True)."""
        if self._polls.spent:
            return False
        now = self._clock()
        if self._flight.open > _FEW and 0 < self._last_batch < _FEW:
            time.sleep(_LINGER_S)
            return False
        next_time = min(until, self._fleet.schedule.next_due(), self._flight.next_deadline())
        if self._polls.ready:
            next_time = min(next_time, now + 0.02)
        ready = self._poll.poll(max(0.0, next_time - now) * 1000.0)
        if any(number == self._bell_in.fileno() for number, _ in ready):
            self._bell_in.recv(4096)
            return not self._secure.has_results
        return False
