"""From records to sheets, in the columns that import reads: what is exported and imported again is the same."""

from collections.abc import Iterable, Mapping

from core.messages import Cell, Sheet, SheetColumn, SheetRow
from core.objects import Record
from inventory.columns import BY_KIND, SHEETS, Column, SheetKind


def sheet(kind: str, records: Iterable[Record], language: str = "zh") -> Sheet:
    """One kind as a sheet, headings first."""
    of = BY_KIND[kind]
    rows = [SheetRow(number=1, cells=tuple(c.heading(language) for c in of.columns))]
    rows += [SheetRow(number=number, cells=_cells(of, record, language)) for number, record in enumerate(records, 2)]
    return Sheet(name=of.title(language), rows=tuple(rows), columns=tuple(_described(c, language) for c in of.columns))


def book(records: Mapping[str, Iterable[Record]], language: str = "zh") -> tuple[Sheet, ...]:
    """All kinds, in the order in which they refer to each other."""
    return tuple(sheet(of.kind, records.get(of.kind, ()), language) for of in SHEETS)


def template(language: str = "zh") -> tuple[Sheet, ...]:
    """The workbook to fill in: headings, notes and lists to choose from."""
    return book({}, language)


def _cells(of: SheetKind, record: Record, language: str) -> tuple[Cell, ...]:
    return tuple(_cell(column, getattr(record, column.field), language) for column in of.columns)


def _cell(column: Column, value: Cell, language: str) -> Cell:
    return None if value == "" else column.shown(value, language)


def _described(column: Column, language: str) -> SheetColumn:
    choices = tuple((zh if language == "zh" else word) for word, zh in column.words.items())
    return SheetColumn(heading=column.heading(language), required=column.required, choices=choices, note=column.note)
