"""The sweeping thread: lets the engine poll, turns readings into samples, live figures and alerts. It alone touches all of these."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agents.senses_entry import ALIVE, Entry, finite, ports_of, rows_of
from agents.senses_memory import SeenUp
from agents.senses_pace import Pace
from agents.senses_steady import Trouble
from agents.senses_store import SampleWriter
from core.errors import YunwangError
from core.messages import LiveDevice, LiveInterfaces
from core.polling import PollStatus
from core.signals import Alert
from core.views import PollingHealth, Status
from links.snmp.engine import Engine
from monitors.judge import DeviceState, Observation, Port, fresh, gone, judge
from monitors.meaning import Polled
from monitors.samples import DEVICE_METRICS, NOT_STORED, Ledger, Live, Numbers, keys_of

STEP_S = 0.25
TICK_S = 1.0
_NUMBERED = 128
"""Devices whose series are numbered together: each time is one durable write, and their names take 100 kB a device meanwhile."""
REINDEX_PAUSE_S = 60.0
"""A device's tables are not read anew more often than that, however often it says that they moved."""
_STATUS: dict[int, Status] = {
    PollStatus.COMPLETE: "up",
    PollStatus.PARTIAL: "partial",
    PollStatus.REINDEXED: "partial",
    PollStatus.NO_ANSWER: "down",
    PollStatus.REFUSED: "refused",
}
_ANSWERED = (PollStatus.COMPLETE, PollStatus.PARTIAL, PollStatus.REINDEXED)
log = logging.getLogger(__name__)


class Report(NamedTuple):
    """What the thread has to tell the loop."""

    live: tuple[LiveDevice, ...] = ()
    interfaces: tuple[LiveInterfaces, ...] = ()
    alerts: tuple[Alert, ...] = ()
    unknown: tuple[str, ...] = ()
    """Devices to be discovered: they answer, and what is polled of them is not (or no longer) right."""
    health: PollingHealth | None = None


class Known(NamedTuple):
    """A device's line on the screen, remembered for `since`."""

    status: Status
    since: int


Order = Callable[[], None]


