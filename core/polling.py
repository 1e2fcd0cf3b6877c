"""The seam between what is asked (monitors), how it is asked (links.snmp) and who keeps it running (agents.senses).

monitors compiles a device's profile and its tables' indexes to a `PollPlan`; the engine asks, checks and stores the answers in a
`Readings` arena; monitors turns two readings into rates. Nobody else knows the wire, and the engine knows no profile.
"""

import enum
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from core.nouns import Noun
from core.objects import SnmpVersion

if TYPE_CHECKING:
    import numpy.typing as npt

Oid = tuple[int, ...]

AuthProtocol = Literal["", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"]
PrivProtocol = Literal["", "DES", "AES128", "AES192", "AES256"]


class SnmpSecret(Noun, frozen=True, kw_only=True):
    """A credential as resolved by the process that polls. Never stored, logged or shown: `repr` tells only its kind."""

    community: str = ""
    username: str = ""
    auth: AuthProtocol = ""
    auth_key: str = ""
    priv: PrivProtocol = ""
    priv_key: str = ""
    context: str = ""

    def __repr__(self) -> str:
        return f"SnmpSecret({'v3' if self.username else 'community'})"


class Target(Noun, frozen=True, kw_only=True):
    """One device as the engine knows it."""

    device_id: str
    address: str
    port: int = 161
    version: SnmpVersion = "2c"
    secret: SnmpSecret
    interval_s: float = 60.0
    every: int = 1
    """Asked for everything at each so many-th turn; at the others only whether it answers (sysUpTime)."""
    timeout_s: float = 2.0
    retries: int = 1


class TablePlan(Noun, frozen=True, kw_only=True):
    """Columns of one conceptual table, asked together for the same rows."""

    columns: tuple[Oid, ...]
    """Column OIDs without index."""
    indexes: tuple[Oid, ...]
    """Indexes of the rows, ascending, as the device has them (RFC 2578 7.7)."""
    by_name: bool = False
    """Few of many rows: asked with full names, in one request with those of other such tables. These stand behind all others."""
    text: bool = False
    """The device sends decimal numbers as short texts: read as INTEGERs, in millionths (`core.text`). By name, at the very end."""


class PollPlan(Noun, frozen=True, kw_only=True):
    """Every variable that is read from one device in one poll; all of them are numbers, or texts that are read as such.

    The order of variables, everywhere: the scalars, then for each table row by row, within a row column by column.
    """

    scalars: tuple[Oid, ...]
    """Full OIDs with instance (`...1.3.0` is sysUpTime.0, which is always the first)."""
    tables: tuple[TablePlan, ...] = ()

    @property
    def size(self) -> int:
        """Number of variables."""
        return len(self.scalars) + sum(len(t.columns) * len(t.indexes) for t in self.tables)

    @property
    def texts(self) -> int:
        """From which variable on they come as texts; the size where none does."""
        return self.size - sum(len(t.columns) * len(t.indexes) for t in self.tables if t.text)

    def oids(self) -> list[Oid]:
        """Every variable's OID in order."""
        out = list(self.scalars)
        for table in self.tables:
            out += [column + index for index in table.indexes for column in table.columns]
        return out


class Kind(enum.IntEnum):
    """What a variable's value was, in `Readings.kind`: the BER tag of the answer (RFC 3416), or 0 for none."""

    NONE = 0
    INTEGER = 0x02
    OCTET_STRING = 0x04
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIMETICKS = 0x43
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81


class PollStatus(enum.IntEnum):
    """How a device's last poll ended, in `Readings.status`."""

    NEVER = 0
    COMPLETE = 1
    PARTIAL = 2
    """Some variables were missing or of an unexpected kind; the rest are good."""
    NO_ANSWER = 3
    REINDEXED = 4
    """The device answered with other rows than planned; rediscover its tables."""
    REFUSED = 5
    """Authentication or authorisation failed (usmStats, RFC 3414)."""
    ALIVE = 6
    """It answered, and was asked for nothing but that (`Target.every`): the variables are those of the poll before."""


class Readings:
    """One arena of numbers for all devices: device d owns variables `offset[d]` to `offset[d + 1]`.

    raw: uint64[n]; INTEGER values are two's complement, reinterpret as int64. kind: uint8[n], see `Kind`.
    at: float64[d], seconds since 1970 when the first answer of the poll came; clock: float64[d], the same instant on the monotonic
    clock, which alone measures time between two polls. uptime: uint64[d], sysUpTime in 1/100 s.
    status: uint8[d], see `PollStatus`. rtt: float64[d], seconds, NaN when nothing came.
    """

    def __init__(self, sizes: "npt.ArrayLike") -> None:
        import numpy as np  # the hub uses other parts of this seam, and is there before numpy is

        counts = np.asarray(sizes, np.int64)
        self.offset: npt.NDArray[np.int64] = np.concatenate([[0], np.cumsum(counts)])
        n, d = int(self.offset[-1]), len(counts)
        self.raw: npt.NDArray[np.uint64] = np.zeros(n, np.uint64)
        self.kind: npt.NDArray[np.uint8] = np.zeros(n, np.uint8)
        self.at: npt.NDArray[np.float64] = np.zeros(d)
        self.clock: npt.NDArray[np.float64] = np.zeros(d)
        self.uptime: npt.NDArray[np.uint64] = np.zeros(d, np.uint64)
        self.rtt: npt.NDArray[np.float64] = np.full(d, np.nan)
        self.status: npt.NDArray[np.uint8] = np.zeros(d, np.uint8)

    def __len__(self) -> int:
        return len(self.at)

    def span(self, device: int) -> slice:
        """The variables of device number `device`."""
        return slice(int(self.offset[device]), int(self.offset[device + 1]))


class EngineCounters(Noun, frozen=True, kw_only=True):
    """What the engine saw since it started. Everything dropped is counted somewhere."""

    requests: int = 0
    answers: int = 0
    variables: int = 0
    resent: int = 0
    timeouts: int = 0
    late: int = 0
    duplicate: int = 0
    spoofed: int = 0
    """Right request-id from a wrong address or port."""
    foreign: int = 0
    """Not an answer to anything asked."""
    malformed: int = 0
    too_big: int = 0
    slow_path: int = 0
    """Answers that the block decoder handed to the plain one."""
    unread: int = 0
    """Blocks of answers that had to be read one by one, because of a fault of our own."""
    usm_reports: dict[str, int] = {}
    """By name: `usmStatsNotInTimeWindows`, ... (RFC 3414)."""


class VarBind(NamedTuple):
    """One variable binding of an answer. INTEGER and the counters as int, strings and addresses as bytes, OBJECT IDENTIFIER as `Oid`."""

    oid: Oid
    kind: int
    value: int | bytes | Oid | None


class TableRows(NamedTuple):
    """What was read of one conceptual table. `rows`: by index, in the device's order, one value for each column asked, None where a
    cell is missing. `problem`: empty, or why reading stopped early (rows without end, an OID that does not grow); the rows are good.
    `times`: of each request how many variables came and how many seconds that took."""

    rows: dict[Oid, list[int | bytes | Oid | None]]
    problem: str = ""
    times: tuple[tuple[int, float], ...] = ()


class Session(Protocol):
    """The slow road to one device, for discovery: any version, any type of value, one request in flight.

    Raises `NoAnswerError` after the target's retries, `ForbiddenError` when the device refuses the credential, `ProtocolError`
    when its answers make no sense (an OID that does not grow, a table without end).
    """

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        """The variables in the order asked; missing ones with an exception kind and value None."""
        ...

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        """Everything below `root`, at most `limit` bindings (then `ProtocolError`)."""
        ...

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        """Columns of one table read together (all in each GETBULK), at most `limit` rows; what a hostile table has more is left out."""
        ...

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        """Whether the device has anything below each root; True too where it does not say. Many roots to a request."""
        ...

    async def close(self) -> None: ...
