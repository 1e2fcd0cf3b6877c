"""The sweeping thread: lets the engine poll, turns readings into samples, live figures and alerts. It alone touches all of these."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from agents.senses.arena import Arena
from agents.senses.entry import Entry
from agents.senses.judging import Judging
from agents.senses.knowing import Current
from agents.senses.live import LiveRows
from agents.senses.memory import SeenUp
from agents.senses.pace import Pace
from agents.senses.steady import Trouble
from agents.senses.store import SampleWriter
from core.errors import YunwangError
from core.messages import LiveDevice, LiveInterfaces
from core.objects import Device
from core.signals import Alert
from core.views import PollingHealth, Status
from links.snmp.engine import Engine
from monitors.judge import Observation
from monitors.rules.applying import subject_of
from monitors.rules.book import Book, shipped
from monitors.rules.fleet import Fleet, GoodOnes
from monitors.rules.rule import LIVE
from monitors.samples import Live

STEP_S = 0.25
TICK_S = 1.0
log = logging.getLogger(__name__)


class Report(NamedTuple):
    """What the thread has to tell the loop."""

    live: tuple[LiveDevice, ...] = ()
    interfaces: tuple[LiveInterfaces, ...] = ()
    alerts: tuple[Alert, ...] = ()
    unknown: tuple[str, ...] = ()
    """Devices to be discovered: they answer, and what is polled of them is not (or no longer) right."""
    health: PollingHealth | None = None


Order = Callable[[], None]


class Wanted(NamedTuple):
    """What was assigned. unusable: devices that should be polled and cannot be asked at all, with the reason."""

    entries: list[Entry]
    unusable: Mapping[str, str]


class Sweeper:
    """`assign`, `saw`, `watch` and `stop` may be called from any thread; `report` is called in the sweeping one."""

    def __init__(
        self, engine: Engine, writer: SampleWriter, report: Callable[[Report], None], seen_up: SeenUp, good: GoodOnes | None = None,
        rules: Book | None = None,
    ) -> None:
        """seen_up: ports that were up before this process, by device. good: the same for other states. rules: those in force."""
        self._engine, self._writer, self._report = engine, writer, report
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._arena = Arena(engine, writer)
        book = rules or shipped()
        self._judging = Judging(seen_up, {rule.name: rule for rule in book.of("poll")})
        self._fleet = Fleet((rule.name for rule in book.of(*LIVE)), good)
        self._rows = LiveRows()
        self._watched: frozenset[str] = frozenset()
        self._polls = 0
        self._stopping = self._broken = False
        self._wanted = Wanted([], {})
        self._next_tick = 0.0
        self._pace = Pace()
        self._trouble = Trouble()
        self._thread = threading.Thread(target=self._run, name="sweep")

    def start(self) -> None:
        self._thread.start()

    def assign(self, entries: Sequence[Entry], open_alerts: Mapping[str, list[Alert]], unusable: Mapping[str, str]) -> None:
        """Replaces all devices. open_alerts: by device, what was left open before this process; used for devices first seen here.

        unusable: devices that should be polled and cannot be asked at all, with the reason.
        """
        self._order(lambda: self._assign(Wanted(list(entries), dict(unusable)), open_alerts))

    def seen_up(self) -> SeenUp:
        """Ports that were up while we watched, by device."""
        return self._judging.seen_up()

    def know(self, devices: Sequence[Device]) -> None:
        """What rules go by, also of devices that cannot be asked."""
        self._order(lambda: self._judging.know({device.id: subject_of(device) for device in devices}))

    def judge_by(self, book: Book) -> None:
        """These rules from now on; what the devices' own checks are follows with the next `assign`."""
        self._order(lambda: self._judge_by(book))

    def _judge_by(self, book: Book) -> None:
        self._judging.use({rule.name: rule for rule in book.of("poll")})
        self._fleet.use(rule.name for rule in book.of(*LIVE))

    def saw(self, device_id: str, observation: Observation) -> None:
        """What discovery saw of a device."""
        self._order(lambda: self._saw(device_id, observation))

    def watch(self, device_ids: Sequence[str]) -> None:
        """Whose interfaces are reported, at once and after each poll."""
        self._order(lambda: self._watch(frozenset(device_ids)))

    def current(self, device_id: str, deliver: Callable[[int, Current], None]) -> None:
        """The measures of a device as they were polled last; `deliver` is called in the sweeping thread, with 0 where none was."""
        self._order(lambda: deliver(*self._arena.current(device_id)))

    def stop(self) -> None:
        """Ends the thread; the poll in flight is given up."""
        self._order(self._stop)
        self._thread.join()

    def _order(self, order: Order) -> None:
        self._orders.put(order)
        self._engine.wake()

    def _stop(self) -> None:
        self._stopping = True

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._round()
            except (YunwangError, OSError) as error:
                log.warning("%s", error)
                time.sleep(STEP_S)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the polling of a city
                self._trouble.note(error, "A sweep")
                self._broken = True
                time.sleep(self._trouble.pause())
        self._engine.close()

    def _round(self) -> None:
        self._obey()
        if self._broken:
            self._begin_anew()
        finished = self._engine.step(STEP_S)
        if finished:
            self._finish(finished, _now_ms())
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK_S
            self._tick(_now_ms())

    def _begin_anew(self) -> None:
        """After a fault: nothing that it may have left half done is used again. What is known of devices and their alerts stays."""
        self._arena.clear()
        self._assign(self._wanted, {})
        self._broken = False

    def _obey(self) -> None:
        while not self._stopping:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            order()

    def _assign(self, wanted: Wanted, open_alerts: Mapping[str, list[Alert]]) -> None:
        self._wanted, arena = wanted, self._arena
        self._judging.know({e.device.id: subject_of(e.device, e.platform) for e in wanted.entries})
        before = {e.target.device_id: e.polled for e in arena.entries}
        unusable = {**wanted.unusable, **arena.take_over(wanted.entries)}
        cleared = self._judging.keep((*arena.place, *unusable), open_alerts, _now_ms())
        cleared += arena.watched(self._fleet, open_alerts, _now_ms(), unusable)
        for device_id in before.keys() - arena.place.keys() - unusable.keys():
            self._rows.forget(device_id)
        for entry in arena.entries:
            if before.get(entry.target.device_id) is not entry.polled:
                self._judging.renewed(entry.target.device_id)
        if cleared:
            self._report(Report(alerts=cleared))
        for device_id, reason in unusable.items():
            self._saw(device_id, Observation("refused", reason=reason))

    def _watch(self, device_ids: frozenset[str]) -> None:
        self._watched = device_ids
        self._report(Report(interfaces=tuple(self._interfaces(d) for d in device_ids if d in self._arena.place)))

    def _interfaces(self, device_id: str) -> LiveInterfaces:
        return self._arena.interfaces(device_id, self._judging.changed(device_id))

    def _finish(self, finished: list[int], now_ms: int) -> None:
        """Everything that follows from polls that ended."""
        arena = self._arena
        watched = {n: d for n in finished if (d := arena.entries[n].target.device_id) in self._watched}
        before = {n: arena.ports(n) for n in watched}
        block, live = arena.advance(finished, now_ms)
        self._writer.submit(block)
        self._polls += len(finished)
        place = {int(n): at for at, n in enumerate(live.device)}
        rows: list[LiveDevice] = []
        alerts = self._levels(live, now_ms)
        unknown: list[str] = []
        for number in finished:
            device_id, at = arena.entries[number].target.device_id, place.get(number)
            moved, rebooted = (False, False) if at is None else (bool(live.moved[at]), bool(live.rebooted[at]))
            try:
                rows.append(self._rows.put(arena.row(number, now_ms, live, at), light=arena.was_light(number)))
                if moved or rebooted or not arena.answered(number) or not self._judging.is_settled(device_id):
                    alerts += self._judging.saw(device_id, arena.observation(number, rebooted), now_ms)
                if moved and number in before:
                    self._judging.note_changes(device_id, before[number], arena.ports(number), now_ms)
                if arena.is_unknown(number, rebooted):
                    unknown.append(device_id)
            except Exception as error:  # noqa: BLE001 - whatever is odd about one device, the others are judged
                self._trouble.note(error, f"Judging {device_id}")
        looked = tuple(self._interfaces(device_id) for device_id in watched.values())
        self._report(Report(tuple(rows), looked, tuple(alerts), tuple(unknown)))

    def _levels(self, live: Live, now_ms: int) -> list[Alert]:
        try:
            return list(self._arena.judged(self._fleet, live, now_ms))
        except Exception as error:  # noqa: BLE001 - whatever is odd about one rule, polling goes on
            self._trouble.note(error, "Judging fresh values")
            return []

    def good_ones(self) -> GoodOnes:
        """States that were good while we watched, by device."""
        return self._fleet.good_ones()

    def _saw(self, device_id: str, observation: Observation) -> None:
        now_ms = _now_ms()
        if not self._judging.watches(device_id):
            return
        alerts = self._judging.saw(device_id, observation, now_ms)
        status: Status = {"yes": "up", "none": "down", "refused": "refused"}[observation.answer]  # type: ignore[assignment]
        row = LiveDevice(id=device_id, status=status, since=now_ms, polled_at=now_ms, uptime_s=observation.uptime_s)
        self._report(Report(live=(self._rows.put(row),), alerts=alerts))

    def _tick(self, now_ms: int) -> None:
        alerts = self._judging.passed(now_ms)
        if not self._writer.error:
            self._arena.number_the_rest()
        self._report(Report(alerts=alerts, health=self._health()))

    def _health(self) -> PollingHealth:
        counters = self._engine.counters()
        speed, cpu = self._pace.measure(counters.variables)
        return PollingHealth(
            variables_per_s=speed,
            variables=counters.variables,
            requests=counters.requests,
            timeouts=counters.timeouts,
            cpu_share=cpu,
            overdue=self._engine.overdue(),
            polls=self._polls,
            undiscovered=self._arena.undiscovered(),
            storage_error=self._writer.error,
            faults=self._trouble.count,
            polling_error=self._trouble.sentence,
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
