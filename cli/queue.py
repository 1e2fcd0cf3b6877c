"""`yunwang queue ...`: what the sources say against each other; and `yunwang device replace`."""

import sys
from argparse import Namespace
from collections.abc import Sequence

import client
from cli import tables
from cli.asking import agreed, ask, clock, print_json
from cli.finding import SHORT, WHOLE, short
from core.errors import ConflictError, NotFoundError, UsageError
from core.i18n import language, mark, tr
from core.model import TITLES
from core.review import CLASSES, STATES, Decided, DecisionOnLines, DifferenceDetail, Replacement, Selection
from core.rows import QueueRow
from core.settings import Settings
from core.views import ViewQuery
from core.width import clean

MOST = 5000
VERDICTS = {"accept": mark("accept"), "reject": mark("reject"), "reopen": mark("open again"), "undo": mark("take back")}
MANY = 1
"""Lines of which more are asked about before a verdict."""


def list_(args: Namespace, settings: Settings) -> int:
    """Prints lines, the newest first."""
    where = {**_where(args), **({} if args.state == "all" else {"state": args.state})}
    query = ViewQuery(view="queue", where=where, text=args.filter, sort="-first_seen", limit=max(1, args.limit))
    page = ask(settings, lambda hub: hub.view(query))
    if args.json:
        print_json({"total": page.total, "lines": list(page.rows)})
        return 0
    if not page.rows:
        print(tr("Nothing waits."), file=sys.stderr)
        return 0
    rows = [_row(row) for row in page.rows]
    headings = [tr("id"), tr("class"), tr("kind"), tr("name"), tr("field"), tr("declared"), tr("observed"), tr("said by"), tr("unit")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    if page.total > len(page.rows):
        print(tr("... and {count} more.", count=page.total - len(page.rows)), file=sys.stderr)
    return 0


def _row(row: dict[str, str]) -> list[str]:
    seen = " / ".join(filter(None, (row.get("configured", ""), row.get("observed", ""))))
    return [
        short(row["id"]), tr(CLASSES[row["what"]]), title(row["object_kind"]), row["name"], row.get("field", ""),
        row.get("declared", ""), seen, row.get("origin", ""), row.get("unit", ""),
    ]


def title(kind: str) -> str:
    """What a kind is called in the language that is spoken."""
    zh, en = TITLES.get(kind, (kind, kind))
    return zh if language() == "zh" else en


def _where(args: Namespace) -> dict[str, str]:
    given = {
        "object_kind": args.kind, "what": getattr(args, "class"), "field": args.field, "origin": args.origin, "unit": args.unit,
    }
    return {field: value for field, value in given.items() if value}


def show(args: Namespace, settings: Settings) -> int:
    """All sides of one line."""

    async def question(hub: client.Client) -> DifferenceDetail:
        return await hub.queue.show((await _ids(hub, [args.id]))[0])

    found = ask(settings, question)
    if args.json:
        print_json(found)
        return 0
    line = found.difference
    print("\n".join(tables.pairs([
        (tr("id"), line.id), (tr("class"), tr(CLASSES[line.what])), (tr("kind"), title(line.object_kind)), (tr("name"), line.name),
        (tr("state"), tr(STATES[line.state]) + (f" ({line.by}, {clock(line.at_ms)})" if line.by else "")),
        (tr("said by"), line.origin or "-"),
        (tr("unit"), line.unit or "-"), (tr("site"), line.site or "-"), (tr("first seen"), clock(line.first_seen)),
        (tr("last seen"), clock(line.last_seen)), (tr("evidence"), tr(line.reason) if line.reason else "-"), (tr("note"), line.note or "-"),
    ])))
    print()
    rows = [
        [("* " if side.differs else "") + side.field, side.holds, side.declared, side.configured, side.observed, side.proposed,
         "; ".join(f"{voice.origin} {clock(voice.since)}{' ' + tr('no more') if voice.gone else ''}" for voice in side.voices)]
        for side in found.sides
    ]
    headings = [tr("field"), tr("holds"), tr("declared"), tr("configured"), tr("observed"), tr("after acceptance"), tr("said by, since")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    print()
    print(clean(found.would))
    return 0


async def _ids(hub: client.Client, given: Sequence[str]) -> tuple[str, ...]:
    """Whole ids, where the last characters were given as lists show them."""
    if all(len(one) == WHOLE for one in given):
        return tuple(given)
    page = await hub.view(ViewQuery(view="queue", sort="-first_seen", limit=MOST))
    known = [QueueRow(**row).id for row in page.rows]
    return tuple(one if len(one) == WHOLE else _whole(one, known) for one in given)


def _whole(given: str, known: Sequence[str]) -> str:
    found = [one for one in known if len(given) >= SHORT // 2 and one.endswith(given.lower())]
    if not found:
        raise NotFoundError(tr("There is no {name} among the newest.", name=given[:64]), way_out=tr("Name the whole id."))
    if len(found) > 1:
        raise ConflictError(tr("Several end in {name}.", name=given[:64]), way_out=tr("Name more of the id."))
    return found[0]


def accept(args: Namespace, settings: Settings) -> int:
    """Accepts lines."""
    return _decide(args, settings, "accept")


def reject(args: Namespace, settings: Settings) -> int:
    """Rejects lines."""
    return _decide(args, settings, "reject")


def reopen(args: Namespace, settings: Settings) -> int:
    """Opens rejected lines again."""
    return _decide(args, settings, "reopen")


def undo(args: Namespace, settings: Settings) -> int:
    """Takes acceptances back."""
    return _decide(args, settings, "undo")


def _decide(args: Namespace, settings: Settings, verdict: str) -> int:
    where = _where(args)
    if not args.id and not where and not args.filter:
        raise UsageError(tr("It is not said which lines are meant."), way_out=tr("Name them by id, or give a filter."))
    values = dict(_pair(text) for text in getattr(args, "set", None) or [])

    async def wish(hub: client.Client, *, dry_run: bool) -> DecisionOnLines:
        ids = await _ids(hub, args.id) if args.id else ()
        lines = Selection(ids=ids, where={} if ids else where, text="" if ids else args.filter)
        return DecisionOnLines(
            verdict=verdict, lines=lines, set=values, same_as=getattr(args, "device", ""), note=args.message, dry_run=dry_run,  # type: ignore[arg-type]
        )

    async def tried(hub: client.Client) -> Decided:
        return await hub.queue.decide(await wish(hub, dry_run=True))

    async def carried_out(hub: client.Client) -> Decided:
        total = Decided()
        while True:
            done = await hub.queue.decide(await wish(hub, dry_run=False))
            total = _sum(total, done)
            if not args.json and done.left and sys.stderr.isatty():
                print(f"\r\x1b[K{total.done} / {total.done + done.left}", end="", file=sys.stderr, flush=True)
            if not done.left or not done.done:
                return total

    if not args.id and not args.dry_run and not args.yes:
        first = ask(settings, tried)
        count = first.lines + first.left
        if count > MANY and not agreed(tr("{count} lines: {verdict}?", count=count, verdict=tr(VERDICTS[verdict]))):
            return 1
    return _tell(args, ask(settings, tried if args.dry_run else carried_out))


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise UsageError(tr("{word} is not of the form NAME=VALUE.", word=clean(text, 60)))
    return name, value


def _sum(one: Decided, other: Decided) -> Decided:
    return other.replace(lines=one.done + other.lines, done=one.done + other.done, records=one.records + other.records)


def _tell(args: Namespace, done: Decided) -> int:
    """0 when all was done, 8 when lines were refused."""
    if args.json:
        print_json(done)
    else:
        text = mark("Would be done: {done} of {lines} lines, {records} written.") if done.dry_run else mark(
            "Done: {done} of {lines} lines, {records} written.",
        )
        print(tr(text, done=done.done, lines=done.lines, records=done.records))
        for line, reason in done.refused.items():
            print(f"{short(line)}  {clean(reason)}", file=sys.stderr)
        if done.refused_total > len(done.refused):
            print(tr("... and {count} more.", count=done.refused_total - len(done.refused)), file=sys.stderr)
        if done.left:
            print(tr("{count} lines are left.", count=done.left), file=sys.stderr)
    return ConflictError.exit_code if done.refused_total else 0


def replace(args: Namespace, settings: Settings) -> int:
    """Another box in the place of a device."""
    if not args.serial:
        raise UsageError(tr("A box is told by its serial number."), way_out=tr("Give it: --serial NUMBER."))
    wish = Replacement(serial=args.serial, model=args.model, dry_run=args.dry_run)
    done = ask(settings, lambda hub: hub.queue.replace_device(args.name, wish))
    if args.json:
        print_json(done)
        return 0
    print(tr("{name} keeps its id {id}.", name=clean(done.name), id=done.id))
    for field, (before, after) in done.changed.items():
        print(f"  {field}: {clean(before) or '-'} → {clean(after) or '-'}")
    if done.cleared:
        print(tr("Lines of the queue that this settles: {count}.", count=done.cleared))
    if done.dry_run:
        print(tr("Nothing was changed."))
    return 0
