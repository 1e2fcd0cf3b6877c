"""Senses: the process that polls. It owns the engine and is the only writer of samples; the hub tells it whom to poll."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from agents.allocation import return_large_arrays
from agents.catalogue import shipped
from agents.rulebook import rulebook
from agents.senses.costing import cost_of
from agents.senses.knowing import Current, living
from agents.senses.memory import Memory
from agents.senses.outbox import Outbox
from agents.senses.probing import Probing
from agents.senses.roster import Roster
from agents.senses.secrets import Borrower, logins_of
from agents.senses.slow import Slow, watched
from agents.senses.steady import ended, kept
from agents.senses.store import SampleWriter
from agents.senses.sweeper import Report, Sweeper
from core.errors import ConflictError
from core.i18n import mark
from core.messages import Assign, Done, LiveDevice, LiveDevices, Watch
from core.paths import data_dir, run_dir
from core.ports import Bus, SampleStore
from core.probes import Outcome, ProbeNews, ProbeNow
from core.settings import Settings
from core.signals import Alert
from links.bus import SocketBus
from links.snmp.engine import Engine
from links.snmp.session import open_session
from monitors.rules.book import unpacked, with_own
from monitors.rules.rule import WINDOWED
from stores.samples import open_samples

LIVE_S = 0.5
STORE_PAUSE_S = 2.0
REMEMBER_S = 60.0
PROBES_NOW = 8
PROBES_TOLD = 200
"""Outcomes in one message: a cloud's holds thousands of figures."""
CURRENT_S = 5.0
"""For the sweeping thread to tell what it polled last."""


