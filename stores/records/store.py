"""The record store: one connection that writes, some that read, the same repositories on SQLite and PostgreSQL."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from core.audit import ROOT, AuditPage, AuditQuery, Verdict
from core.edges import Edge
from core.errors import StorageError
from core.i18n import tr
from core.identity import Actor
from core.messages import Observed
from core.objects import Link, Station
from core.ports import Hit, JournalRow, ListQuery, Page, Past
from core.signals import Alert
from stores.records import edging, finding, history, journal, queries, schema, searching
from stores.records.columns import Shape
from stores.records.connection import PIECE, Backend, Connection
from stores.records.faults import damaged
from stores.records.shapes import LINK, STATION
from stores.records.write import Write

IDLE = 8
"""Reading connections that are kept open."""


class Records:
    """Safe to use from many threads. A committed write is synced to disk and seen by every reader after it."""

    def __init__(self, backend: Backend, readonly: bool = False, hash_name: str = "sha256") -> None:
        self.backend, self._readonly, self._hash = backend, readonly, hash_name
        self.unguarded = False
        """The triggers of the journal were missing when it was opened."""
        self._lock = threading.RLock()
        self._idle: list[Connection] = []
        self._writer: Connection | None = None
        self._closed = False
        journal.check_hash(hash_name)
        if readonly:
            with self._reading() as db:
                schema.check(db, backend, readonly=True)
        else:
            self._connect_writer()

    @property
    def name(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.backend.NAME

    def _connect_writer(self) -> Connection:
        writer = self.backend.writer()
        try:
            self.unguarded = schema.migrate(writer, self.backend)
        except BaseException:
            writer.close()
            self.backend.release()
            raise
        self._writer = writer
        return writer

    def _writing(self) -> Connection:
        """The connection that writes; a new one where the server went away. The caller holds the lock."""
        if self._readonly:
            raise StorageError(tr("These records were opened for reading only."), way_out=tr("Only the hub writes records."))
        if self._closed:
            raise StorageError(tr("The records in {path} are closed.", path=self.backend), way_out=tr("Start the hub again."))
        if self._writer is None or self._writer.broken:
            self._writer = None
            return self._connect_writer()
        return self._writer

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        db = self._idle_reader() or self.backend.reader()
        try:
            yield db
        except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
            raise damaged(self.backend, error) from error
        finally:
            if self._closed or db.broken or len(self._idle) >= IDLE:
                db.close()
            else:
                self._idle.append(db)

    def _idle_reader(self) -> Connection | None:
        while self._idle:
            db = self._idle.pop()
            if not db.broken:
                return db
            db.close()
        return None

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Reads that all see the same moment."""
        with self._reading() as db, db.atomic(db.SNAPSHOT):
            yield db

    @contextmanager
    def write(self, actor: Actor, now_ms: int, idempotency_key: str = "") -> Iterator[Write]:
        """One transaction; committed and on disk when the block was left without an error, else as if nothing had happened."""
        with self._lock:
            db = self._writing()
            with db.atomic():
                change = Write(db, actor, now_ms, idempotency_key, self._hash)
                yield change
                change.finish()

    @contextmanager
    def together(self) -> Iterator[None]:
        """The writes of this thread inside the block become one commit; one that raises is undone alone."""
        with self._lock, self._writing().atomic():
            yield

    @contextmanager
    def maintenance(self) -> Iterator[Connection]:
        """The writing connection, in a transaction: for archiving and restoring alone."""
        with self._lock:
            db = self._writing()
            with db.atomic():
                yield db

    def answered(self, idempotency_key: str) -> dict[str, Any] | None:
        with self._reading() as db:
            return queries.answered(db, idempotency_key)

    def forget_answers(self, before_ms: int) -> int:
        """Forgets, in one transaction, the results of keys that are older; how many there were."""
        with self.maintenance() as db:
            count = int(db.rows("SELECT count(*) FROM answer WHERE at_ms < ?", (before_ms,))[0][0])
            db.run("DELETE FROM answer WHERE at_ms < ?", (before_ms,))
            return count

    def get(self, kind: str, object_id: str) -> Any:
        with self._reading() as db:
            found: Any = queries.get(db, kind, object_id)
            return found

    def find(self, kind: str, name: str) -> Any:
        with self._reading() as db:
            found: Any = queries.find(db, kind, name)
            return found

    def all(self, kind: str) -> Iterator[Any]:
        return self._every(queries.shape_of(kind))

    def _every(self, shape: Shape[Any]) -> Iterator[Any]:
        """Few are read at once; of many, some are held at a time, all as they were at one moment."""
        statement = queries.every(shape)
        with self._reading() as db:
            rows = db.rows(f"{statement} LIMIT ?", (PIECE + 1,))
            if len(rows) <= PIECE:
                return iter([shape.read(row) for row in rows])
        return self._streamed(shape, statement)

    def _streamed(self, shape: Shape[Any], statement: str) -> Iterator[Any]:
        with self.snapshot() as db:
            for rows in db.stream(statement):
                yield from map(shape.read, rows)

    def page(self, kind: str, query: ListQuery) -> Page:
        with self._reading() as db:
            return queries.page(db, kind, query)

    def observed(self, device_id: str) -> Observed:
        with self._reading() as db:
            return queries.observed(db, device_id)

    def all_links(self) -> Iterator[Link]:
        return self._every(LINK)

    def all_stations(self) -> Iterator[Station]:
        return self._every(STATION)

    def lookup(
        self, text: str, *, kinds: Sequence[str] = (), limit: int = 50, units: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
    ) -> Sequence[Hit]:
        with self._reading() as db:
            return finding.lookup(db, text, kinds, limit, units, sites)

    def changed(self, start_ms: int, end_ms: int, kinds: Sequence[str] = (), limit: int = 100_000) -> Sequence[Past]:
        with self.snapshot() as db:
            return history.changed(db, start_ms, end_ms, kinds, limit)

    def object_at(self, kind: str, object_id: str, at_ms: int) -> Any:
        with self.snapshot() as db:
            return history.object_at(db, kind, object_id, at_ms)

    def edges_at(self, at_ms: int) -> Iterator[Edge]:
        with self.snapshot() as db:
            if at_ms:
                history.reach(db, at_ms)
            for rows in edging.at(db, at_ms):
                yield from edging.read(rows)

    def edges_of(self, object_id: str, at_ms: int = 0) -> Sequence[Edge]:
        with self.snapshot() as db:
            if at_ms:
                history.reach(db, at_ms)
            return edging.of(db, object_id, at_ms)

    def edges_between(self, start_ms: int, end_ms: int) -> Iterator[Edge]:
        with self.snapshot() as db:
            for rows in edging.between(db, start_ms, end_ms):
                yield from edging.read(rows)

    def open_alerts(self) -> Iterator[Alert]:
        with self._reading() as db:
            return iter(queries.open_alerts(db))

    def journal(self, after_seq: int = 0, limit: int = 1000) -> Sequence[JournalRow]:
        with self._reading() as db:
            return queries.journal_rows(db, after_seq, limit)

    def revision(self) -> int:
        with self._reading() as db:
            return queries.revision(db)

    def search(self, query: AuditQuery) -> AuditPage:
        """Rows of the journal, found through its indices: each call does a bounded amount of work."""
        with self._reading() as db:
            return searching.search(db, query)

    def raw_journal(self, after_seq: int = 0) -> Iterator[tuple[Any, ...]]:
        """Every row as values of `journal.FIELDS`, a thousand at a time: a long journal needs no memory and blocks no writer."""
        last = after_seq
        while True:
            with self._reading() as db:
                rows = db.rows(journal.SELECT, (last, queries.CHUNK))
            if not rows:
                return
            yield from rows
            last = rows[-1][0]

    def verify(self, seq: int = 0, previous: str = ROOT, progress: Callable[[int], None] | None = None) -> Verdict:
        """Walks the chain of the rows in the database; seq, previous: what the archives before them ended with."""
        walk = journal.Walk(seq, previous)
        for values in self.raw_journal(-(2**62)):
            if not walk.take(values):
                break
            if progress and walk.rows % queries.CHUNK == 0:
                progress(walk.rows)
        return walk.verdict()

    def problems(self) -> list[str]:
        """What the database finds wrong with its own file, every page looked at."""
        with self._reading() as db:
            return db.problems()

    def size(self) -> int:
        """Bytes on disk."""
        with self._reading() as db:
            return db.size()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self.backend.release()
