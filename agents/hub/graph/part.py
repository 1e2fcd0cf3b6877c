"""The graph as the hub has it: the view of the newest revision, views of past moments, and the keeper of the edges."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from agents.hub.graph.keeper import keep
from agents.hub.graph.past import past_view
from agents.hub.graph.present import Present
from agents.hub.records import in_thread, now_ms
from core.edges import Edge
from core.errors import InvalidInputError, NotFoundError
from core.graph import GraphView
from core.i18n import tr

if TYPE_CHECKING:
    from agents.hub.hub import Hub

FRESH_S = 2.0
"""How old a view may be of which only reports of devices are newer."""
PASTS = 4
"""Views of past moments that are kept."""


class Graphs:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._present = Present(hub.store)
        self._one = asyncio.Lock()
        self._reported: dict[str, None] = {}
        self._pasts: OrderedDict[int, GraphView] = OrderedDict()
        self._fresh_at = 0.0

    async def start(self) -> None:
        self._hub.spawn(keep(self._hub, self))

    async def close(self) -> None:
        """The keeper ends with the hub's tasks; what it did not write is derived again."""

    def reported(self, device_id: str) -> None:
        """A device told what it sees: its stations are in no journal."""
        self._reported[device_id] = None

    def belongs(self, object_id: str) -> tuple[str, str]:
        """Unit and site of an object by the newest view there is; empty where nothing is known."""
        from inventory.graph.belonging import place_of

        view = self._present.view
        try:
            return place_of(view, view.node(object_id)) if view is not None else ("", "")
        except NotFoundError:
            return "", ""

    async def view(self, at_ms: int = 0) -> GraphView:
        """The graph as it is now, or was then. Whatever a person wrote is in it; what devices report is at most two seconds late."""
        if at_ms:
            return await self._at(at_ms)
        known = self._present.view
        if known is not None and time.monotonic() - self._fresh_at < FRESH_S and await in_thread(self._present.only_reports_behind):
            return known
        return await self.newest()

    async def newest(self) -> GraphView:
        """The graph with everything that is written."""
        async with self._one:
            reported, self._reported = self._reported, {}
            try:
                view = await in_thread(self._present.catch_up, now_ms(), tuple(reported))
            except BaseException:
                self._reported = reported | self._reported
                raise
            self._fresh_at = time.monotonic()
            return view

    async def _at(self, at_ms: int) -> GraphView:
        if at_ms > now_ms():
            raise InvalidInputError(tr("That moment lies in the future."), way_out=tr("Ask for a past one, or leave it out for now."))
        known = self._pasts.get(at_ms)
        if known is None:
            await self.newest()
            async with self._one:
                known = await in_thread(past_view, self._hub.store, self._present.records, self._present.edges, at_ms)
            self._pasts[at_ms] = known
            while len(self._pasts) > PASTS:
                self._pasts.popitem(last=False)
        self._pasts.move_to_end(at_ms)
        return known

    async def pending(self, most: int) -> tuple[list[Edge], list[str]]:
        """Edges to write, and ids of those that ended; both empty: everything is written."""
        async with self._one:
            came = list(islice(self._present.came.values(), most))
            return came, list(islice(self._present.went, most - len(came)))

    async def written(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        async with self._one:
            self._present.written(came, went)
