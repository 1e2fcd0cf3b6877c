"""What devices say of themselves on its way to the queue: gathered for a while, and taken in together."""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from agents.hub.records import in_thread, now_ms
from core.errors import YunwangError
from core.identity import Actor
from core.messages import Observed
from core.nouns import new_id
from core.review import Statement

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from inventory.intake import Plan, World

SENSES = Actor(name="system:senses", origin="process")
WAIT_S, SHARE = 2.0, 10.0
"""Seconds that are gathered before anything is done; and how much longer than the last time it took, so that it takes a tenth at most."""
MOST = 5000
PINNED = "device:"

log = logging.getLogger(__name__)


class Seeing:
    """Belongs to the event loop of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._waiting: dict[str, dict[str, str]] = {}
        self._known: dict[str, dict[str, str]] | None = None
        self._wanted = asyncio.Event()

    def saw(self, found: Observed) -> None:
        """Something was observed and is durable. A device that says what it said before costs nothing."""
        from inventory.intake import fields_of_facts

        fields = fields_of_facts(found.facts)
        if fields and (self._known is None or self._known.get(found.device_id) != fields):
            if len(self._waiting) < MOST:
                self._waiting[found.device_id] = fields
            self._wanted.set()

    async def run(self) -> None:
        pause = WAIT_S
        while True:
            await self._wanted.wait()
            await asyncio.sleep(pause)
            self._wanted.clear()
            began = time.monotonic()
            try:
                await self.take_in()
            except YunwangError as error:
                log.warning("What devices said could not be taken in yet: %s", error)
                self._wanted.set()
            except Exception:
                log.exception("What devices said could not be taken in.")
            pause = max(WAIT_S, SHARE * (time.monotonic() - began))

    async def take_in(self) -> None:
        """All that was gathered, at once."""
        if self._known is None:
            self._known = await in_thread(self._remembered)
        taken = {device: fields for device, fields in self._waiting.items() if self._known.get(device) != fields}
        self._waiting.clear()
        if not taken:
            return

        def plan(world: "World") -> "Plan":
            from inventory.intake import seen

            return seen(world, taken, now_ms(), lambda: new_id(now_ms()))

        try:
            await self._hub.intake.write(SENSES, "device.recognise", (), plan)
        except BaseException:
            self._waiting = taken | self._waiting
            raise
        self._known |= taken

    def _remembered(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for one in self._hub.store.all("statement"):
            statement: Statement = one
            if statement.origin.startswith(PINNED):
                found[statement.object_id] = statement.fields
        return found
