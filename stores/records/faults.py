"""What SQLite reports, as errors of ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ConflictError, StorageError
from core.i18n import tr
from stores.files import disk_full, storage_errors

_FULL = sqlite3.SQLITE_FULL
_DENIED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turns errors of SQLite into `StorageError`, `DiskFullError` and `ConflictError` that name the file."""
    try:
        with storage_errors(path):
            yield
    except sqlite3.IntegrityError as error:
        raise ConflictError(
            tr("Somebody else wrote the same record at the same time: {reason}.", reason=error),
            way_out=tr("Read it anew and try again."),
        ) from error
    except sqlite3.Error as error:
        raise explain(error, path) from error


def explain(error: sqlite3.Error, path: Path) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path)):
        return disk_full(path)
    if code in _DENIED:
        return StorageError(
            tr("The records in {path} may not be opened or written.", path=path),
            way_out=tr("Give this account the right, or name another folder in general.data_dir."),
        )
    if code in _DAMAGED or not code:
        return damaged(path, error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageError(
            tr("The records in {path} are held by another program.", path=path),
            way_out=tr("Stop the other program; only one hub may write."),
        )
    return StorageError(
        tr("The records in {path} cannot be used: {reason}.", path=path, reason=error),
        way_out=tr("Look at the disk and its messages, then start again."),
    )


def damaged(path: Path, error: Exception) -> StorageError:
    return StorageError(
        tr("The records in {path} are damaged: {reason}.", path=path, reason=error),
        way_out=tr("Keep the file for evidence and restore the last backup."),
    )


def _no_room(path: Path) -> bool:
    """SQLite calls a write that met the end of the disk or a quota an I/O error where the file system says so late."""
    probe = path.with_name(path.name + ".room")
    try:
        with probe.open("wb", buffering=0) as file:
            return file.write(bytes(65536)) < 65536
    except OSError:
        return True
    finally:
        probe.unlink(missing_ok=True)
