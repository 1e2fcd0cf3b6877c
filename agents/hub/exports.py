"""Records as files: the same columns that an import reads."""

import msgspec

from core.errors import InvalidInputError
from core.i18n import tr
from core.objects import KINDS, Record
from core.ports import RecordStore

ALL = "all"
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def export_file(store: RecordStore, kind: str, format_: str, language: str) -> bytes:
    """All records of a kind as csv, xlsx or json; of every kind with `all` (a csv holds only one)."""
    kinds = tuple(KINDS) if kind == ALL else (kind,)
    if kind not in (ALL, *KINDS):
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(KINDS)),
        )
    if format_ == "csv" and len(kinds) > 1:
        raise InvalidInputError(tr("A csv file holds one kind only."), way_out=tr("Name a kind, or ask for xlsx or json."))
    records: dict[str, list[Record]] = {one: list(store.all(one)) for one in kinds}
    if format_ == "json":
        return msgspec.json.encode(records if kind == ALL else records[kind])
    return _sheets(records, format_, language)


def _sheets(records: dict[str, list[Record]], format_: str, language: str) -> bytes:
    from inventory.exporting import sheet
    from links.sheets import write_csv, write_xlsx

    sheets = tuple(sheet(kind, found, language) for kind, found in records.items())
    return write_csv(sheets[0]) if format_ == "csv" else write_xlsx(sheets)
