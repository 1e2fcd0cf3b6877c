"""Records in one SQLite file: WAL, `synchronous=FULL`, one process that writes."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from core.errors import StorageError
from core.i18n import tr
from stores.files import OnlyWriter, make_folder, storage_errors
from stores.records.connection import PIECE, Connection
from stores.records.faults import explain, refuse_nul, unfit

BUSY_MS = 5000

GUARDS = {
    "journal_update": "BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal: rows are never changed'); END",
    "journal_delete": (
        "BEFORE DELETE ON journal WHEN NOT EXISTS (SELECT 1 FROM journal_release WHERE upto_seq >= OLD.seq)"
        " BEGIN SELECT RAISE(ABORT, 'journal: rows are never removed'); END"
    ),
    "journal_insert": (
        "BEFORE INSERT ON journal WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM journal)"
        " BEGIN SELECT RAISE(ABORT, 'journal: rows are only added at the end'); END"
    ),
}


class SqliteConnection(Connection):
    """mode: `rwc` for the writer, `ro` for readers."""

    BEGIN, SNAPSHOT = "BEGIN IMMEDIATE", "BEGIN"
    CLUSTERED = " WITHOUT ROWID"
    TYPES = {int: "INTEGER", float: "REAL", str: "TEXT"}

    def __init__(self, path: Path, mode: str) -> None:
        super().__init__()
        self._path = path
        try:
            self.raw = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}", uri=True, check_same_thread=False, timeout=BUSY_MS / 1000, isolation_level=None,
            )
            if mode == "rwc":
                self.raw.execute("PRAGMA journal_mode = WAL")
                self.raw.execute("PRAGMA synchronous = FULL")
                self.raw.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error as error:
            if hasattr(self, "raw"):
                self.raw.close()
            raise explain(error, path) from error

    def _execute(self, sql: str, values: Sequence[Any]) -> list[Any]:
        refuse_nul(values)
        try:
            return self.raw.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except (OverflowError, UnicodeEncodeError) as error:
            raise unfit(error) from error

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        rows = list(rows)
        refuse_nul(list(chain.from_iterable(rows)))
        try:
            self.raw.execute(sql, rows[0]) if len(rows) == 1 else self.raw.executemany(sql, rows)
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except (OverflowError, UnicodeEncodeError) as error:
            raise unfit(error) from error

    def _stream(self, sql: str, values: Sequence[Any]) -> Iterator[list[Any]]:
        refuse_nul(values)
        try:
            cursor = self.raw.execute(sql, values)
            while rows := cursor.fetchmany(PIECE):
                yield rows
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except (OverflowError, UnicodeEncodeError) as error:
            raise unfit(error) from error

    def _in_transaction(self) -> bool:
        return self.raw.in_transaction

    def columns(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        listing = "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY c.cid"
        for table, column in self._execute(listing, ()):
            found.setdefault(table, []).append(column)
        return found

    def guard(self) -> bool:
        there = dict(self._execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", ()))
        wanted = {name: f"CREATE TRIGGER {name} {body}" for name, body in GUARDS.items()}
        for name, statement in wanted.items():
            if there.get(name) != statement:
                self._execute(f"DROP TRIGGER IF EXISTS {name}", ())
                self._execute(statement, ())
        return any(there.get(name) != statement for name, statement in wanted.items())

    def problems(self) -> list[str]:
        try:
            found = [str(row[0]) for row in self._execute("PRAGMA integrity_check(20)", ())]
        except StorageError as error:
            return [error.message]
        return [] if found == ["ok"] else found

    def size(self) -> int:
        return sum(file.stat().st_size for file in self._path.parent.glob(self._path.name + "*") if file.is_file())

    def close(self) -> None:
        self.raw.close()


class SqliteFile:
    """How the store opens its connections."""

    NAME = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._only: OnlyWriter | None = None

    def __str__(self) -> str:
        return str(self.path)

    def writer(self) -> SqliteConnection:
        make_folder(self.path.parent)
        if self._only is None:
            self._only = OnlyWriter(self.path.parent, f"{self.path.name}.lock")
        try:
            if not self.path.exists():
                with storage_errors(self.path):
                    self.path.touch(mode=0o600)
            return SqliteConnection(self.path, "rwc")
        except BaseException:
            self.release()
            raise

    def reader(self) -> SqliteConnection:
        if not self.path.exists():
            raise StorageError(tr("There are no records at {path}.", path=self.path), way_out=tr("Start the hub once; it creates them."))
        return SqliteConnection(self.path, "ro&immutable=1" if self._is_still() else "ro")

    def _is_still(self) -> bool:
        """A copy on a medium that takes no writes: SQLite could not make its index of the write-ahead beside it."""
        return not os.access(self.path.parent, os.W_OK) and not self.path.with_name(f"{self.path.name}-wal").exists()

    def release(self) -> None:
        """Gives the right to write back."""
        if self._only is not None:
            self._only.release()
            self._only = None
