"""From records to sheets, in the columns that import reads: what is exported and imported again is the same.

Kinds that no sheet declares are written with all their fields, for people to read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core.messages import Cell, Sheet, SheetColumn, SheetRow
from core.model import MODEL, TITLES
from inventory.sheets import lists
from inventory.sheets.cells import held
from inventory.sheets.columns import BY_KIND, SHEETS, Column


def sheet(kind: str, records: Iterable[Any], language: str = "zh") -> Sheet:
    """One kind as a sheet, headings first."""
    if kind not in BY_KIND:
        return _plain(kind, records, language)
    of = BY_KIND[kind]
    rows = [SheetRow(number=1, cells=tuple(c.heading(language) for c in of.columns))]
    rows += [
        SheetRow(number=number, cells=tuple(cell(column, getattr(record, column.field), language) for column in of.columns))
        for number, record in enumerate(records, 2)
    ]
    return Sheet(name=of.title(language), rows=tuple(rows), columns=tuple(_described(c, language) for c in of.columns))


def book(records: Mapping[str, Iterable[Any]], language: str = "zh") -> tuple[Sheet, ...]:
    """All kinds that import reads, in the order in which they refer to each other."""
    return tuple(sheet(of.kind, records.get(of.kind, ()), language) for of in SHEETS)


def template(language: str = "zh") -> tuple[Sheet, ...]:
    """The workbook to fill in: headings, notes and lists to choose from."""
    return book({}, language)


def cell(column: Column, value: Any, language: str) -> Cell:
    """What a file holds for this value."""
    if value in ("", (), None):
        return None
    found = column.shown(value, language)
    return held(found) or None if isinstance(found, str) else found


def _plain(kind: str, records: Iterable[Any], language: str) -> Sheet:
    fields = [field.name for field in msgspec.structs.fields(MODEL[kind]) if field.name != "id"]
    rows = [SheetRow(number=1, cells=tuple(fields))]
    rows += [
        SheetRow(number=number, cells=tuple(_text(getattr(record, field)) for field in fields)) for number, record in enumerate(records, 2)
    ]
    zh, en = TITLES[kind]
    return Sheet(name=zh if language == "zh" else en, rows=tuple(rows))


def _text(value: Any) -> Cell:
    if isinstance(value, tuple):
        value = lists.joined(map(str, value))
    if isinstance(value, str):
        return held(value) or None
    return value if isinstance(value, (bool, int, float)) or value is None else held(str(value))


def _described(column: Column, language: str) -> SheetColumn:
    choices = tuple((zh if language == "zh" else word) for word, zh in column.words.items())
    named = BY_KIND.get(column.reference or "")
    names_of = named.title(language) if named is not None and not column.many and named.columns[0].field == "name" else ""
    return SheetColumn(
        heading=column.heading(language), required=column.required, choices=choices, names_of=names_of, note=column.note,
    )
