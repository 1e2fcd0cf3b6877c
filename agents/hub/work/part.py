"""The queue of jobs: kept in the records, so that no job is lost, and begun once for each attempt.

A job is written down as running before it runs, and its end is written until it is written. What was running when a process died goes
on where its kind is resumable; else it has failed, visibly.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.records import in_thread, now_ms
from agents.hub.work.kinds import Kind, Kinds
from agents.hub.work.placing import Places
from agents.hub.work.schedules import Schedules
from agents.hub.work.threads import Threads
from agents.job import Stopped
from core import jobs
from core.errors import BusyError, ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import mark, tr
from core.identity import Actor, Caller
from core.messages import Done, JobNews, JobProgress, JobsReport
from core.nouns import new_id
from core.ports import ListQuery, RecordStore, RecordWrite
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub

QUEUE = Actor(name="system:jobs", origin="process")
LOOK_S = 1.0
RETRY_S, LONGEST_RETRY_S = 0.5, 30.0
MOST_WAITING, MOST_OF_ONE = 1000, 100
MOST_ARGUMENTS = 64 * 1024
MOST_RESULT = 256 * 1024
DAY_S = 86_400
CRASHED = mark("It failed inside; the log of the hub tells more.")

log = logging.getLogger(__name__)


class Work:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.kinds = Kinds()
        self.jobs: dict[str, Job] = {}
        """Those that wait or run."""
        self.threads = Threads(hub.settings, self._keep)
        self.places = Places(hub.bus, hub.settings.work.jobs_at_once, time.monotonic)
        self.schedules = Schedules(hub, self)
        self._served: dict[str, int] = {}
        """By author, when a job of theirs was begun last, as a growing number; of who waits or runs."""
        self._wake = asyncio.Event()
        self._closing = False

    def register(self, kind: Kind) -> None:
        """Makes a kind of job known: in `__init__` or `start` of the part whose it is."""
        self.kinds.add(kind)

    async def start(self) -> None:
        self._hub.lists.progress = self.progress
        for job in await in_thread(_unfinished, self._hub.store):
            self.jobs[job.id] = job
        await self.schedules.start()
        await self._hub.bus.subscribe("live.jobs", self._report)
        await self._hub.bus.subscribe("hub.job", self._news)
        self._hub.spawn(self._dispatch())
        self._hub.spawn(self._forget_old())

    async def close(self) -> None:
        """What runs in the hub is asked to stop; the next start finds it interrupted."""
        self._closing = True
        await self.threads.close()

    async def submit(self, kind: str, arguments: dict[str, Any], caller: Caller) -> Job:
        """A new job on behalf of a person, durable in the queue."""
        known = self.kinds.get(kind)
        await self._hub.allow(caller, known.action, kind)
        self._refuse_too_many(caller.actor.name)
        job = self.made(known, arguments, caller.actor.name, now_ms())

        def write(change: RecordWrite) -> Job:
            change.put("job.add", job)
            return job

        added = await self._hub.write(caller, write)
        self.take(added)
        return added

    def made(self, kind: Kind, arguments: dict[str, Any], author: str, now: int) -> Job:
        """A job to be put into the queue; raises what is wrong with its arguments."""
        arguments = kind.check(arguments)
        if len(msgspec.json.encode(arguments)) > MOST_ARGUMENTS:
            raise InvalidInputError(tr("The arguments of a job take at most {limit} KiB.", limit=MOST_ARGUMENTS // 1024))
        return Job(
            id=new_id(now), kind=kind.name, arguments=arguments, author=author, due_at=now, created_at=now, limit_s=kind.limit_s,
        )

    def take(self, job: Job) -> None:
        """A job that was just written."""
        if job.state in jobs.ENDED:
            self.jobs.pop(job.id, None)
        else:
            self.jobs[job.id] = job
        self._wake.set()

    def _refuse_too_many(self, author: str) -> None:
        waiting = [job for job in self.jobs.values() if job.state == "waiting"]
        if len(waiting) >= MOST_WAITING or sum(job.author == author for job in waiting) >= MOST_OF_ONE:
            raise BusyError(tr("Too many jobs wait."), way_out=tr("Cancel some of them, or try again later."))

    async def cancel(self, caller: Caller, job_id: str) -> Job:
        """Ends a job that waits; asks one that runs to end. One's own, or anybody's with `job.cancel`."""
        job = await self.get(job_id)
        if job.author == caller.actor.name and (kind := self.kinds.known(job.kind)):
            await self._hub.allow(caller, kind.action, job.kind)
        else:
            await self._hub.allow(caller, "job.cancel", job.kind)
        after = await self._changed(job_id, "job.cancel", lambda found: jobs.cancel(found, now_ms()), caller)
        if after.cancel_wanted:
            self.threads.stop(job_id)
            if job_id in self.places.placed:
                await self.places.stop(after)
        return after

    async def resume(self, caller: Caller, job_id: str) -> Job:
        """Puts a job that did not end well into the queue again, from its checkpoint where it has one."""
        job = await self.get(job_id)
        known = self.kinds.get(job.kind)
        await self._hub.allow(caller, known.action, job.kind)
        self._refuse_too_many(caller.actor.name)
        return await self._changed(job_id, "job.resume", lambda found: jobs.resume(found, now_ms()), caller)

    async def get(self, job_id: str) -> Job:
        """With its progress."""
        found: Job = await self._hub.read(self._hub.store.get, "job", job_id)
        return self.shown(found)

    def shown(self, job: Job) -> Job:
        """The job with how far it is now: progress is not written down twice a second."""
        run = self.threads.running.get(job.id)
        progress: JobProgress | None = run.progress if run else self.places.progress.get(job.id)
        if job.state != "running" or progress is None or progress.attempt != job.attempt:
            return job
        return job.replace(done=progress.done, total=progress.total, message=progress.message)

    def progress(self) -> dict[str, JobProgress]:
        """How far each running job is, by its id."""
        return self.places.progress | {job_id: run.progress for job_id, run in self.threads.running.items()}

    async def _changed(self, job_id: str, action: str, change: Callable[[Job], Job], caller: Caller | None = None) -> Job:
        def write(found: RecordWrite) -> Job:
            after = change(found.get("job", job_id))
            found.put(action, after)
            return after

        after = await (self._hub.write(caller, write) if caller else self._hub.commits.write(QUEUE, write))
        self.take(after)
        return after

    async def _surely(self, job_id: str, action: str, change: Callable[[Job], Job]) -> None:
        """Until it is written: a full disk delays an end, and loses none."""
        pause = RETRY_S
        while True:
            try:
                await self._changed(job_id, action, change)
            except NotFoundError:
                self.jobs.pop(job_id, None)
                return
            except YunwangError as error:
                log.warning("Job %s could not be written yet: %s", job_id, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY_S)
            else:
                return

    async def _dispatch(self) -> None:
        await self._recover()
        while True:
            try:
                await self.schedules.look(now_ms())
                await self._begin_all()
                if self.threads.take_news():
                    self._hub.show("jobs")
            except YunwangError as error:
                log.warning("The queue waits: %s", error)
            except Exception:
                log.exception("The queue failed.")
            with contextlib.suppress(TimeoutError):  # not wait_for: Python 3.11 loses a cancellation that meets the event
                async with asyncio.timeout(LOOK_S):
                    await self._wake.wait()
            self._wake.clear()

    async def _recover(self) -> None:
        """What was running when the hub ended."""
        for job in [job for job in self.jobs.values() if job.state == "running"]:
            kind = self.kinds.known(job.kind)
            if kind is not None and kind.entry:
                self.places.recover([job])
            else:
                await self._interrupted(job.id, job.attempt)

    async def _begin_all(self) -> None:
        now = now_ms()
        for job in [job for job in self.jobs.values() if jobs.is_late(job, now)]:
            await self._surely(job.id, "job.miss", lambda found: jobs.miss(found, now_ms()) if found.state == "waiting" else found)
        authors = {job.author for job in self.jobs.values()}
        self._served = {author: turn for author, turn in self._served.items() if author in authors}
        for inside in (True, False):
            if not inside and not self.places.there:
                continue
            kinds = {kind.name: kind.at_once for kind in self.kinds.all() if bool(kind.runner) == inside}
            running = [job for job in self.jobs.values() if job.state == "running" and job.kind in kinds]
            free = (self.threads.at_once if inside else self.places.at_once) - len(running)
            for job in jobs.pick(self.jobs.values(), running, kinds, free, now, self._served):
                self._served[job.author] = max(self._served.values(), default=0) + 1
                await self._begin(job, self.kinds.get(job.kind))

    async def _begin(self, job: Job, kind: Kind) -> None:
        try:
            begun = await self._changed(job.id, "job.begin", lambda found: jobs.begin(found, now_ms()))
        except ConflictError:
            return
        if kind.runner:
            self._hub.spawn(self._run_here(begun, kind))
        elif not await self.places.start(begun, kind):
            await self._surely(begun.id, "job.release", lambda found: jobs.release(found, begun.attempt))

    async def _run_here(self, job: Job, kind: Kind) -> None:
        future = asyncio.wrap_future(self.threads.begin(job, kind))
        clock = asyncio.get_running_loop().call_later(job.limit_s, self._too_long, job) if job.limit_s else None
        result, problem = None, jobs.CANCELLED
        try:
            result = await future
        except Stopped:
            problem = jobs.TOO_LONG
        except YunwangError as error:
            problem = f"{error.message} {error.way_out}".strip()
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
            result, problem = _bounded(result)
        await self._surely(
            job_id, "job.end", lambda found: jobs.end(self.shown(found), attempt, now_ms(), result=result, problem=problem[:1000]),
        )

    async def _interrupted(self, job_id: str, attempt: int) -> None:
        job = self.jobs.get(job_id)
        kind = self.kinds.known(job.kind) if job else None
        resumable = bool(kind and kind.resumable)
        await self._surely(job_id, "job.interrupt", lambda found: jobs.interrupt(found, attempt, now_ms(), resumable=resumable))

    async def _keep(self, job_id: str, attempt: int, checkpoint: dict[str, Any]) -> None:
        if len(msgspec.json.encode(checkpoint)) > MOST_ARGUMENTS:
            raise InvalidInputError(tr("A checkpoint takes at most {limit} KiB.", limit=MOST_ARGUMENTS // 1024))
        await self._changed(job_id, "job.keep", lambda found: found.replace(checkpoint=checkpoint) if found.attempt == attempt else found)

    async def _report(self, body: bytes) -> None:
        report = msgspec.msgpack.decode(body, type=JobsReport)
        if report.jobs:
            self._hub.show("jobs")
        for job_id, attempt, begun in self.places.report(report):
            self.places.forget(job_id)
            if begun:
                await self._interrupted(job_id, attempt)
            else:
                await self._surely(job_id, "job.release", lambda found, attempt=attempt: jobs.release(found, attempt))  # type: ignore[misc]

    async def _news(self, body: bytes) -> bytes:
        news = msgspec.msgpack.decode(body, type=JobNews)
        try:
            if news.ended:
                failure = news.failure
                problem = f"{failure.message} {failure.way_out}".strip() if failure else jobs.CANCELLED
                await self._ended(news.id, news.attempt, news.result, problem)
                self.places.forget(news.id)
            elif news.checkpoint is not None:
                await self._keep(news.id, news.attempt, news.checkpoint)
        except (NotFoundError, InvalidInputError) as error:
            log.warning("News of job %s: %s", news.id, error)
        return msgspec.msgpack.encode(Done())

    async def _forget_old(self) -> None:
        """Once a day."""
        while True:
            try:
                before = now_ms() - self._hub.settings.work.jobs_kept_days * DAY_S * 1000
                for job_id in await in_thread(_ended_before, self._hub.store, before):
                    await self._hub.commits.write(QUEUE, lambda write, it=job_id: write.delete("job.forget", "job", it))  # type: ignore[misc]
            except YunwangError as error:
                log.warning("Old jobs could not be forgotten: %s", error)
            await asyncio.sleep(DAY_S)


def _bounded(result: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    try:
        if len(msgspec.json.encode(result)) <= MOST_RESULT:
            return result, ""
    except (TypeError, ValueError, msgspec.MsgspecError):
        log.exception("The result of a job cannot be kept.")
    return None, CRASHED


def _unfinished(store: RecordStore) -> list[Job]:
    found: list[Job] = []
    for state in ("running", "waiting"):
        cursor = ""
        while True:
            page = store.page("job", ListQuery(where={"state": state}, sort="due_at", limit=1000, cursor=cursor))
            found += [msgspec.convert(item, Job) for item in page.items]
            cursor = page.cursor
            if not cursor:
                break
    return found


def _ended_before(store: RecordStore, before_ms: int) -> list[str]:
    """A thousand a day at most: it catches up."""
    page = store.page("job", ListQuery(sort="created_at", limit=1000))
    return [item["id"] for item in page.items if item["state"] in jobs.ENDED and item["created_at"] < before_ms]


