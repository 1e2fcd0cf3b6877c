"""Jobs that the workers run: given to them, followed by their reports, missed when they die."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from agents.hub.jobs.kinds import Kind
from core.errors import NoAnswerError, YunwangError
from core.messages import JobProgress, JobsReport, StartedJob, StartJob, StopJob
from core.work import Job
from links.bus import SocketBus

START_S = 10.0
FRESH_S = 6.0
"""Workers that have not reported for so long are given nothing."""

log = logging.getLogger(__name__)


class Placed(NamedTuple):
    """One job as far as we know it at the workers."""

    attempt: int
    instance: str = ""
    """Which workers took it; empty: not known (the hub was started again, or nobody answered)."""
    number: int = 0
    """The first of their reports that must name it."""
    seen: bool = True
    """Whether it is certain that they had it."""


class Places:
    """What is where. Decisions only; the part of the hub carries them out."""

    def __init__(self, bus: SocketBus, at_once: int, clock: Callable[[], float]) -> None:
        self._bus, self.at_once, self._clock = bus, at_once, clock
        self.placed: dict[str, Placed] = {}
        self.progress: dict[str, JobProgress] = {}
        self._instance = ""
        self._number = 0
        self._heard = float("-inf")

    @property
    def there(self) -> bool:
        return self._clock() - self._heard < FRESH_S

    async def start(self, job: Job, kind: Kind) -> bool:
        """Whether the workers have it, or may have it. False: they certainly do not."""
        self.placed[job.id] = Placed(job.attempt, self._instance, self._number + 2, seen=False)
        body = msgspec.msgpack.encode(StartJob(
            id=job.id, attempt=job.attempt, entry=kind.entry, author=job.author, arguments=job.arguments, checkpoint=job.checkpoint,
            limit_s=job.limit_s,
        ))
        try:
            answer = msgspec.msgpack.decode(await self._bus.request("work.start", body, START_S), type=StartedJob)
        except NoAnswerError as error:
            log.info("The workers did not answer about job %s: %s", job.id, error)
            return True
        if answer.refused:
            del self.placed[job.id]
            return False
        if job.id in self.placed:
            self.placed[job.id] = Placed(job.attempt, answer.instance, answer.number)
        return True

    async def stop(self, job: Job) -> None:
        try:
            await self._bus.request("work.stop", msgspec.msgpack.encode(StopJob(id=job.id, attempt=job.attempt)))
        except YunwangError as error:
            log.info("The workers could not be asked to stop job %s: %s", job.id, error)

    def recover(self, jobs: Iterable[Job]) -> None:
        """After a start of the hub: jobs that the workers may still run."""
        for job in jobs:
            self.placed[job.id] = Placed(job.attempt)

    def report(self, report: JobsReport) -> list[tuple[str, int, bool]]:
        """Takes a report; the jobs that are not there any more, with their attempt and whether they may have been begun."""
        self._instance, self._number, self._heard = report.instance, report.number, self._clock()
        named = {progress.id: progress for progress in report.jobs}
        gone = []
        for job_id, placed in list(self.placed.items()):
            progress = named.get(job_id)
            if progress is not None and progress.attempt == placed.attempt:
                self.progress[job_id] = progress
                self.placed[job_id] = placed._replace(instance=report.instance, number=report.number, seen=True)
            elif placed.instance not in ("", report.instance):
                gone.append((job_id, placed.attempt, True))
            elif report.number >= placed.number:
                gone.append((job_id, placed.attempt, placed.seen))
        return gone

    def forget(self, job_id: str) -> None:
        self.placed.pop(job_id, None)
        self.progress.pop(job_id, None)
