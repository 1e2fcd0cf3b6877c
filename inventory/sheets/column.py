"""What a sheet and a column of it are, and the columns that many sheets share."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from core.kinds import KEPT
from core.model import KEYED, PEOPLES
from inventory.sheets import cells, lists
from inventory.sheets.words import FLAGS, LEVELS

NAME_LIMIT = 128
Shown = str | int


class Column(NamedTuple):
    """One column. `field` is the field of the noun; its default is what an empty cell means."""

    field: str
    zh: str
    en: str
    parse: cells.Parser
    required: bool = False
    words: Mapping[str, str] = {}
    """Values and their Chinese words, for lists to choose from."""
    reference: str | None = None
    """The kind whose name stands here, or whose key where it has keys."""
    many: bool = False
    """Several, separated by `;`, `；`, `、` or line breaks."""
    note: str = ""
    """Message id: what a person should know before filling it in."""
    show: Callable[[Any], Shown] | None = None
    """The value as a cell holds it, where it is not simply its text."""

    def heading(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def shown(self, value: Any, language: str) -> Shown:
        """The value as it is written into a cell of this column; `parse` understands it again."""
        if self.show is not None:
            return self.show(value)
        if self.many:
            return lists.joined(value)
        if isinstance(value, bool):
            return FLAGS["yes" if value else "no"] if language == "zh" else ("yes" if value else "no")
        if language == "zh" and self.words:
            return self.words.get(str(value), str(value))
        return value if isinstance(value, int) and not self.words else str(value)


class SheetKind(NamedTuple):
    """One kind of record and its sheet."""

    kind: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    named: Callable[[Mapping[str, Any]], str] | None = None
    """The record's name out of its fields, where no column holds it: empty while a field is in doubt."""

    @property
    def noun(self) -> type[Any]:
        return KEPT[self.kind]

    @property
    def keyed(self) -> bool:
        """Known by the key of its platform: a row names what exists, and fills in the fields that are people's."""
        return self.kind in KEYED

    @property
    def settable(self) -> frozenset[str]:
        """Fields that a sheet may change."""
        return frozenset(PEOPLES[self.kind]) if self.keyed else frozenset(column.field for column in self.columns)

    def title(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def column(self, field: str) -> Column:
        return next(c for c in self.columns if c.field == field)


NAME = cells.text(NAME_LIMIT)
TEXT = cells.text(256)
NOTE = cells.text(1000)
LEVEL = cells.choice(LEVELS, {zh.removesuffix("级"): value for value, zh in LEVELS.items()})


def name(zh: str, note: str = "") -> Column:
    return Column("name", zh, "name", NAME, required=True, note=note or "Unique among its kind; what people call it.")


def refers(field: str, zh: str, en: str, kind: str, *, required: bool = False, note: str = "") -> Column:
    """The name of another record."""
    return Column(field, zh, en, NAME, required=required, reference=kind, note=note)


def refer(field: str, zh: str, en: str, kind: str, note: str = "") -> Column:
    """The names of several records."""
    return Column(field, zh, en, lists.texts(NAME_LIMIT), reference=kind, many=True, note=note or lists.HOW)


def note() -> Column:
    return Column("note", "备注", "note", NOTE)
