"""Counts of what exists besides the net, for the first screen: made anew when something was written, at most every few seconds."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.records import in_thread
from core.errors import StorageError
from core.ports import ListQuery, RecordStore
from core.views import Estate

if TYPE_CHECKING:
    from agents.hub.hub import Hub

PERIOD_S = 3.0
STATES = ("ACTIVE", "SHUTOFF", "ERROR")
OTHER = "other"

log = logging.getLogger(__name__)


class Tally:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._revision = -1
        self.estate: Estate | None = None

    async def start(self) -> None:
        self._hub.spawn(self._count_for_ever())

    async def close(self) -> None:
        """Its task ends with the hub."""

    async def _count_for_ever(self) -> None:
        while True:
            try:
                await self._count()
            except StorageError as error:
                log.warning("What exists could not be counted: %s", error)
            await asyncio.sleep(PERIOD_S)

    async def _count(self) -> None:
        hub = self._hub
        revision = await hub.read(hub.store.revision)
        if revision == self._revision:
            return
        found = await in_thread(estate, hub.store)
        self._revision = revision
        if found != self.estate:
            self.estate = found
            hub.table.changes.health = True
            hub.table.touch()


def estate(store: RecordStore) -> Estate:
    """Reads counts alone."""

    def total(kind: str, **where: str) -> int:
        return store.page(kind, ListQuery(where=where, sort="id", limit=1)).total

    machines = total("vm")
    states = {state: n for state in STATES if machines and (n := total("vm", state=state))}
    if rest := machines - sum(states.values()):
        states[OTHER] = rest
    return Estate(
        units=total("unit"), systems=total("system"), platforms=total("cloud_platform"), hosts=total("host"),
        hosts_up=total("host", state="up"), vms=states, queue=total("difference", state="open"),
        unowned=total("difference", state="open", what="unowned"),
    )
