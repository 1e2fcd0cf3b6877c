"""Records as one file that either store takes: what a backup keeps, and the way from SQLite to PostgreSQL and back.

`records.jsonl.zst`: a line that says what follows, then for each table its columns and its rows, then what it must come to: counts, the
newest row of the journal and its digest. The chain is walked while it is loaded: what is restored is what was written.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from core.audit import ROOT
from core.errors import StorageError
from core.i18n import tr
from core.nouns import Noun
from stores.files import storage_errors, sync_folder
from stores.records import indexing, journal, open_records, schema
from stores.records.columns import quoted
from stores.records.connection import Connection
from stores.records.store import Records

FILE = "records.jsonl.zst"
FORMAT = "yunwang-records-1"
CHUNK = 1000
LEFT_OUT = ("migration", "journal_release", *indexing.COLUMNS)
"""What follows from the rest is made anew."""
Progress = Callable[[int, int, str], None]
"""(rows done, rows in all, table). Raises to stop."""


class Head(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The first line."""

    format: str = FORMAT
    schema: int
    store: str
    rows: dict[str, int]


class Table(Noun, frozen=True, kw_only=True):
    """Begins the rows of a table."""

    table: str
    columns: tuple[str, ...]


class Tail(Noun, frozen=True, kw_only=True):
    """The last line."""

    revision: int
    tip: str
    previous: str
    """Digest before the first row of the journal: the archives end with it."""


def records_backup(store: Records, folder: Path, progress: Progress | None = None) -> Tail:
    """Writes all records as of one moment, durable when it returns, while others write on. Raises `StorageError`, also for damage."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / FILE
    problems = store.problems()
    if problems:
        raise StorageError(
            tr("The records in {path} are damaged: {reason}.", path=store.backend, reason=problems[0]),
            way_out=tr("Keep the file for evidence and restore the last backup."),
        )
    with storage_errors(path), store.snapshot() as db:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(out, closefd=False) as packed:
                tail = _save(db, store.name, packed.write, progress or _silent)
            out.flush()
            os.fsync(out.fileno())
        sync_folder(folder)
    return tail


def _save(db: Connection, name: str, write: Callable[[bytes], object], progress: Progress) -> Tail:
    tables = [table for table in schema.tables() if table not in LEFT_OUT]
    counts = {table: int(db.rows(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}
    write(msgspec.json.encode(Head(schema=schema.NEWEST, store=name, rows=counts)) + b"\n")
    done, total = 0, sum(counts.values())
    for table in tables:
        columns, key = schema.tables()[table]
        write(msgspec.json.encode(Table(table=table, columns=tuple(columns))) + b"\n")
        for rows in _pieces(db, table, tuple(columns), key):
            write(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
            done += len(rows)
            progress(done, total, table)
    revision, tip = db.row("SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1") or (0, ROOT)
    first = db.row("SELECT previous FROM journal ORDER BY seq LIMIT 1")
    tail = Tail(revision=revision, tip=tip, previous=first[0] if first else ROOT)
    write(msgspec.json.encode(tail) + b"\n")
    return tail


def _pieces(db: Connection, table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a table in order of its key, some at a time."""
    places = [columns.index(name) for name in key]
    order = ", ".join(map(quoted, key))
    start = f"SELECT {', '.join(map(quoted, columns))} FROM {table}"
    end = f"ORDER BY {order} LIMIT {CHUNK}"
    rows = db.rows(f"{start} {end}")
    while rows:
        yield rows
        last = [rows[-1][place] for place in places]
        rows = db.rows(f"{start} WHERE ({order}) > ({', '.join('?' * len(key))}) {end}", last) if len(rows) == CHUNK else []


