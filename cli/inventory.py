"""`yunwang inventory ...`: what exists, asked of the hub through the client."""

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import client
from cli import files, tables
from core.errors import InvalidInputError, UsageError
from core.i18n import language, tr
from core.ports import ListQuery
from core.settings import Settings
from core.views import ImportReport
from core.width import clean
from inventory.sheets.cells import CellError, near, shown
from inventory.sheets.columns import BY_KIND, Column
from inventory.sheets.headings import fold

T = TypeVar("T")
_PAGE = 500
_SHOWN_COLUMNS = 7


def import_(args: Namespace, settings: Settings) -> int:
    """Imports a file, or says every mistake in it."""
    content = files.read(args.file)
    name = "stdin.csv" if args.file == "-" else args.file
    report = _ask(settings, lambda hub: hub.import_file(name.replace("\\", "/").rpartition("/")[2], content, dry_run=args.dry_run))
    if args.json:
        _print_json(_as_json(report))
    else:
        _print_report(report)
    return InvalidInputError.exit_code if report.problems_total else 0


def _print_report(report: ImportReport) -> None:
    for problem in report.problems:
        place = tr("{sheet}, row {row}", sheet=problem.sheet, row=problem.row) if problem.row else problem.sheet
        print(clean(": ".join(filter(None, (place, problem.column, problem.message)))))
    if report.problems_total:
        if report.problems_total > len(report.problems):
            print(tr("... and {count} more.", count=report.problems_total - len(report.problems)))
        print(tr("Mistakes: {count}. Nothing was imported.", count=report.problems_total), file=sys.stderr)
        return
    rows = [[BY_KIND[kind].title(language()), *(str(part.get(kind, 0)) for part in (report.added, report.changed, report.unchanged))]
            for kind in BY_KIND if any(kind in part for part in (report.added, report.changed, report.unchanged))]
    print("\n".join(tables.lines([tr("kind"), tr("added"), tr("changed"), tr("unchanged")], rows)))
    print(tr("Nothing was changed: this was only a check.") if report.dry_run else tr("Imported."), file=sys.stderr)


def list_(args: Namespace, settings: Settings) -> int:
    """Prints objects of one kind."""
    query = ListQuery(text=args.filter, where=_where(args.kind, args.where or []), sort=_sort(args.kind, args.sort))
    items, total = _ask(settings, lambda hub: _pages(hub, args.kind, query, max(0, args.limit)))
    if args.json:
        _print_json({"kind": args.kind, "total": total, "items": items})
        return 0
    columns = BY_KIND[args.kind].columns[:_SHOWN_COLUMNS]
    rows = [[_cell(column, item) for column in columns] for item in items]
    print("\n".join(tables.lines([column.heading(language()) for column in columns], rows, tables.room())))
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
        column = _column(kind, name)
        try:
            found[column.field] = _stored(column.parse(value) if value else "")
        except CellError as error:
            raise UsageError(f"--where {shown(word)}: {error}") from None
    return found


def _stored(value: str | int | bool) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _sort(kind: str, text: str) -> str:
    turned = text.startswith("-")
    return ("-" if turned else "") + _column(kind, text[turned:]).field


def _column(kind: str, name: str) -> Column:
    """A column by its field or by either heading."""
    for column in BY_KIND[kind].columns:
        if fold(name) in (fold(column.field), fold(column.zh), fold(column.en)):
            return column
    fields = [column.field for column in BY_KIND[kind].columns]
    raise UsageError(tr("A {kind} has no field {name}.", kind=tr(kind), name=shown(name)),
                     way_out=near(name, fields) or tr("Fields: {names}.", names=", ".join(fields)))


def show(args: Namespace, settings: Settings) -> int:
    """Prints one object."""
    record = _ask(settings, lambda hub: hub.record(args.kind, args.name))
    if args.json:
        _print_json({"kind": args.kind, **_as_json(record)})
        return 0
    columns = BY_KIND[args.kind].columns
    print("\n".join(tables.pairs([(c.heading(language()), str(c.shown(getattr(record, c.field), language()))) for c in columns])))
    return 0


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


def _cell(column: Column, item: dict[str, Any]) -> str:
    value = item.get(column.field, "")
    return "" if value in ("", None) else str(column.shown(value, language()))


def _as_json(noun: Any) -> Any:
    import msgspec

    return {field.name: msgspec.to_builtins(getattr(noun, field.name)) for field in msgspec.structs.fields(type(noun))}


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1))
