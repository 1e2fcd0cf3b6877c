"""Discovery carried over the wire: asks what monitors wants to know, in as few requests as there are tables."""

from collections.abc import Callable, Sequence

import msgspec

from agents.tables import read_box, read_tables
from core.polling import Oid, Session
from core.text import Value
from inventory.crawl.asking import HOURLY, Part
from inventory.crawl.bridging import Box
from inventory.crawl.tables import Tables, facts_of, tables_of
from monitors.answers import SYSTEM, Answers, Questions, TableAnswer, TableQuestion
from monitors.discovery import Discovered, answered, conclude, identify, questions
from monitors.plan import probes_of
from monitors.profiles import Catalogue

Rows = dict[Oid, list[int | bytes | Oid | None]]


class Discovery:
    """One device being discovered: `begin` is enough to poll it, `finish` tells everything, with or without `begin` before it."""

    def __init__(self, session: Session, catalogue: Catalogue, device_id: str, parts: tuple[Part, ...] = HOURLY) -> None:
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

    @property
    def uptime_s(self) -> int:
        """sysUpTime in seconds; -1: not known."""
        return self._answers.identity.uptime // 100 if self._answers and self._answers.identity.uptime >= 0 else -1

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
        self._answers = answers._replace(tables=await self._tables(asked.first))
        return conclude(asked, self._answers, self._device_id, now_ms, complete=False)

    async def finish(self, now_ms: int) -> Discovered:
        """Everything."""
        asked, answers = await self._introduced()
        self._answers = answers._replace(tables=await self._tables(asked.whole))
        found = conclude(asked, self._answers, self._device_id, now_ms, complete=True)
        self.box = await read_box(self._session)
        heard = await read_tables(self._session, answers.identity.object_id, self._parts)
        self.tables = tables = tables_of(self._device_id, found.observed.interfaces, heard, now_ms)
        observed = found.observed
        facts = (*observed.facts, *facts_of(self._device_id, tables, self.box, now_ms))
        return found.replace(observed=observed.replace(facts=facts, stations=tables.stations), marks=(*found.marks, *tables.marks))

    async def _introduced(self) -> tuple[Questions, Answers]:
        """What the device is, asked once."""
        if self._asked is None or self._answers is None:
            identity = identify(await self._session.get(SYSTEM))
            self._asked = questions(self._catalogue, identity)
            self._answers = Answers(identity, await self._scalars(self._asked.scalars), {})
        return self._asked, self._answers

    async def _scalars(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return {b.oid: b.value for b in await self._session.get(oids)} if oids else {}

    async def _tables(self, asked: Sequence[TableQuestion]) -> dict[str, TableAnswer]:
        return {question.name: await self._table(question) for question in asked}

    async def _table(self, question: TableQuestion) -> TableAnswer:
        before = self._answers.tables.get(question.name) if self._answers else None
        if before is not None and (rows := await self._rest_of(question, before)) is not None:
            return answered(question, rows, "", self._probed[question.name])
        read = await self._session.table(question.oids, question.table.limit)
        sample = probes_of(question, read.rows)
        probed = {sample[b.oid]: b.value for b in await self._session.get(list(sample)) if b.oid in sample} if sample else {}
        self._probed[question.name] = probed
        return answered(question, read.rows, read.problem, probed)

    async def _rest_of(self, question: TableQuestion, before: TableAnswer) -> dict[Oid, list[Value]] | None:
        """All columns of a table of which some were read before; None where it must be read anew, because its rows have changed."""
        known = {name: at for at, name in enumerate(before.question.columns)}
        places = [at for at, name in enumerate(question.columns) if name not in known]
        if before.problem or not places or len(places) == len(question.columns):
            return None
        read = await self._session.table([question.oids[at] for at in places], question.table.limit)
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


async def discover(session: Session, catalogue: Catalogue, device_id: str, now: Callable[[], int]) -> Discovered:
    """Everything about one device, and its session closed."""
    try:
        return await Discovery(session, catalogue, device_id).finish(now())
    finally:
        await session.close()
