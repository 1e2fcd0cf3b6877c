"""`yunwang inventory ...`: what exists, asked of the hub through the client."""

import asyncio
import json
import re
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import client
from cli import changes, files, tables
from cli.fields import field_of, fields
from cli.moments import local, parse_moment
from core.edges import EDGES
from core.errors import InvalidInputError, NotFoundError, UsageError
from core.i18n import language, tr
from core.model import LISTED, MODEL
from core.objects import Fact
from core.ports import ListQuery
from core.rows import ObjectDetail
from core.settings import Settings
from core.sources import IntakeReport
from core.width import clean
from inventory.sheets.cells import CellError, shown
from inventory.sheets.columns import BY_KIND, title

T = TypeVar("T")
_PAGE = 500
_SHOWN_COLUMNS = 7
_SOURCE = re.compile(r"(openstack|netbox|librenms|zabbix|oxidized|discover):", re.IGNORECASE)


def import_(args: Namespace, settings: Settings) -> int:
    """Imports a file, or says every mistake in it; or asks a source."""
    if _from_source(args):
        from cli.source import import_from

        return import_from(args, settings)
    content = files.read(args.file)
    report = _ask(settings, lambda hub: hub.import_file(changes.base_name(args.file), content, dry_run=args.dry_run))
    if args.json:
        _print_json(_as_json(report))
    else:
        _print_report(report)
    return InvalidInputError.exit_code if report.problems_total else 0


def _from_source(args: Namespace) -> bool:
    """`openstack:CLOUD` and the like; a file of that name is a file."""
    return bool(_SOURCE.match(args.file)) and not Path(args.file).exists()


def _print_report(report: IntakeReport) -> None:
    if report.problems_total:
        changes.print_problems(report.problems, report.problems_total)
        return
    parts = (report.added, report.changed, report.unchanged, report.queued)
    found = [kind for kind in LISTED if any(kind in part for part in parts)]
    rows = [[title(kind, language()), *(str(part.get(kind, 0)) for part in parts)] for kind in found]
    print("\n".join(tables.lines([tr("kind"), tr("added"), tr("changed"), tr("unchanged"), tr("to review")], rows)))
    for one in report.unplaced:
        print(clean(f"{title(one.kind, language()) if one.kind in LISTED else one.kind} {one.name}: {one.reason}"))
    if report.unplaced_total > len(report.unplaced):
        print(tr("... and {count} more.", count=report.unplaced_total - len(report.unplaced)))
    print(tr("Nothing was changed: this was only a check.") if report.dry_run else tr("Imported."), file=sys.stderr)


def list_(args: Namespace, settings: Settings) -> int:
    """Prints objects of one kind."""
    query = ListQuery(text=args.filter, where=_where(args.kind, args.where or []), sort=_sort(args.kind, args.sort))
    items, total = _ask(settings, lambda hub: _pages(hub, args.kind, query, max(0, args.limit)))
    if args.json:
        _print_json({"kind": args.kind, "total": total, "items": items})
        return 0
    columns = [field for field in fields(args.kind) if args.kind in BY_KIND or field.name != "key"][:_SHOWN_COLUMNS]
    rows = [[field.shown(item.get(field.name, "")) for field in columns] for item in items]
    print("\n".join(tables.lines([field.heading for field in columns], rows, tables.room())))
    if len(items) < total:
        print(tr("{shown} of {total}; --limit 0 shows all.", shown=len(items), total=total), file=sys.stderr)
    return 0


async def _pages(hub: client.Client, kind: str, query: ListQuery, limit: int) -> tuple[list[dict[str, Any]], int]:
    items: list[dict[str, Any]] = []
    cursor, total = "", 0
    while True:
        wanted = min(_PAGE, limit - len(items)) if limit else _PAGE
        page = await hub.page(kind, query.replace(limit=wanted, cursor=cursor))
        items += page.items
        cursor, total = page.cursor, page.total
        if not cursor or (limit and len(items) >= limit):
            return items, total


