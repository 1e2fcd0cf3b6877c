"""One connection to a database, the same to the repositories on every store: statements in one portable subset of SQL.

Marks are `?`. Rows come back complete, so that no cursor holds a transaction open, but for `stream`, which a snapshot surrounds.
Every error is one of `core.errors`.
"""

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Protocol

from core.errors import ConflictError, StorageError
from core.i18n import tr

Row = tuple[Any, ...]
PIECE = 1000
"""Rows that a stream brings at once."""


class DuplicateError(ConflictError):
    """There is already such a row."""


class Connection(ABC):
    """Not safe for two threads at once."""

    BEGIN: ClassVar[str] = "BEGIN"
    SNAPSHOT: ClassVar[str]
    """Begins a transaction that only reads and sees one moment."""
    TYPES: ClassVar[dict[type, str]]
    """Column types for int, float and str; str is compared byte by byte."""
    CLUSTERED: ClassVar[str] = ""
    """Ends the statement that creates a table which lies in the order of its key."""
    observer: ClassVar[Callable[[str], None] | None] = None
    """Told the text of every statement of the repositories: tests listen here."""

    def __init__(self) -> None:
        self._depth = 0
        self._lost = False
        self.tail: tuple[int, str] | None = None
        """seq and digest of the newest journal row, as far as this connection, the only one that writes, knows."""

    @abstractmethod
    def _execute(self, sql: str, values: Sequence[Any]) -> Any:
        """Runs one statement; a cursor whose rows are all there."""

    @abstractmethod
    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    @abstractmethod
    def _stream(self, sql: str, values: Sequence[Any]) -> Iterator[list[Row]]: ...

    @abstractmethod
    def _in_transaction(self) -> bool: ...

    @abstractmethod
    def columns(self) -> dict[str, list[str]]:
        """The columns of every table that there is."""

    @abstractmethod
    def guard(self) -> bool:
        """Puts up the triggers that refuse changes of the journal; True when they had to be put up."""

    @abstractmethod
    def problems(self) -> list[str]:
        """What the database finds wrong with its own file; empty: nothing, or another program's to find."""

    @abstractmethod
    def size(self) -> int:
        """Bytes on disk."""

    @abstractmethod
    def close(self) -> None: ...

    @property
    def broken(self) -> bool:
        """The connection is of no use any more."""
        return False

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        self._observe(sql)
        found: list[Row] = self._execute(sql, values)
        return found

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        found = self.rows(sql, values)
        return found[0] if found else None

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._observe(sql)
        self._execute(sql, values)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self._observe(sql)
        self._many(sql, rows)

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[list[Row]]:
        """Rows some at a time, however many there are; inside a transaction."""
        self._observe(sql)
        return self._stream(sql, values)

    def _observe(self, sql: str) -> None:
        if self._lost:
            raise StorageError(
                tr("The store took the whole transaction back."), way_out=tr("Try again once the store takes writes."),
            )
        if Connection.observer is not None:
            Connection.observer(sql)

    @contextlib.contextmanager
    def atomic(self, begin: str = "") -> Iterator[None]:
        """All or nothing, on disk when left without an error; inside another one: undone alone, committed with the outer one."""
        depth = self._depth
        self._observe("BEGIN" if not depth else "SAVEPOINT")
        self._execute(f"SAVEPOINT level{depth}" if depth else begin or self.BEGIN, ())
        self._depth = depth + 1
        try:
            yield
            self._observe("COMMIT" if not depth else "RELEASE")
            self._execute(f"RELEASE SAVEPOINT level{depth}" if depth else "COMMIT", ())
        except BaseException:
            self._undo(depth)
            raise
        finally:
            self._depth = depth
            if not depth:
                self._lost = False

    def _undo(self, depth: int) -> None:
        self.tail = None
        with contextlib.suppress(StorageError, ConflictError):
            self._execute(f"ROLLBACK TO SAVEPOINT level{depth}" if depth else "ROLLBACK", ())
        if depth and not self._in_transaction():
            self._lost = True  # a full disk takes the outer transaction back as well: what follows in it must not be committed alone


class Backend(Protocol):
    """How a store opens its connections. Its text is where the records are, fit for a message."""

    NAME: str

    def writer(self) -> Connection:
        """The one connection that may write; raises `StorageError` where another process has it."""
        ...

    def reader(self) -> Connection: ...

    def release(self) -> None:
        """Gives the right to write back."""
        ...
