"""What the hub holds, and what it does when its children tell something."""

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from agents import lifeline
from agents.hub.authorize import READ, Refusals, authorize
from agents.hub.imports import Importer, Upload
from agents.hub.overview import overview
from agents.hub.records import GroupCommit, in_thread, now_ms
from agents.hub.samples import Samples
from agents.hub.stream import TICK_S, Streams
from agents.hub.table import LiveTable
from agents.hub.windows import Views
from core.errors import ForbiddenError, StorageError, YunwangError
from core.identity import Actor, Caller
from core.messages import AlertTransitions, Assign, Done, LiveDevices, LiveInterfaces, Observed, Watch
from core.objects import CredentialRef, Device, Interface, Site
from core.paths import data_dir, run_dir
from core.ports import ListQuery, RecordStore
from core.settings import Settings
from core.signals import Alert
from core.views import ImportReport, InterfaceRow, Overview, PollingHealth
from links.bus import SocketBus

T = TypeVar("T")

SENSES = Actor(name="system:senses", origin="process")
OBSERVERS = 200
"""Observations that may wait for one commit."""
ASSIGN_S = 60.0
RETRY_S = 5.0
RECENT_ALERTS = 1000
DAY_S = 86_400
ANSWERS_DAYS = 30
"""How long a repetition with the same idempotency key is recognised."""

log = logging.getLogger(__name__)


