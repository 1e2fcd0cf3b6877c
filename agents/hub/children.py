"""The hub's side of the bus: what its children tell it, and what it tells them."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from agents.hub.records import in_thread
from core.errors import YunwangError
from core.identity import Actor
from core.messages import Assign, Done, LiveDevices, LiveInterfaces, Observed, Watch
from core.objects import CredentialRef, Device, Fact, Link, Site
from core.ports import RecordStore, RecordWrite
from core.views import PollingHealth

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SENSES = Actor(name="system:senses", origin="process")
OBSERVERS = 200
"""Observations that may wait for one commit."""
ASSIGN_S = 60.0
RETRY_S = 5.0

log = logging.getLogger(__name__)


class Children:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._assign_wanted = asyncio.Event()

    async def start(self) -> None:
        bus = self._hub.bus
        await bus.subscribe("live.devices", self._live_devices)
        await bus.subscribe("live.interfaces", self._live_interfaces)
        await bus.subscribe("live.health", self._live_health)
        await bus.subscribe("hub.observed", self._observed, workers=OBSERVERS)
        self._hub.spawn(self._assign())

    async def close(self) -> None:
        """The bus is closed by whoever opened it."""

    def assign_soon(self) -> None:
        """Senses must be told (again) what to poll."""
        self._assign_wanted.set()

    async def tell_watched(self) -> None:
        body = msgspec.msgpack.encode(Watch(device_ids=tuple(sorted(self._hub.streams.watched()))))
        with contextlib.suppress(YunwangError):
            await self._hub.bus.request("senses.watch", body)

    async def _assign(self) -> None:
        pause: float | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._assign_wanted.wait()
            self._assign_wanted.clear()
            pause = None
            try:
                assign = await in_thread(self._assignment)
                body = msgspec.msgpack.encode(assign.replace(rules=await self._hub.ruling.packed()))
                done = msgspec.msgpack.decode(await self._hub.bus.request("senses.assign", body, ASSIGN_S), type=Done)
                if done.error:
                    log.warning("Senses: %s", done.error)
                await self.tell_watched()
            except YunwangError as error:
                log.info("Senses could not be told what to poll: %s", error)
                pause = RETRY_S

    def _assignment(self) -> Assign:
        store = self._hub.store
        return self._hub.custody.completed(_assignment(store).replace(probes=self._hub.probing.tasks(store)))

    async def _live_devices(self, body: bytes) -> None:
        self._hub.table.apply_live(msgspec.msgpack.decode(body, type=LiveDevices).rows)

    async def _live_interfaces(self, body: bytes) -> None:
        live = msgspec.msgpack.decode(body, type=LiveInterfaces)
        if live.device_id in self._hub.streams.watched():
            self._hub.views.interfaces[live.device_id] = live.rows
            self._hub.table.changes.interfaces.add(live.device_id)

    async def _live_health(self, body: bytes) -> None:
        self._hub.polling = msgspec.msgpack.decode(body, type=PollingHealth)
        self._hub.table.changes.health = True
        self._hub.table.touch()

    async def _observed(self, body: bytes) -> bytes:
        found = msgspec.msgpack.decode(body, type=Observed)
        store = self._hub.store

        def change(write: RecordWrite) -> tuple[Fact, ...]:
            before = store.observed(found.device_id)
            write.observe("device.observe", with_guesses(found, before.links))
            return before.facts

        before = await self._hub.commits.write(SENSES, change)
        self._hub.learn(found)
        await self._hub.ruling.discovered(found.device_id, before, found.facts)
        self._hub.queue.seeing.saw(found)
        return msgspec.msgpack.encode(Done(count=1))


def with_guesses(found: Observed, before: Iterable[Link]) -> Observed:
    """With what a crawl guessed by the bridge tables of several devices, at ports of which this one still tells nothing itself."""
    ports = {one.name for one in found.interfaces} - {link.port_a for link in found.links}
    return found.replace(links=(*found.links, *(link for link in before if link.source == "mac" and link.port_a in ports)))


def devices_and_sites(store: RecordStore) -> tuple[list[Device], list[Site]]:
    devices = [record for record in store.all("device") if isinstance(record, Device)]
    return devices, [record for record in store.all("site") if isinstance(record, Site)]


def _assignment(store: RecordStore) -> Assign:
    devices, _ = devices_and_sites(store)
    credentials = tuple(record for record in store.all("credential") if isinstance(record, CredentialRef))
    polled = tuple(device for device in devices if device.polled)
    return Assign(revision=store.revision(), devices=polled, credentials=credentials, open_alerts=tuple(store.open_alerts()))