class Senses:
    """Wires roster, sweeper, writer and outbox to a bus. Lives in one event loop."""

    def __init__(self, settings: Settings, bus: Bus, store: SampleStore, folder: Path, pause_s: float = STORE_PAUSE_S) -> None:
        rules = self._rules = rulebook(settings).book
        self._bus, self._polling = bus, settings.polling
        self._loop = asyncio.get_running_loop()
        self._writer = SampleWriter(store, pause_s)
        engine = Engine(settings.polling, engine_ids=folder / "snmp-engines")
        self._memory = Memory(folder / "ports-up")
        self._good = Memory(folder / "states-good")
        self._sweeper = Sweeper(engine, self._writer, self._report_from_thread, self._memory.load(), self._good.load(), rules)
        self._outbox = Outbox(bus)
        self._probing = Probing(
            settings.probes, self._writer, self._probed_from_thread, rules.of("threshold", "state"),
            legacy=settings.secrets.ssh_legacy,
        )
        self._borrower = Borrower(bus)
        self._roster = Roster(settings.polling, shipped(), self._sweeper, self._outbox.observed, open_session, rules)
        self._slow = Slow(rules.of(*WINDOWED), store, partial(watched, self._roster, self._probing, store), self._judged_from_thread)
        self._live: dict[str, LiveDevice] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._writer.start()
        self._sweeper.start()
        self._probing.start()
        self._outbox.start()
        self._roster.start()
        self._slow.start()
        await self._bus.subscribe("senses.watch", self._watch)
        await self._bus.subscribe("senses.assign", self._assign)
        await self._bus.subscribe("senses.measured", self._measured)
        await self._bus.subscribe("senses.cost", self._cost)
        await self._bus.subscribe("senses.probe", self._probe, workers=PROBES_NOW)
        self._spawn(kept(self._publish_live))
        self._spawn(kept(self._remember))

    async def stop(self) -> None:
        """Everything that was polled is written, everything that was raised is told, as far as the others still listen."""
        await self._roster.close()
        await asyncio.to_thread(self._slow.stop)
        await asyncio.to_thread(self._probing.stop)
        await asyncio.to_thread(self._sweeper.stop)
        await asyncio.sleep(0)
        await self._outbox.drain(1.0)
        await self._outbox.close()
        await ended(self._tasks)
        await asyncio.to_thread(self._remember_now)
        await asyncio.to_thread(self._writer.stop)

    async def _assign(self, body: bytes) -> bytes:
        assign = msgspec.msgpack.decode(body, type=Assign)
        given = await self._borrower.fetch(assign)
        self._judge_by(assign.rules)
        self._sweeper.know(assign.devices)
        assign, of_probes = self._probing.shared(assign)
        problem = self._roster.assign(assign, given)
        logins = await asyncio.to_thread(logins_of, assign, given)
        self._probing.assign(assign.probes, assign.devices, logins, of_probes)
        now_ms = time.time_ns() // 1_000_000
        self._outbox.alerts([a.replace(cleared_at=now_ms) for a in self._roster.orphans(assign)])
        self._slow.take_over(assign.open_alerts)
        return msgspec.msgpack.encode(Done(error=problem, count=len(assign.devices)))

    def _judge_by(self, packed: bytes) -> None:
        """The rules that the hub has in force. Nothing where they are those that are judged by anyway."""
        book = with_own(unpacked(packed)) if packed else self._rules
        if book != self._rules:
            self._rules = book
            for part in (self._sweeper, self._probing, self._roster, self._slow):
                part.judge_by(book)

    async def _watch(self, body: bytes) -> bytes:
        device_ids = msgspec.msgpack.decode(body, type=Watch).device_ids
        self._roster.watch(device_ids)
        self._sweeper.watch(device_ids)
        return msgspec.msgpack.encode(Done())

    async def _measured(self, body: bytes) -> bytes:
        """What a device measures, by its id."""
        device_id = msgspec.msgpack.decode(body, type=str)
        wanted: asyncio.Future[tuple[int, Current]] = self._loop.create_future()

        def deliver(at_ms: int, current: Current) -> None:
            self._loop.call_soon_threadsafe(_settle, wanted, (at_ms, current))

        self._sweeper.current(device_id, deliver)
        async with asyncio.timeout(CURRENT_S):
            at_ms, current = await wanted
        return msgspec.msgpack.encode(living(self._roster.known.told(device_id), at_ms, current))

    async def _cost(self, body: bytes) -> bytes:
        """What one poll of a device costs, by its id."""
        device_id = msgspec.msgpack.decode(body, type=str)
        entry = self._roster.entry_of(device_id)
        if entry is None:
            raise ConflictError(
                mark("This device is not polled."), way_out=mark("Its record says whether it is to be, and with which credential."),
            )
        marks = self._roster.known.told(device_id).marks
        return msgspec.msgpack.encode(cost_of(self._polling, entry.target, entry.polled, entry.every, marks))

    async def _probe(self, body: bytes) -> bytes:
        """What a probe finds now, by its name."""
        running = self._probing.run_now(msgspec.msgpack.decode(body, type=str))
        outcome: Outcome = await asyncio.wrap_future(running)
        return msgspec.msgpack.encode(outcome)

    def _probed_from_thread(self, found: Sequence[ProbeNow], alerts: Sequence[Alert]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._probed, found, alerts)

    def _probed(self, found: Sequence[ProbeNow], alerts: Sequence[Alert]) -> None:
        if alerts:
            self._outbox.alerts(alerts)
        for start in range(0, len(found), PROBES_TOLD):
            news = ProbeNews(rows=tuple(found[start : start + PROBES_TOLD]))
            self._spawn(self._bus.publish("live.probes", msgspec.msgpack.encode(news)))

    def _judged_from_thread(self, alerts: Sequence[Alert]) -> None:
        self._report_from_thread(Report(alerts=tuple(alerts)))

    def _report_from_thread(self, report: Report) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, report)

    def _take(self, report: Report) -> None:
        for row in report.live:
            self._live[row.id] = row
        self._outbox.alerts(report.alerts)
        for device_id in report.unknown:
            self._roster.heard(device_id)
        for rows in report.interfaces:
            self._spawn(self._bus.publish("live.interfaces", msgspec.msgpack.encode(rows)))
        if report.health is not None:
            self._spawn(self._bus.publish("live.health", msgspec.msgpack.encode(report.health)))

    async def _publish_live(self) -> None:
        while True:
            await asyncio.sleep(LIVE_S)
            if self._live:
                rows, self._live = tuple(self._live.values()), {}
                live = LiveDevices(at_ms=time.time_ns() // 1_000_000, rows=rows)
                await self._bus.publish("live.devices", msgspec.msgpack.encode(live))

    async def _remember(self) -> None:
        while True:
            await asyncio.sleep(REMEMBER_S)
            await asyncio.to_thread(self._remember_now)

    def _remember_now(self) -> None:
        self._memory.save(self._sweeper.seen_up())
        self._good.save(self._sweeper.good_ones())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _settle(wanted: "asyncio.Future[tuple[int, Current]]", found: tuple[int, Current]) -> None:
    """Nobody may be waiting any more."""
    if not wanted.done():
        wanted.set_result(found)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    folder = data_dir(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = open_samples(folder / "samples", settings.samples)
    bus = await SocketBus(run_dir(settings) / "bus.sock", "senses").start()
    senses = Senses(settings, bus, store, folder)
    await senses.start()
    await stop.wait()
    await senses.stop()
    await bus.close()


def main(settings: Settings) -> int:
    """Runs until SIGTERM; samples and alerts are flushed before it returns."""
    return_large_arrays()
    asyncio.run(_serve(settings))
    return 0
