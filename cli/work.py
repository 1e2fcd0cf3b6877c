"""`yunwang job ...`, `yunwang schedule ...`, `yunwang window ...`."""

import asyncio
import json
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json, word
from cli.finding import found, rows, short
from core import jobs
from core.errors import ConflictError, UsageError
from core.i18n import mark, tr
from core.settings import Settings
from core.views import JobRow, WindowRow
from core.width import clean
from core.work import Job, Schedule, ScheduleWish, WindowAdded

WINDOW_KINDS = (mark("maintenance"), mark("freeze"), mark("silence"), mark("protection"))
OVERLAPS = (mark("skip"), mark("queue"))
LOOK_S = 0.5
MOST = 1000


def _now() -> int:
    return time.time_ns() // 1_000_000


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
    arguments = _arguments(args.argument or [])
    job = ask(settings, lambda hub: hub.work.run(args.kind, arguments))
    if args.follow:
        return _follow(args, settings, job.id)
    _tell_job(args, job)
    return 0


def _arguments(given: list[str]) -> dict[str, Any]:
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
    job = ask(settings, lambda hub: _until_ended(hub, job_id, quiet=args.json or not sys.stderr.isatty()))
    _tell_job(args, job)
    return 0 if job.state == "done" else ConflictError.exit_code


async def _until_ended(hub: client.Client, job_id: str, *, quiet: bool) -> Job:
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


def list_schedules(args: Namespace, settings: Settings) -> int:
    """Prints the schedules with their next time."""

    async def question(hub: client.Client) -> list[tuple[Schedule, int]]:
        known = await hub.work.schedules()
        return [(one, next(iter(await hub.work.next_times(one.name, 1)), 0) if one.enabled else 0) for one in known]

    known = ask(settings, question)
    if args.json:
        print_json({"schedules": [plain(one) | {"next": at} for one, at in known]})
        return 0
    headings = [tr("name"), tr("kind"), tr("cron"), tr("time zone"), tr("on"), tr("next"), tr("newest")]
    table = [[one.name, one.kind, one.cron, one.time_zone, tr("yes") if one.enabled else tr("no"), clock(at), clock(one.last_due)]
             for one, at in known]
    print("\n".join(tables.lines(headings, table, tables.room())))
    return 0


def add_schedule(args: Namespace, settings: Settings) -> int:
    """Adds a schedule and prints its next times."""
    if not args.kind or not args.cron:
        raise UsageError(tr("--kind and --cron are needed."), way_out=tr("For example: --kind backup --cron '30 2 * * *'"))
    wish = ScheduleWish(
        name=args.name, kind=args.kind, arguments=_arguments(args.argument or []), cron=args.cron, time_zone=args.time_zone,
        jitter_s=args.jitter, overlap=args.overlap, deadline_s=args.deadline, limit_s=args.time_limit, catch_up=not args.no_catch_up,
    )
    return _tell_schedule(args, ask(settings, lambda hub: _with_next(hub, hub.work.add_schedule(wish))))


async def _with_next(hub: client.Client, made: Awaitable[Schedule]) -> tuple[Schedule, tuple[int, ...]]:
    schedule = await made
    return schedule, await hub.work.next_times(schedule.name)


def _tell_schedule(args: Namespace, answer: tuple[Schedule, tuple[int, ...]]) -> int:
    schedule, times = answer
    if args.json:
        print_json(plain(schedule) | {"next": times})
        return 0
    print(f"{clean(schedule.name)}: {tr('on') if schedule.enabled else tr('off')}")
    if schedule.enabled:
        print("\n".join(_local(at) for at in times))
    return 0


def _local(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S %z}"


def remove_schedule(args: Namespace, settings: Settings) -> int:
    """Removes a schedule."""
    ask(settings, lambda hub: hub.work.remove_schedule(args.name))
    print(tr("Removed."), file=sys.stderr)
    return 0


