"""The seams: each has one embedded and one distributed implementation, and one contract test that both must pass.

Writers raise `StorageError` or `DiskFullError`; whatever returned without an error is acknowledged and survives kill -9.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from core.edges import Edge
from core.identity import Actor
from core.kinds import Kept
from core.messages import Observed
from core.nouns import Noun
from core.objects import Link, Station
from core.signals import Alert, RawLine, SampleBlock, SeriesFrame, SeriesKey

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.audit import AuditPage, AuditQuery


class JournalRow(Noun, frozen=True, kw_only=True):
    """One row of the journal: the history of the records and the chain of the audit, in one.

    `digest` is the hash (SHA-256 or SM3) of the canonical row without `digest`; `previous` is the digest of the row before it.
    """

    seq: int
    at_ms: int
    zone_s: int = 0
    """How far the local clock was ahead of UTC, seconds."""
    request: str = ""
    actor: str
    origin: str
    action: str
    """`inventory.import`, `device.update`, `alert.raise`, ..."""
    kind: str
    """Kind of the object, as its table is called."""
    object_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    previous: str
    digest: str


class Page(Noun, frozen=True, kw_only=True):
    """A page of a list. `cursor` continues it; empty at the end."""

    items: tuple[dict[str, Any], ...]
    total: int
    cursor: str = ""


class ListQuery(Noun, frozen=True, kw_only=True):
    """Filter, sort and page, all done in SQL."""

    text: str = ""
    """Every word must occur in one of the kind's text fields."""
    where: dict[str, str] = {}
    """Field equals value."""
    sort: str = "name"
    """Field; a leading `-` turns the order."""
    limit: int = 100
    cursor: str = ""
    offset: int = 0
    """Rows to leave out at the beginning: for windows that are scrolled. What is read from end to end goes by the cursor."""
    units: tuple[str, ...] | None = None
    """Only records of these units (the caller's scope, units below included); None: all. Kinds without a unit: none of them."""
    sites: tuple[str, ...] | None = None
    """Or at these sites; None: this adds nothing."""


class Hit(Noun, frozen=True, kw_only=True):
    """One object that a search found."""

    kind: str
    id: str
    name: str
    exact: bool = False
    """The text is its whole name, key, address, MAC address or serial number: such come first."""


class Past(Noun, frozen=True, kw_only=True):
    """An object that changed between two moments: as it was at the first and at the second; None where it was not there."""

    kind: str
    id: str
    before: Any = None
    after: Any = None


