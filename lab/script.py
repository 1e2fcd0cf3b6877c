"""A day in the City, seeded: now and then a flap, a dead switch, a slow line, a township that goes dark and returns."""

import heapq
from collections.abc import Callable
from random import Random

from lab.city import Box, City
from lab.events import Events
from lab.traffic import RATE_UNIT

_PAUSE_S = (2.0, 6.0)
_DARKNESS_AFTER_S = (35.0, 45.0)
_DARKNESS_EVERY_S = (180.0, 360.0)
_LATE_S = 60.0
"""By so much a busy machine may be late with what is due."""


class Script:
    """Things that happen by themselves. `step` does those that are due; time is an argument, in seconds."""

    def __init__(self, city: City, events: Events, seed: int) -> None:
        self.city, self.events, self.rng = city, events, Random(seed)
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._count = 0
        self._crowded: set[int] = set()
        self._edge = [box for box in city.boxes if box.slot.role in ("access", "server", "CE")] or list(city.boxes)
        # in a small city not every place has a device
        standing = {box.slot.site for box in city.boxes}
        self._townships = [city.places[site].name for site in sorted(standing) if city.places[site].level == "township"]

    def begin(self, now: float) -> None:
        """The morning's state: a few devices that are dead, slow or lossy; then the first things to come."""
        rng, events, edge = self.rng, self.events, self._edge
        for box in rng.sample(edge, len(edge) // 400):
            events.kill(box.name)
        for box in rng.sample(edge, len(edge) // 100):
            events.slow(box.name, rng.uniform(20, 400))
        for box in rng.sample(edge, len(edge) // 300):
            events.lossy(box.name, rng.uniform(0.02, 0.15))
        self._at(now + rng.uniform(*_PAUSE_S), self._something)
        if self._townships:
            self._at(now + rng.uniform(*_DARKNESS_AFTER_S), self._darkness)

    def step(self, now: float) -> float:
        """Does what is due; the time of the next thing."""
        while self._due and self._due[0][0] <= now:
            _, _, action = heapq.heappop(self._due)
            action(now)
        return self._due[0][0] if self._due else now + 3600

    def _at(self, when: float, action: Callable[[float], None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (when, self._count, action))

    def _something(self, now: float) -> None:
        self._at(now + self.rng.uniform(*_PAUSE_S), self._something)
        box = self.rng.choice(self._edge)
        if not self.events.state.devices[box.number]["alive"]:
            return
        kinds = (self._flap, self._shut, self._die, self._restart, self._crowd)
        self.rng.choices(kinds, (55, 12, 8, 8, 17))[0](now, box)

    def _interface(self, box: Box) -> str:
        return box.layout.rows[self.rng.choice(box.layout.downlinks or box.layout.uplinks)].name

    def _flap(self, now: float, box: Box) -> None:
        interface, when = self._interface(box), now
        for _ in range(self.rng.choice((1, 1, 1, 3))):
            self._at(when, lambda _: self.events.cut(box.name, interface))
            when += self.rng.uniform(3, 20)
            self._at(when, lambda _: self.events.mend(box.name, interface))
            when += self.rng.uniform(1, 8)

    def _shut(self, now: float, box: Box) -> None:
        interface = self._interface(box)
        self.events.shutdown(box.name, interface)
        self._at(now + self.rng.uniform(40, 120), lambda _: self.events.no_shutdown(box.name, interface))

    def _die(self, now: float, box: Box) -> None:
        self.events.kill(box.name)
        self._at(now + self.rng.uniform(40, 150), lambda _: self.events.revive(box.name))

    def _restart(self, _: float, box: Box) -> None:
        self.events.reboot(box.name, renumber=self.rng.random() < 0.3)

    def _crowd(self, now: float, box: Box) -> None:
        """A line that fills up for a while; one at a time, so that each goes back to what it was."""
        row = box.layout.rows[self.rng.choice(box.layout.uplinks)]
        port, until = self.city.port(box.name, row.name), now + self.rng.uniform(60, 180)
        if port in self._crowded or not self._crowded.isdisjoint(self.city.far_ends(port)):
            return
        before = int(self.events.state.ports[port]["rate_in"]) * 8 * RATE_UNIT
        self.events.fill(box.name, row.name, self.rng.uniform(0.5, 0.92), until - now + _LATE_S)
        self._crowded.add(port)

        def over(_: float) -> None:
            self._crowded.discard(port)
            self.events.load(box.name, row.name, before)

        self._at(until, over)

    def _darkness(self, now: float) -> None:
        site = self.rng.choice(self._townships)
        self.events.darken(site)
        self._at(now + self.rng.uniform(45, 90), lambda _: self.events.relight(site))
        self._at(now + self.rng.uniform(*_DARKNESS_EVERY_S), self._darkness)
