"""From sheets to records: every mistake is named by sheet, row and column, and with one mistake nothing is imported.

A row describes one record wholly: an empty cell means the field's default. A column that the sheet lacks leaves the field of a known
record as it is. Names are the identity: a known name keeps its id, a new one gets an empty id that the hub fills in.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.i18n import language, tr
from core.messages import ImportResult, Sheet
from inventory.sheets import relations
from inventory.sheets.book import Book, Entry, Existing
from inventory.sheets.cells import near, sentences, shown
from inventory.sheets.columns import BY_KIND, SHEETS, title
from inventory.sheets.headings import Layout, beyond, fold, kinds_of, layout, told_kind
from inventory.sheets.problems import Problems, letters
from inventory.sheets.rows import Rows

__all__ = ["Existing", "check"]


def check(sheets: Sequence[Sheet], existing: Existing) -> ImportResult:
    """Either records that can be put, or every problem that keeps them from it."""
    problems, book = Problems(), Book(existing)
    columns: dict[str, dict[str, None]] = {}
    for sheet in sheets:
        if (found := _read_sheet(sheet, book, problems, alone=len(sheets) == 1)) is not None:
            columns.setdefault(found.kind.kind, {}).update(dict.fromkeys(found.at))
    if not problems.total and not any(book.entries.values()):
        problems.add(sheets[0].name if sheets else "", 0, tr("There is nothing to import in this file."))
    relations.judge(book, problems)
    if problems.total:
        order = {sheet.name: index for index, sheet in enumerate(sheets)}
        kept = sorted(problems.kept, key=lambda p: (order.get(p.sheet, 0), p.row))
        return ImportResult(problems=tuple(kept), problems_total=problems.total)
    kinds = [of.kind for of in SHEETS if book.entries.get(of.kind)]
    return ImportResult(
        records={kind: tuple(_record(kind, entry) for entry in book.entries[kind]) for kind in kinds},
        fields={kind: _spoken(kind, columns[kind]) for kind in kinds},
    )


def _spoken(kind: str, columns: dict[str, None]) -> tuple[str, ...]:
    """Fields of which the file speaks."""
    of = BY_KIND[kind]
    named = ("name",) if of.named and "name" not in columns else ()
    return (*named, *(field for field in columns if field in of.settable))


def _record(kind: str, entry: Entry) -> Any:
    if entry.same:
        return entry.known
    return msgspec.convert({"id": entry.known.id if entry.known else "", **entry.values}, BY_KIND[kind].noun)


def _read_sheet(sheet: Sheet, book: Book, problems: Problems, *, alone: bool) -> Layout | None:
    for problem in sheet.problems:
        problems.add(problem.sheet, problem.row, problem.message, column=problem.column)
    kinds = kinds_of(sheet, alone=alone)
    if sheet.problems and len(kinds) == 1:
        book.unreadable.add(kinds[0].kind)
    if not sheet.rows:
        return None
    if len(kinds) != 1:
        problems.add(sheet.name, 0, _unknown_sheet(sheet.name, tuple(of.title(language()) for of in kinds)))
        return None
    found = layout(sheet, kinds[0], problems)
    if found is None:
        book.unreadable.add(kinds[0].kind)
        return None
    head = sheet.rows[0].cells
    rows = Rows(sheet.name, found, book, problems)
    for row in sheet.rows[1:]:
        if (index := beyond(row, found, head)) is not None:
            problems.add(sheet.name, row.number, tr("This cell stands under no heading."), column=letters(index))
        rows.read(row)
    return found


def _unknown_sheet(name: str, fitting: tuple[str, ...]) -> str:
    if kind := told_kind(name):
        return _told(kind)
    if fitting:
        return tr("The headings fit several kinds ({kinds}); name the file or the sheet after one of them.", kinds=", ".join(fitting[:6]))
    names = [s.title(language()) for s in SHEETS]
    hint = near(fold(name), [word for s in SHEETS for word in (s.zh, s.en)]) or tr("Sheets are called {names}.", names=", ".join(names))
    return sentences(tr("There is no kind of object called {name}.", name=shown(name)), hint)


def _told(kind: str) -> str:
    """Why no sheet declares this kind, and where it comes from."""
    kind_title = title(kind, language())
    if kind == "reservation":
        return tr("Reservations are made and given back one by one, never by a sheet: yunwang reservation add.")
    if kind == "bgp_session":
        return tr("{kind}: devices report these; they are exported, never imported. Remove the sheet.", kind=kind_title)
    return tr("{kind}: the cloud tells of these (yunwang inventory import openstack:CLOUD); they are exported, never imported. "
              "Remove the sheet.", kind=kind_title)
