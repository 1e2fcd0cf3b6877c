"""What the hub holds, and the few things that every part of it asks of it."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar, cast

import msgspec
from litestar import Request

from agents import lifeline
from agents.hub.alerting import Alerting
from agents.hub.answers import Answers
from agents.hub.approvals import Approvals
from agents.hub.asking import key_of_request
from agents.hub.audit import Audit
from agents.hub.authorize import READ, Refusals, authorize
from agents.hub.beat import Beat
from agents.hub.capacity import Capacity
from agents.hub.children import Children, devices_and_sites
from agents.hub.commits import GroupCommit
from agents.hub.crawl import Crawls
from agents.hub.custody import Custody
from agents.hub.events import Events
from agents.hub.export import Export
from agents.hub.finding import Finding
from agents.hub.graph import Graphs
from agents.hub.identity import Identities
from agents.hub.imports import Importer, Upload
from agents.hub.jobs import TimeWindows, Work
from agents.hub.lists import Lists
from agents.hub.node.part import Node
from agents.hub.notify import Notify
from agents.hub.objects.tally import Tally
from agents.hub.overview import overview
from agents.hub.parts import Part
from agents.hub.probes import Probing
from agents.hub.queue import Intake, Queue
from agents.hub.records import in_thread, now_ms
from agents.hub.ruling import Ruling
from agents.hub.samples import Samples
from agents.hub.sight import EVERYTHING, Sight, sight_of
from agents.hub.sources import Sources
from agents.hub.stream import Streams
from agents.hub.suppress import Suppress
from agents.hub.table import LiveTable
from agents.hub.trend import Trend
from agents.hub.windows import Views
from core.errors import ForbiddenError, YunwangError
from core.identity import Actor, Caller
from core.measured import MeasuredNow, PollCost
from core.messages import Observed
from core.objects import Device, Interface
from core.paths import data_dir, run_dir
from core.ports import ListQuery, RecordStore, RecordWrite
from core.settings import Settings
from core.signals import Alert
from core.sources import IntakeReport
from core.views import InterfaceRow, Overview, PollingHealth, View
from links.bus import SocketBus

P = ParamSpec("P")
T = TypeVar("T")

MEASURED_S = 8.0
RECENT_ALERTS = 1000
SIGHTS = 100
"""Different overviews that are kept."""

log = logging.getLogger(__name__)


class Hub:
    """Belongs to one event loop; only stores are touched from threads."""

    def __init__(self, settings: Settings, store: RecordStore, records_at: str, bus: SocketBus) -> None:
        orders = lifeline.orders()
        self.settings, self.store, self.bus = settings, store, bus
        self.run_dir = run_dir(settings)
        self._banner = orders.banner if orders else ""
        self.polling = PollingHealth()
        self.table = LiveTable()
        self.lists = Lists(store, self.table.row)
        self.views = Views(self.table, self.lists, self.overview)
        self.streams = Streams(self.views, self._watch)
        self.samples = Samples(data_dir(settings) / "samples", settings.samples)
        self.importer = Importer(self, records_at, bus)
        self.commits = GroupCommit(store)
        self.answers, self.pages = Answers(), Answers()
        self.polled = 0
        self.connections = 0
        self.custody = Custody(self)
        self.identity = Identities(self)
        self.children = Children(self)
        self.approvals = Approvals(self)
        self.windows = TimeWindows(self)
        self.work = Work(self)
        self.audit = Audit(self)
        self.node = Node(self)
        self.trend = Trend(self)
        self.tally = Tally(self)
        self.graphs = Graphs(self)
        self.intake = Intake(self)
        self.queue = Queue(self)
        self.finding = Finding(self)
        self.sources = Sources(self)
        self.crawls = Crawls(self)
        self.export = Export(self)
        self.probing = Probing(self)
        self.events = Events(self)
        self.suppress = Suppress(self)
        self.notify = Notify(self)
        self.alerting = Alerting(self)
        self.ruling = Ruling(self)
        self.capacity = Capacity(self)
        self.parts: tuple[Part, ...] = (
            self.custody, self.identity, self.children, self.approvals, self.windows, self.node, self.sources, self.crawls,
            self.probing, self.audit, self.work, self.trend, self.graphs, self.intake, self.queue, self.finding, self.tally,
            self.export, self.suppress,
            self.notify, self.events, self.alerting, self.ruling, self.capacity, Beat(self),
        )
        """Started in this order, closed in the opposite one."""
        self._refusals = Refusals()
        self._platforms: dict[str, str] = {}
        self._overviews: dict[Sight, tuple[int, Overview]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Loads the picture and listens to the children."""
        self.spawn(self.commits.run())
        alerts = [*await in_thread(self.store.open_alerts), *await in_thread(_recent_alerts, self.store)]
        await self.reload()
        self.table.put_alerts(alerts)
        for part in self.parts:
            await part.start()

    async def close(self) -> None:
        for part in reversed(self.parts):
            await part.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.samples.close()
        await in_thread(self.commits.close)

    async def allow(self, caller: Caller, action: str = READ, what: str = "", unit: str = "", site: str = "") -> None:
        """Raises `ForbiddenError` when `caller` may not; the refusal is journaled."""
        try:
            authorize(caller, action, what, unit, site)
        except ForbiddenError:
            if self._refusals.is_new(caller.actor, action, now_ms()):
                with contextlib.suppress(YunwangError):
                    await self.note(caller.actor, "refused", {"action": action, "object": what})
            raise

    @property
    def banner(self) -> str:
        """Message id that every screen carries; empty: none."""
        return self._banner or self.identity.banner or self.ruling.banner

    def sight(self, caller: Caller, action: str = READ) -> Sight:
        """Which rows of the lists this caller sees."""
        return sight_of(caller, action)

    def still(self, request: Request[Any, Any, Any], caller: Caller, action: str) -> Caller:
        """The caller of a request that lasts, as they are by now. Raises when they may not go on. No sign of life of a session."""
        state, headers = request.scope["state"], request.headers
        found = self.identity.resolve(
            caller.actor.replace(name=state["actor"].name), headers.get("authorization", ""), headers.get("x-yunwang-persona", ""),
            state.get("certificate_subject", ""), alive=False,
        )
        authorize(found, action)
        return found

    async def write(self, caller: Caller, change: Callable[[RecordWrite], T]) -> T:
        """One audited transaction on behalf of a request: what `change` returned, once it is durable.

        It shares its commit with whatever else waits. The result is kept under the request's idempotency key, so it must hold no
        secret; `change` runs in a thread, after others: it decides by what `write.get` and `write.find` say, and may raise.
        """
        return await self.commits.write(caller.actor, change, key_of_request())

    async def note(self, actor: Actor, action: str, detail: dict[str, Any]) -> None:
        """Journals what changes no record."""
        await self.commits.write(actor, lambda write: write.note(action, detail))

    async def read(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A read of one row or a few: at once where the records lie on this machine, in a thread where a network is in between."""
        if self.settings.records.url:
            return await in_thread(question, *args, **kwargs)
        return question(*args, **kwargs)

    async def reload(self) -> None:
        """Takes the declared fields from the records again, after a change of them."""
        devices, sites = await in_thread(devices_and_sites, self.store)
        self.table.load_devices(devices, sites, self._platforms)
        await self.identity.load_units()
        await self.windows.load_units()
        self.polled = sum(device.polled for device in devices)
        self.assign_soon()

    async def import_file(self, caller: Caller, upload: Upload) -> IntakeReport:
        return await self.importer.run(caller, upload)

    def overview(self, sight: Sight = EVERYTHING) -> Overview:
        """Counted once for all who see the same, between two changes."""
        version, known = self._overviews.get(sight, (-1, None))
        if known is None or version != self.table.version:
            known = overview(self.table, self.polling, self.banner, now_ms(), sight)
            known = known.replace(estate=self.tally.estate) if sight.everything else known
            if len(self._overviews) >= SIGHTS:
                self._overviews.clear()
            self._overviews[sight] = self.table.version, known
        return known

    async def device(self, device_id: str) -> Device:
        return cast("Device", await self.read(self.store.get, "device", device_id))

    async def interfaces(self, device_id: str) -> tuple[InterfaceRow, ...]:
        """Live rows where somebody watches the device, else those that discovery found."""
        live = self.views.interfaces.get(device_id)
        return live if live is not None else tuple(map(_row, (await in_thread(self.store.observed, device_id)).interfaces))

    async def measured(self, device_id: str) -> MeasuredNow:
        """What a device measures of itself; senses tell, nothing of it is kept here. Raises `UnavailableError`."""
        body = await self.bus.request("senses.measured", msgspec.msgpack.encode(device_id), MEASURED_S)
        return msgspec.msgpack.decode(body, type=MeasuredNow)

    async def cost(self, device_id: str) -> PollCost:
        """What one poll asks of a device; senses tell. Raises `NotFoundError`, `UnavailableError`."""
        body = await self.bus.request("senses.cost", msgspec.msgpack.encode(device_id), MEASURED_S)
        return msgspec.msgpack.decode(body, type=PollCost)

    async def show_interfaces(self, device_id: str) -> None:
        """Gives the view of a device's interfaces something to show before the next poll."""
        if device_id not in self.views.interfaces:
            self.views.interfaces[device_id] = await self.interfaces(device_id)

    def assign_soon(self) -> None:
        """Senses are there (again), or something was declared: they must be told what to poll."""
        self.children.assign_soon()

    def learn(self, found: Observed) -> None:
        """The platform that discovery found, and that there is news of what the device sees."""
        self.graphs.reported(found.device_id)
        self.events.learn(found)
        platform = next((fact.value for fact in found.facts if fact.field == "platform"), "")
        if platform and self._platforms.get(found.device_id) != platform:
            self._platforms[found.device_id] = platform
            self.table.set_platform(found.device_id, platform)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """A task that ends with the hub."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _watch(self, device_ids: frozenset[str]) -> None:
        for device_id in self.views.interfaces.keys() - device_ids:
            del self.views.interfaces[device_id]
        self.spawn(self.children.tell_watched())

    def show(self, view: View) -> None:
        """Something changed in this view that is not written, as a job's progress."""
        self.table.changes.kinds.add(view)


def _recent_alerts(store: RecordStore) -> list[Alert]:
    page = store.page("alert", ListQuery(sort="-raised_at", limit=RECENT_ALERTS))
    return [msgspec.convert(item, Alert) for item in page.items]


def _row(found: Interface) -> InterfaceRow:
    return InterfaceRow(
        if_index=found.if_index, name=found.name, alias=found.alias, if_type=found.if_type, speed_bps=found.speed_bps,
        admin_status=found.admin_status, oper_status=found.oper_status,
    )
