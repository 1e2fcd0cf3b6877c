"""Records: what exists, what was changed, who did it. SQLite or PostgreSQL; one writer (the hub), readers in other processes."""

from pathlib import Path

from core.paths import data_dir
from core.settings import Settings
from stores.records.sqlite import SqliteFile
from stores.records.store import Records

FILE = "records.db"

__all__ = ["Records", "open_records", "records_at"]


def records_at(settings: Settings) -> str:
    """Where the records of a node are, as `open_records` takes it: the URL of PostgreSQL, or a file in the data folder."""
    return settings.records.url or str(data_dir(settings) / FILE)


def open_records(where: str | Path, readonly: bool = False, hash_name: str = "sha256") -> Records:
    """The record store at a file, or at `postgresql://HOST/DATABASE`; created and brought up to date unless `readonly`.

    hash_name: of the audit chain's new rows. Raises `StorageError` when it is missing (readonly), damaged, forbidden, away, written by a
    newer version, or held by another writer; `SettingsError` for a hash or a URL that cannot be used.
    """
    if isinstance(where, str) and where.startswith(("postgresql://", "postgres://")):
        from stores.records.postgres import PgServer

        return Records(PgServer(where), readonly, hash_name)
    return Records(SqliteFile(Path(where)), readonly, hash_name)
