"""What SQLite reports, as errors of ours."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.errors import ConflictError, InvalidInputError, StorageError
from core.i18n import tr
from stores.files import disk_full, is_read_only, read_only
from stores.records.connection import DuplicateError

_FULL = sqlite3.SQLITE_FULL
_DENIED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TRIGGER = sqlite3.SQLITE_CONSTRAINT_TRIGGER


def explain(error: sqlite3.Error, path: Path) -> StorageError | ConflictError:
    """`StorageError`, `DiskFullError` or `ConflictError` that name the file."""
    full_code = getattr(error, "sqlite_errorcode", 0)
    code = full_code & 0xFF
    if full_code == _TRIGGER:
        return guarded(error)
    if isinstance(error, sqlite3.IntegrityError):
        return DuplicateError(
            tr("Somebody else wrote the same record at the same time: {reason}.", reason=error),
            way_out=tr("Read it anew and try again."),
        )
    if code == _FULL or (code == sqlite3.SQLITE_IOERR and _no_room(path)):
        return disk_full(path)
    if code in _DENIED and is_read_only(path.parent):
        return read_only(path)
    if code in _DENIED:
        return StorageError(
            tr("The records in {path} may not be opened or written.", path=path),
            way_out=tr("Give this account the right, or name another folder in general.data_dir."),
        )
    if isinstance(error, sqlite3.ProgrammingError):
        return StorageError(tr("The records in {path} are closed.", path=path), way_out=tr("Start the hub again."))
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


def damaged(path: object, error: Exception) -> StorageError:
    return StorageError(
        tr("The records in {path} are damaged: {reason}.", path=path, reason=error),
        way_out=tr("Keep the file for evidence and restore the last backup."),
    )


def guarded(error: Exception) -> ConflictError:
    """A trigger refused to change the journal."""
    return ConflictError(
        tr("The audit trail takes new rows only: {reason}.", reason=str(error).partition("\n")[0]),
        way_out=tr("Nobody may change or remove a row; `yunwang audit archive` moves old ones."),
    )


def unfit(reason: object) -> InvalidInputError:
    return InvalidInputError(
        tr("A value cannot be stored: {reason}.", reason=reason), way_out=tr("Numbers have at most 63 bits; text is valid Unicode."),
    )


def refuse_nul(values: Sequence[Any]) -> None:
    for value in values:
        if value.__class__ is str and "\0" in value:
            raise InvalidInputError(tr("Text with a NUL character cannot be stored or looked for."))


def check(values: Sequence[Any]) -> None:
    """Raises `InvalidInputError` for what a database would refuse later, with all that waits beside it."""
    refuse_nul(values)
    for value in values:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise unfit(value)
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise unfit(error) from error


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
