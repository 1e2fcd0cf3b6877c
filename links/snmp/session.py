"""The slow road to one device, for discovery: any version, any type of value, bounded in rows and in time."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TypeVar

from core.errors import NoAnswerError, ProtocolError
from core.i18n import tr
from core.polling import Kind, Oid, Session, TableRows, Target, VarBind
from links.snmp import ber, plain
from links.snmp.asking import Asker

_T = TypeVar("_T")
WALK_LIMIT_S = 120.0
"""Longest time of one walk or table; a device that takes longer makes no sense."""
_AT_ONCE = 48
"""Variables of one GET of the slow road. An agent for which that is too big says so, and gets halves."""
_COLUMNS = 24
"""Columns of one table in one request."""
_ROOTS = 32
_LONGEST_VALUE = 2048
"""Octets of a value that are kept: port lists of 4,096 VLANs are 512."""
_BINDINGS = 96
"""Bindings asked for in one GETBULK; an agent sends what fits its largest message."""


def open_session(target: Target) -> Session:
    """A session of the target's version. Opens nothing before the first question."""
    if target.version == "3":
        from links.snmp.session3 import SecureSession

        return SecureSession(target)
    return CommunitySession(target)


class CommunitySession:
    """`core.polling.Session` for v1 and v2c."""

    def __init__(self, target: Target) -> None:
        self._asker = Asker(target)
        self._v1 = target.version == "1"

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        out: list[VarBind] = []
        for at in range(0, len(oids), _AT_ONCE):
            out += await self._get(list(oids[at : at + _AT_ONCE]))
        return out

    async def _get(self, oids: list[Oid]) -> list[VarBind]:
        response = await self._asker.ask(ber.GET, [ber.oid_body(oid) for oid in oids])
        if response.error_status == plain.NO_ERROR:
            bindings = plain.bindings(response.data, response.at, response.end)
            if [b.oid for b in bindings] != oids:
                raise ProtocolError(tr("{address} answered something that was not asked.", address=self._asker.target.address))
            return bindings
        if len(oids) == 1:
            if response.error_status == plain.NO_SUCH_NAME:
                return [VarBind(oids[0], Kind.NO_SUCH_INSTANCE, None)]
            raise _device_error(response.error_status, self._asker.target)
        if self._v1 and response.error_status == plain.NO_SUCH_NAME:
            found = await self._by_next(oids)
            return [found.get(oid) or VarBind(oid, Kind.NO_SUCH_INSTANCE, None) for oid in oids]
        half = len(oids) // 2
        return await self._get(oids[:half]) + await self._get(oids[half:])

    async def _by_next(self, oids: list[Oid]) -> dict[Oid, VarBind]:
        """Those that there are. v1 refuses a whole GET for one that is missing; what comes behind its predecessor tells of each."""
        wanted = list(oids)
        while wanted:
            response = await self._asker.ask(ber.GETNEXT, [ber.oid_body(_just_before(oid)) for oid in wanted])
            if response.error_status == plain.NO_ERROR:
                return {b.oid: b for b in plain.bindings(response.data, response.at, response.end)}
            if response.error_status != plain.NO_SUCH_NAME or not 1 <= response.error_index <= len(wanted):
                half = len(wanted) // 2
                if not half:
                    raise _device_error(response.error_status, self._asker.target)
                return await self._by_next(wanted[:half]) | await self._by_next(wanted[half:])
            end = wanted[response.error_index - 1]
            wanted = [oid for oid in wanted if oid < end]
        return {}

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        reader = TableReader(self._asker, [root], limit)
        await bounded(reader.read(), self._asker.target)
        if reader.problem:
            raise ProtocolError(reader.problem)
        return [VarBind(root + index, kind, reader.rows[index][0]) for index, kind in sorted(reader.kinds.items())]

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        reader = TableReader(self._asker, columns, limit)
        problem = ""
        try:
            await bounded(reader.read(), self._asker.target)
        except (NoAnswerError, ProtocolError) as error:
            if not reader.rows:
                raise
            problem = error.message
        return TableRows(dict(sorted(reader.rows.items())), reader.problem or problem, tuple(reader.times))

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        out: list[bool] = []
        while len(out) < len(roots):
            out += await self._holding(roots[len(out) : len(out) + _ROOTS])
        return out

    async def _holding(self, roots: Sequence[Oid]) -> list[bool]:
        """Of the first ones, as many as fit into an answer. v1 names only the first that has nothing behind it: there nobody is told
        apart."""
        if self._v1:
            return [True] * len(roots)
        response = await self._asker.ask(ber.GETBULK, [ber.oid_body(root) for root in roots], 0, 1)
        if response.error_status != plain.NO_ERROR:
            return [True] * len(roots)
        found = plain.bindings(response.data, response.at, response.end)
        known = [b.oid[: len(root)] == root and b.kind != plain.END_OF_MIB_VIEW for root, b in zip(roots, found, strict=False)]
        return known or [True] * len(roots)

    async def close(self) -> None:
        self._asker.close()


