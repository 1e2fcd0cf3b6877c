"""All devices that are polled, as arrays: who they are, how each is asked, and how far its present poll has come."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.errors import InvalidInputError
from core.i18n import tr
from core.polling import Kind, Oid, PollPlan, PollStatus, Readings, Target
from core.sections import Polling
from links.snmp.adapt import Adapt
from links.snmp.book import Book
from links.snmp.names import Names
from links.snmp.requests import Ask, ask_for, asks, encoded_names, runs_of
from links.snmp.schedule import Schedule
from links.snmp.wire import NAME_WORDS, name_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Work = Sequence[tuple[Target, PollPlan]]
_NUMBERS = (Kind.INTEGER, Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, Kind.COUNTER64)
_MOST_REPAIRS = 6
_REMEMBERED = 64


class Fleet:
    """Devices by number, in the order they were assigned. Lasts from one `assign` to the next; the next takes over what stayed.

    cursor: the slot that is in flight or next. todo: slots to be asked after that, where not simply the following ones. stale: devices
    whose requests are to be encoded anew. absent: variables that a v1 device does not have, and so must not be asked for with others.
    light: devices that are asked only whether they answer. texts: from which of a device's variables on they come as texts.
    """

    def __init__(self, work: Work, settings: Polling, now: float, old: "Fleet | None" = None) -> None:
        """old: the fleet before this one. `fill` makes it ready."""
        self.work = list(work)
        self.targets = [target for target, _ in self.work]
        sizes = np.array([plan.size for _, plan in self.work], np.int64)
        self.readings = Readings(sizes)
        self.sizes: Ints = sizes
        self.texts: Ints = np.array([plan.texts for _, plan in self.work], np.int64)
        count = len(self.work)
        names = Names((plan for _, plan in self.work), old.book.names if old is not None else None)
        names_at = np.array([names.of(plan) for _, plan in self.work], np.int64)
        self.book: Book = Book(names, names_at, int(sizes.sum()))
        self.schedule = Schedule(self.targets, settings.dead_probe_s, now)
        self.adapt = Adapt(self.targets, settings.max_datagram)
        self.names: npt.NDArray[np.uint32] = np.zeros((count, NAME_WORDS), np.uint32)
        self.secure: Bools = np.array([t.version == "3" for t in self.targets], np.bool_)
        self.six: Bools = np.array([":" in t.address for t in self.targets], np.bool_)
        self.by_name: Bools = np.zeros(count, np.bool_)
        self.lacking: Ints = np.zeros(count, np.int64)
        self.cursor: Ints = np.zeros(count, np.int64)
        self.answered, self.special, self.moved, self.refused, self.light = (np.zeros(count, np.bool_) for _ in range(5))
        self.got, self.repairs, self.failures = (np.zeros(count, np.int64) for _ in range(3))
        self.patience: Ints = self.adapt.retries.copy()
        self.todo: dict[int, list[int]] = {}
        self.probe: dict[int, int] = {}
        self.stale: set[int] = set()
        self.absent: dict[int, set[int]] = {}
        self._oids: dict[int, list[Oid]] = {}
        self._last: tuple[tuple[object, ...], list[Ask]] | None = None

    def fill(self, old: "Fleet | None", now: float) -> None:
        """Writes the book, taking over from `old` every device whose target and plan are the same."""
        places = {} if old is None else {t.device_id: n for n, t in enumerate(old.targets)}
        stayed: list[tuple[int, int]] = []
        fresh: list[int] = []
        for number, (target, plan) in enumerate(self.work):
            self.names[number] = name_of(target.address, target.port)
            was = places.get(target.device_id)
            if old is not None and was is not None and old.work[was] == (target, plan):
                stayed.append((number, was))
                self._adopt(number, old, was)
            else:
                fresh.append(number)
        for number in sorted(fresh, key=lambda n: id(self.work[n][1])):
            self._enter(number)
        if old is not None:
            self.schedule.keep(old.schedule, stayed, now)
            self.adapt.keep(old.adapt, stayed)

    def _enter(self, number: int) -> None:
        target, plan = self.work[number]
        if not plan.size:
            raise InvalidInputError(tr("There is nothing to poll on {device}.", device=target.device_id), way_out=tr("Discover it again."))
        if not self.secure[number]:
            self.write(number)

    def _adopt(self, number: int, old: "Fleet", was: int) -> None:
        here, there = self.readings.span(number), old.readings.span(was)
        self.readings.raw[here], self.readings.kind[here] = old.readings.raw[there], old.readings.kind[there]
        for name in ("at", "clock", "uptime", "rtt", "status"):
            getattr(self.readings, name)[number] = getattr(old.readings, name)[was]
        self.by_name[number], self.lacking[number] = old.by_name[was], old.lacking[was]
        self.book.adopt(number, self.base(number), old.book, was, old.base(was), int(self.sizes[number]))
        if was in old.stale:
            self.stale.add(number)
        if was in old.absent:
            self.absent[number] = old.absent[was]

    def base(self, number: int) -> int:
        """Number of the device's first variable."""
        return int(self.readings.offset[number])

    def write(self, number: int) -> None:
        """Encodes the device's requests anew, for its present budget and way of asking."""
        self.book.write(number, self.base(number), self._asks(number), plain=self.targets[number].version == "1")
        self.stale.discard(number)

    def _asks(self, number: int) -> list[Ask]:
        """The device's requests; those of the device before serve again where they would be the same."""
        target, plan = self.work[number]
        budget, by_name, absent = int(self.adapt.budget[number]), bool(self.by_name[number]), self.absent.get(number, ())
        alike = (id(plan), target.version, target.secret.community, budget, by_name)
        if absent or self._last is None or self._last[0] != alike:
            made = asks(target, plan, encoded_names(plan), budget, by_name, absent)
            if absent:
                return made
            self._last = (alike, made)
        return self._last[1]

    def oids(self, number: int) -> list[Oid]:
        """Every variable's OID, remembered for plans that need it at each poll."""
        plan = self.work[number][1]
        known = self._oids.get(id(plan))
        if known is None:
            while len(self._oids) >= _REMEMBERED:
                del self._oids[next(iter(self._oids))]
            known = self._oids[id(plan)] = plan.oids()
        return known

    def begin(self, devices: Ints) -> None:
        """A new poll of these devices: nothing read yet."""
        self.light[devices] = False
        light = self.schedule.light(devices)
        for number in (devices if not len(light) else np.setdiff1d(devices, light)).tolist():
            self.readings.kind[self.readings.span(number)] = Kind.NONE
            if number in self.stale:
                self.write(number)
            if number in self.absent:
                self.readings.kind[self.base(number) + np.array(sorted(self.absent[number]))] = Kind.NO_SUCH_INSTANCE
        self.got[devices] = self.repairs[devices] = self.failures[devices] = 0
        for flags in (self.answered, self.special, self.moved, self.refused):
            flags[devices] = False
        self.cursor[devices] = self.book.first[devices]
        self.patience[devices] = self.adapt.retries[devices]
        for number in devices[self.schedule.misses[devices] > 0].tolist():
            self._begin_probe(number)
        for number in light.tolist():
            self._begin_light(number)

    def _begin_probe(self, number: int) -> None:
        """A device that was silent is first asked one small question, once."""
        self._small_question(number)
        self.patience[number] = 0
        self.todo[number] = list(range(self.book.first[number], self.book.stop[number]))

    def _begin_light(self, number: int) -> None:
        """The same question, and no more; what was read of the device before stays."""
        self.light[number] = True
        self.readings.kind[self.base(number)] = Kind.NONE
        if not self.secure[number]:
            self._small_question(number)

    def _small_question(self, number: int) -> None:
        if number not in self.probe:
            target, plan = self.work[number]
            first = ask_for(target, encoded_names(plan)[:1], 0, 1)
            self.probe[number] = self.book.add(number, self.base(number), first, target.version == "1")
        self.special[number] = True
        self.cursor[number] = self.probe[number]

    def following(self, number: int) -> bool:
        """Moves a device that does not simply go on to its next slot; False: there is none."""
        rest = self.todo.get(number, [])
        while rest:
            slot = rest.pop(0)
            if self._missing(slot):
                self.cursor[number] = slot
                self.patience[number] = self.adapt.retries[number]
                return True
        self.todo.pop(number, None)
        return False

    def outdated(self, slot: int) -> bool:
        """A request from before its device was asked in another way: whatever it lacks has been asked for again already."""
        return bool(slot < self.book.first[self.book.device[slot]])

    def ask_again(self, number: int) -> None:
        """Asks for what is still missing, in the way that is now known to suit the device; a bounded number of times in one poll."""
        self.repairs[number] += 1
        self.special[number] = True
        self.todo.pop(number, None)
        self.write(number)
        if self.repairs[number] > _MOST_REPAIRS:
            return
        self.todo[number] = [s for s in range(int(self.book.first[number]), int(self.book.stop[number])) if self._missing(s)]

    def _missing(self, slot: int) -> bool:
        """Something that this request asks for was not read yet."""
        start, count = self.book.start[slot], self.book.count[slot]
        return bool((self.readings.kind[start : start + count] == Kind.NONE).any())

    def ask_rest(self, number: int, variables: list[int], halves: bool) -> None:
        """Asks for these variables by name, in this poll only. halves: in two requests, as something among them does not answer."""
        self.special[number] = True
        if self.repairs[number] > _MOST_REPAIRS or not variables:
            return
        self.repairs[number] += not halves
        target, plan = self.work[number]
        bodies, middle = encoded_names(plan), len(variables) // 2
        parts = (variables[:middle], variables[middle:]) if halves else (variables,)
        pieces = [ask_for(target, bodies, run[0], len(run)) for part in parts for run in runs_of(part)]
        slots = [self.book.add(number, self.base(number), piece, plain=True) for piece in pieces]
        self.book.waste += len(slots)
        self.todo[number] = slots + (self.todo[number] if number in self.todo else self._after(number))

    def _after(self, number: int) -> list[int]:
        """The slots that would have followed the present one."""
        cursor, first, stop = int(self.cursor[number]), int(self.book.first[number]), int(self.book.stop[number])
        return list(range(cursor + 1, stop)) if first <= cursor < stop else []

    def verdict(self, devices: Ints) -> Bools:
        """How the polls of these devices ended; returns which answered at all."""
        readings, base = self.readings, self.readings.offset[devices]
        told = readings.kind[base] == Kind.TIMETICKS
        readings.uptime[devices[told]] = readings.raw[base[told]]
        answered: Bools = self.answered[devices]
        plain_good = answered & (self.got[devices] == self.sizes[devices]) & ~self.special[devices] & ~self.moved[devices]
        readings.status[devices] = np.where(plain_good, PollStatus.COMPLETE, PollStatus.NO_ANSWER)
        self.lacking[devices[plain_good]] = 0
        for number in devices[answered & ~plain_good].tolist():
            readings.status[number] = self._judge(number)
        readings.rtt[devices[~answered]] = np.nan
        for number in devices[~answered].tolist():
            if self.absent.pop(number, None):
                self.stale.add(number)
        return answered

    def whole(self, devices: Ints) -> Bools:
        """Whose last poll was complete."""
        out: Bools = self.readings.status[devices] == PollStatus.COMPLETE
        return out

    def renew_book(self) -> None:
        """The same requests in a book without those that are no longer used."""
        old = self.book
        self.book = Book(old.names, old.names_at, int(self.sizes.sum()))
        self.probe.clear()
        for number in range(len(self.work)):
            base = self.base(number)
            self.book.adopt(number, base, old, number, base, int(self.sizes[number]))

    def _judge(self, number: int) -> PollStatus:
        if self.light[number]:
            return PollStatus.REFUSED if self.refused[number] else PollStatus.ALIVE
        kind = self.readings.kind[self.readings.span(number)]
        lacking = int(np.count_nonzero(~np.isin(kind, _NUMBERS)))
        telling = self.by_name[number] or self.targets[number].version != "1"
        more = telling and lacking > self.lacking[number] and (kind >= Kind.NO_SUCH_OBJECT).any()
        self.lacking[number] = lacking
        if self.refused[number]:
            return PollStatus.REFUSED
        if self.moved[number] or more:
            return PollStatus.REINDEXED
        return PollStatus.PARTIAL if lacking else PollStatus.COMPLETE