class Hub:
    """Belongs to one event loop; only stores are touched from threads."""

    def __init__(self, settings: Settings, store: RecordStore, records_path: Path, bus: SocketBus) -> None:
        orders = lifeline.orders()
        self.settings, self.store, self.bus = settings, store, bus
        self.run_dir = run_dir(settings)
        self.banner = orders.banner if orders else ""
        self.polling = PollingHealth()
        self.table = LiveTable()
        self.views = Views(self.table, self.overview)
        self.streams = Streams(self.views, self._watch)
        self.samples = Samples(data_dir(settings) / "samples", settings.samples)
        self.importer = Importer(store, str(records_path), bus)
        self.observations = GroupCommit(store, SENSES)
        self.polled = 0
        self.connections = 0
        self._refusals = Refusals()
        self._assign_wanted = asyncio.Event()
        self._platforms: dict[str, str] = {}
        self._overview: Overview | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Loads the picture and listens to the children."""
        alerts = [*await in_thread(self.store.open_alerts), *await in_thread(_recent_alerts, self.store)]
        await self.reload()
        self.table.put_alerts(alerts)
        await self.bus.subscribe("live.devices", self._live_devices)
        await self.bus.subscribe("live.interfaces", self._live_interfaces)
        await self.bus.subscribe("live.health", self._live_health)
        await self.bus.subscribe("hub.observed", self._observed, workers=OBSERVERS)
        await self.bus.subscribe("hub.alerts", self._alerts)
        for work in (self.observations.run(), self._tick(), self._assign(), self._find_platforms(), self._forget_old_answers()):
            self._spawn(work)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.samples.close()

    async def allow(self, caller: Caller, action: str = READ, what: str = "", unit: str = "", site: str = "") -> None:
        """Raises `ForbiddenError` when `caller` may not; the refusal is journaled."""
        try:
            authorize(caller, action, what, unit, site)
        except ForbiddenError:
            if self._refusals.is_new(caller.actor, action, now_ms()):
                with contextlib.suppress(YunwangError):
                    await in_thread(self._note, caller.actor, "refused", {"action": action, "object": what})
            raise

    def _note(self, actor: Actor, action: str, detail: dict[str, Any]) -> None:
        with self.store.write(actor, now_ms()) as write:
            write.note(action, detail)

    async def note(self, actor: Actor, action: str, detail: dict[str, Any]) -> None:
        """Journals what changes no record."""
        await in_thread(self._note, actor, action, detail)

    async def reload(self) -> None:
        """Takes the declared fields from the records again, after an import."""
        devices, sites = await in_thread(_devices_and_sites, self.store)
        self.table.load_devices(devices, sites, self._platforms)
        self.polled = sum(device.polled for device in devices)
        self._assign_wanted.set()

    async def import_file(self, actor: Actor, upload: Upload) -> ImportReport:
        report = await self.importer.run(actor, upload)
        if not upload.dry_run and (report.added or report.changed):
            await self.reload()
        return report

    def overview(self) -> Overview:
        """Counted once for all who ask between two changes."""
        if self._overview is None or self.table.changes:
            self._overview = overview(self.table, self.polling, self.banner, now_ms())
        return self._overview

    async def device(self, device_id: str) -> Device:
        return cast("Device", await in_thread(self.store.get, "device", device_id))

    async def interfaces(self, device_id: str) -> tuple[InterfaceRow, ...]:
        """Live rows where somebody watches the device, else those that discovery found."""
        live = self.views.interfaces.get(device_id)
        return live if live is not None else tuple(map(_row, (await in_thread(self.store.observed, device_id)).interfaces))

    async def show_interfaces(self, device_id: str) -> None:
        """Gives the view of a device's interfaces something to show before the next poll."""
        if device_id not in self.views.interfaces:
            self.views.interfaces[device_id] = await self.interfaces(device_id)

    def assign_soon(self) -> None:
        """Senses are there (again): they must be told what to poll."""
        self._assign_wanted.set()

    def _watch(self, device_ids: frozenset[str]) -> None:
        for device_id in self.views.interfaces.keys() - device_ids:
            del self.views.interfaces[device_id]
        self._spawn(self._tell_watched())

    async def _tell_watched(self) -> None:
        body = msgspec.msgpack.encode(Watch(device_ids=tuple(sorted(self.streams.watched()))))
        with contextlib.suppress(YunwangError):
            await self.bus.request("senses.watch", body)

    async def _assign(self) -> None:
        pause: float | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._assign_wanted.wait(), pause)
            self._assign_wanted.clear()
            pause = None
            try:
                body = msgspec.msgpack.encode(await in_thread(_assignment, self.store))
                done = msgspec.msgpack.decode(await self.bus.request("senses.assign", body, ASSIGN_S), type=Done)
                if done.error:
                    log.warning("Senses: %s", done.error)
                await self._tell_watched()
            except YunwangError as error:
                log.info("Senses could not be told what to poll: %s", error)
                pause = RETRY_S

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if self.table.changes:
                self._overview = None
            try:
                self.streams.tick(self.table.take_changes())
            except Exception:
                log.exception("The live stream failed.")

    async def _forget_old_answers(self) -> None:
        """At the start and once a day."""
        while True:
            try:
                await in_thread(self.store.forget_answers, now_ms() - ANSWERS_DAYS * DAY_S * 1000)
            except StorageError as error:
                log.warning("Old answers could not be forgotten: %s", error)
            await asyncio.sleep(DAY_S)

    async def _find_platforms(self) -> None:
        """Platforms that discovery found for devices whose owners named none."""
        unnamed = [row.id for row in self.table.all_devices() if not row.platform]
        for device_id in unnamed:
            self._learn(await in_thread(self.store.observed, device_id))

    def _learn(self, found: Observed) -> None:
        platform = next((fact.value for fact in found.facts if fact.field == "platform"), "")
        if platform and self._platforms.get(found.device_id) != platform:
            self._platforms[found.device_id] = platform
            self.table.set_platform(found.device_id, platform)

    async def _live_devices(self, body: bytes) -> None:
        self.table.apply_live(msgspec.msgpack.decode(body, type=LiveDevices).rows)

    async def _live_interfaces(self, body: bytes) -> None:
        live = msgspec.msgpack.decode(body, type=LiveInterfaces)
        if live.device_id in self.streams.watched():
            self.views.interfaces[live.device_id] = live.rows
            self.table.changes.interfaces.add(live.device_id)

    async def _live_health(self, body: bytes) -> None:
        self.polling = msgspec.msgpack.decode(body, type=PollingHealth)
        self.table.changes.health = True

    async def _observed(self, body: bytes) -> bytes:
        found = msgspec.msgpack.decode(body, type=Observed)
        await self.observations.write(lambda write: write.observe("device.observe", found))
        self._learn(found)
        return msgspec.msgpack.encode(Done(count=1))

    async def _alerts(self, body: bytes) -> bytes:
        news = msgspec.msgpack.decode(body, type=AlertTransitions)
        if await in_thread(_put_alerts, self.store, news):
            self.table.put_alerts(news.alerts)
        return msgspec.msgpack.encode(Done(count=len(news.alerts)))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _put_alerts(store: RecordStore, news: AlertTransitions) -> bool:
    """False when they were put before."""
    key = f"alerts:{news.key}"
    if store.answered(key) is not None:
        return False
    with store.write(SENSES, now_ms(), key) as write:
        for alert in news.alerts:
            write.put("alert.clear" if alert.cleared_at else "alert.raise", alert)
    return True


def _devices_and_sites(store: RecordStore) -> tuple[list[Device], list[Site]]:
    devices = [record for record in store.all("device") if isinstance(record, Device)]
    return devices, [record for record in store.all("site") if isinstance(record, Site)]


def _assignment(store: RecordStore) -> Assign:
    devices, _ = _devices_and_sites(store)
    credentials = tuple(record for record in store.all("credential") if isinstance(record, CredentialRef))
    polled = tuple(device for device in devices if device.polled)
    return Assign(revision=store.revision(), devices=polled, credentials=credentials, open_alerts=tuple(store.open_alerts()))


def _recent_alerts(store: RecordStore) -> list[Alert]:
    page = store.page("alert", ListQuery(sort="-raised_at", limit=RECENT_ALERTS))
    return [msgspec.convert(item, Alert) for item in page.items]


def _row(found: Interface) -> InterfaceRow:
    return InterfaceRow(
        if_index=found.if_index, name=found.name, alias=found.alias, if_type=found.if_type, speed_bps=found.speed_bps,
        admin_status=found.admin_status, oper_status=found.oper_status,
    )
