"""Discovery carried over the wire: asks what monitors wants to know, in as few requests as there are tables."""

import asyncio
from collections.abc import Callable, Sequence

from core.polling import Oid, Session
from monitors.answers import SYSTEM, Answers, Questions, TableAnswer, TableQuestion
from monitors.discovery import Discovered, answered, conclude, identify, questions
from monitors.plan import probes_of
from monitors.profiles import Catalogue
from monitors.text import Value


class Discovery:
    """One device being discovered: `begin` is enough to poll it, `finish` tells the rest."""

    def __init__(self, session: Session, catalogue: Catalogue, device_id: str) -> None:
        self._session = session
        self._catalogue = catalogue
        self._device_id = device_id
        self._asked: Questions | None = None
        self._answers: Answers | None = None

    @property
    def uptime_s(self) -> int:
        """sysUpTime in seconds; -1: not known."""
        return self._answers.identity.uptime // 100 if self._answers and self._answers.identity.uptime >= 0 else -1

    def resume(self, session: Session) -> "Discovery":
        """The same discovery over another session."""
        self._session = session
        return self

    async def begin(self, now_ms: int) -> Discovered:
        """System group, scalars and interfaces."""
        identity = identify(await self._session.get(SYSTEM))
        self._asked = questions(self._catalogue, identity)
        self._answers = Answers(identity, await self._scalars(self._asked.scalars), await self._tables(self._asked.first))
        return conclude(self._asked, self._answers, self._device_id, now_ms, complete=not self._asked.rest)

    async def finish(self, now_ms: int) -> Discovered:
        """Everything; after `begin`."""
        if self._asked is None or self._answers is None:
            await self.begin(now_ms)
            return await self.finish(now_ms)
        tables = {**self._answers.tables, **await self._tables(self._asked.rest)}
        answers = self._answers._replace(tables=tables)
        return conclude(self._asked, answers, self._device_id, now_ms, complete=True)

    async def _scalars(self, oids: Sequence[Oid]) -> dict[Oid, Value]:
        return {b.oid: b.value for b in await self._session.get(oids)} if oids else {}

    async def _tables(self, asked: Sequence[TableQuestion]) -> dict[str, TableAnswer]:
        return {question.name: await self._table(question) for question in asked}

    async def _table(self, question: TableQuestion) -> TableAnswer:
        read = await self._session.table(question.oids, question.table.limit)
        sample = probes_of(question, read.rows)
        probed = {sample[b.oid]: b.value for b in await self._session.get(list(sample)) if b.oid in sample} if sample else {}
        return answered(question, read.rows, read.problem, probed)


async def discover(session: Session, catalogue: Catalogue, device_id: str, now: Callable[[], int]) -> Discovered:
    """Everything about one device, and its session closed."""
    try:
        discovery = Discovery(session, catalogue, device_id)
        await discovery.begin(now())
        await asyncio.sleep(0)
        return await discovery.finish(now())
    finally:
        await session.close()
