"""The queue of jobs: kept in the records, so that no job is lost, and begun once for each attempt.

A job is written down as running before it runs, and its end is written until it is written. What was running when a process died goes
on where its kind is resumable; else it has failed, visibly.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.jobs.keeping import MOST_ARGUMENTS, QUEUE, forget_old, unfinished
from agents.hub.jobs.kinds import Kind, Kinds
from agents.hub.jobs.running import Running
from agents.hub.jobs.schedules import Schedules
from agents.hub.records import in_thread, now_ms
from core import jobs
from core.errors import BusyError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Caller
from core.messages import JobProgress
from core.nouns import new_id
from core.ports import RecordWrite
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub

RETRY_S, LONGEST_RETRY_S = 0.5, 30.0
MOST_WAITING, MOST_OF_ONE = 1000, 100

log = logging.getLogger(__name__)


class Work:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.kinds = Kinds()
        self.jobs: dict[str, Job] = {}
        """Those that wait or run."""
        self.running = Running(hub, self)
        self.schedules = Schedules(hub, self)

    def register(self, kind: Kind) -> None:
        """Makes a kind of job known: in `__init__` or `start` of the part whose it is."""
        self.kinds.add(kind)

    async def start(self) -> None:
        self._hub.lists.progress = self.progress
        for job in await in_thread(unfinished, self._hub.store):
            self.jobs[job.id] = job
        await self.schedules.start()
        await self.running.start()
        self._hub.spawn(forget_old(self._hub))

    async def close(self) -> None:
        """What runs in the hub is asked to stop; the next start finds it interrupted."""
        await self.running.close()

    async def submit(self, kind: str, arguments: dict[str, Any], caller: Caller) -> Job:
        """A new job on behalf of a person, durable in the queue."""
        known = self.kinds.get(kind)
        await self._hub.allow(caller, known.action, kind)
        self._refuse_too_many(caller.actor.name)
        if known.within is not None:
            arguments = known.within(arguments, self._hub.sight(caller, known.action))
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
        self.running.wake.set()

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
        after = await self.changed(job_id, "job.cancel", lambda found: jobs.cancel(found, now_ms()), caller)
        if after.cancel_wanted:
            await self.running.stop(after)
        return after

    async def resume(self, caller: Caller, job_id: str) -> Job:
        """Puts a job that did not end well into the queue again, from its checkpoint where it has one."""
        job = await self.get(job_id)
        known = self.kinds.get(job.kind)
        await self._hub.allow(caller, known.action, job.kind)
        self._refuse_too_many(caller.actor.name)
        return await self.changed(job_id, "job.resume", lambda found: jobs.resume(found, now_ms()), caller)

    async def get(self, job_id: str) -> Job:
        """With its progress."""
        found: Job = await self._hub.read(self._hub.store.get, "job", job_id)
        return self.shown(found)

    def as_seen(self, job: Job, caller: Caller) -> Job:
        """Without the result where that is about what the author sees, and this caller may see less."""
        kind = self.kinds.known(job.kind)
        narrowed = kind is not None and kind.within is not None and job.author != caller.actor.name
        return job.replace(result={}) if kind and narrowed and not self._hub.sight(caller, kind.action).everything else job

    def shown(self, job: Job) -> Job:
        """The job with how far it is now: progress is not written down twice a second."""
        progress = self.progress().get(job.id)
        if job.state != "running" or progress is None or progress.attempt != job.attempt:
            return job
        return job.replace(done=progress.done, total=progress.total, message=progress.message)

    def progress(self) -> dict[str, JobProgress]:
        """How far each running job is, by its id."""
        return self.running.progress()

    async def changed(self, job_id: str, action: str, change: Callable[[Job], Job], caller: Caller | None = None) -> Job:
        """The job after a change decided inside the transaction; on behalf of a request, or of the queue itself."""

        def write(found: RecordWrite) -> Job:
            after = change(found.get("job", job_id))
            found.put(action, after)
            return after

        after = await (self._hub.write(caller, write) if caller else self._hub.commits.write(QUEUE, write))
        self.take(after)
        return after

    async def surely(self, job_id: str, action: str, change: Callable[[Job], Job]) -> None:
        """Until it is written: a full disk delays an end, and loses none."""
        pause = RETRY_S
        while True:
            try:
                await self.changed(job_id, action, change)
            except NotFoundError:
                self.jobs.pop(job_id, None)
                return
            except YunwangError as error:
                log.warning("Job %s could not be written yet: %s", job_id, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY_S)
            else:
                return
