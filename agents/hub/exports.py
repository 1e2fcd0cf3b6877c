"""Records as files: the same columns that an import reads."""

from collections.abc import Callable
from typing import Any

import msgspec

from core.errors import ForbiddenError, InvalidInputError
from core.i18n import tr
from core.model import LISTED
from core.ports import RecordStore
from links.database import write_sqlite

ALL = "all"
MEDIA = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "sqlite": "application/vnd.sqlite3",
}


def export_file(
    store: RecordStore, kind: str, format_: str, language: str, seen: Callable[[Any], bool], hidden: frozenset[str] = frozenset(),
) -> bytes:
    """The records of a kind as csv, xlsx, json or a SQLite file; of every kind with `all` (a csv holds only one).

    A workbook of all kinds holds those that an import reads, so that it can be changed and imported again.

    seen: whether a record is among those that the caller sees. hidden: kinds that this caller may not read.
    """
    kinds = tuple(one for one in (_people() if format_ == "xlsx" else LISTED) if one not in hidden) if kind == ALL else (kind,)
    if kind in hidden:
        raise ForbiddenError(tr("You may not read records of the kind {kind}.", kind=kind), way_out=tr("Ask the security officer."))
    if kind not in (ALL, *LISTED):
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(LISTED)),
        )
    if format_ == "csv" and len(kinds) > 1:
        raise InvalidInputError(tr("A csv file holds one kind only."), way_out=tr("Name a kind, or ask for xlsx, json or sqlite."))
    records: dict[str, list[Any]] = {one: [record for record in store.all(one) if seen(record)] for one in kinds}
    if format_ == "json":
        return msgspec.json.encode(records if kind == ALL else records[kind])
    if format_ == "sqlite":
        return write_sqlite({one: map(msgspec.structs.asdict, found) for one, found in records.items()})
    return _sheets(records, format_, language)


def _people() -> tuple[str, ...]:
    from inventory.sheets.columns import SHEETS

    return tuple(sheet.kind for sheet in SHEETS)


def _sheets(records: dict[str, list[Any]], format_: str, language: str) -> bytes:
    from inventory.sheets.exporting import sheet
    from links.sheets import write_csv, write_xlsx

    sheets = tuple(sheet(kind, found, language) for kind, found in records.items())
    return write_csv(sheets[0]) if format_ == "csv" else write_xlsx(sheets)
