"""Records in PostgreSQL: a schema of their own, one session that writes and holds an advisory lock."""

import re
import select
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import errors

from core.errors import ConflictError, DiskFullError, InvalidInputError, SettingsError, StorageError
from core.i18n import tr
from stores.records.connection import PIECE, Connection, DuplicateError
from stores.records.faults import damaged, guarded, unfit

SCHEMA = "yunwang"
ASIDE = "yunwang_replaced_"
LOCK = 0x59756E77616E67
"""Number of the advisory lock: `Yunwang`."""
LOCK_WAIT_S = 5.0
GUARD = """
CREATE OR REPLACE FUNCTION journal_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.seq <= (SELECT coalesce(max(seq), 0) FROM journal) THEN
      RAISE EXCEPTION 'journal: rows are only added at the end' USING ERRCODE = 'YW001'; END IF;
    RETURN NEW;
  ELSIF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT 1 FROM journal_release WHERE upto_seq >= OLD.seq) THEN
      RAISE EXCEPTION 'journal: rows are never removed' USING ERRCODE = 'YW001'; END IF;
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'journal: rows are never changed' USING ERRCODE = 'YW001'; END $$"""
TRIGGERS = {
    "journal_row": "BEFORE INSERT OR UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION journal_guard()",
    "journal_all": "BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_guard()",
}


COPIED = 20
"""From so many rows on COPY is quicker than one INSERT after the other."""
_PLAIN_INSERT = re.compile(r"INSERT INTO (\w+ \([^()]+\)) VALUES \([?, ]+\)")
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_line(row: Sequence[Any]) -> str:
    """A row of integers, floats and texts in COPY's text format (PostgreSQL's manual, COPY, File Formats)."""
    return "\t".join(value.translate(_ESCAPES) if value.__class__ is str else repr(value) for value in row) + "\n"