def enable(args: Namespace, settings: Settings) -> int:
    """Turns a schedule on."""
    return _tell_schedule(args, ask(settings, lambda hub: _with_next(hub, hub.work.enable_schedule(args.name, True))))


def disable(args: Namespace, settings: Settings) -> int:
    """Turns a schedule off."""
    return _tell_schedule(args, ask(settings, lambda hub: _with_next(hub, hub.work.enable_schedule(args.name, False))))


def next_times(args: Namespace, settings: Settings) -> int:
    """Prints when a schedule runs next."""
    times = ask(settings, lambda hub: hub.work.next_times(args.name, args.count))
    if args.json:
        print_json({"name": args.name, "next": times})
    else:
        print("\n".join(_local(at) for at in times))
    return 0


def list_windows(args: Namespace, settings: Settings) -> int:
    """Prints the windows that hold or come, or all of them."""
    known, _ = ask(settings, lambda hub: rows(hub, "windows", WindowRow, {"kind": args.kind or ""}, "-starts_at", MOST))
    now = _now()
    known = [row for row in known if args.all or now < (row.ended_early_at or row.ends_at)]
    if args.json:
        print_json({"windows": plain(known)})
        return 0
    if not known:
        print(tr("No window holds or comes."), file=sys.stderr)
        return 0
    headings = [tr("id"), tr("name"), tr("kind"), tr("state"), tr("from"), tr("until"), tr("covers"), tr("set by"), tr("reason")]
    table = [[short(row.id), row.name, tr(row.kind), _phase(row, now), clock(row.starts_at), clock(row.ended_early_at or row.ends_at),
              _covers(row), row.author, row.reason] for row in known]
    print("\n".join(tables.lines(headings, table, tables.room())))
    return 0


def _phase(row: WindowRow, now: int) -> str:
    if now >= (row.ended_early_at or row.ends_at):
        return tr("ended")
    return tr("holds") if now >= row.starts_at else tr("comes")


def _covers(row: WindowRow) -> str:
    return ", ".join((*row.units, *row.sites, *row.devices)) or tr("everything")


def add_window(args: Namespace, settings: Settings) -> int:
    """Adds a window; says which ask for the opposite at the same time."""
    from tui.moments import read_moment

    if not args.until:
        raise UsageError(tr("A window needs its end: --until."), way_out=tr("For example: --until +2h, or --until '2026-11-23 18:00'"))
    now = _now()
    start = read_moment(getattr(args, "from"), now)
    end = read_moment(args.until, max(start, now))
    reason = args.message or word(tr("Reason: "), stdin=False)

    async def question(hub: client.Client) -> WindowAdded:
        return await hub.work.add_window(
            kind=args.kind, name=args.name, starts_at=start if start > now else 0, ends_at=end, reason=reason,
            units=tuple(args.unit or ()), sites=tuple(args.site or ()), devices=tuple(args.device or ()),
        )

    added = ask(settings, question)
    if args.json:
        print_json({"window": plain(added.window), "conflicts": plain(added.conflicts)})
        return 0
    window = added.window
    print(tr("{kind} {name} from {start} until {end}.", kind=tr(window.kind), name=clean(window.name), start=clock(window.starts_at),
             end=clock(window.ends_at)))
    for other in added.conflicts:
        print(tr("Mind: {kind} {name} holds from {start} until {end}, too.", kind=tr(other.kind), name=clean(other.name),
                 start=clock(other.starts_at), end=clock(other.ends_at)), file=sys.stderr)
    return 0


def end_window(args: Namespace, settings: Settings) -> int:
    """Ends a window."""

    async def question(hub: client.Client) -> Any:
        known, _ = await rows(hub, "windows", WindowRow, {}, "-starts_at", MOST)
        ids = [row.id for row in known if len(args.name) == len(short(row.id)) and row.id.endswith(args.name)]
        return await hub.work.end_window(ids[0] if len(ids) == 1 else args.name)

    window = ask(settings, question)
    if args.json:
        print_json(window)
    else:
        print(tr("{name} has ended.", name=clean(window.name)))
    return 0
