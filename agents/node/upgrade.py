"""Comparing the stores with the program: what the next start would change. Nothing is changed here."""

import contextlib
from pathlib import Path

from core import __version__
from core.node import UpgradePlan
from core.settings import Settings
from stores.files import storage_errors
from stores.records import records_at, schema
from stores.records.connection import Backend


def backend(settings: Settings) -> Backend:
    where = records_at(settings)
    if "://" in where:
        from stores.records.postgres import PgServer

        return PgServer(where)
    from stores.records.sqlite import SqliteFile

    return SqliteFile(Path(where))


def compare(settings: Settings) -> UpgradePlan:
    """Samples and logs have had one format so far; the records have a numbered schema. Raises `StorageError` where they cannot be read."""
    behind = backend(settings)
    if behind.NAME == "sqlite" and not _is_there(Path(records_at(settings))):
        return UpgradePlan(version=__version__, store=behind.NAME, schema_found=0, schema_wanted=schema.NEWEST)
    with contextlib.closing(behind.reader()) as session:
        there = session.columns()
        found = schema.version(session) if there else 0
    wanted = {table: set(columns) for table, (columns, _) in schema.tables().items()}
    unknown = [f"{table}.{name}" for table, names in there.items() if table in wanted for name in names if name not in wanted[table]]
    too_new = (*unknown, *([f"schema {found}"] if found > schema.NEWEST else []))
    if not there:
        return UpgradePlan(version=__version__, store=behind.NAME, schema_found=0, schema_wanted=schema.NEWEST)
    return UpgradePlan(
        version=__version__, store=behind.NAME, schema_found=found, schema_wanted=schema.NEWEST, too_new=tuple(sorted(too_new)),
        tables=tuple(sorted(wanted.keys() - there.keys())),
        columns=tuple(sorted(f"{table}.{name}" for table in wanted.keys() & there.keys() for name in wanted[table] - set(there[table]))),
        migrations=tuple(name for number, name, _ in schema.MIGRATIONS if number > found),
    )


def _is_there(file: Path) -> bool:
    with storage_errors(file):
        return file.exists()