def records_restore(where: str, folder: Path, progress: Progress | None = None, now_ms: int = 0) -> Tail:
    """Loads what `records_backup` wrote into the records at `where`, a new file or a PostgreSQL database.

    All or nothing: raises `StorageError` for a backup that is not whole, and leaves what was there. Records that are there already in a
    database are kept beside the new ones, in a schema `yunwang_replaced_...`; a file must not be there.
    """
    undo = _make_room(where, now_ms or time.time_ns() // 1_000_000)
    try:
        with contextlib.closing(open_records(where)) as store, store.maintenance() as db:
            return _load(db, folder / FILE, progress or _silent)
    except BaseException:
        undo()
        raise


def records_are_empty(where: str) -> bool:
    """Whether nothing lies at `where` that a restore would replace."""
    if "://" not in where:
        return not Path(where).exists()
    from stores.records.postgres import PgServer

    with contextlib.closing(PgServer(where).reader()) as session:
        return not session.columns()


def _make_room(where: str, now_ms: int) -> Callable[[], None]:
    """What undoes it."""
    if "://" in where:
        from stores.records.postgres import PgServer

        server = PgServer(where)
        aside = server.set_aside(now_ms)
        return lambda: server.put_back(aside)
    path = Path(where)
    if path.exists():
        raise StorageError(tr("There are records in {path} already.", path=where), way_out=tr("Move them away first."))

    def remove() -> None:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink(missing_ok=True)

    return remove


def _load(db: Connection, path: Path, progress: Progress) -> Tail:
    lines = _lines(path)
    try:
        head = msgspec.json.decode(next(lines, b""), type=Head)
        if head.format != FORMAT or head.schema > schema.NEWEST:
            raise _bad(path, tr("it was written by a newer Yunwang"))
        counts = dict.fromkeys(head.rows, 0)
        loading = _Loading(db, path, counts, sum(head.rows.values()), progress)
        for line in lines:
            if tail := loading.take(line):
                loading.flush()
                if counts != head.rows or next(lines, None) is not None:
                    raise _bad(path, tr("rows are missing"))
                loading.compare(tail)
                indexing.refill(db)
                return tail
    except (msgspec.MsgspecError, zstandard.ZstdError, UnicodeDecodeError) as error:
        raise _bad(path, str(error)) from None
    raise _bad(path, tr("its end is missing"))


class _Loading:
    """Rows on their way into their tables; the journal's are walked as they pass."""

    def __init__(self, db: Connection, path: Path, counts: dict[str, int], total: int, progress: Progress) -> None:
        self._db, self._path, self._counts, self._total, self._progress = db, path, counts, total, progress
        self._table: Table | None = None
        self._rows: list[list[Any]] = []
        self._walk: journal.Walk | None = None
        self._first_previous = ROOT

    def take(self, line: bytes) -> Tail | None:
        """A line of the file; the tail when it is the last one."""
        if line.startswith(b"["):
            if self._table is None:
                raise _bad(self._path, tr("rows come before their table"))
            self._rows.append(_ROW.decode(line))
            if len(self._rows) == CHUNK:
                self.flush()
            return None
        self.flush()
        if b'"table"' not in line[:10]:
            return msgspec.json.decode(line, type=Tail)
        self._table = msgspec.json.decode(line, type=Table)
        if self._table.table not in self._counts or self._table.table in LEFT_OUT or self._table.table not in schema.tables():
            raise _bad(self._path, tr("it names a table {name}", name=self._table.table[:64]))
        if unknown := set(self._table.columns) - set(schema.tables()[self._table.table][0]):
            raise _bad(self._path, tr("it names a column {name}", name=min(unknown)[:64]))
        return None

    def flush(self) -> None:
        if self._table is None or not self._rows:
            return
        table, columns = self._table.table, self._table.columns
        if any(len(row) != len(columns) for row in self._rows):
            raise _bad(self._path, tr("a row has another number of fields"))
        if table == "journal":
            self._check()
        names, marks = ", ".join(map(quoted, columns)), ", ".join("?" * len(columns))
        self._db.many(f"INSERT INTO {table} ({names}) VALUES ({marks})", self._rows)
        self._counts[table] += len(self._rows)
        self._rows = []
        self._progress(sum(self._counts.values()), self._total, table)

    def _check(self) -> None:
        assert self._table is not None  # noqa: S101 -- only called with one
        for row in self._rows:
            fields = dict(zip(self._table.columns, row, strict=True))
            values = [fields[name] for name in journal.FIELDS]
            if self._walk is None:
                self._walk = journal.Walk(fields["seq"] - 1, fields["previous"])
                self._first_previous = fields["previous"]
            if not self._walk.take(values):
                raise _bad(self._path, self._walk.reason)

    def compare(self, tail: Tail) -> None:
        found = (self._walk.seq, self._walk.previous, self._first_previous) if self._walk else (0, ROOT, ROOT)
        if found != (tail.revision, tail.tip, tail.previous):
            raise _bad(self._path, tr("the audit trail in it is not the one it was made of"))


_ROW = msgspec.json.Decoder(list[Any])


def _lines(path: Path) -> Iterator[bytes]:
    with storage_errors(path), path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
        left = b""
        while block := packed.read(1 << 20):
            *whole, left = (left + block).split(b"\n")
            yield from whole
            if len(left) > 64 << 20:
                raise _bad(path, tr("a line is too long"))
        if left:
            yield left


def _bad(path: Path, reason: str) -> StorageError:
    return StorageError(
        tr("The backup {path} cannot be restored: {reason}.", path=path, reason=reason),
        way_out=tr("Use another backup; nothing was changed."),
    )


def _silent(_done: int, _total: int, _what: str) -> None:
    """Nobody wants to know."""
