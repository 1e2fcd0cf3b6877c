"""From sheets to records: every mistake is named by sheet, row and column, and with one mistake nothing is imported.

A row describes one record wholly: an empty cell means the field's default. A column that the sheet lacks leaves the field of a known
record as it is. Names are the identity: a known name keeps its id, a new one gets an empty id that the hub fills in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.i18n import language, tr
from core.messages import ImportResult, Sheet, SheetRow
from core.objects import Record
from inventory import relations
from inventory.book import Book, Entry, Existing, squeezed
from inventory.cells import CellError, is_empty, near, sentences, shown
from inventory.columns import BY_KIND, SHEETS
from inventory.headings import Layout, beyond, fold, kind_of, layout
from inventory.problems import Problems, letters

__all__ = ["Existing", "check"]


def check(sheets: Sequence[Sheet], existing: Existing) -> ImportResult:
    """Either records that can be put, or every problem that keeps them from it."""
    problems = Problems()
    book = Book({s.kind: [] for s in SHEETS}, {s.kind: existing.by_name(s.kind) for s in SHEETS}, set(), set())
    for sheet in sheets:
        _read_sheet(sheet, book, problems, alone=len(sheets) == 1)
    if not problems.total and not any(book.entries.values()):
        problems.add(sheets[0].name if sheets else "", 0, tr("There is nothing to import in this file."))
    relations.judge(book, problems)
    if problems.total:
        order = {sheet.name: index for index, sheet in enumerate(sheets)}
        kept = sorted(problems.kept, key=lambda p: (order.get(p.sheet, 0), p.row))
        return ImportResult(problems=tuple(kept), problems_total=problems.total)
    records = {f"{kind}s": tuple(_record(kind, entry, book) for entry in entries) for kind, entries in book.entries.items()}
    return ImportResult(**records)  # type: ignore[arg-type]


def _record(kind: str, entry: Entry, book: Book) -> Record:
    known = book.known[kind].get(entry.name)
    return msgspec.convert({"id": known.id if known else "", **entry.values}, BY_KIND[kind].noun)


def _read_sheet(sheet: Sheet, book: Book, problems: Problems, *, alone: bool) -> None:
    for problem in sheet.problems:
        problems.add(problem.sheet, problem.row, problem.message, column=problem.column)
    kind = kind_of(sheet, alone=alone)
    if sheet.problems and kind is not None:
        book.unreadable.add(kind.kind)
    if not sheet.rows:
        return
    if kind is None:
        problems.add(sheet.name, 0, _unknown_sheet(sheet.name))
        return
    found = layout(sheet, kind, problems)
    if found is None:
        book.unreadable.add(kind.kind)
        return
    head = sheet.rows[0].cells
    for row in sheet.rows[1:]:
        if (index := beyond(row, found, head)) is not None:
            problems.add(sheet.name, row.number, tr("This cell stands under no heading."), column=letters(index))
        entry = _entry(sheet.name, row, found, book.known[kind.kind], problems)
        book.entries[kind.kind].append(entry)
        if not entry.name and found.at["name"] < len(row.cells):
            book.misspelt.add((kind.kind, squeezed(str(row.cells[found.at["name"]]))))


def _unknown_sheet(name: str) -> str:
    names = [s.title(language()) for s in SHEETS]
    hint = near(fold(name), [word for s in SHEETS for word in (s.zh, s.en)]) or tr("Sheets are called {names}.", names=", ".join(names))
    return sentences(tr("There is no kind of object called {name}.", name=shown(name)), hint)


def _entry(sheet: str, row: SheetRow, found: Layout, known: Mapping[str, Record], problems: Problems) -> Entry:
    parsed: dict[str, Any] = {}
    bad: list[str] = []
    for column in found.kind.columns:
        index = found.at.get(column.field)
        if index is None:
            continue
        cell = row.cells[index] if index < len(row.cells) else None
        try:
            if not is_empty(cell):
                parsed[column.field] = column.parse(cell)
            elif column.required:
                bad.append(column.field)
                problems.add(sheet, row.number, tr("This cell must be filled in."), column=found.place(column.field))
        except CellError as error:
            bad.append(column.field)
            problems.add(sheet, row.number, str(error), column=found.place(column.field))
    return Entry(sheet, row.number, found, _complete(found, parsed, bad, known))


def _complete(found: Layout, parsed: dict[str, Any], bad: list[str], known: Mapping[str, Record]) -> dict[str, Any]:
    """Parsed values over what the record keeps, without the fields that are in doubt."""
    record = known.get(str(parsed.get("name", "")))
    values = {field.name: field.default for field in msgspec.structs.fields(found.kind.noun) if field.default is not msgspec.NODEFAULT}
    if record is not None:
        kept = msgspec.structs.asdict(record)
        values.update({field: value for field, value in kept.items() if field not in found.at and field != "id"})
    values.update(parsed)
    return {field: value for field, value in values.items() if field not in bad}