class RecordWrite(Protocol):
    """One open transaction: state, journal, audit row and idempotency key are committed together or not at all."""

    def get(self, kind: str, object_id: str) -> Any:
        """As it is inside this transaction: what a decision that must not be overtaken looks at. Raises `NotFoundError`."""
        ...

    def find(self, kind: str, name: str) -> Any:
        """By name, inside this transaction; None where there is none."""
        ...

    def put(self, action: str, record: Kept) -> None:
        """Inserts or replaces a record by id and journals before and after."""
        ...

    def observe(self, action: str, observed: Observed) -> None:
        """Replaces interfaces, facts, links and stations of one device; journals what changed, nothing where nothing did, and never the
        stations: they come and go all day."""
        ...

    def delete(self, action: str, kind: str, object_id: str) -> None: ...

    def edges(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        """Edges that hold from their `valid_from` on, and ids of edges that hold no more from now on. What ended is kept with its times:
        the table of edges is its own history, and the journal gets one row with the counts."""
        ...

    def note(self, action: str, detail: dict[str, Any]) -> None:
        """Journals something that changes no record: a login, a refusal, an export."""
        ...

    def answer(self, result: dict[str, Any]) -> None:
        """What a repetition with the same idempotency key is told."""
        ...

    @property
    def revision(self) -> int:
        """What `RecordStore.revision` will be when this is committed as it is now."""
        ...


class RecordStore(Protocol):
    """Records: what exists, what was changed, who did it."""

    def write(self, actor: Actor, now_ms: int, idempotency_key: str = "") -> Any:
        """A context manager that yields `RecordWrite`; commits when left without an error."""
        ...

    def together(self) -> Any:
        """A context manager: the writes of this thread inside it are committed as one, each with its own actor and key.

        One that raises is undone alone. Nothing is acknowledged before this is left without an error.
        """
        ...

    def answered(self, idempotency_key: str) -> dict[str, Any] | None:
        """The result stored under a key, or None."""
        ...

    def forget_answers(self, before_ms: int) -> int:
        """Forgets, in one transaction, the results of keys that are older; how many there were."""
        ...

    def get(self, kind: str, object_id: str) -> Any:
        """The noun of this kind, see `core.kinds.KEPT`. Raises `NotFoundError`."""
        ...

    def find(self, kind: str, name: str) -> Any: ...

    def all(self, kind: str) -> Iterator[Any]: ...

    def page(self, kind: str, query: ListQuery) -> Page: ...

    def observed(self, device_id: str) -> Observed:
        """What discovery found on a device; empty before the first time."""
        ...

    def all_links(self) -> Iterator[Link]: ...

    def all_stations(self) -> Iterator[Station]: ...

    def lookup(
        self, text: str, *, kinds: Sequence[str] = (), limit: int = 50, units: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
    ) -> Sequence[Hit]:
        """Objects of the model that all words of the text fit (`core.terms`), exact ones first, then by kind and name; at most `limit`.

        units, sites: as in `ListQuery`.
        """
        ...

    def changed(self, start_ms: int, end_ms: int, kinds: Sequence[str] = (), limit: int = 100_000) -> Sequence[Past]:
        """Objects of the model that are not at `end_ms` what they were at `start_ms`, out of the journal. end_ms 0: now.

        Raises `InvalidInputError` with the way out where the journal does not reach back so far, or more than `limit` objects changed.
        """
        ...

    def object_at(self, kind: str, object_id: str, at_ms: int) -> Any:
        """As it was then; None where it was not there."""
        ...

    def edges_at(self, at_ms: int) -> Iterator[Edge]:
        """Edges that held then; at_ms 0: those that hold now."""
        ...

    def edges_of(self, object_id: str, at_ms: int = 0) -> Sequence[Edge]:
        """Edges that began or ended at an object then."""
        ...

    def edges_between(self, start_ms: int, end_ms: int) -> Iterator[Edge]:
        """Edges that came or went in [start, end)."""
        ...

    def open_alerts(self) -> Iterator[Alert]: ...

    def journal(self, after_seq: int = 0, limit: int = 1000) -> Sequence[JournalRow]: ...

    def search(self, query: "AuditQuery") -> "AuditPage":
        """Rows of the journal in order of time; a call does a bounded amount of work."""
        ...

    def revision(self) -> int:
        """seq of the newest journal row."""
        ...

    def close(self) -> None: ...


class SampleStore(Protocol):
    """Samples: one writer (senses), any number of readers in other processes."""

    def series_ids(self, keys: Sequence[SeriesKey]) -> "npt.NDArray[np.uint32]":
        """The number of each series, given at first sight and durable before it is returned."""
        ...

    def append(self, block: SampleBlock) -> None:
        """Acknowledges one finished sweep."""
        ...

    def read(self, key: SeriesKey, start_ms: int, end_ms: int, points: int = 0) -> SeriesFrame:
        """One series over [start, end). points > 0: at most about that many, from the coarsest roll-up that has them."""
        ...

    def read_many(
        self, keys: Sequence[SeriesKey], start_ms: int, end_ms: int, points: int, bare: bool = False,
    ) -> Iterator[tuple[SeriesKey, SeriesFrame]]:
        """Those of the series that have anything, each once, in any order: much cheaper than one by one. points: of each, as in `read`; of
        a roll-up there may be more. bare: only the means are read, at half the cost; low and high are no bounds."""
        ...

    def table(self, keys: Sequence[SeriesKey], start_ms: int, step_ms: int, columns: int) -> "npt.NDArray[np.float64]":
        """float64[keys, columns]: the mean of each step of [start, start + columns * step), out of the coarsest roll-up that has them, NaN
        where nothing is known. start and step: whole roll-ups of five minutes or hours. The cheapest way to much of many series."""
        ...

    def series_of(self, device_id: str) -> Sequence[SeriesKey]: ...

    def maintain(self, now_ms: int) -> None:
        """Seals, compacts, rolls up and forgets by age and share of the disk; bounded work at each call."""
        ...

    def damaged(self) -> Sequence[str]:
        """Segments that were set aside, with the reason."""
        ...

    def close(self) -> None: ...


class LogQuery(Noun, frozen=True, kw_only=True):
    """Which raw lines. Empty fields match all."""

    start_ms: int
    end_ms: int
    sources: tuple[str, ...] = ()
    """From any of these addresses."""
    kind: str = ""
    word: str = ""
    """In UTF-8 or GB 18030; ASCII letters in either case."""
    octets: tuple[bytes, ...] = ()
    """A line with any of these serves as well as one with the word."""
    limit: int = 1000


class LogStore(Protocol):
    """Raw traps and syslog: one writer (ears), any number of readers."""

    def append(self, lines: Iterable[RawLine]) -> int:
        """Acknowledges a batch; returns how many were written."""
        ...

    def search(self, query: LogQuery) -> Iterator[RawLine]:
        """Newest first, bounded by `limit`."""
        ...

    def maintain(self, now_ms: int) -> None: ...

    def damaged(self) -> Sequence[str]: ...

    def close(self) -> None: ...


class Bus(Protocol):
    """Messages between our processes. Queues are bounded: a slow reader loses its subscription, never the writer its time."""

    async def publish(self, subject: str, body: bytes) -> None: ...

    async def request(self, subject: str, body: bytes, timeout_s: float = 5.0) -> bytes:
        """Asks one process and waits; raises `NoAnswerError`."""
        ...

    async def subscribe(self, subject: str, handler: Any, workers: int = 1) -> None:
        """workers: so many messages at a time; with one, in order."""
        ...

    async def close(self) -> None: ...
