"""What may happen to a job: pure decisions. A job is begun once for each attempt, and nothing that has ended begins again by itself.

Times are milliseconds since 1970, UTC.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import ConflictError
from core.i18n import mark, tr
from core.work import Job, JobState

MOST_ATTEMPTS = 5
"""How often a resumable job is gone on with by itself."""
ENDED = frozenset({"done", "failed", "cancelled", "missed"})
INTERRUPTED = mark("The process that ran it ended; it was not run again by itself.")
GOES_ON = mark("The process that ran it ended; it goes on.")
TOO_OFTEN = mark("It was interrupted too often.")
TOO_LATE = mark("It could not begin in time.")
TOO_LONG = mark("It took longer than it may.")
CANCELLED = mark("Cancelled.")
STATES: dict[JobState, str] = {
    "waiting": mark("waiting"), "running": mark("in progress"), "done": mark("done"), "failed": mark("failed"),
    "cancelled": mark("cancelled"), "missed": mark("missed"),
}
"""What they are called: message ids."""


def begin(job: Job, now_ms: int) -> Job:
    """Raises `ConflictError` when it is not waiting: it was begun or cancelled in the meantime."""
    if job.state != "waiting":
        raise ConflictError(tr("The job is {state} already.", state=tr(STATES[job.state])))
    return job.replace(state="running", attempt=job.attempt + 1, started_at=now_ms, ended_at=0, message="")


def end(job: Job, attempt: int, now_ms: int, *, result: Mapping[str, Any] | None = None, problem: str = "") -> Job:
    """Done, failed, or cancelled where that was wanted. What an earlier attempt says late changes nothing. What is done is done wholly."""
    if job.state != "running" or job.attempt != attempt:
        return job
    if result is not None:
        return job.replace(
            state="done", ended_at=now_ms, result=dict(result), message="", cancel_wanted=False, checkpoint={}, done=job.total or job.done,
        )
    if job.cancel_wanted:
        return job.replace(state="cancelled", ended_at=now_ms, message=CANCELLED, cancel_wanted=False)
    return job.replace(state="failed", ended_at=now_ms, message=problem)


def interrupt(job: Job, attempt: int, now_ms: int, *, resumable: bool) -> Job:
    """After the death of the process that ran it: waiting again where that does no harm, else failed. Never run twice silently."""
    if job.state != "running" or job.attempt != attempt:
        return job
    if job.cancel_wanted:
        return end(job, attempt, now_ms)
    if not resumable or job.attempt >= MOST_ATTEMPTS:
        return job.replace(state="failed", ended_at=now_ms, message=TOO_OFTEN if resumable else INTERRUPTED)
    return job.replace(state="waiting", message=GOES_ON, deadline_at=0)


def release(job: Job, attempt: int) -> Job:
    """Waiting again as if it had not been begun: whoever was to run it never did."""
    if job.state != "running" or job.attempt != attempt:
        return job
    return job.replace(state="waiting", attempt=job.attempt - 1, started_at=0)


def cancel(job: Job, now_ms: int) -> Job:
    """At once where it waits; wanted where it runs: whoever runs it ends it."""
    if job.state in ENDED:
        raise ConflictError(tr("The job is {state} already.", state=tr(STATES[job.state])))
    if job.state == "waiting":
        return job.replace(state="cancelled", ended_at=now_ms, message=CANCELLED)
    return job.replace(cancel_wanted=True)


def resume(job: Job, now_ms: int) -> Job:
    """Waiting again, from its checkpoint where it has one: a person wants it."""
    if job.state not in ("failed", "cancelled", "missed"):
        raise ConflictError(tr("The job is {state}.", state=tr(STATES[job.state])), way_out=tr("Only what did not end well is resumed."))
    return job.replace(state="waiting", due_at=now_ms, ended_at=0, deadline_at=0, message="", cancel_wanted=False)


def miss(job: Job, now_ms: int, reason: str = TOO_LATE) -> Job:
    return job.replace(state="missed", ended_at=now_ms, message=reason)


def is_late(job: Job, now_ms: int) -> bool:
    """Whether a waiting job may not begin any more."""
    return job.state == "waiting" and bool(job.deadline_at) and now_ms > job.deadline_at


def pick(
    waiting: Iterable[Job], running: Iterable[Job], at_once: Mapping[str, int], free: int, now_ms: int, served: Mapping[str, int],
) -> list[Job]:
    """Which jobs begin now, at most `free`: of who has the least running, then of who was served longest ago, then the oldest.

    at_once: how many of a kind may run at a time; kinds that are not there do not begin. served: by author, a number that grows with
    each job that is begun.
    """
    by_author, by_kind = Counter(job.author for job in running), Counter(job.kind for job in running)
    turn, last = dict(served), max(served.values(), default=0)
    queue = [job for job in waiting if job.state == "waiting" and job.due_at <= now_ms and job.kind in at_once]
    chosen: list[Job] = []
    while len(chosen) < free:
        able = [job for job in queue if by_kind[job.kind] < at_once[job.kind]]
        if not able:
            break
        first = min(able, key=lambda job: (by_author[job.author], turn.get(job.author, 0), job.due_at, job.id))
        queue.remove(first)
        chosen.append(first)
        by_author[first.author] += 1
        by_kind[first.kind] += 1
        last += 1
        turn[first.author] = last
    return chosen