def _where(kind: str, words: list[str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator:
            raise UsageError(tr("{word} is not of the form FIELD=VALUE.", word=shown(word)), way_out=tr("For example: --where role=core"))
        field = field_of(kind, name)
        try:
            found[field.name] = _stored(field.column.parse(value) if value and field.column and not field.column.many else value)
        except CellError as error:
            raise UsageError(f"--where {shown(word)}: {error}") from None
    return found


def _stored(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _sort(kind: str, text: str) -> str:
    turned = text.startswith("-")
    return ("-" if turned else "") + field_of(kind, text[turned:]).name


def show(args: Namespace, settings: Settings) -> int:
    """Prints one object and what hangs together with it, now or as it was."""
    if args.at:
        return _show_then(args, settings)
    record, detail, facts = _ask(settings, lambda hub: _with_neighbours(hub, args.kind, args.name))
    if args.json:
        more = {"facts": _plain(facts)} if args.kind == "device" else {}
        _print_json({"kind": args.kind, **_as_json(record), **({"neighbours": _plain(detail.neighbours)} if detail else {}), **more})
        return 0
    _print_record(args.kind, {field.name: getattr(record, field.name) for field in fields(args.kind)})
    _print_facts(facts)
    if detail and detail.neighbours:
        _print_neighbours(detail)
    return 0


async def _with_neighbours(hub: client.Client, kind: str, name: str) -> tuple[Any, ObjectDetail | None, tuple[Fact, ...]]:
    record = await hub.record(kind, name)
    detail = await hub.objects.get(kind, record.id) if kind in MODEL else None
    return record, detail, await hub.facts(record.id) if kind == "device" else ()


def _print_facts(facts: Sequence[Fact]) -> None:
    """What a device says of itself, and last what is wrong with it."""
    if facts:
        ordered = sorted(facts, key=lambda one: one.field == "mark")
        print("\n" + "\n".join(tables.pairs([(tr(one.field), one.value) for one in ordered])))


def _print_record(kind: str, values: dict[str, Any]) -> None:
    print("\n".join(tables.pairs([(field.heading, field.shown(values.get(field.name, ""))) for field in fields(kind)])))


def _print_neighbours(detail: ObjectDetail) -> None:
    rows = [
        [("" if one.ahead else "< ") + (EDGES[one.edge].zh if language() == "zh" else one.edge), title(one.kind, language()), one.name,
         one.port, one.far_port, one.source]
        for one in detail.neighbours if one.name
    ]
    print()
    headings = [tr("relation"), tr("kind"), tr("name"), tr("port"), tr("far port"), tr("source")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    if detail.neighbours_total > len(detail.neighbours):
        print(tr("... and {count} more.", count=detail.neighbours_total - len(detail.neighbours)), file=sys.stderr)


def _show_then(args: Namespace, settings: Settings) -> int:
    at_ms = parse_moment(args.at, time.time_ns() // 1_000_000)
    found = _ask(settings, lambda hub: hub.history.then(args.kind, args.name, at_ms))
    if args.json:
        _print_json({"kind": found.kind, "id": found.id, "at_ms": found.at_ms, "record": found.record})
    elif found.record is None:
        print(tr("{name} was not there at {time}.", name=shown(args.name), time=local(found.at_ms)))
    else:
        _print_record(args.kind, found.record)
    return 0 if found.record is not None else NotFoundError.exit_code


def export(args: Namespace, settings: Settings) -> int:
    """Exports to a file or to standard output."""
    format_ = args.format or _format_of(args.output)
    if format_ == "csv" and not args.kind:
        raise UsageError(tr("A csv file holds one kind."), way_out=tr("Name the kind, or export to xlsx, json or sqlite."))
    if format_ in ("xlsx", "sqlite") and not args.output and sys.stdout.isatty():
        raise UsageError(tr("Such a file cannot be shown on a terminal."), way_out=tr("Name a file with -o."))
    content = _ask(settings, lambda hub: hub.export(args.kind or "all", format_))
    if args.output:
        files.write(args.output, content)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
    return 0


def _format_of(name: str) -> str:
    suffix = name.rpartition(".")[2].lower()
    return {"xlsx": "xlsx", "json": "json", "db": "sqlite", "sqlite": "sqlite"}.get(suffix, "csv") if "." in name else "csv"


def template(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - every handler has this signature
    """Writes the workbook to fill in."""
    from inventory.sheets import exporting
    from links import sheets

    files.write(args.output, sheets.write_xlsx(exporting.template(language())), replace=False)
    print(tr("Wrote {file}. Fill it in, then: yunwang inventory import {file} --dry-run", file=args.output))
    return 0


def _ask(settings: Settings, question: Callable[[client.Client], Awaitable[T]]) -> T:
    async def run() -> T:
        async with client.connect(settings) as hub:
            return await question(hub)

    return asyncio.run(run())


def _as_json(noun: Any) -> Any:
    import msgspec

    return {field.name: msgspec.to_builtins(getattr(noun, field.name)) for field in msgspec.structs.fields(type(noun))}


def _plain(nouns: Any) -> Any:
    return [_as_json(noun) for noun in nouns]


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))
