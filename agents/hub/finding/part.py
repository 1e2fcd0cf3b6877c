"""The part of the hub that finds: what the questions need of the view, of what devices see now, and of reservations that end."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agents.hub.finding.reserving import Reserving
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import Sight
from core.edges import Edge
from core.errors import InvalidInputError, NotFoundError, StorageError
from core.finding import Asked, SearchAnswer, Use, WhoAnswer
from core.graph import GraphView, Node
from core.i18n import tr
from core.identity import Actor
from core.model import MODEL
from core.objects import Station
from core.views import InterfaceRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub

Question = Callable[[GraphView, Sequence[Station]], list[Use]]
SWEEP_S = 60.0
STATIONS_S = 10.0
"""How old what devices see may be: it is observed every few minutes."""
HIGHEST_VID = 4094
MOST, MOST_DEVICES = 500, 300
"""Lines of an answer; devices of a site of which ports are asked for."""
NOTE_MS = 3_600_000
PAST_MS = 30 * 86_400_000
MOST_CALLERS = 1000

log = logging.getLogger(__name__)


class Finding:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._stations: tuple[float, Sequence[Station]] = (-STATIONS_S, ())
        self._one = asyncio.Lock()
        self._noted: dict[tuple[str, str], int] = {}
        self.reserving = Reserving(hub)

    async def start(self) -> None:
        self._hub.spawn(self._sweep_for_ever())

    async def close(self) -> None:
        """Its task ends with the hub."""

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.reserving.sweep(now_ms())
            except StorageError as error:
                log.warning("Reservations that are over could not be removed: %s", error)
            await asyncio.sleep(SWEEP_S)

    async def stations(self) -> Sequence[Station]:
        """What all devices see behind their ports."""
        async with self._one:
            at, known = self._stations
            if time.monotonic() - at >= STATIONS_S:
                known = await in_thread(lambda: tuple(self._hub.store.all_stations()))
                self._stations = time.monotonic(), known
            return known

    async def note_export(self, actor: Actor, action: str, form: str) -> None:
        """Journals an export; of a program that asks again and again, once an hour."""
        now = now_ms()
        if now - self._noted.get((actor.name, form), 0) < NOTE_MS:
            return
        if len(self._noted) >= MOST_CALLERS:
            self._noted.clear()
        self._noted[actor.name, form] = now
        await self._hub.note(actor, action, {"format": form})

    def ended(self, now: int) -> list[Edge]:
        """Where cards were plugged in within the last month, and are no more."""
        found = self._hub.store.edges_between(now - PAST_MS, now)
        return [edge for edge in found if edge.kind == "plugged-into" and edge.valid_to]

    async def view(self, at_ms: int = 0) -> GraphView:
        return await self._hub.graphs.view(at_ms) if at_ms else await self._hub.graphs.view()

    async def interfaces(self, view: GraphView, name: str) -> dict[str, tuple[InterfaceRow, ...]]:
        """Rows of a device, or of all devices at a site, by the id of the device; at most `MOST_DEVICES`."""
        from inventory.finding.offering import devices_at

        return {device.id: await self._hub.interfaces(device.id) for device in devices_at(view, name)[:MOST_DEVICES]}

    async def search(self, text: str, kinds: Sequence[str], limit: int, sight: Sight) -> SearchAnswer:
        if unknown := [kind for kind in kinds if kind not in MODEL]:
            problem = tr("There is no kind of record named {kind!r}.", kind=unknown[0][:64])
            raise InvalidInputError(problem, way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)))
        from agents.hub.finding.looking import search

        view = None if sight.everything else await self.view()
        return await in_thread(search, self._hub.store, text, kinds, limit, sight, view)

    async def who(self, what: Asked, value: str, sight: Sight, at_ms: int, question: Question) -> WhoAnswer:
        """Asks the newest view, or that of a moment: then what devices see now is left out."""
        from inventory.finding.using import visible

        view = await self.view(at_ms)
        found = await in_thread(question, view, () if at_ms else await self.stations())
        seen = found if sight.everything else [one for one in found if sight.sees(one.unit, one.site)]
        uses, more = visible(seen)
        return WhoAnswer(what=what, value=value, revision=view.revision, at_ms=view.at_ms, uses=uses, more=more)


def device_named(view: GraphView, name: str, sight: Sight) -> Node:
    """A device by name or id that the caller sees. Raises `NotFoundError`."""
    from inventory.finding.places import place_in

    node = view.find("device", name)
    if node is None:
        try:
            node = view.node(name)
        except NotFoundError:
            node = None
    if node is None or node.kind != "device" or not (sight.everything or sight.sees(*place_in(view, node))):
        problem = tr("There is no device named {name}.", name=name[:128])
        raise NotFoundError(problem, way_out=tr("`yunwang search` finds it by a part of its name."))
    return node


def vlan_named(text: str) -> tuple[int, str]:
    """(VLAN number, domain) of `100` or `DOMAIN/100`. Raises `InvalidInputError`."""
    domain, _, number = text.rpartition("/")
    number = number.lower().removeprefix("vlan").strip()
    if not number.isascii() or not number.isdigit() or not 1 <= int(number[:9]) <= HIGHEST_VID:
        raise InvalidInputError(
            tr("{text} is no VLAN.", text=repr(text[:64])), way_out=tr("A number from 1 to 4094, or DOMAIN/NUMBER."),
        )
    return int(number), domain
