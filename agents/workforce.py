"""The jobs of the workers: begun when the hub says so, told about twice a second, their ends repeated until the hub has them."""

import asyncio
import contextlib
import logging
from typing import Any

import msgspec

from agents.job import Order, Said
from agents.jobprocess import CrashedError, JobProcess
from core import i18n
from core.errors import YunwangError
from core.failure import Failure
from core.i18n import mark
from core.messages import Done, JobNews, JobProgress, JobsReport, StartedJob, StartJob, StopJob
from core.nouns import new_id
from core.settings import Settings
from links.bus import SocketBus

REPORT_S = 0.5
IDLE_REPORT_S = 2.0
TELL_S = 10.0
RETRY_S = 0.5
CPU_SLACK_S = 60

log = logging.getLogger(__name__)


class _Running:
    """One job between its beginning and the hub's acknowledgement of its end."""

    def __init__(self, start: StartJob) -> None:
        self.start = start
        self.progress = JobProgress(id=start.id, attempt=start.attempt)
        self.process: JobProcess | None = None
        self.timed_out = False
        self.checkpoints: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None


class Workforce:
    """Runs at most `at_once` jobs."""

    def __init__(self, bus: SocketBus, settings: Settings, at_once: int) -> None:
        self._bus, self._settings, self._at_once = bus, settings, at_once
        self._instance = new_id(0)
        self._number = 1
        self._running: dict[str, _Running] = {}
        self._reporter: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def start(self) -> None:
        await self._bus.subscribe("work.start", self._begin)
        await self._bus.subscribe("work.stop", self._stop)
        self._reporter = asyncio.create_task(self._report_for_ever())

    async def close(self) -> None:
        """Kills what runs: the hub notices, and knows what to do about each."""
        tasks = [running.task for running in self._running.values() if running.task]
        for task in [*tasks, *([self._reporter] if self._reporter else [])]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, body: bytes) -> bytes:
        start = msgspec.msgpack.decode(body, type=StartJob)
        refused = ""
        if start.id not in self._running:
            if len(self._running) >= self._at_once:
                refused = mark("The workers have too much to do at the moment.")
            else:
                running = self._running[start.id] = _Running(start)
                running.task = asyncio.create_task(self._run(running))
                self._news.set()
        return msgspec.msgpack.encode(StartedJob(instance=self._instance, number=self._number, refused=refused))

    async def _stop(self, body: bytes) -> bytes:
        stop = msgspec.msgpack.decode(body, type=StopJob)
        running = self._running.get(stop.id)
        if running and running.start.attempt == stop.attempt and running.process:
            running.process.stop()
        return msgspec.msgpack.encode(Done())

    async def _run(self, running: _Running) -> None:
        start = running.start
        keeper = asyncio.create_task(self._keep(running))
        try:
            news = await self._outcome(running)
        finally:
            keeper.cancel()
        await self._tell(news.replace(id=start.id, attempt=start.attempt, ended=True))
        del self._running[start.id]

    async def _outcome(self, running: _Running) -> JobNews:
        start = running.start
        order = Order(
            id=start.id, entry=start.entry, settings=self._settings, language=i18n.language(), author=start.author,
            arguments=start.arguments,
            checkpoint=start.checkpoint, cpu_s=start.limit_s + CPU_SLACK_S if start.limit_s else 0,
        )
        running.process = JobProcess(order, lambda said: self._hear(running, said))
        clock = asyncio.get_running_loop().call_later(start.limit_s, self._too_long, running) if start.limit_s else None
        nothing = JobNews(id=start.id, attempt=start.attempt)
        try:
            outcome = await running.process.run()
        except CrashedError as error:
            return nothing.replace(failure=Failure.of(error))
        finally:
            if clock:
                clock.cancel()
        if outcome.result is not None:
            return nothing.replace(result=_plain(outcome.result))
        if outcome.failure is None and running.timed_out:
            return nothing.replace(failure=Failure(code="no-answer", message=mark("It took longer than it may.")))
        return nothing.replace(failure=outcome.failure)

    def _too_long(self, running: _Running) -> None:
        running.timed_out = True
        if running.process:
            running.process.stop()

    def _hear(self, running: _Running, said: Said) -> None:
        if said.checkpoint is not None:
            running.checkpoints.put_nowait(said.checkpoint)
        else:
            running.progress = running.progress.replace(done=said.done, total=said.total, message=said.message[:200])
            self._news.set()

    async def _keep(self, running: _Running) -> None:
        while True:
            checkpoint = await running.checkpoints.get()
            while not running.checkpoints.empty():
                checkpoint = running.checkpoints.get_nowait()
            await self._tell(JobNews(id=running.start.id, attempt=running.start.attempt, checkpoint=checkpoint))

    async def _tell(self, news: JobNews) -> None:
        """Until the hub has acknowledged it; nothing is lost while the hub is away."""
        body = msgspec.msgpack.encode(news)
        while True:
            try:
                await self._bus.request("hub.job", body, TELL_S)
            except YunwangError as error:
                log.info("The hub was not told about job %s yet: %s", news.id, error)
                await asyncio.sleep(RETRY_S)
            else:
                return

    async def _report_for_ever(self) -> None:
        while True:
            jobs = tuple(running.progress for running in self._running.values())
            await self._bus.publish(
                "live.jobs", msgspec.msgpack.encode(JobsReport(instance=self._instance, number=self._number, jobs=jobs)),
            )
            self._number += 1
            await asyncio.sleep(REPORT_S)
            if not self._running:
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_REPORT_S - REPORT_S):
                        await self._news.wait()


def _plain(raw: bytes) -> dict[str, Any]:
    """A result as a mapping: what is none is named `result`."""
    found = msgspec.msgpack.decode(raw)
    return found if isinstance(found, dict) else {"result": found}
