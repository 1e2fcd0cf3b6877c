"""The probes of a city: a thread with a loop of its own, so that nothing that is slow or hostile out there delays the polling."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from agents.senses.probing_asks import Way, ask
from agents.senses.probing_calendar import Calendar
from agents.senses.probing_judging import Levels
from agents.senses.probing_pings import is_echo, pinged
from agents.senses.probing_store import ProbeStore, measured
from agents.senses.steady import Trouble, ended, kept
from agents.senses.store import SampleWriter
from core.errors import NotFoundError
from core.i18n import tr
from core.messages import Assign
from core.objects import Device
from core.probes import ECHO, Outcome, Probe, ProbeNow, ProbeTask
from core.sections import Probes
from core.signals import Alert
from links.ssh import Login
from monitors.rules.book import Book
from monitors.rules.rule import Rule

TICK_S = 0.25
FLUSH_S = 1.0
MOST_TASKS = 20_000
MOST_SHOWN = 50
"""Figures of an outcome that people are shown: a cloud has thousands, all of which are stored."""
log = logging.getLogger(__name__)
News = Callable[[Sequence[ProbeNow], Sequence[Alert]], None]


class Probing:
    """`assign`, `run_now` and `stop` may be called from any thread; `news` is called in the probes' own, once a second at most."""

    def __init__(
        self, settings: Probes, writer: SampleWriter, news: News, rules: Iterable[Rule] = (), *, legacy: bool = False,
    ) -> None:
        """rules: those in force; of them the ones count that are about single values."""
        self._settings, self._news, self._legacy = settings, news, legacy
        self._store = ProbeStore(writer)
        self._blocking = ThreadPoolExecutor(settings.threads, "probe")
        self._pinging = ThreadPoolExecutor(1, "ping")
        self._calendar = Calendar()
        self._tasks: dict[str, ProbeTask] = {}
        self._logins: Mapping[str, Login] = {}
        self._running: dict[str, asyncio.Task[Outcome]] = {}
        self._to_ping: dict[str, ProbeTask] = {}
        self._busy: set[str] = set()
        self._found: list[ProbeNow] = []
        self._alerts: list[Alert] = []
        self._levels = Levels(rules)
        self._trouble = Trouble()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._life, name="probes")

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """What runs is given up; what was measured is handed to the writer."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._blocking.shutdown(wait=False, cancel_futures=True)
        self._pinging.shutdown(wait=False, cancel_futures=True)
        self._store.flush()

    def shared(self, assign: Assign) -> tuple[Assign, tuple[Alert, ...]]:
        """The assignment without the alerts that probes had left open, and these."""
        probes = frozenset((task.object_id, task.probe.name) for task in assign.probes)
        ours = tuple(alert for alert in assign.open_alerts if self._levels.owns(alert, probes))
        taken = {alert.id for alert in ours}
        return assign.replace(open_alerts=tuple(alert for alert in assign.open_alerts if alert.id not in taken)), ours

    def assign(
        self, tasks: Iterable[ProbeTask], devices: Sequence[Device], logins: Mapping[str, Login], open_alerts: Iterable[Alert] = (),
    ) -> None:
        """Replaces all probes. devices: whom echoes are sent to anyway. logins: by name of the credential. open_alerts: of probes, left
        open before this process."""
        wanted = {task.probe.name: task for task in tasks if task.probe.enabled}
        if self._settings.ping_s:
            asked_already = {task.object_id for task in wanted.values() if task.probe.kind == "icmp"}
            echoes = (self._echo(device) for device in devices if device.polled and device.id not in asked_already)
            wanted |= {f"{ECHO}:{task.object_id}": task for task in echoes}
        some = dict(list(wanted.items())[:MOST_TASKS])
        self._loop.call_soon_threadsafe(self._take, some, dict(logins), tuple(devices), tuple(open_alerts))

    def judge_by(self, book: Book) -> None:
        """These rules from now on."""
        self._loop.call_soon_threadsafe(self._use, book.of("threshold", "state"))

    def _use(self, rules: Sequence[Rule]) -> None:
        self._alerts += self._levels.use(rules, _now_ms())

    def watched(self) -> dict[str, tuple[str, set[str]]]:
        """By id of each object that has probes: its name, and theirs. May be called from any thread."""
        out: dict[str, tuple[str, set[str]]] = {}
        for task in list(self._tasks.values()):
            out.setdefault(task.object_id, (task.probe.object, set()))[1].add(task.probe.name)
        return out

    def run_now(self, name: str) -> "Future[Outcome]":
        """Raises (in the future) `NotFoundError` for a probe that is not assigned."""
        return asyncio.run_coroutine_threadsafe(self._run_now(name), self._loop)

    def _echo(self, device: Device) -> ProbeTask:
        probe = Probe(id="", name=ECHO, kind="icmp", object=device.name, interval_s=self._settings.ping_s, timeout_ms=2000)
        return ProbeTask(probe=probe, object_id=device.id, host=device.address)

    def _life(self) -> None:
        """Without waiting, at its end, for the system's own slow look-ups of names."""
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._live())
        finally:
            loop.close()

    async def _live(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._slots = asyncio.Semaphore(self._settings.at_once)
        self._ready.set()
        self._pings_wait = asyncio.Event()
        loops = [asyncio.create_task(kept(work)) for work in (self._tick, self._tell, self._ping)]
        await self._stopping.wait()
        await ended([*loops])
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _take(
        self, tasks: dict[str, ProbeTask], logins: Mapping[str, Login], devices: Sequence[Device], open_alerts: Sequence[Alert],
    ) -> None:
        before, self._tasks, self._logins = self._tasks, tasks, logins
        self._alerts += self._levels.keep(tasks.values(), devices, open_alerts, _now_ms())
        changed = [name for name, task in tasks.items() if before.get(name) != task]
        self._calendar.keep({name: float(task.probe.interval_s) for name, task in tasks.items()}, time.monotonic(), changed)

    async def _tick(self) -> None:
        while True:
            due = [name for name in self._calendar.due(time.monotonic()) if name in self._tasks and name not in self._running]
            for name in due:
                task = self._tasks[name]
                if is_echo(task):
                    self._to_ping[name] = task
                    self._pings_wait.set()
                else:
                    self._begin(name, self._run(task))
            await asyncio.sleep(TICK_S)

    def _begin(self, name: str, work: Coroutine[Any, Any, Outcome]) -> asyncio.Task[Outcome]:
        task = self._loop.create_task(work)
        self._running[name] = task
        task.add_done_callback(lambda _done: self._running.pop(name, None))
        return task

    async def _run(self, task: ProbeTask) -> Outcome:
        async with self._slots:
            outcome = await self._asked(task)
        self._keep(task, outcome)
        return outcome

    async def _asked(self, task: ProbeTask) -> Outcome:
        login, at_ms = self._logins.get(task.probe.credential), _now_ms()
        if not task.host:
            return Outcome(answer="unusable", said=tr("Its object has no address."), at_ms=at_ms)
        if task.probe.credential and login is None:
            return Outcome(answer="unusable", said=tr("Its credential cannot be read."), at_ms=at_ms)
        try:
            return await ask(task, Way(self._blocking, self._busy, login, self._legacy))
        except Exception as error:  # noqa: BLE001 - a fault of ours in one probe is no reason to lose the others
            self._trouble.note(error, f"The probe {task.probe.name}")
            return Outcome(answer="unusable", said=type(error).__name__, at_ms=at_ms)

    async def _ping(self) -> None:
        """One go after the other: whoever becomes due meanwhile goes with the next, however many the dead ones make it wait."""
        while True:
            await self._pings_wait.wait()
            self._pings_wait.clear()
            batch, self._to_ping = list(self._to_ping.values()), {}
            for task, outcome in zip(batch, await self._loop.run_in_executor(self._pinging, pinged, batch), strict=True):
                self._keep(task, outcome)

    async def _run_now(self, name: str) -> Outcome:
        task = self._tasks.get(name)
        if task is None:
            raise NotFoundError(tr("The probe {name} does not run.", name=name[:64]), way_out=tr("Is it switched on? yunwang probe list"))
        running = self._running.get(name)
        return await asyncio.shield(running if running is not None else self._begin(name, self._run(task)))

    def _keep(self, task: ProbeTask, outcome: Outcome) -> None:
        values = list(measured(task, outcome))
        self._store.put(values)
        self._alerts += self._levels.judge(task, outcome, values, _now_ms())
        if task.probe.name != ECHO:
            self._found.append(ProbeNow(name=task.probe.name, outcome=outcome.replace(figures=outcome.figures[:MOST_SHOWN])))

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await self._loop.run_in_executor(None, self._store.flush)
            if self._found or self._alerts:
                found, alerts = self._found, self._alerts
                self._found, self._alerts = [], []
                with contextlib.suppress(RuntimeError):  # the other loop has ended before ours
                    self._news(found, alerts)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
