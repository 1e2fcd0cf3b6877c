"""From a sheet's first row to its kind and columns."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from core.i18n import language, tr
from core.messages import Cell, OddCell, Sheet, SheetRow
from core.model import TITLES
from inventory.sheets.cells import is_empty, sentences, shown
from inventory.sheets.columns import OTHERS, SHEETS, Column, SheetKind
from inventory.sheets.problems import Problems, letters


class Layout(NamedTuple):
    """Where each column of a sheet stands. Columns that the sheet lacks are absent."""

    kind: SheetKind
    at: Mapping[str, int]
    """Index of the cell by field."""
    headings: Mapping[str, str]
    """Heading as written, by field."""

    def place(self, field: str) -> str:
        """`C 管理地址`: the column as a person finds it; the bare heading where the sheet has none."""
        column = next((c for c in self.kind.columns if c.field == field), self.kind.columns[0])
        if column.field in self.at:
            return f"{letters(self.at[column.field])} {self.headings[column.field]}"
        return column.heading(language())


def fold(text: str) -> str:
    """Headings are the same whatever their case, width, spaces, underscores and marks of obligation."""
    return re.sub(r"[\s_*:：]+", "", unicodedata.normalize("NFKC", text)).casefold()


_NAMES = {fold(name): sheet for sheet in SHEETS for name in (sheet.zh, sheet.en, sheet.kind, f"{sheet.kind}s")}
_TOLD = {fold(name): kind for kind in OTHERS for name in (*TITLES[kind], f"{TITLES[kind][1]}s", kind, f"{kind}s")}
_HEADINGS = {s.kind: {fold(word): column for column in s.columns for word in (column.zh, column.en, column.field)} for s in SHEETS}


def told_kind(name: str) -> str:
    """The kind of a sheet whose objects no sheet may declare; empty: it is none of these."""
    return _TOLD.get(fold(name), "")


def kinds_of(sheet: Sheet, *, alone: bool) -> tuple[SheetKind, ...]:
    """The kind by the sheet's name; where the sheet is alone (a csv file), else those that its headings fit best."""
    if found := _NAMES.get(fold(sheet.name)):
        return (found,)
    if not alone or not sheet.rows or told_kind(sheet.name):
        return ()
    words = {fold(str(cell)) for cell in sheet.rows[0].cells if isinstance(cell, str)}
    fitting = [s for s in SHEETS if _fits(s, words)]
    best = max((len(words & _HEADINGS[s.kind].keys()) for s in fitting), default=0)
    return tuple(s for s in fitting if len(words & _HEADINGS[s.kind].keys()) == best)


def _fits(kind: SheetKind, words: set[str]) -> bool:
    def there(column: Column) -> bool:
        return bool({fold(column.zh), fold(column.en), fold(column.field)} & words)

    if kind.keyed:
        named = there(kind.column("key")) or there(kind.column("name"))
        return named and any(there(column) for column in kind.columns if column.field in kind.settable)
    return all(there(column) for column in kind.columns if column.required)


def layout(sheet: Sheet, kind: SheetKind, problems: Problems) -> Layout | None:
    """Reads the headings, reports what is wrong with them, and returns None where rows cannot be understood."""
    head = sheet.rows[0]
    known = _HEADINGS[kind.kind]
    if not any(isinstance(cell, str) and fold(cell) in known for cell in head.cells):
        message = tr("Row {row} has none of the headings of this sheet ({headings}); titles above the headings must go.",
                     row=head.number, headings=", ".join(c.heading(language()) for c in kind.columns[:3]))
        problems.add(sheet.name, head.number, message)
        return None
    reading = _Reading(sheet.name, head.number, known, problems)
    for index, cell in enumerate(head.cells):
        if not is_empty(cell):
            reading.heading(index, cell)
    missing = [c for c in kind.columns if c.required and c.field not in reading.at]
    if kind.keyed and not reading.at.keys() & {"key", "name"} and not reading.misspelt & {"key", "name"}:
        missing = [kind.column("name")]
    for column in missing:
        if column.field not in reading.misspelt:
            heading = column.heading(language())
            problems.add(sheet.name, head.number, tr("The column {heading} is missing.", heading=heading), column=heading)
    return None if missing else Layout(kind, reading.at, reading.written)


class _Reading:
    """The headings of one sheet, one after the other."""

    def __init__(self, sheet: str, row: int, known: Mapping[str, Column], problems: Problems) -> None:
        self.sheet, self.row, self.known, self.problems = sheet, row, known, problems
        self.at: dict[str, int] = {}
        self.written: dict[str, str] = {}
        self.misspelt: set[str] = set()

    def heading(self, index: int, cell: Cell) -> None:
        text = "" if isinstance(cell, OddCell) else shown(cell)
        column = self.known.get(fold(text))
        if column is None:
            self._complain(index, text, self._unknown(text))
        elif column.field in self.at:
            self._complain(index, text, tr("This column stands here twice, first in {letter}.", letter=letters(self.at[column.field])))
        else:
            self.at[column.field], self.written[column.field] = index, text

    def _unknown(self, text: str) -> str:
        words = {word: column for column in self.known.values() for word in (column.zh, column.en)}
        meant = get_close_matches(text, words, 1, 0.6) if text else []
        self.misspelt.update(words[word].field for word in meant)
        hint = tr("Did you mean {word}?", word=meant[0]) if meant else tr("Remove the column or correct its heading.")
        return sentences(tr("There is no column {heading} in this sheet.", heading=text or "?"), hint)

    def _complain(self, index: int, text: str, message: str) -> None:
        self.problems.add(self.sheet, self.row, message, column=f"{letters(index)} {text}".strip())


def beyond(row: SheetRow, found: Layout, head: Sequence[Cell]) -> int | None:
    """Index of the first filled cell under no heading."""
    taken = set(found.at.values())
    for index, cell in enumerate(row.cells):
        if index not in taken and not is_empty(cell) and (index >= len(head) or is_empty(head[index])):
            return index
    return None
