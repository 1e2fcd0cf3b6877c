"""Whose the objects are that alerts are about and that are no devices (systems, lines, hosts): people see the alerts of what is theirs."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.table import Other
from core.errors import NotFoundError, YunwangError
from core.graph import GraphView

if TYPE_CHECKING:
    from agents.hub.hub import Hub

LOOK_S = 1.0
AGAIN = 10
"""Every so many looks those are looked up too that are known already: they may belong to somebody else by now."""

log = logging.getLogger(__name__)


async def follow(hub: "Hub") -> None:
    """For ever. The graph is asked only while there are such alerts."""
    known: set[str] = set()
    count = 0
    while True:
        wanted = hub.table.strangers()
        if wanted - known or (wanted and count % AGAIN == 0) or known - wanted:
            try:
                await place(hub, wanted)
                known = wanted
            except YunwangError as error:
                log.info("It is not known whose alerts are: %s", error)
        count += 1
        await asyncio.sleep(LOOK_S)


async def place(hub: "Hub", wanted: set[str]) -> None:
    view = await hub.graphs.view() if wanted else None
    hub.table.place({} if view is None else {one: _other(view, one) for one in wanted})


def _other(view: GraphView, object_id: str) -> Other:
    from inventory.graph.belonging import place_of

    try:
        node = view.node(object_id)
    except NotFoundError:
        return Other()
    place = place_of(view, node)
    return Other(kind=node.kind, name=node.name, unit=place.unit, site=place.site)
