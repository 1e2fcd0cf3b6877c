"""`yunwang alert ...`: lists of alerts, and what people do about many at once."""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from cli import tables
from cli.asking import agreed, ask, clock, plain, print_json
from cli.finding import short
from cli.moments import parse_moment
from core.alerting import MOST_AT_ONCE, AlertOrder, AlertQuery, AlertsDone, Verb
from core.errors import ConflictError, NotFoundError, UsageError
from core.i18n import mark, tr
from core.rules import said
from core.settings import Settings
from core.signals import Severity, urgency
from core.views import AlertRow
from core.width import clean

if TYPE_CHECKING:
    from client import Client

MOST = 5_000
_DONE: dict[Verb, str] = {
    "ack": mark("Taken on: {count}."), "unack": mark("Given back: {count}."), "comment": mark("Noted on: {count}."),
    "close": mark("Closed: {count}."),
}
_WOULD: dict[Verb, str] = {
    "ack": mark("Would be taken on: {count}."), "unack": mark("Would be given back: {count}."),
    "comment": mark("Would be noted on: {count}."), "close": mark("Would be closed: {count}."),
}
_ASKS: dict[Verb, str] = {
    "ack": mark("Take {count} alerts on?"), "unack": mark("Give {count} alerts back?"), "comment": mark("Note it on {count} alerts?"),
    "close": mark("Close {count} alerts?"),
}


def list_(args: Namespace, settings: Settings) -> int:
    """Prints alerts, the most urgent first."""
    if not 1 <= args.limit <= MOST:
        raise UsageError(tr("A list has 1 to {most} alerts.", most=MOST))
    query = _query(args).replace(being="cleared" if args.cleared else "all" if args.all else "open")
    found = ask(settings, lambda hub: hub.alerting.matching(query, args.limit, args.after))
    if args.json:
        print_json({
            "alerts": [plain(row) for row in found.rows], "total": found.total, "cursor": found.cursor, "complete": found.complete,
        })
        return 0
    if found.rows:
        print("\n".join(lines(found.rows)))
    if not found.rows:
        print(tr("No alert."), file=sys.stderr)
    elif found.cursor:
        print(tr("{shown} of {total} are shown: --limit, or the next: --after {cursor}", shown=len(found.rows), total=found.total,
                 cursor=found.cursor), file=sys.stderr)
    if not found.complete:
        print(tr("Older ones were not looked at: --since."), file=sys.stderr)
    return 0


def lines(rows: Sequence[AlertRow]) -> list[str]:
    """A table of alerts."""
    headings = [tr("id"), tr("severity"), tr("raised at"), tr("about"), tr("what"), tr("suppresses"), tr("state")]
    table = [
        [short(row.id), tr(hurry(row)), clock(row.raised_at), row.device or row.device_id, said(row),
         str(row.suppressed) if row.suppressed else "", being(row)]
        for row in rows
    ]
    return tables.lines(headings, table, tables.room())


def hurry(row: AlertRow) -> Severity:
    """How urgent it is, redundancy counted."""
    return urgency(cast("Severity", row.severity), row.left, row.of)


def being(row: AlertRow) -> str:
    """What has become of it, in a few words."""
    words = [
        tr("over since {at}", at=clock(row.cleared_at)) if row.cleared_at else "",
        tr("{name} is on it", name=clean(row.acked_by, 40)) if row.acked_at and not row.cleared_at else "",
        tr("silenced") if row.silenced_by else "", tr("follows from {id}", id=short(row.suppressed_by)) if row.suppressed_by else "",
        tr("comes and goes") if row.flapping else "",
    ]
    return ", ".join(filter(None, words))


