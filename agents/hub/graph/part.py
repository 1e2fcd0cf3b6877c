"""The view of the newest revision, made when somebody asks and kept until the inventory changes."""

import asyncio
from typing import TYPE_CHECKING, Any

from agents.hub.records import in_thread, now_ms
from core.errors import InvalidInputError, NotFoundError
from core.graph import GraphView, Node
from core.i18n import tr
from core.model import MODEL
from core.ports import RecordStore

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Graphs:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._view: GraphView | None = None
        self._one = asyncio.Lock()

    async def start(self) -> None:
        """Nothing: the first question builds the view."""

    async def close(self) -> None:
        """Nothing to close."""

    async def view(self) -> GraphView:
        """The graph as it is now."""
        async with self._one:
            revision = self._hub.store.revision()
            if self._view is None or self._view.revision != revision:
                self._view = await in_thread(build, self._hub.store, now_ms())
            return self._view


def build(store: RecordStore, at_ms: int) -> GraphView:
    """Reads every object and edge; a city takes some tenths of a second."""
    from inventory.graph import Seen, build_view, derive

    revision = store.revision()
    records: dict[str, list[Any]] = {kind: list(store.all(kind)) for kind in MODEL}
    return build_view(revision, at_ms, records, derive(records, Seen(list(store.all_links()), list(store.all_stations()))))


def named(view: GraphView, text: str) -> Node:
    """An object by id, by `KIND:NAME`, or by a name that only one object has. Raises `NotFoundError`, `InvalidInputError`."""
    kind, colon, name = text.partition(":")
    if colon and kind in MODEL:
        node = view.find(kind, name)
        if node is None:
            raise NotFoundError(tr("There is no {kind} named {name}.", kind=tr(kind), name=name[:128]))
        return node
    try:
        return view.node(text)
    except NotFoundError:
        pass
    found = [node for one in MODEL if (node := view.find(one, text)) is not None]
    if len(found) > 1:
        kinds = ", ".join(f"{node.kind}:{text}" for node in found)
        problem = tr("Several objects are called {name}.", name=text[:128])
        raise InvalidInputError(problem, way_out=tr("Name the kind: {kinds}.", kinds=kinds))
    if not found:
        raise NotFoundError(tr("There is no object named {name}.", name=text[:128]), way_out=tr("`yunwang inventory list` shows them."))
    return found[0]