class Sweeper:
    """`assign`, `saw`, `watch` and `stop` may be called from any thread; `report` is called in the sweeping one."""

    def __init__(self, engine: Engine, writer: SampleWriter, report: Callable[[Report], None], seen_up: SeenUp) -> None:
        """seen_up: ports that were up before this process, by device."""
        self._engine, self._writer, self._report, self._before = engine, writer, report, seen_up
        self._orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self._entries: list[Entry] = []
        self._place: dict[str, int] = {}
        self._ledger: Ledger | None = None
        self._numbers: dict[str, tuple[Polled, Numbers]] = {}
        self._states: dict[str, DeviceState] = {}
        self._first: set[str] = set()
        self._known: dict[str, Known] = {}
        self._changed: dict[str, dict[str, int]] = {}
        self._asked: dict[str, float] = {}
        self._watched: frozenset[str] = frozenset()
        self._polls = 0
        self._stopping = self._broken = False
        self._wanted: list[Entry] = []
        self._unusable: Mapping[str, str] = {}
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
        self._order(lambda: self._assign(list(entries), open_alerts, dict(unusable)))

    def seen_up(self) -> SeenUp:
        """Ports that were up while we watched, by device."""
        return {device_id: state.seen_up for device_id, state in self._states.copy().items() if state.seen_up}

    def saw(self, device_id: str, observation: Observation) -> None:
        """What discovery saw of a device."""
        self._order(lambda: self._saw(device_id, observation))

    def watch(self, device_ids: Sequence[str]) -> None:
        """Whose interfaces are reported, at once and after each poll."""
        self._order(lambda: self._watch(frozenset(device_ids)))

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
        self._engine.assign([])
        self._entries, self._place, self._ledger = [], {}, None
        self._assign(self._wanted, {}, self._unusable)
        self._broken = False

    def _obey(self) -> None:
        while not self._stopping:
            try:
                order = self._orders.get_nowait()
            except queue.Empty:
                return
            order()

    def _assign(self, entries: list[Entry], open_alerts: Mapping[str, list[Alert]], unusable: Mapping[str, str]) -> None:
        self._wanted, self._unusable = entries, unusable
        self._engine.assign([(e.target, e.polled.plan) for e in entries])
        old, before, was = self._ledger, self._entries, self._place
        self._entries, self._place = entries, {e.target.device_id: n for n, e in enumerate(entries)}
        numbers = self._series(entries)
        self._ledger = Ledger(self._engine.readings, [e.polled for e in entries], numbers)
        if old is not None:
            pairs = [(n, was[e.target.device_id]) for n, e in enumerate(entries) if e.target.device_id in was]
            stayed = [(n, o) for n, o in pairs if before[o].polled is entries[n].polled and before[o].target == entries[n].target]
            self._ledger.carry_time(old, pairs)
            self._ledger.carry(old, stayed)
        self._forget(self._states.keys() - self._place.keys() - unusable.keys())
        for device_id in (*self._place, *unusable):
            if device_id not in self._states:
                ports = self._before.get(device_id, frozenset())
                self._states[device_id] = fresh(device_id, tuple(open_alerts.get(device_id, ())), ports)
        for entry in entries:
            device_id = entry.target.device_id
            if device_id not in was or before[was[device_id]].polled is not entry.polled:
                self._first.add(device_id)
        for device_id, reason in unusable.items():
            self._saw(device_id, Observation("refused", reason=reason))

    def _forget(self, device_ids: set[str]) -> None:
        alerts: list[Alert] = []
        for device_id in device_ids:
            if state := self._states.pop(device_id, None):
                alerts += gone(state, _now_ms())
            for memory in (self._known, self._changed, self._numbers, self._asked):
                memory.pop(device_id, None)
        if alerts:
            self._report(Report(alerts=tuple(alerts)))

    def _series(self, entries: Sequence[Entry]) -> list[Numbers]:
        """Series numbers of all devices: those known, and new ones for many devices at a time."""
        new = [e for e in entries if (k := self._numbers.get(e.target.device_id)) is None or k[0] is not e.polled]
        for start in range(0, len(new), _NUMBERED):
            if not self._number(new[start : start + _NUMBERED]):
                break
        return [self._given(e) for e in entries]

    def _number(self, new: Sequence[Entry]) -> bool:
        """Gets the numbers of these; False: the store cannot give any now."""
        keys = [keys_of(e.target.device_id, e.polled) for e in new]
        given = self._writer.numbers([key for some in keys for key in some])
        if given is None:
            return False
        start = 0
        for entry, some in zip(new, keys, strict=True):
            self._numbers[entry.target.device_id] = (entry.polled, given[start : start + len(some)].copy())
            start += len(some)
        return True

    def _given(self, entry: Entry) -> Numbers:
        known = self._numbers.get(entry.target.device_id)
        if known is not None and known[0] is entry.polled:
            return known[1]
        return np.full(entry.polled.plan.size + len(DEVICE_METRICS), NOT_STORED, np.uint32)

    def _number_the_rest(self) -> None:
        """Once the store works again: numbers for series that could not get theirs."""
        if self._ledger is None or all(self._numbers.get(d, (None,))[0] is self._entries[n].polled for d, n in self._place.items()):
            return
        for number, numbers in enumerate(self._series(self._entries)):
            plural = len(DEVICE_METRICS)
            self._ledger.series[self._engine.readings.span(number)] = numbers[:-plural]
            self._ledger.device_series[number] = numbers[-plural:]

    def _watch(self, device_ids: frozenset[str]) -> None:
        self._watched = device_ids
        rows = [self._interfaces(device_id) for device_id in device_ids if device_id in self._place]
        self._report(Report(interfaces=tuple(rows)))

    def _interfaces(self, device_id: str) -> LiveInterfaces:
        number = self._place[device_id]
        ledger, at_ms = self._book, int(self._engine.readings.at[number] * 1000)
        rows = rows_of(self._entries[number], ledger, number, at_ms, self._changed.get(device_id, {}))
        return LiveInterfaces(device_id=device_id, at_ms=at_ms, rows=rows)

    @property
    def _book(self) -> Ledger:
        if self._ledger is None:
            raise YunwangError("Nothing is assigned.")
        return self._ledger

    def _finish(self, finished: list[int], now_ms: int) -> None:
        """Everything that follows from polls that ended."""
        readings, ledger = self._engine.readings, self._book
        states = {n: ports_of(self._entries[n], ledger, n) for n in finished if self._entries[n].target.device_id in self._watched}
        block, live = ledger.advance(readings, finished, now_ms)
        self._writer.submit(block)
        self._polls += len(finished)
        place = {int(n): at for at, n in enumerate(live.device)}
        rows: list[LiveDevice] = []
        alerts: list[Alert] = []
        unknown: list[str] = []
        for number in finished:
            at = place.get(number)
            device_id = self._entries[number].target.device_id
            moved = at is not None and bool(live.moved[at])
            rebooted = at is not None and bool(live.rebooted[at])
            try:
                rows.append(self._live_row(number, now_ms, _figures(live, at) if at is not None else {}))
                alerts += self._judge(number, now_ms, moved, rebooted)
                if moved and number in states:
                    self._note_changes(device_id, states[number], number, now_ms)
                if self._is_unknown(number, rebooted):
                    unknown.append(device_id)
            except Exception as error:  # noqa: BLE001 - whatever is odd about one device, the others are judged
                self._trouble.note(error, f"Judging {device_id}")
        looked = [self._interfaces(d) for n in finished if (d := self._entries[n].target.device_id) in self._watched]
        self._report(Report(tuple(rows), tuple(looked), tuple(alerts), tuple(unknown)))

    def _note_changes(self, device_id: str, before: Sequence[Port], number: int, now_ms: int) -> None:
        old = {port.name: port.oper for port in before}
        for port in ports_of(self._entries[number], self._book, number):
            if old.get(port.name, 0) and old[port.name] != port.oper:
                self._changed.setdefault(device_id, {})[port.name] = now_ms

    def _is_unknown(self, number: int, rebooted: bool) -> bool:
        entry, status = self._entries[number], self._engine.readings.status[number]
        if status in (PollStatus.NO_ANSWER, PollStatus.REFUSED):
            return False
        if entry.polled is ALIVE or rebooted:
            return True
        if status != PollStatus.REINDEXED:
            return False
        now = time.monotonic()
        if now - self._asked.get(entry.target.device_id, -REINDEX_PAUSE_S) < REINDEX_PAUSE_S:
            return False
        self._asked[entry.target.device_id] = now
        return True

    def _live_row(self, number: int, now_ms: int, figures: dict[str, float | int]) -> LiveDevice:
        readings, device_id = self._engine.readings, self._entries[number].target.device_id
        status = _STATUS.get(int(readings.status[number]), "unknown")
        known = self._remember(device_id, status, now_ms)
        answered = status in ("up", "partial")
        return LiveDevice(
            id=device_id,
            status=status,
            since=known.since,
            polled_at=int(readings.at[number] * 1000) if answered else now_ms,
            rtt_ms=round(finite(readings.rtt[number] * 1000), 2),
            uptime_s=int(readings.uptime[number] // 100) if answered else -1,
            **figures,  # type: ignore[arg-type]
        )

    def _remember(self, device_id: str, status: Status, now_ms: int) -> Known:
        known = self._known.get(device_id)
        if known is None or known.status != status:
            known = self._known[device_id] = Known(status, now_ms)
        return known

    def _judge(self, number: int, now_ms: int, moved: bool, rebooted: bool) -> tuple[Alert, ...]:
        """Alerts of one poll. A quiet device that is as it was need not be judged: `judge` would change nothing."""
        entry, readings = self._entries[number], self._engine.readings
        device_id, status = entry.target.device_id, int(readings.status[number])
        state = self._states[device_id]
        good = status in _ANSWERED
        if good and state.quiet and not moved and not rebooted and device_id not in self._first:
            return ()
        if good:
            self._first.discard(device_id)
        ports = ports_of(entry, self._book, number) if good and entry.known else None
        answer = "yes" if good else "refused" if status == PollStatus.REFUSED else "none"
        seen = Observation(answer, int(readings.uptime[number] // 100), rebooted, ports, entry.target.address)  # type: ignore[arg-type]
        self._states[device_id], alerts = judge(state, seen, now_ms)
        return alerts

    def _saw(self, device_id: str, observation: Observation) -> None:
        state = self._states.get(device_id)
        if state is None:
            return
        now_ms = _now_ms()
        self._states[device_id], alerts = judge(state, observation, now_ms)
        status: Status = {"yes": "up", "none": "down", "refused": "refused"}[observation.answer]  # type: ignore[assignment]
        known = self._remember(device_id, status, now_ms)
        row = LiveDevice(id=device_id, status=status, since=known.since, polled_at=now_ms, uptime_s=observation.uptime_s)
        if observation.ports is not None:
            up = sum(port.oper == 1 for port in observation.ports)
            row = row.replace(ports_up=up, ports=len(observation.ports))
        self._report(Report(live=(row,), alerts=alerts))

    def _tick(self, now_ms: int) -> None:
        alerts: list[Alert] = []
        for device_id, state in self._states.items():
            if not state.quiet:
                self._states[device_id], some = judge(state, None, now_ms)
                alerts += some
        if not self._writer.error:
            self._number_the_rest()
        self._report(Report(alerts=tuple(alerts), health=self._health()))

    def _health(self) -> PollingHealth:
        counters, status = self._engine.counters(), self._engine.readings.status
        speed, cpu = self._pace.measure(counters.variables)
        return PollingHealth(
            variables_per_s=speed,
            variables=counters.variables,
            requests=counters.requests,
            timeouts=counters.timeouts,
            cpu_share=cpu,
            overdue=self._engine.overdue() if self._entries else 0,
            polls=self._polls,
            undiscovered=sum(not entry.known and status[number] in _ANSWERED for number, entry in enumerate(self._entries)),
            storage_error=self._writer.error,
            faults=self._trouble.count,
            polling_error=self._trouble.sentence,
        )


def _figures(live: Live, at: int) -> dict[str, float | int]:
    return {
        "in_bps": round(finite(live.in_bps[at]), 1),
        "out_bps": round(finite(live.out_bps[at]), 1),
        "ports_up": int(live.ports_up[at]),
        "ports": int(live.ports[at]),
    }


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