def _query(args: Namespace) -> AlertQuery:
    return AlertQuery(
        text=args.grep, least=args.severity or "", unit=args.unit, site=args.site, device=args.device, rule=args.rule, root=args.root,
        roots=not args.suppressed, unacked=args.unacked, unmuted=args.unmuted,
        since_ms=max(parse_moment(args.since, time.time_ns() // 1_000_000), 0) if args.since else 0,
    )


def show(args: Namespace, settings: Settings) -> int:
    """Prints all that helps to understand an alert."""
    from cli.alert_story import pages

    found = ask(settings, lambda hub: hub.alerting.story(args.id))
    if args.json:
        print_json(found)
    else:
        print("\n".join(pages(found)))
    return 0


def ack(args: Namespace, settings: Settings) -> int:
    """Takes alerts on."""
    return _act(args, settings, "ack")


def unack(args: Namespace, settings: Settings) -> int:
    """Gives alerts back."""
    return _act(args, settings, "unack")


def comment(args: Namespace, settings: Settings) -> int:
    """Notes something about alerts."""
    return _act(args, settings, "comment")


def close(args: Namespace, settings: Settings) -> int:
    """Closes alerts."""
    return _act(args, settings, "close")


def _act(args: Namespace, settings: Settings, verb: Verb) -> int:
    """What was asked about is what is done: by a filter the ids are found first."""
    if len(args.id) > MOST_AT_ONCE:
        raise UsageError(tr("At most {count} alerts are named at once.", count=MOST_AT_ONCE), way_out=tr("Use a filter."))
    query = _query(args).replace(ids=tuple(args.id)) if args.id else _query(args)
    if args.id and query.replace(ids=(), roots=True).narrows:
        raise UsageError(tr("Either ids or filters say which alerts are meant."))
    order = AlertOrder(alerts=query, text=args.message, everything=args.everything, dry_run=True)
    if args.id and not args.dry_run:
        return _tell(args, verb, ask(settings, lambda hub: hub.alerting.act(verb, order.replace(dry_run=False))))
    found = ask(settings, lambda hub: _page_by_page(hub, verb, order))
    if args.dry_run:
        return _tell(args, verb, found)
    if not found.done:
        return _tell(args, verb, found) if found.refused else _nothing(found.same)
    if len(found.done) > 1 and not args.yes and not agreed(tr(_ASKS[verb], count=len(found.done))):
        return 1
    return _tell(args, verb, ask(settings, lambda hub: _some_by_some(hub, verb, order, found)))


async def _page_by_page(hub: "Client", verb: Verb, order: AlertOrder) -> AlertsDone:
    """What an order would do, all of it: in pages, as the hub takes it."""
    found = await hub.alerting.act(verb, order)
    while found.cursor:
        page = await hub.alerting.act(verb, order.replace(after=found.cursor))
        found = page.replace(done=found.done + page.done, same=found.same + page.same, refused={**found.refused, **page.refused})
    return found


async def _some_by_some(hub: "Client", verb: Verb, order: AlertOrder, found: AlertsDone) -> AlertsDone:
    """Does it to those that were found. What is interrupted has done what it said, and can be said again."""
    done = AlertsDone(refused=found.refused)
    for start in range(0, len(found.done), MOST_AT_ONCE):
        some = AlertQuery(ids=found.done[start : start + MOST_AT_ONCE])
        page = await hub.alerting.act(verb, order.replace(alerts=some, dry_run=False))
        done = done.replace(done=done.done + page.done, same=done.same + page.same, refused={**done.refused, **page.refused})
        if len(found.done) > MOST_AT_ONCE:
            _progress(start + len(some.ids), len(found.done))
    return done


def _progress(done: int, total: int) -> None:
    """On one line, where somebody looks."""
    if sys.stderr.isatty():
        print("\r" + tr("{done} of {total} alerts", done=done, total=total), end="\n" if done == total else "", file=sys.stderr, flush=True)


def _nothing(same: int) -> int:
    raise NotFoundError(tr("There is nothing to do: {count} alerts are so already.", count=same))


def _tell(args: Namespace, verb: Verb, done: AlertsDone) -> int:
    """0 when all was done, 8 when some were refused."""
    if args.json:
        print_json(done)
        return ConflictError.exit_code if done.refused else 0
    print(tr((_WOULD if done.dry_run else _DONE)[verb], count=len(done.done)))
    if done.same:
        print(tr("{count} are so already.", count=done.same))
    for one, reason in done.refused.items():
        print(f"{short(one)}  {clean(reason, 400)}", file=sys.stderr)
    return ConflictError.exit_code if done.refused else 0
