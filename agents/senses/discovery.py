"""Discovery carried over the wire: asks what monitors wants to know, in as few requests as there are tables."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from agents.tables import read_box, read_tables
from core.errors import NoAnswerError, ProtocolError
from core.i18n import tr
from core.polling import Oid, Session, TableRows
from core.sections import Polling
from core.text import Value
from inventory.crawl.addressing import Own
from inventory.crawl.asking import HOURLY, Part
from inventory.crawl.bridging import Box
from inventory.crawl.tables import Tables, facts_of, tables_of
from inventory.crawl.virtual import Vrf
from monitors.answers import SYS_UPTIME, SYSTEM, Answers, Questions, TableAnswer, TableQuestion
from monitors.budget import Budget, usual
from monitors.discovery import Discovered, answered, conclude, gate_of, identify, is_open, probes, questions
from monitors.plan import probes_of
from monitors.profiles import Catalogue

LONGEST_S = 90.0
"""For all tables of one device: what is slower is polled to death."""
FEW_CELLS = 100
"""So few tell nothing about how fast a device is."""
MOST_TIMES = 200
"""Requests of one table that are looked at for that."""
MOST_OF_IT = 0.5
"""Share of the time left that one table may take, so that one without end leaves some to the others."""
MOST_SILENCES = 2
"""Tables that may remain unanswered."""
Rows = dict[Oid, list[int | bytes | Oid | None]]


class Discovery:
    """One device being discovered: `begin` is enough to poll it, `finish` tells everything, with or without `begin` before it."""

    def __init__(
        self, session: Session, catalogue: Catalogue, device_id: str, parts: tuple[Part, ...] = HOURLY, budget: Budget | None = None,
    ) -> None:
        self._session = session
        self._catalogue = catalogue
        self._device_id = device_id
        self._parts = parts
        self.tables = Tables()
        """What its bridge, address and other tables hold, after `finish`."""
        self.box = Box()
        self._asked: Questions | None = None
        self._answers: Answers | None = None
        self._probed: dict[str, dict[str, Value]] = {}
        self._aside: dict[str, bytes] = {}
        self._budget = budget or Budget()
        self._times: list[tuple[int, float]] = []

    @property
    def seconds_each(self) -> float:
        """What the device needs for one variable, as far as reading its tables told; 0: not known."""
        return usual(self._times) if sum(count for count, _ in self._times) >= FEW_CELLS else 0.0

    @property
    def uptime_s(self) -> int:
        """sysUpTime in seconds; -1: not known."""
        return self._answers.identity.uptime // 100 if self._answers and self._answers.identity.uptime >= 0 else -1

    def answered(self) -> tuple[TableAnswer, ...]:
        """The tables of its profiles, as they were read."""
        return tuple(self._answers.tables.values()) if self._answers else ()

    def put_aside(self) -> None:
        """Keeps what was read of tables in little room until `resume`: a city has thousands of devices begun."""
        if self._answers is not None:
            tables = self._answers.tables
            self._aside = {name: msgspec.msgpack.encode(table.rows) for name, table in tables.items()}
            self._answers = self._answers._replace(tables={name: table._replace(rows={}) for name, table in tables.items()})

    def resume(self, session: Session) -> "Discovery":
        """The same discovery over another session."""
        self._session = session
        if self._answers is not None and self._aside:
            rows = {name: msgspec.msgpack.decode(body, type=Rows) for name, body in self._aside.items()}
            tables = {name: table._replace(rows=rows[name]) for name, table in self._answers.tables.items()}
            self._answers, self._aside = self._answers._replace(tables=tables), {}
        return self

    async def begin(self, now_ms: int) -> Discovered:
        """System group, scalars and interfaces."""
        asked, answers = await self._introduced()
        self._answers = answers._replace(tables=await self._tables(asked.first, answers.scalars))
        return self._concluded(asked, self._answers, now_ms, complete=False)

    async def finish(self, now_ms: int) -> Discovered:
        """Everything."""
        asked, answers = await self._introduced()
        self._answers = answers._replace(tables=await self._tables(asked.whole, answers.scalars))
        found = self._concluded(asked, self._answers, now_ms, complete=True)
        self.box = await read_box(self._session)
        heard = await read_tables(self._session, answers.identity.object_id, self._parts)
        self.tables = tables = with_own(tables_of(self._device_id, found.observed.interfaces, heard, now_ms), found)
        observed = found.observed
        facts = (*observed.facts, *facts_of(self._device_id, tables, self.box, now_ms))
        return found.replace(observed=observed.replace(facts=facts, stations=tables.stations), marks=(*found.marks, *tables.marks))

    def _concluded(self, asked: Questions, answers: Answers, now_ms: int, *, complete: bool) -> Discovered:
        return conclude(
            asked, answers, self._device_id, now_ms, complete=complete, budget=self._budget, seconds_each=self.seconds_each,
        )

    async def _introduced(self) -> tuple[Questions, Answers]:
        """What the device is, asked once."""
        if self._asked is None or self._answers is None:
            identity = identify(await self._session.get(SYSTEM))
            self._asked = questions(self._catalogue, identity, await self._scalars(probes(self._catalogue, identity)))
            self._answers = Answers(identity, await self._scalars(self._asked.scalars), {})
        return self._asked, self._answers

    async def _scalars(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return {b.oid: b.value for b in await self._session.get(oids)} if oids else {}

    async def _tables(self, asked: Sequence[TableQuestion], scalars: Mapping[Oid, Value]) -> dict[str, TableAnswer]:
        """Those that the device has; tables that go by others after them. What cannot be read is marked, and the rest read all the same."""
        known = {name for name, table in self._answers.tables.items() if table.rows} if self._answers else set()
        out: dict[str, TableAnswer] = {}
        silences, end, too_late = 0, time.monotonic() + LONGEST_S, tr("It was not read: the device takes too long.")
        there = await self._session.holding([question.root for question in asked])
        has = {question.name: is_held or question.name in known for question, is_held in zip(asked, there, strict=True)}
        for question in sorted(asked, key=lambda one: (gate_of(one), one.table.gives != "interfaces")):
            problem = ""
            if has[question.name] and is_open(question, scalars, out) and silences > MOST_SILENCES:
                problem = tr("It was not read: the device leaves too many tables unanswered.")
            elif has[question.name] and is_open(question, scalars, out):
                try:
                    async with asyncio.timeout(max(0.0, end - time.monotonic()) * MOST_OF_IT):
                        out[question.name] = await self._table(question)
                    continue
                except NoAnswerError as error:
                    problem, silences = error.message, silences + 1
                    if question.table.gives == "interfaces":
                        raise
                    if silences > MOST_SILENCES:
                        await self._session.get([SYS_UPTIME])
                except ProtocolError as error:
                    problem = error.message
                except TimeoutError:
                    problem = too_late
            out[question.name] = TableAnswer(question, {}, frozenset(), problem)
        return out

    async def _table(self, question: TableQuestion) -> TableAnswer:
        before = self._answers.tables.get(question.name) if self._answers else None
        if before is not None and before.rows and (rows := await self._rest_of(question, before)) is not None:
            return answered(question, rows, "", self._probed[question.name])
        read = await self._read(question.oids, question.table.limit)
        sample = probes_of(question, read.rows)
        probed = {sample[b.oid]: b.value for b in await self._session.get(list(sample)) if b.oid in sample} if sample else {}
        self._probed[question.name] = probed
        return answered(question, read.rows, read.problem, probed)

    async def _read(self, columns: Sequence[Oid], limit: int) -> TableRows:
        """A table, and a note of how long the device took for how much."""
        read = await self._session.table(columns, limit)
        self._times += read.times[-MOST_TIMES:]
        return read

    async def _rest_of(self, question: TableQuestion, before: TableAnswer) -> dict[Oid, list[Value]] | None:
        """All columns of a table of which some were read before; None where it must be read anew, because its rows have changed."""
        known = {name: at for at, name in enumerate(before.question.columns)}
        places = [at for at, name in enumerate(question.columns) if name not in known]
        if before.problem or not places or len(places) == len(question.columns):
            return None
        read = await self._read([question.oids[at] for at in places], question.table.limit)
        if read.problem or not read.rows.keys() <= before.rows.keys():
            return None
        more = dict(zip(places, range(len(places)), strict=True))
        nothing: list[Value] = [None] * len(places)
        sources = [(False, known[name]) if name in known else (True, more[at]) for at, name in enumerate(question.columns)]
        return {
            index: [fresh[at] if new else cells[at] for new, at in sources]
            for index, cells in before.rows.items()
            for fresh in (read.rows.get(index, nothing),)
        }


def with_own(tables: Tables, found: Discovered) -> Tables:
    """What the standard tables told, and what the maker's own add to it."""
    names = {one.if_index: one.name for one in found.observed.interfaces}
    vlans = found.vlans | {number: name or found.vlans.get(number, "") for number, name in tables.vlans}
    have = {one.address for one in tables.addresses}
    more = [Own(one.address, one.length, names.get(one.if_index, "")) for one in found.addresses if one.address not in have]
    vrfs = {one.name for one in tables.vrfs}
    return tables._replace(
        vlans=tuple(sorted(vlans.items())), addresses=(*tables.addresses, *more),
        vrfs=(*tables.vrfs, *(Vrf(name, rd) for name, rd in found.vrfs.items() if name not in vrfs)),
    )


def budget_of(settings: Polling, interval_s: float) -> Budget:
    """What the settings allow."""
    return Budget(
        variables=settings.most_variables, share=settings.busy_share, interval_s=interval_s, longest_s=settings.longest_interval_s,
    )


async def discover(session: Session, catalogue: Catalogue, device_id: str, now: Callable[[], int]) -> Discovered:
    """Everything about one device, and its session closed."""
    try:
        return await Discovery(session, catalogue, device_id).finish(now())
    finally:
        await session.close()
