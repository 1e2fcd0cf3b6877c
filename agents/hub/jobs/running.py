"""Jobs that begin, run and end: in threads of the hub, or at the workers."""

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.jobs.keeping import CRASHED, MOST_ARGUMENTS, bounded, said
from agents.hub.jobs.kinds import Kind
from agents.hub.jobs.placing import Places
from agents.hub.jobs.threads import Threads
from agents.hub.records import now_ms
from agents.job import Stopped
from core import jobs
from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.messages import Done, JobNews, JobProgress, JobsReport
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.hub.jobs.part import Work

LOOK_S = 1.0

log = logging.getLogger(__name__)


class Running:
    """What runs, and what begins next."""

    def __init__(self, hub: "Hub", work: "Work") -> None:
        self._hub, self._work = hub, work
        self.threads = Threads(hub.settings, self._keep)
        self.places = Places(hub.bus, hub.settings.work.jobs_at_once, time.monotonic)
        self.wake = asyncio.Event()
        self._served: dict[str, int] = {}
        """By author, when a job of theirs was begun last, as a growing number; of who waits or runs."""
        self._closing = False

    async def start(self) -> None:
        await self._hub.bus.subscribe("live.jobs", self._report)
        await self._hub.bus.subscribe("hub.job", self._news)
        self._hub.spawn(self._dispatch())

    async def close(self) -> None:
        self._closing = True
        await self.threads.close()

    def progress(self) -> dict[str, JobProgress]:
        return self.places.progress | {job_id: run.progress for job_id, run in self.threads.running.items()}

    async def stop(self, job: Job) -> None:
        """Asks whoever runs it to end it."""
        self.threads.stop(job.id)
        if job.id in self.places.placed:
            await self.places.stop(job)

    async def _dispatch(self) -> None:
        await self._recover()
        while True:
            try:
                await self._work.schedules.look(now_ms())
                await self._begin_all()
                if self.threads.take_news():
                    self._hub.show("jobs")
            except YunwangError as error:
                log.warning("The queue waits: %s", error)
            except Exception:
                log.exception("The queue failed.")
            with contextlib.suppress(TimeoutError):  # not wait_for: Python 3.11 loses a cancellation that meets the event
                async with asyncio.timeout(LOOK_S):
                    await self.wake.wait()
            self.wake.clear()

    async def _recover(self) -> None:
        """What was running when the hub ended."""
        for job in [job for job in self._work.jobs.values() if job.state == "running"]:
            kind = self._work.kinds.known(job.kind)
            if kind is not None and kind.entry:
                self.places.recover([job])
            else:
                await self._interrupted(job.id, job.attempt)

    async def _begin_all(self) -> None:
        now = now_ms()
        for job in [job for job in self._work.jobs.values() if jobs.is_late(job, now)]:
            await self._work.surely(job.id, "job.miss", lambda found: jobs.miss(found, now_ms()) if found.state == "waiting" else found)
        authors = {job.author for job in self._work.jobs.values()}
        self._served = {author: turn for author, turn in self._served.items() if author in authors}
        for inside in (True, False):
            if not inside and not self.places.there:
                continue
            kinds = {kind.name: kind.at_once for kind in self._work.kinds.all() if bool(kind.runner) == inside}
            running = [job for job in self._work.jobs.values() if job.state == "running" and job.kind in kinds]
            free = (self.threads.at_once if inside else self.places.at_once) - len(running)
            for job in jobs.pick(self._work.jobs.values(), running, kinds, free, now, self._served):
                self._served[job.author] = max(self._served.values(), default=0) + 1
                await self._begin(job, self._work.kinds.get(job.kind))

    async def _begin(self, job: Job, kind: Kind) -> None:
        try:
            begun = await self._work.changed(job.id, "job.begin", lambda found: jobs.begin(found, now_ms()))
        except ConflictError:
            return
        if kind.runner:
            self._hub.spawn(self._run_here(begun, kind))
        elif not await self.places.start(begun, kind):
            await self._work.surely(begun.id, "job.release", lambda found: jobs.release(found, begun.attempt))

    async def _run_here(self, job: Job, kind: Kind) -> None:
        future = asyncio.wrap_future(self.threads.begin(job, kind))
        clock = asyncio.get_running_loop().call_later(job.limit_s, self._too_long, job) if job.limit_s else None
        result, problem = None, jobs.CANCELLED
        try:
            result = await future
        except Stopped:
            problem = jobs.TOO_LONG
        except YunwangError as error:
            problem = said(error.message, error.way_out)
        except Exception:
            log.exception("Job %s (%s) failed.", job.id, job.kind)
            problem = CRASHED
        finally:
            if clock:
                clock.cancel()
        if not self._closing:
            await self._ended(job.id, job.attempt, result, problem)
        self.threads.running.pop(job.id, None)

    def _too_long(self, job: Job) -> None:
        self.threads.stop(job.id)

    async def _ended(self, job_id: str, attempt: int, result: dict[str, Any] | None, problem: str) -> None:
        if result is not None:
            result, problem = bounded(result)
        await self._work.surely(
            job_id, "job.end", lambda found: jobs.end(self._work.shown(found), attempt, now_ms(), result=result, problem=problem[:1000]),
        )

    async def _interrupted(self, job_id: str, attempt: int) -> None:
        job = self._work.jobs.get(job_id)
        kind = self._work.kinds.known(job.kind) if job else None
        resumable = bool(kind and kind.resumable)
        await self._work.surely(job_id, "job.interrupt", lambda found: jobs.interrupt(found, attempt, now_ms(), resumable=resumable))

    async def _keep(self, job_id: str, attempt: int, checkpoint: dict[str, Any]) -> None:
        if len(msgspec.json.encode(checkpoint)) > MOST_ARGUMENTS:
            raise InvalidInputError(tr("A checkpoint takes at most {limit} KiB.", limit=MOST_ARGUMENTS // 1024))

        def kept(found: Job) -> Job:
            return found.replace(checkpoint=checkpoint) if found.attempt == attempt else found

        await self._work.changed(job_id, "job.keep", kept)

    async def _report(self, body: bytes) -> None:
        report = msgspec.msgpack.decode(body, type=JobsReport)
        if report.jobs:
            self._hub.show("jobs")
        for job_id, attempt, begun in self.places.report(report):
            self.places.forget(job_id)
            if begun:
                await self._interrupted(job_id, attempt)
            else:
                await self._work.surely(job_id, "job.release", lambda found, attempt=attempt: jobs.release(found, attempt))  # type: ignore[misc]

    async def _news(self, body: bytes) -> bytes:
        news = msgspec.msgpack.decode(body, type=JobNews)
        try:
            if news.ended:
                failure = news.failure
                problem = said(failure.message, failure.way_out) if failure else jobs.CANCELLED
                await self._ended(news.id, news.attempt, news.result, problem)
                self.places.forget(news.id)
            elif news.checkpoint is not None:
                await self._keep(news.id, news.attempt, news.checkpoint)
        except (NotFoundError, InvalidInputError) as error:
            log.warning("News of job %s: %s", news.id, error)
        return msgspec.msgpack.encode(Done())
