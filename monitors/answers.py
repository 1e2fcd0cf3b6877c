"""What discovery asks and what came back, between the pure rules and whoever carries them over the wire."""

from typing import NamedTuple

from core.polling import Oid
from core.text import Value
from monitors.profile import Profile, Table

SYS_DESCR: Oid = (1, 3, 6, 1, 2, 1, 1, 1, 0)
SYS_OBJECT_ID: Oid = (1, 3, 6, 1, 2, 1, 1, 2, 0)
SYS_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SYS_CONTACT: Oid = (1, 3, 6, 1, 2, 1, 1, 4, 0)
SYS_NAME: Oid = (1, 3, 6, 1, 2, 1, 1, 5, 0)
SYS_LOCATION: Oid = (1, 3, 6, 1, 2, 1, 1, 6, 0)
SYSTEM: tuple[Oid, ...] = (SYS_DESCR, SYS_OBJECT_ID, SYS_UPTIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION)


class Identity(NamedTuple):
    """The system group (RFC 3418)."""

    descr: str
    object_id: Oid
    name: str
    location: str
    contact: str
    uptime: int
    """1/100 s; -1: it did not say."""


class TableQuestion(NamedTuple):
    """A table to read: all its discovered columns, or those that are read first."""

    name: str
    table: Table
    columns: tuple[str, ...]
    oids: tuple[Oid, ...]

    @property
    def root(self) -> Oid:
        """All columns lie below it."""
        first, last = min(self.oids), max(self.oids)
        same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)) - 1)
        return first[:same]


class Questions(NamedTuple):
    """What to ask a device after its system group: `first` is needed to poll it, `whole` to know it."""

    profiles: tuple[Profile, ...]
    scalars: tuple[Oid, ...]
    first: tuple[TableQuestion, ...]
    whole: tuple[TableQuestion, ...]


class TableAnswer(NamedTuple):
    """Rows of a table in index order, and which of its polled columns the device has."""

    question: TableQuestion
    rows: dict[Oid, list[Value]]
    present: frozenset[str]
    problem: str = ""

    def cells(self, column: str) -> list[Value]:
        """One column, row by row; None throughout where it was not asked."""
        try:
            at = self.question.columns.index(column)
        except ValueError:
            return [None] * len(self.rows)
        return [row[at] for row in self.rows.values()]


class Answers(NamedTuple):
    """Everything a device said."""

    identity: Identity
    scalars: dict[Oid, Value]
    tables: dict[str, TableAnswer]

    def giving(self, gives: str) -> TableAnswer | None:
        """The table whose rows become what is named."""
        return next(iter(self.all_giving(gives)), None)

    def all_giving(self, gives: str) -> list[TableAnswer]:
        """All of them: a device may tell the same by two MIBs."""
        return [t for t in self.tables.values() if t.question.table.gives == gives]
