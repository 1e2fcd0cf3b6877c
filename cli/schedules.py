"""`yunwang schedule ...`: what runs by itself, and when."""

import sys
from argparse import Namespace
from collections.abc import Awaitable
from datetime import UTC, datetime

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json
from cli.work import arguments_of
from core.errors import UsageError
from core.i18n import mark, tr
from core.settings import Settings
from core.width import clean
from core.work import Schedule, ScheduleWish

OVERLAPS = (mark("skip"), mark("queue"))


def list_(args: Namespace, settings: Settings) -> int:
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


def add(args: Namespace, settings: Settings) -> int:
    """Adds a schedule and prints its next times."""
    if not args.kind or not args.cron:
        raise UsageError(tr("--kind and --cron are needed."), way_out=tr("For example: --kind backup --cron '30 2 * * *'"))
    wish = ScheduleWish(
        name=args.name, kind=args.kind, arguments=arguments_of(args.argument or []), cron=args.cron, time_zone=args.time_zone,
        jitter_s=args.jitter, overlap=args.overlap, deadline_s=args.deadline, limit_s=args.time_limit, catch_up=not args.no_catch_up,
    )
    return _tell(args, ask(settings, lambda hub: _with_next(hub, hub.work.add_schedule(wish))))


async def _with_next(hub: client.Client, made: Awaitable[Schedule]) -> tuple[Schedule, tuple[int, ...]]:
    schedule = await made
    return schedule, await hub.work.next_times(schedule.name)


def _tell(args: Namespace, answer: tuple[Schedule, tuple[int, ...]]) -> int:
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


def remove(args: Namespace, settings: Settings) -> int:
    """Removes a schedule."""
    ask(settings, lambda hub: hub.work.remove_schedule(args.name))
    print(tr("Removed."), file=sys.stderr)
    return 0


def enable(args: Namespace, settings: Settings) -> int:
    """Turns a schedule on."""
    return _tell(args, ask(settings, lambda hub: _with_next(hub, hub.work.enable_schedule(args.name, True))))


def disable(args: Namespace, settings: Settings) -> int:
    """Turns a schedule off."""
    return _tell(args, ask(settings, lambda hub: _with_next(hub, hub.work.enable_schedule(args.name, False))))


def next_times(args: Namespace, settings: Settings) -> int:
    """Prints when a schedule runs next."""
    times = ask(settings, lambda hub: hub.work.next_times(args.name, args.count))
    if args.json:
        print_json({"name": args.name, "next": times})
    else:
        print("\n".join(_local(at) for at in times))
    return 0
