"""The record store in one SQLite file: one connection that writes, one for each thread that reads."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from core.errors import StorageError
from core.i18n import tr
from core.identity import Actor
from core.messages import Observed
from core.objects import Link
from core.ports import JournalRow, ListQuery, Page
from core.signals import Alert
from stores.files import make_folder
from stores.records import queries, schema
from stores.records.faults import damaged, sqlite_errors
from stores.records.journal import Verdict, verify
from stores.records.write import SqliteWrite

BUSY_MS = 5000


class SqliteRecords:
    """Safe to use from many threads. A committed write is synced to disk (`synchronous=FULL`) and seen by every reader after it."""

    def __init__(self, path: Path, readonly: bool = False) -> None:
        self._path, self._readonly = path, readonly
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._writer: Database | None = None
        with sqlite_errors(path):
            if readonly:
                schema.check(self._reader(), path, readonly=True)
            else:
                self._writer = self._open_writer()

    def _open_writer(self) -> Database:
        make_folder(self._path.parent)
        if not self._path.exists():
            self._path.touch(mode=0o600)
        db = self._connect("rwc")
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            schema.migrate(db, self._path)
        except BaseException:
            db.conn.close()
            raise
        return db

    def _connect(self, mode: str) -> Database:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=BUSY_MS / 1000)
        return Database(connection, recursive_triggers=False, execute_plugins=False)

    def _reader(self) -> Database:
        db: Database | None = getattr(self._local, "db", None)
        if db is None:
            if not self._path.exists():
                raise StorageError(
                    tr("There are no records at {path}.", path=self._path), way_out=tr("Start the hub once; it creates them.")
                )
            db = self._local.db = self._connect("ro")
            with self._lock:
                self._readers.append(db.conn)
        return db

    @contextmanager
    def _reading(self) -> Iterator[Database]:
        try:
            with sqlite_errors(self._path):
                yield self._reader()
        except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
            raise damaged(self._path, error) from error

    @contextmanager
    def write(self, actor: Actor, now_ms: int, idempotency_key: str = "") -> Iterator[SqliteWrite]:
        """One transaction; committed and on disk when the block was left without an error, else as if nothing had happened."""
        if self._writer is None:
            raise StorageError(tr("These records were opened for reading only."), way_out=tr("Only the hub writes records."))
        with self._lock, sqlite_errors(self._path), self._writer.atomic():
            change = SqliteWrite(self._writer, actor, now_ms, idempotency_key)
            yield change
            change.finish()

    @contextmanager
    def together(self) -> Iterator[None]:
        """The writes of this thread inside the block become one commit; one that raises is undone alone."""
        if self._writer is None:
            raise StorageError(tr("These records were opened for reading only."), way_out=tr("Only the hub writes records."))
        with self._lock, sqlite_errors(self._path), self._writer.atomic():
            yield

    def answered(self, idempotency_key: str) -> dict[str, Any] | None:
        with self._reading() as db:
            return queries.answered(db, idempotency_key)

    def forget_answers(self, before_ms: int) -> int:
        """Forgets, in one transaction, the results of keys that are older; how many there were."""
        if self._writer is None:
            raise StorageError(tr("These records were opened for reading only."), way_out=tr("Only the hub writes records."))
        with self._lock, sqlite_errors(self._path), self._writer.atomic():
            return int(self._writer.execute("DELETE FROM answer WHERE at_ms < ?", (before_ms,)).rowcount)

    def get(self, kind: str, object_id: str) -> Any:
        with self._reading() as db:
            found: Any = queries.get(db, kind, object_id)
            return found

    def find(self, kind: str, name: str) -> Any:
        with self._reading() as db:
            found: Any = queries.find(db, kind, name)
            return found

    def all(self, kind: str) -> Iterator[Any]:
        with self._reading() as db:
            return iter(queries.every(db, kind))

    def page(self, kind: str, query: ListQuery) -> Page:
        with self._reading() as db:
            return queries.page(db, kind, query)

    def observed(self, device_id: str) -> Observed:
        with self._reading() as db:
            return queries.observed(db, device_id)

    def all_links(self) -> Iterator[Link]:
        with self._reading() as db:
            return iter(queries.all_links(db))

    def open_alerts(self) -> Iterator[Alert]:
        with self._reading() as db:
            return iter(queries.open_alerts(db))

    def journal(self, after_seq: int = 0, limit: int = 1000) -> Sequence[JournalRow]:
        with self._reading() as db:
            return queries.journal_rows(db, after_seq, limit)

    def revision(self) -> int:
        with self._reading() as db:
            return queries.revision(db)

    def verify(self) -> Verdict:
        """Walks the chain of the journal from its first row."""
        with self._reading() as db:
            return verify(queries.raw_journal(db))

    def close(self) -> None:
        with self._lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()
            self._local = threading.local()
            if self._writer is not None:
                self._writer.conn.close()
                self._writer = None
