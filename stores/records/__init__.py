"""Records: what exists, what was changed, who did it. SQLite, one writer (the hub), readers in other processes."""

from pathlib import Path

from stores.records.store import SqliteRecords

__all__ = ["SqliteRecords", "open_records"]


def open_records(path: Path, readonly: bool = False) -> SqliteRecords:
    """The record store in one file; created and migrated unless `readonly`.

    Raises `StorageError` when the file is missing (readonly), damaged, forbidden or written by a newer version.
    """
    return SqliteRecords(path, readonly=readonly)
