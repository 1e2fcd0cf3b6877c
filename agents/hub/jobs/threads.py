"""Jobs that must run where the records are written: each in a thread of the hub, asked to stop, never killed."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from agents.hub.jobs.kinds import Kind
from agents.job import SAY_S, Stopped
from core.messages import JobProgress
from core.settings import Settings
from core.work import Job

GRACE_S = 3.0
Keep = Callable[[str, int, dict[str, Any]], Coroutine[Any, Any, None]]


class HubRun:
    """An `agents.job.Run` in a thread. What it tells is picked up by the event loop; what it keeps waits until that is durable."""

    def __init__(self, job: Job, settings: Settings, loop: asyncio.AbstractEventLoop, keep: Keep) -> None:
        self.id, self.settings, self.author = job.id, settings, job.author
        self.arguments, self.checkpoint = job.arguments, job.checkpoint
        self.progress = JobProgress(id=job.id, attempt=job.attempt, done=job.done, total=job.total)
        self.news = False
        self.began = time.monotonic()
        self._loop, self._keep = loop, keep
        self._stop = threading.Event()
        self._last = 0.0

    def stop(self) -> None:
        self._stop.set()

    def tell(self, done: int, total: int = 0, message: str = "") -> None:
        self._check()
        now = time.monotonic()
        if now - self._last >= SAY_S:
            self._last = now
            self.progress = self.progress.replace(done=done, total=total, message=message[:200])
            self.news = True

    def keep(self, checkpoint: dict[str, Any]) -> None:
        self._check()
        asyncio.run_coroutine_threadsafe(self._keep(self.progress.id, self.progress.attempt, checkpoint), self._loop).result()

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped


class Threads:
    """The jobs of the hub itself, at most `at_once`."""

    def __init__(self, settings: Settings, keep: Keep) -> None:
        self._settings, self._keep = settings, keep
        self.at_once = settings.work.jobs_at_once
        self._pool = ThreadPoolExecutor(self.at_once, "jobs")
        self.running: dict[str, HubRun] = {}
        self._futures: set[Future[dict[str, Any]]] = set()

    def begin(self, job: Job, kind: Kind) -> "Future[dict[str, Any]]":
        """Settled with the result, with what the runner raised, or with `Stopped`."""
        run = self.running[job.id] = HubRun(job, self._settings, asyncio.get_running_loop(), self._keep)
        assert kind.runner is not None  # noqa: S101 -- whoever dispatches chose by it
        future = self._pool.submit(kind.runner, run)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return future

    def stop(self, job_id: str) -> None:
        if run := self.running.get(job_id):
            run.stop()

    def take_news(self) -> bool:
        """Whether any of them told something since the last time."""
        told = [run for run in self.running.values() if run.news]
        for run in told:
            run.news = False
        return bool(told)

    async def close(self) -> None:
        """Asks all to stop and gives them a moment to leave things in order; who does not is left to the end of the process."""
        for run in self.running.values():
            run.stop()
        if futures := [asyncio.wrap_future(future) for future in list(self._futures)]:
            await asyncio.wait(futures, timeout=GRACE_S)
        self._pool.shutdown(wait=False, cancel_futures=True)
