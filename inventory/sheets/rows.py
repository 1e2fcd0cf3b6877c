"""One sheet's rows: cells to values, values to what the record will be.

A cell that says what an export would write leaves the field as it is, so that whatever the inventory holds goes out and comes in again
unchanged: also what no cell may say anew.
"""

from typing import Any

import msgspec

from core.i18n import language, tr
from core.messages import Cell, SheetRow
from core.model import KEYED
from inventory.sheets.book import Book, Entry, squeezed
from inventory.sheets.cells import HELD, CellError, is_empty, sentences, shown
from inventory.sheets.columns import Column, title
from inventory.sheets.exporting import cell as exported
from inventory.sheets.headings import Layout
from inventory.sheets.problems import Problems


class Rows:
    """Reads the rows of one sheet into the book."""

    def __init__(self, sheet: str, layout: Layout, book: Book, problems: Problems) -> None:
        self._sheet, self._layout, self._book, self._problems = sheet, layout, book, problems
        self._kind = layout.kind
        self._known = book.existing.named(self._kind.kind)
        self._entries = book.entries.setdefault(self._kind.kind, [])
        fields = [field for field in msgspec.structs.fields(self._kind.noun) if field.name != "id"]
        self._fields = [field.name for field in fields]
        self._defaults = {field.name: field.default for field in fields if field.default is not msgspec.NODEFAULT}
        self._columns = [column for column in self._kind.columns if column.field in layout.at]

    def read(self, row: SheetRow) -> None:
        parsed: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        cells = {column.field: _at(row, self._layout.at[column.field]) for column in self._columns}
        for column in self._columns:
            try:
                if not is_empty(cells[column.field]):
                    parsed[column.field] = self._resolved(column, column.parse(cells[column.field]))
                elif column.required:
                    wrong[column.field] = tr("This cell must be filled in.")
            except CellError as error:
                wrong[column.field] = str(error)
        record = self._told(parsed, wrong) if self._kind.keyed else self._record(parsed, wrong, cells)
        if record is not None:
            self._keep(record, cells, parsed, wrong)
        values = self._complete(parsed, wrong, record)
        for field, message in wrong.items():
            self._problems.add(self._sheet, row.number, message, column=self._layout.place(field))
        entry = Entry(self._sheet, row.number, self._layout, values, record, record is not None and not wrong and _same(values, record))
        self._entries.append(entry)
        if not entry.name and "name" in cells:
            self._book.misspelt.add((self._kind.kind, squeezed(str(cells["name"]))))

    def _record(self, parsed: dict[str, Any], wrong: dict[str, str], cells: dict[str, Cell]) -> Any:
        """The known record that the row is about; None: a new one, or its name is in doubt."""
        if self._kind.named:
            given = {field: value for field, value in {**self._defaults, **parsed}.items() if field not in wrong}
            if name := self._kind.named(given):
                parsed["name"] = name
        if "name" in parsed and (record := self._known.get(parsed["name"])) is not None:
            return record
        text = cells.get("name")
        return self._book.existing.odd(self._kind.kind, text) if isinstance(text, str) else None

    def _told(self, parsed: dict[str, Any], wrong: dict[str, str]) -> Any:
        """The object of a platform that the row names by key or name."""
        key, name = parsed.get("key", ""), parsed.get("name", "")
        field = "key" if key else "name"
        if field in wrong:
            return None
        keys = ([key] if key in self._known else []) if key else self._book.existing.called(self._kind.kind).get(name, [])
        kind = title(self._kind.kind, language())
        if len(keys) == 1:
            record = self._known[keys[0]]
            if name and name != record.name:
                wrong["name"] = tr("{key} is called {name}; only its platform renames it.", key=shown(record.key), name=shown(record.name))
            return record
        if not key and not name:
            wrong["name"] = tr("This cell must be filled in.")
        elif keys:
            wrong["name"] = tr("{count} bear the name {name}; write the key.", count=len(keys), name=shown(name))
        else:
            known = self._known if key else self._book.existing.called(self._kind.kind)
            message = tr("There is no {kind} {name}; its platform must tell of it first.", kind=kind, name=shown(key or name))
            wrong[field] = sentences(message, self._problems.near(self._kind.kind, key or name, known))
        return None

    def _resolved(self, column: Column, value: Any) -> Any:
        """References to objects of a platform become their keys."""
        if column.reference not in KEYED or not column.many:
            return value
        known, called = self._book.existing.named(column.reference), self._book.existing.called(column.reference)
        keys: dict[str, None] = {}
        for word in value:
            found = [word] if word in known else called.get(word, [])
            kind = title(column.reference, language())
            if not found:
                message = tr("There is no {kind} {name}; its platform must tell of it first.", kind=kind, name=shown(word))
                raise CellError(sentences(message, self._problems.near(column.reference, word, called)))
            if len(found) > 1:
                raise CellError(tr("{count} bear the name {name}; write the key.", count=len(found), name=shown(word)))
            keys[found[0]] = None
        return tuple(keys)

    def _keep(self, record: Any, cells: dict[str, Cell], parsed: dict[str, Any], wrong: dict[str, str]) -> None:
        """Leaves the fields as they are whose cells say what an export would write."""
        for column in self._columns:
            field, value = column.field, getattr(record, column.field)
            if field not in wrong and parsed.get(field, self._defaults.get(field, msgspec.NODEFAULT)) == value:
                continue
            if self._says(column, cells[field], value):
                parsed[field] = value
                wrong.pop(field, None)
            elif isinstance(value, str | tuple) and len(str(column.shown(value, "en"))) > HELD:
                wrong[field] = tr("What stands here is longer than a cell, and so was cut; it cannot be changed by a sheet.")

    def _says(self, column: Column, cell: Cell, value: Any) -> bool:
        def same(written: Cell) -> bool:
            return written == cell or (written is not None and not isinstance(cell, bool) and str(written) == cell)

        return any(same(exported(column, value, spoken)) for spoken in ("zh", "en"))

    def _complete(self, parsed: dict[str, Any], wrong: dict[str, str], record: Any) -> dict[str, Any]:
        """Parsed values over what the record keeps, without the fields that are in doubt."""
        at, settable = self._layout.at, self._kind.settable
        if record is None:
            values = {**self._defaults, **parsed}
        else:
            values = {
                field: parsed.get(field, self._defaults.get(field, getattr(record, field)))
                if field in at and field in settable else getattr(record, field) for field in self._fields
            }
        return {field: value for field, value in values.items() if field not in wrong}


def _at(row: SheetRow, index: int) -> Cell:
    return row.cells[index] if index < len(row.cells) else None


def _same(values: dict[str, Any], record: Any) -> bool:
    return all(getattr(record, field) == value for field, value in values.items())
