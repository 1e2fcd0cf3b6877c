"""What the hub does by itself: twice a second it brings the streams up to date, at the start and once a day it tidies up."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.lists import KINDS
from agents.hub.records import in_thread, now_ms
from agents.hub.stream import TICK_S
from core.errors import StorageError
from core.model import MODEL

if TYPE_CHECKING:
    from agents.hub.hub import Hub

DAY_S = 86_400
ANSWERS_DAYS = 30
"""How long a repetition with the same idempotency key is recognised."""
MANY_ROWS = 200
"""Rows of the journal after which it is not worth asking which kinds they are about."""

log = logging.getLogger(__name__)


class Beat:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._revision = self._generation = 0

    async def start(self) -> None:
        for work in (self._tick_for_ever(), self._find_platforms(), self._forget_old_answers()):
            self._hub.spawn(work)

    async def close(self) -> None:
        """Its tasks end with the hub."""

    async def _tick_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                await self._tick()
            except Exception:
                log.exception("The live stream failed.")
                self._hub.table.changes.reloaded = True  # what was on its way is found again

    async def _tick(self) -> None:
        hub = self._hub
        if hub.streams.of_records:
            await self._find_written()
        if self._generation != hub.identity.generation:
            self._generation = hub.identity.generation
            hub.streams.reconsider()
        await hub.streams.tick(hub.table.take_changes())

    async def _find_written(self) -> None:
        """Which kinds were written since the last look; whoever wrote them left a row in the journal."""
        hub = self._hub
        try:
            revision = await hub.read(hub.store.revision)
            if revision == self._revision:
                return
            rows = await in_thread(hub.store.journal, self._revision, MANY_ROWS) if self._revision else ()
        except StorageError as error:
            log.warning("What was written is not seen yet: %s", error)
            return
        many = len(rows) in (0, MANY_ROWS)
        hub.table.changes.kinds |= {"journal", *((*KINDS.values(), *MODEL) if many else (row.kind for row in rows))}
        self._revision = revision

    async def _forget_old_answers(self) -> None:
        while True:
            try:
                await in_thread(self._hub.store.forget_answers, now_ms() - ANSWERS_DAYS * DAY_S * 1000)
            except StorageError as error:
                log.warning("Old answers could not be forgotten: %s", error)
            await asyncio.sleep(DAY_S)

    async def _find_platforms(self) -> None:
        """Platforms that discovery found for devices whose owners named none."""
        unnamed = [row.id for row in self._hub.table.all_devices() if not row.platform]
        for device_id in unnamed:
            self._hub.learn(await in_thread(self._hub.store.observed, device_id))
