"""The rules are read anew while everything runs: on demand, or when their files have changed. A mistake changes nothing, and is told."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.alerting.closing import RULE_GONE
from agents.hub.records import in_thread, now_ms
from core.i18n import tr
from core.identity import Actor, Caller
from core.rulebook import Reloaded

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.hub.ruling.part import Ruling

RULES = Actor(name="system:rules", origin="process")
ACTION = "rule.reload"
MOST_TOLD = 500
log = logging.getLogger(__name__)


class Reloading:
    """Belongs to the event loop."""

    def __init__(self, hub: "Hub", ruling: "Ruling") -> None:
        self._hub, self._ruling = hub, ruling
        self._one = asyncio.Lock()
        self._seen: object = None
        self._read: object = None

    async def begin(self) -> None:
        """What is in force at the start was just read."""
        self._seen = self._read = await self._look()

    async def follow(self) -> None:
        """Reads the files once they have changed and stand still: what is still being written is left alone."""
        now = await self._look()
        if now == self._seen != self._read:
            self._read = now
            await self.reload(None)
        self._seen = now

    async def reload(self, caller: Caller | None, *, dry_run: bool = False) -> Reloaded:
        """What became of it. caller: who asked; None: the files did. Raises what the store raises; then nothing has changed."""
        from agents.rulebook import keep, read_own
        from monitors.rules.book import moved

        async with self._one:
            if not dry_run:
                self._seen = self._read = await self._look()
            found = await in_thread(read_own, self._hub.settings)
            difference = moved(self._ruling.found.book, found.book)
            told = Reloaded(
                problems=found.problems, added=difference.added[:MOST_TOLD], changed=difference.changed[:MOST_TOLD],
                gone=difference.gone[:MOST_TOLD], dry_run=dry_run,
            )
            going = sum(row.rule in difference.gone for row in self._hub.table.open_alerts())
            told = Reloaded(problems=found.problems, dry_run=dry_run) if found.problems else told.replace(closed=going)
            if dry_run:
                return told
            await self._journal(caller, told)
            if found.problems:
                for problem in found.problems:
                    log.warning("%s", problem)
                self._ruling.use(self._ruling.found._replace(problems=found.problems, kept=True))
                return told
            await in_thread(keep, self._hub.settings, found.files)
            self._ruling.use(found)
            self._hub.assign_soon()
            await self._hub.alerting.close_alerts(lambda row: row.rule in difference.gone, tr(RULE_GONE), now_ms())
            return told

    async def _look(self) -> object:
        from agents.rulebook import folder_of, look_of

        return await in_thread(look_of, folder_of(self._hub.settings))

    async def _journal(self, caller: Caller | None, told: Reloaded) -> None:
        detail = {
            "added": list(told.added), "changed": list(told.changed), "gone": list(told.gone), "closed": told.closed,
            "problems": [problem[:500] for problem in told.problems[:20]],
        }
        if caller is not None:
            await self._hub.write(caller, lambda write: write.note(ACTION, detail))
        elif told.problems or told.added or told.changed or told.gone:
            await self._hub.note(RULES, ACTION, detail)
