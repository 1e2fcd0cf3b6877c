"""The fields of records as people name, read and type them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from core.errors import UsageError
from core.i18n import language, tr
from core.model import KEYED, LISTED
from core.width import clean
from inventory.sheets import lists
from inventory.sheets.cells import CellError, is_empty, near, shown
from inventory.sheets.columns import BY_KIND, Column, title
from inventory.sheets.headings import fold


class Field(NamedTuple):
    """One field of a kind. column: None where no sheet holds it."""

    name: str
    column: Column | None = None

    @property
    def heading(self) -> str:
        return self.column.heading(language()) if self.column is not None else self.name

    def shown(self, value: Any) -> str:
        """On one line."""
        if value in ("", None, (), []):
            return ""
        if isinstance(value, list | tuple):
            return clean(lists.joined(map(str, value)), 2000)
        return clean(str(self.column.shown(value, language()) if self.column is not None else value), 2000)

    def typed(self, value: Any) -> Any:
        """What somebody typed: a text, or a value of YAML. Raises `CellError`."""
        cell = lists.joined(map(str, value)) if isinstance(value, list | tuple) else value
        if self.column is None:
            raise CellError(tr("Only a source knows this; it is not declared by people."))
        return _default(self.column) if is_empty(cell) else self.column.parse(cell)


def _default(column: Column) -> Any:
    if column.required:
        raise CellError(tr("This cell must be filled in."))
    return msgspec.UNSET


def fields(kind: str) -> list[Field]:
    """All of them but the id: first what it is called, then the columns of its sheet, then what only sources know."""
    names = [field.name for field in msgspec.structs.fields(LISTED[kind]) if field.name != "id"]
    columns = {column.field: column for column in BY_KIND[kind].columns} if kind in BY_KIND else {}
    order = [*(name for name in ("key", "name") if name in names), *columns, *names]
    return [Field(name, columns.get(name)) for name in dict.fromkeys(order)]


def field_of(kind: str, name: str) -> Field:
    """A field by its name or by either heading. Raises `UsageError`."""
    for field in fields(kind):
        words = (field.name, *((field.column.zh, field.column.en) if field.column else ()))
        if fold(name) in map(fold, words):
            return field
    known = [field.name for field in fields(kind)]
    raise UsageError(tr("A {kind} has no field {name}.", kind=title(kind, language()), name=shown(name)),
                     way_out=near(name, known) or tr("Fields: {names}.", names=", ".join(known)))


def pairs(kind: str, words: Sequence[str]) -> dict[str, Any]:
    """Values by field of FIELD=VALUE words. Raises `UsageError`."""
    found: dict[str, Any] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if not separator:
            raise UsageError(tr("{word} is not of the form FIELD=VALUE.", word=shown(word)), way_out=tr("For example: note=moved"))
        field = field_of(kind, name)
        if field.name in found:
            raise UsageError(tr("{name} is given twice.", name=field.name))
        found[field.name] = value
    return found


def changed(kind: str, record: Any, values: Mapping[str, Any]) -> Any:
    """The record with these values, as they were typed. Raises `UsageError` that names the field."""
    new: dict[str, Any] = {}
    defaults = {field.name: field.default for field in msgspec.structs.fields(LISTED[kind])}
    settable = BY_KIND[kind].settable if kind in BY_KIND else frozenset()
    for name, value in values.items():
        field = field_of(kind, name)
        try:
            typed = field.typed(value)
        except CellError as error:
            raise UsageError(f"{field.heading}: {error}") from None
        typed = defaults[field.name] if typed is msgspec.UNSET else typed
        if typed == getattr(record, field.name):
            continue
        if field.name not in settable or field.name == "name":
            raise UsageError(_fixed(kind, field.name), way_out=tr("Fields: {names}.", names=", ".join(sorted(settable - {"name"})) or "-"))
        new[field.name] = typed
    return record.replace(**new)


def _fixed(kind: str, name: str) -> str:
    if kind in KEYED:
        return tr("{name} is what the platform says; people do not change it here.", name=name)
    return tr("{name} is what it is known by; add another one instead.", name=name)
