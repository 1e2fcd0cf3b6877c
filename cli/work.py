"""`yunwang job ...`: the queue."""

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Any

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json
from cli.finding import found, rows, short
from core import jobs
from core.errors import ConflictError, UsageError
from core.i18n import tr
from core.rows import JobRow
from core.settings import Settings
from core.width import clean
from core.work import Job

LOOK_S = 0.5


def list_jobs(args: Namespace, settings: Settings) -> int:
    """Prints the queue, newest first."""
    where = {"state": args.state or "", "kind": args.kind}
    shown, total = ask(settings, lambda hub: rows(hub, "jobs", JobRow, where, "-created_at", max(args.limit, 0)))
    if args.json:
        print_json({"total": total, "jobs": plain(shown)})
        return 0
    headings = [tr("id"), tr("kind"), tr("state"), tr("progress"), tr("asked by"), tr("begun"), tr("ended"), tr("message")]
    table = [[short(row.id), row.kind, tr(jobs.STATES[row.state]), _progress(row), row.schedule or row.author, clock(row.started_at),
              clock(row.ended_at), tr(row.message)] for row in shown]
    print("\n".join(tables.lines(headings, table, tables.room())))
    if len(shown) < total:
        print(tr("{shown} of {total}; --limit 0 shows all.", shown=len(shown), total=total), file=sys.stderr)
    return 0


def _progress(job: JobRow | Job) -> str:
    if job.total:
        return f"{min(100, 100 * job.done // job.total)} %"
    return str(job.done) if job.done else ""


def kinds(args: Namespace, settings: Settings) -> int:
    """Prints the kinds of jobs."""
    known = ask(settings, lambda hub: hub.work.kinds())
    if args.json:
        print_json(known)
        return 0
    table = [[one.name, tr(one.summary), tr("yes") if one.resumable else tr("no"), one.action] for one in known]
    print("\n".join(tables.lines([tr("kind"), tr("what it does"), tr("goes on after an interruption"), tr("permission")], table)))
    return 0


def show_job(args: Namespace, settings: Settings) -> int:
    """Prints one job."""

    async def question(hub: client.Client) -> Job:
        return await hub.work.job(await found(hub, "jobs", args.id))

    _tell_job(args, ask(settings, question), whole=True)
    return 0


def _tell_job(args: Namespace, job: Job, *, whole: bool = False) -> None:
    if args.json:
        print_json(job)
        return
    if not whole:
        print(" ".join(filter(None, (f"{job.kind} {short(job.id)}: {tr(jobs.STATES[job.state])}", _progress(job), tr(job.message)))))
        return
    print("\n".join(tables.pairs([
        (tr("id"), job.id), (tr("kind"), job.kind), (tr("arguments"), json.dumps(job.arguments, ensure_ascii=False)),
        (tr("asked by"), job.author), (tr("schedule"), job.schedule or "-"), (tr("due"), clock(job.due_at)),
        (tr("state"), tr(jobs.STATES[job.state])),
        (tr("begun"), clock(job.started_at)), (tr("ended"), clock(job.ended_at)), (tr("attempt"), str(job.attempt)),
        (tr("progress"), _progress(job) or "-"), (tr("message"), tr(job.message) or "-"),
        (tr("result"), json.dumps(job.result, ensure_ascii=False) if job.result else "-"),
    ])))


def run(args: Namespace, settings: Settings) -> int:
    """Puts a job into the queue; follows it where that is wanted."""
    arguments = arguments_of(args.argument or [])
    job = ask(settings, lambda hub: hub.work.run(args.kind, arguments))
    if args.follow:
        return _follow(args, settings, job.id)
    _tell_job(args, job)
    return 0


def arguments_of(given: list[str]) -> dict[str, Any]:
    """`NAME=VALUE`; a value that is a JSON number, truth value or null is one, everything else is text."""
    arguments: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise UsageError(tr("{word} is not of the form NAME=VALUE.", word=clean(text, 60)))
        try:
            found_value = json.loads(value)
        except ValueError:
            found_value = value
        arguments[name] = value if isinstance(found_value, dict | list) else found_value
    return arguments


def follow(args: Namespace, settings: Settings) -> int:
    """Follows a job until it has ended."""

    async def question(hub: client.Client) -> str:
        return await found(hub, "jobs", args.id)

    return _follow(args, settings, ask(settings, question))


def _follow(args: Namespace, settings: Settings, job_id: str) -> int:
    """0 when it is done, 8 when it ended otherwise."""
    job = ask(settings, lambda hub: until_ended(hub, job_id, quiet=args.json or not sys.stderr.isatty()))
    _tell_job(args, job)
    return 0 if job.state == "done" else ConflictError.exit_code


async def until_ended(hub: client.Client, job_id: str, *, quiet: bool) -> Job:
    """The job when it has ended; how far it is stands on standard error meanwhile."""
    last = ""
    while True:
        job = await hub.work.job(job_id)
        line = " ".join(filter(None, (job.kind, tr(jobs.STATES[job.state]), _progress(job), tr(job.message))))
        if not quiet and line != last:
            print(f"\r\x1b[K{clean(line)}", end="", file=sys.stderr, flush=True)
            last = line
        if job.state in jobs.ENDED:
            if last:
                print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            return job
        await asyncio.sleep(LOOK_S)


def cancel(args: Namespace, settings: Settings) -> int:
    """Cancels a job."""
    return _change_job(args, settings, lambda hub, job_id: hub.work.cancel(job_id))


def resume(args: Namespace, settings: Settings) -> int:
    """Resumes a job."""
    return _change_job(args, settings, lambda hub, job_id: hub.work.resume(job_id))


def _change_job(args: Namespace, settings: Settings, act: Callable[[client.Client, str], Awaitable[Job]]) -> int:
    async def question(hub: client.Client) -> Job:
        return await act(hub, await found(hub, "jobs", args.id))

    job = ask(settings, question)
    _tell_job(args, job)
    if job.cancel_wanted and not args.json:
        print(tr("It runs and was asked to end."), file=sys.stderr)
    return 0
