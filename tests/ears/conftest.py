"""Ears without a node: real sockets on loopback, a real log store, and datagrams as devices send them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from agents.ears_inbox import Inbox, store_lines
from agents.ears_reading import Reading
from core import i18n
from core.events import Event
from core.ports import LogQuery
from core.sections import Logs
from core.signals import RawLine
from stores.logs import ZstdLogs, open_logs


class Hall:
    """An inbox, what stores it, and what reads it."""

    def __init__(self, folder: Path) -> None:
        self.inbox = Inbox()
        self.store: ZstdLogs = open_logs(folder, Logs())
        self.reading = Reading("t").start()
        self._writer = asyncio.create_task(store_lines(self.inbox, self.store, self.reading.offer))

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(90):
            while not true():  # noqa: ASYNC110 -- nobody tells
                await asyncio.sleep(0.01)

    async def kept(self, count: int) -> list[RawLine]:
        """The raw lines once there are so many, in the order in which they came."""
        await self.until(lambda: self.inbox.stored >= count)
        return list(self.store.search(LogQuery(start_ms=0, end_ms=2**50, limit=100_000)))[::-1]

    async def events(self, count: int) -> list[Event]:
        """What was made of them once so many lines were read."""
        await self.until(lambda: self.reading.events >= count)
        return self.reading.take(2**50)

    async def close(self) -> None:
        self._writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._writer
        self.reading.stop()
        self.store.close()


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    made = Hall(tmp_path / "logs")
    yield made
    await made.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


