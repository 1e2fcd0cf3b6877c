"""Discovery carried over the wire: asks what monitors wants to know, in as few requests as there are tables."""

from collections.abc import Callable, Sequence

from core.polling import Oid, Session
from monitors.answers import SYSTEM, Answers, Questions, TableAnswer, TableQuestion
from monitors.discovery import Discovered, answered, conclude, identify, questions
from monitors.plan import probes_of
from monitors.profiles import Catalogue
from monitors.text import Value


class Discovery:
    """One device being discovered: `begin` is enough to poll it, `finish` tells everything, with or without `begin` before it."""

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
        asked, answers = await self._introduced()
        self._answers = answers._replace(tables=await self._tables(asked.first))
        return conclude(asked, self._answers, self._device_id, now_ms, complete=False)

    async def finish(self, now_ms: int) -> Discovered:
        """Everything."""
        asked, answers = await self._introduced()
        self._answers = answers._replace(tables=await self._tables(asked.whole))
        return conclude(asked, self._answers, self._device_id, now_ms, complete=True)

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
        read = await self._session.table(question.oids, question.table.limit)
        sample = probes_of(question, read.rows)
        probed = {sample[b.oid]: b.value for b in await self._session.get(list(sample)) if b.oid in sample} if sample else {}
        return answered(question, read.rows, read.problem, probed)


async def discover(session: Session, catalogue: Catalogue, device_id: str, now: Callable[[], int]) -> Discovered:
    """Everything about one device, and its session closed."""
    try:
        return await Discovery(session, catalogue, device_id).finish(now())
    finally:
        await session.close()
