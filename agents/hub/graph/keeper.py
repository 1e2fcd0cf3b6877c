"""The keeper of the edges: after every change it derives them again and writes the difference, so that any moment can be asked later."""

import asyncio
import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from core.edges import Edge
from core.errors import YunwangError
from core.identity import Actor
from core.ports import RecordWrite

if TYPE_CHECKING:
    from agents.hub.graph.part import Graphs
    from agents.hub.hub import Hub

KEEPER = Actor(name="system:graph", origin="process")
PAUSE_S = 1.0
REST = 4
"""Times as long as a round took it rests, so that it never takes more than a fifth of a core."""
SLOWEST_S = 60.0
MOST = 5000
"""Edges of one transaction: others wait for the disk as well."""

log = logging.getLogger(__name__)


async def keep(hub: "Hub", graphs: "Graphs") -> None:
    """Never returns. What could not be written is written in a later round; what was not written before a crash is derived again."""
    await asyncio.sleep(PAUSE_S)  # who waits for the hub comes first
    while True:
        began = time.monotonic()
        try:
            await graphs.newest()
            await write(hub, graphs)
        except YunwangError as error:
            log.warning("Edges could not be kept: %s", error)
        except Exception:
            log.exception("A fault of our own while edges were kept")
        await asyncio.sleep(min(max(PAUSE_S, REST * (time.monotonic() - began)), SLOWEST_S))


async def write(hub: "Hub", graphs: "Graphs") -> int:
    """Writes what came and went, some thousands in a transaction; how many."""
    count = 0
    while True:
        came, went = await graphs.pending(MOST)
        if not came and not went:
            return count
        await hub.commits.write(KEEPER, partial(_put, came=came, went=went))
        await graphs.written(came, went)
        count += len(came) + len(went)


def _put(change: RecordWrite, came: list[Edge], went: list[str]) -> None:
    change.edges(came, went)
