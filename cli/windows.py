"""`yunwang window ...`: maintenance, freeze, silence, heightened protection."""

import sys
import time
from argparse import Namespace
from typing import Any

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json, word
from cli.finding import rows, short
from core.errors import UsageError
from core.i18n import mark, tr
from core.rows import WindowRow
from core.settings import Settings
from core.width import clean
from core.work import WindowAdded

KINDS = (mark("maintenance"), mark("freeze"), mark("silence"), mark("protection"))
MOST = 1000


def _now() -> int:
    return time.time_ns() // 1_000_000


def list_(args: Namespace, settings: Settings) -> int:
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
    return ", ".join((*row.units, *row.sites, *row.devices, *row.rules, *row.instances)) or tr("everything")


def add(args: Namespace, settings: Settings) -> int:
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


def end(args: Namespace, settings: Settings) -> int:
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