class TableReader:
    """Columns read side by side; each goes on from its own last row, so sparse columns are read whole.

    `problem` says why reading stopped early; the rows read until then are good. `kinds`: of the first column's cells. `times`: see
    `TableRows`.
    """

    def __init__(self, asker: Asker, columns: Sequence[Oid], limit: int) -> None:
        self.problem = ""
        self.rows: dict[Oid, list[int | bytes | Oid | None]] = {}
        self.kinds: dict[Oid, int] = {}
        self.times: list[tuple[int, float]] = []
        self._asker = asker
        self._columns = columns
        self._bodies = [ber.oid_body(column) for column in columns]
        self._last: list[Oid] = [()] * len(columns)
        self._limit = limit
        self._at_most = _BINDINGS

    async def read(self) -> None:
        active = list(range(len(self._columns)))
        while active and not self.problem:
            active = await self._more(active[:_COLUMNS]) + active[_COLUMNS:]

    async def _more(self, group: list[int]) -> list[int]:
        """One request further; returns the columns of the group that may have more."""
        names = [self._bodies[c] + ber.subids(self._last[c]) for c in group]
        if self._asker.version == ber.V1:
            response = await self._asker.ask(ber.GETNEXT, names)
        else:
            response = await self._asker.ask(ber.GETBULK, names, 0, max(1, self._at_most // len(group)))
        if response.error_status == plain.NO_SUCH_NAME and self._asker.version == ber.V1:
            return _without(group, response.error_index)
        if response.error_status == plain.TOO_BIG and (self._at_most > 1 or len(group) > 1):
            self._at_most = max(1, self._at_most // 4)
            half = max(1, len(group) // 2)
            return await self._more(group[:half]) + group[half:]
        if response.error_status != plain.NO_ERROR or response.at == response.end:
            raise _device_error(response.error_status, self._asker.target)
        self.times.append((plain.count(response.data, response.at, response.end), self._asker.took))
        return self._take(group, response)

    def _take(self, group: list[int], response: plain.Head) -> list[int]:
        going = dict.fromkeys(group)
        for place, index, kind, value in plain.cells(response.data, response.at, response.end, [self._bodies[c] for c in group]):
            if place < 0:
                del going[group[-1 - place]]
                continue
            column = group[place]
            if index <= self._last[column]:
                self.problem = tr("The tables of {address} do not grow.", address=self._asker.target.address)
                return []
            self._last[column] = index
            cells = self.rows.get(index) or self._row(index)
            if cells is None:
                return []
            cells[column] = value[:_LONGEST_VALUE] if isinstance(value, bytes) else value
            if not column:
                self.kinds[index] = kind
        return list(going)

    def _row(self, index: Oid) -> list[int | bytes | Oid | None] | None:
        if len(self.rows) >= self._limit:
            self.problem = tr("A table of {address} has no end.", address=self._asker.target.address)
            return None
        cells = self.rows[index] = [None] * len(self._columns)
        return cells


def _just_before(oid: Oid) -> Oid:
    """A name behind which `oid` comes, if it is there."""
    return oid[:-1] if oid[-1] == 0 else (*oid[:-1], oid[-1] - 1, 0xFFFF_FFFF)


def _without(group: list[int], index: int) -> list[int]:
    """v1 has no end-of-MIB mark: noSuchName names the column that has nothing behind it."""
    ended = index - 1 if 1 <= index <= len(group) else len(group) - 1
    return group[:ended] + group[ended + 1 :]


async def bounded(work: Awaitable[_T], target: Target) -> _T:
    """The work's result, unless it takes longer than any sensible device needs."""
    try:
        async with asyncio.timeout(WALK_LIMIT_S):
            return await work
    except NoAnswerError:
        raise
    except TimeoutError:
        raise ProtocolError(tr("{address} answers too slowly to be read.", address=target.address)) from None


def _device_error(status: int, target: Target) -> ProtocolError:
    return ProtocolError(tr("{address} answered with error {status}.", address=target.address, status=status))
