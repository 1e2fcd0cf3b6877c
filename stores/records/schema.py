"""Numbered migrations, recorded in the file and run when a writer opens it."""

from collections.abc import Callable
from typing import Any

from sqlite_utils import Database

from core.errors import StorageError
from core.i18n import tr
from stores.records.columns import Shape
from stores.records.shapes import KINDS, NAMED, OBSERVED

Migration = Callable[[Database], None]


def _create(db: Database, shape: Shape[Any], **options: Any) -> None:
    columns: dict[str, Any] = {name: str if type_ is dict else type_ for name, type_ in shape.types.items()}
    columns |= options.pop("more", {})
    db.table(shape.table).create(columns, not_null=set(columns), **options)


def _first(db: Database) -> None:
    for shape in KINDS.values():
        _create(db, shape, pk="id")
        if shape.table in NAMED:
            db.table(shape.table).create_index(["name"], unique=True)
    db.table("alert").create_index(["cleared_at"])
    db.table("alert").create_index(["device_id"])
    db.table("observation").create(
        {"device_id": str, "at_ms": int}, pk="device_id", not_null={"device_id", "at_ms"}, foreign_keys=[("device_id", "device", "id")]
    )
    for shape in OBSERVED:
        _create(
            db,
            shape,
            more={"observed_on": str, "place": int},
            pk=("observed_on", "place"),
            foreign_keys=[("observed_on", "observation", "device_id")],
        )
    texts = ("request", "actor", "origin", "action", "kind", "object_id", "before", "after", "previous", "digest")
    journal: dict[str, Any] = {"seq": int, "at_ms": int, "zone_s": int, **dict.fromkeys(texts, str)}
    db.table("journal").create(journal, pk="seq", not_null=set(journal))
    db.table("journal").create_index(["kind", "object_id"])
    db.table("answer").create({"idempotency_key": str, "at_ms": int, "result": str}, pk="idempotency_key", not_null={"at_ms", "result"})


MIGRATIONS: tuple[tuple[int, str, Migration], ...] = ((1, "records, observations, journal", _first),)
"""Number, name, change. Never edited once released; only added to."""

NEWEST = MIGRATIONS[-1][0]


def version(db: Database) -> int:
    """Number of the newest migration the file has seen; 0 for a new file."""
    if not db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'migration'").fetchone()[0]:
        return 0
    return int(db.execute("SELECT coalesce(max(number), 0) FROM migration").fetchone()[0])


def migrate(db: Database, path: object) -> None:
    """Brings the file to `NEWEST`, each step in one transaction. Refuses a file from the future."""
    check(db, path)
    if version(db) == NEWEST:
        return
    with db.atomic():
        if not version(db):
            db.table("migration").create({"number": int, "name": str}, pk="number", not_null={"name"}, if_not_exists=True)
    for number, name, change in MIGRATIONS:
        if number > version(db):
            with db.atomic():
                change(db)
                db.execute("INSERT INTO migration (number, name) VALUES (?, ?)", (number, name))


def check(db: Database, path: object, readonly: bool = False) -> None:
    found = version(db)
    if found > NEWEST:
        raise StorageError(
            tr("{path} was written by a newer Yunwang (schema {found}; this one knows {known}).", path=path, found=found, known=NEWEST),
            way_out=tr("Start the newer version, or restore a backup made by this one."),
        )
    if readonly and found < NEWEST:
        raise StorageError(
            tr("{path} has an older schema ({found}; this version reads {known}).", path=path, found=found, known=NEWEST),
            way_out=tr("Start the hub once; it brings the records up to date."),
        )