@lru_cache(maxsize=2048)
def _marks(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class PgConnection(Connection):
    """One session of the server."""

    SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    TYPES = {int: "BIGINT", float: "DOUBLE PRECISION", str: 'TEXT COLLATE "C"'}

    def __init__(self, url: str, readonly: bool) -> None:
        super().__init__()
        self._where = shown(url)
        self._streams = 0
        options = f"-c search_path={SCHEMA} -c synchronous_commit=on -c default_transaction_read_only={'on' if readonly else 'off'}"
        try:
            self.raw = psycopg.connect(
                url, autocommit=True, connect_timeout=5, options=options, application_name="yunwang", client_encoding="UTF8",
                keepalives_idle=30, keepalives_interval=10, keepalives_count=3,
            )
        except (psycopg.Error, OSError, ValueError) as error:
            raise self._explain(error) from error

    def _execute(self, sql: str, values: Sequence[Any]) -> list[Any]:
        try:
            cursor = self.raw.execute(_marks(sql), tuple(values))
            return cursor.fetchall() if cursor.description else []
        except (psycopg.Error, OSError, UnicodeEncodeError) as error:
            raise self._explain(error) from error

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        try:
            rows = [tuple(row) for row in rows]
            with self.raw.cursor() as cursor:
                if len(rows) >= COPIED and (plain := _PLAIN_INSERT.fullmatch(sql)):
                    with cursor.copy(f"COPY {plain[1]} FROM STDIN") as copy:
                        copy.write("".join(map(_copy_line, rows)))
                elif rows:
                    cursor.execute(_marks(sql), rows[0]) if len(rows) == 1 else cursor.executemany(_marks(sql), rows)
        except (psycopg.Error, OSError, UnicodeEncodeError) as error:
            raise self._explain(error) from error

    def _stream(self, sql: str, values: Sequence[Any]) -> Iterator[list[Any]]:
        self._streams += 1
        try:
            with self.raw.cursor(name=f"stream{self._streams}") as cursor:
                cursor.execute(_marks(sql), tuple(values))
                while rows := cursor.fetchmany(PIECE):
                    yield rows
        except (psycopg.Error, OSError, UnicodeEncodeError) as error:
            raise self._explain(error) from error

    def _in_transaction(self) -> bool:
        return not self.raw.closed and self.raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE

    @property
    def broken(self) -> bool:
        if self.raw.closed or self.raw.broken:
            return True
        idle = self.raw.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        return idle and bool(select.select([self.raw.fileno()], [], [], 0)[0])  # a server that speaks unasked says goodbye

    def columns(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        listing = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ? ORDER BY ordinal_position"
        for table, column in self._execute(listing, (SCHEMA,)):
            found.setdefault(table, []).append(column)
        return found

    def guard(self) -> bool:
        there = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'journal'::regclass AND tgname LIKE 'journal_%' AND tgenabled = 'O'"
        if self._execute(there, ())[0][0] == len(TRIGGERS):
            return False
        self._execute(GUARD, ())
        for name, body in TRIGGERS.items():
            self._execute(f"DROP TRIGGER IF EXISTS {name} ON journal", ())
            self._execute(f"CREATE TRIGGER {name} {body}", ())
        return True

    def problems(self) -> list[str]:
        return []

    def size(self) -> int:
        return int(self._execute("SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class WHERE relkind = 'r'"
                                 " AND relnamespace = ?::regnamespace", (SCHEMA,))[0][0])

    def close(self) -> None:
        self.raw.close()

    def _explain(self, error: Exception) -> StorageError | ConflictError | InvalidInputError:
        return explain(error, self._where)


class PgServer:
    """How the store opens its sessions."""

    NAME = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        if urlsplit(url).password:
            raise SettingsError(
                tr("A password does not belong into records.url."),
                way_out=tr("Put it into ~/.pgpass or PGPASSWORD and take it out there."),
            )

    def __str__(self) -> str:
        return shown(self.url)

    def writer(self) -> PgConnection:
        """The session that may write. Raises `StorageError` when another one holds the lock."""
        session = PgConnection(self.url, readonly=False)
        try:
            self._check(session)
            if not self._locked(session):
                raise StorageError(
                    tr("Another process writes in {path} already.", path=self),
                    way_out=tr("Stop it first; one writer is all there may be."),
                )
            session._execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}", ())  # noqa: SLF001
        except BaseException:
            session.close()
            raise
        return session

    def _locked(self, session: PgConnection) -> bool:
        """Waits a little: the server may not have noticed yet that the session of a killed hub is gone."""
        deadline = time.monotonic() + LOCK_WAIT_S
        while not session._execute("SELECT pg_try_advisory_lock(?)", (LOCK,))[0][0]:  # noqa: SLF001 -- the two belong together
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def _check(self, session: PgConnection) -> None:
        encoding, fsync = session._execute("SELECT current_setting('server_encoding'), current_setting('fsync')", ())[0]  # noqa: SLF001
        if encoding != "UTF8":
            raise StorageError(
                tr("The database {path} is not in UTF-8 but in {encoding}.", path=self, encoding=encoding),
                way_out=tr("Create one with ENCODING 'UTF8' and name it in records.url."),
            )
        if fsync != "on":
            raise StorageError(
                tr("The server of {path} does not sync what it writes (fsync = off).", path=self),
                way_out=tr("Set fsync = on there: what is acknowledged must survive a power loss."),
            )

    def reader(self) -> PgConnection:
        return PgConnection(self.url, readonly=True)

    def release(self) -> None:
        """The lock goes with the session."""

    def set_aside(self, now_ms: int) -> str:
        """Gives the schema of records that are there another name, so that a restore begins with none; the name, empty: there were none."""
        session = self.writer()
        try:
            if not session.columns():
                return ""
            session._execute(f"ALTER SCHEMA {SCHEMA} RENAME TO {ASIDE}{now_ms}", ())  # noqa: SLF001
            return f"{ASIDE}{now_ms}"
        finally:
            session.close()

    def put_back(self, aside: str) -> None:
        """Undoes `set_aside`."""
        session = self.writer()
        try:
            with session.atomic():
                session._execute(f"DROP SCHEMA {SCHEMA} CASCADE", ())  # noqa: SLF001
                if aside:
                    session._execute(f"ALTER SCHEMA {aside} RENAME TO {SCHEMA}", ())  # noqa: SLF001
        finally:
            session.close()


def shown(url: str) -> str:
    """The address without user, password and options: fit for a message."""
    parts = urlsplit(url)
    return f"postgresql://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def explain(error: Exception, where: str) -> StorageError | ConflictError | InvalidInputError:
    """One sentence and a way out; never a password."""
    if isinstance(error, UnicodeEncodeError | errors.NumericValueOutOfRange | psycopg.DataError):
        return unfit(error)
    code = getattr(error, "sqlstate", None) or ""
    if code == "YW001":
        return guarded(error)
    if isinstance(error, psycopg.IntegrityError):
        return DuplicateError(
            tr("Somebody else wrote the same record at the same time: {reason}.", reason=_reason(error)),
            way_out=tr("Read it anew and try again."),
        )
    if code in ("53100", "53200"):
        return DiskFullError(
            tr("The server of {path} has no room left.", path=where), way_out=tr("Make room there; writing goes on by itself then."),
        )
    if code.startswith("XX"):
        return damaged(where, error)
    if code == "25006":
        return StorageError(
            tr("The server of {path} takes no writes now.", path=where),
            way_out=tr("Name the server that is not a standby in records.url."),
        )
    if not code or code[:2] in ("08", "57") or code == "53300":
        return _unreachable(error, where)
    if code[:2] in ("28", "3D") or code in ("42501", "3F000"):
        return StorageError(
            tr("{path} did not let us in: {reason}.", path=where, reason=_reason(error)),
            way_out=tr("Look at the database, the role and its right to create a schema; the password comes from ~/.pgpass or PGPASSWORD."),
        )
    return StorageError(
        tr("The records in {path} cannot be used: {reason}.", path=where, reason=_reason(error)),
        way_out=tr("Look at the server and its log."),
    )


def _unreachable(error: Exception, where: str) -> StorageError:
    text = str(error)
    if any(sign in text for sign in ("password", "authentication", "role \"", "database \"", "no pg_hba.conf")):
        return StorageError(
            tr("{path} did not let us in: {reason}.", path=where, reason=_reason(error)),
            way_out=tr("Look at the database, the role and its right to create a schema; the password comes from ~/.pgpass or PGPASSWORD."),
        )
    return StorageError(
        tr("The server of {path} cannot be reached: {reason}.", path=where, reason=_reason(error)),
        way_out=tr("Start it or mend the way to it; the hub connects again by itself."),
    )


def _reason(error: Exception) -> str:
    line = str(error).strip().splitlines()[-1:] or [type(error).__name__]
    return line[0].removeprefix("FATAL: ").strip().rstrip(".")[:300]
