"""The hub's side of the ears: matches what they tell to devices, shows it, hands it on, and answers about the past."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from agents.hub.events.knowing import Knowing
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from core.custody import CredentialTries
from core.errors import InvalidInputError, NoAnswerError, NotFoundError, YunwangError
from core.events import SEARCH_JOB, EarsCount, Event, EventBatch, EventPage, EventQuery, EventSearch, Sender, SenderPage, SenderRow
from core.i18n import mark, tr
from core.messages import Nothing, Observed
from core.objects import CredentialRef, Device
from core.paths import data_dir
from core.ports import LogQuery, LogStore
from core.views import DeviceRow, View

if TYPE_CHECKING:
    from agents.hub.events.searching import Found
    from agents.hub.hub import Hub

COUNT_S = 3.0
MAX_RELAYS = 32
SENDERS_S = 10.0
DAY_MS = 86_400_000
REMEMBERED_MS = DAY_MS
REMEMBERED = 2_000
"""Newest events that a hub reads out of the logs when it starts."""
LIMIT_S = 24 * 3600
VIEW: View = "events"
Listener = Callable[[Sequence[Event]], Awaitable[None]]

log = logging.getLogger(__name__)


class Whose(NamedTuple):
    """Whose messages a question is about. relays: addresses that speak for several, whose messages name the device."""

    sources: tuple[str, ...]
    relays: tuple[str, ...] = ()
    device: DeviceRow | None = None


class Events:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._knowing = Knowing(hub)
        self.book = hub.views.events
        self.listeners: list[Listener] = []
        """Called with each batch, in the order in which it was said, matched to devices: rules make alerts of events here."""
        self._spoke: list[Sender] = []
        self._asked = -SENDERS_S
        self._zone_s = time.localtime().tm_gmtoff

    async def start(self) -> None:
        self._hub.work.register(Kind(
            name=SEARCH_JOB, entry="agents.event_search:run", action=SEARCH_JOB, resumable=True, at_once=1, limit_s=LIMIT_S,
            check=self._checked, summary=mark("Search the raw logs of a long period for a word."),
        ))
        await self._hub.bus.subscribe("live.events", self._hear)
        await self._hub.bus.subscribe("hub.ears.users", self._users)
        self._hub.spawn(self._remember())

    async def close(self) -> None:
        """Nothing to close."""

    def learn(self, found: Observed) -> None:
        """What discovery found on a device: its own addresses."""
        self._knowing.bearing.learn(found)

    def _checked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a search by a job: a device becomes its address. Raises `InvalidInputError`, `NotFoundError`."""
        wish = checked(arguments)
        whose = self._whose(wish, EVERYTHING)
        search = EventSearch(
            start_ms=wish.start_ms, end_ms=wish.end_ms, kind=wish.kind, grep=wish.grep, priority=wish.priority, sources=whose.sources,
            relays=whose.relays, host=whose.device.name if whose.device and whose.relays else "",
        )
        return cast("dict[str, Any]", msgspec.to_builtins(search))

    async def _hear(self, body: bytes) -> None:
        batch = msgspec.msgpack.decode(body, type=EventBatch)
        await self._knowing.learn_ports(list(batch.events))
        rows = [self._knowing.row_of(event) for event in batch.events]
        self.book.put(rows)
        self._hub.show(VIEW)
        await self._learn_senders(6 * SENDERS_S)
        for listener in self.listeners:
            try:
                await listener(rows)
            except Exception:
                log.exception("Events could not be judged.")

    async def _users(self, _body: bytes) -> bytes:
        """Credentials of SNMPv3 of the devices that are polled: who signs with them is believed."""
        return msgspec.msgpack.encode(await in_thread(_v3_of, self._hub))

    async def _remember(self) -> None:
        """Whose addresses are whose; and what a console shows after a restart. Only a comfort: what cannot be read stays in the logs."""
        now = now_ms()
        query = LogQuery(start_ms=now - REMEMBERED_MS, end_ms=now + 1)
        try:
            for device in self._hub.table.all_devices():
                self.learn(await in_thread(self._hub.store.observed, device.id))
            found = await in_thread(self._search, query, lambda _: True, REMEMBERED)
        except YunwangError as error:
            log.info("%s", error)
            return
        rows = [self._knowing.row_of(event) for event in reversed(found.events)]
        if len(self.book) == 0:
            self.book.put(row.replace(id=f"log-{number}") for number, row in enumerate(rows))
            self._hub.show(VIEW)

    async def counted(self) -> EarsCount:
        """How much the ears heard since they began."""
        try:
            body = await self._hub.bus.request("ears.count", msgspec.msgpack.encode(Nothing()), COUNT_S)
            return msgspec.msgpack.decode(body, type=EarsCount)
        except NoAnswerError:
            return EarsCount(answers=False)

    async def page(self, query: EventQuery, sight: Sight) -> EventPage:
        """Out of the logs."""
        now = now_ms()
        end = query.end_ms or now + 1
        await self._learn_senders(SENDERS_S)
        whose = self._whose(query, sight)
        asked = LogQuery(
            start_ms=query.start_ms or end - DAY_MS, end_ms=end, sources=whose.sources + whose.relays, kind=query.kind, word=query.grep,
        )
        everything, priority, device = sight.everything, query.priority, whose.device

        def wanted(event: Event) -> bool:
            if event.priority > priority:
                return False
            if device is not None and event.source not in whose.sources:
                known = self._knowing.device_of(event)
                return known is not None and known.id == device.id
            return everything or self._is_seen(event, sight)

        found = await in_thread(self._search, asked, wanted, query.limit)
        await self._knowing.learn_ports(found.events[:200])
        rows = tuple(self._knowing.row_of(event) for event in found.events)
        return EventPage(rows=rows, looked_to_ms=found.looked_to_ms, complete=found.complete)

    def _whose(self, query: EventQuery, sight: Sight) -> "Whose":
        """The addresses whose lines are meant. Raises `NotFoundError`."""
        if not query.device:
            return Whose((query.source,) if query.source else ())
        row = self._hub.table.row(query.device)
        if row is None or not self._hub.table.sees(sight, row.id):
            raise NotFoundError(tr("There is no device {name}.", name=query.device[:128]))
        own = self._knowing.addresses_of(row.id)
        if query.source:
            return Whose((query.source,), (), row) if query.source in own else Whose((), (query.source,), row)
        name = row.name.casefold()
        relays = tuple(
            one.address for one in self._spoke
            if any(host.casefold() == name for host in one.hosts) and self._knowing.owner_of(one.address) is None
        )
        return Whose(own or (row.address,), relays[:MAX_RELAYS], row)

    async def senders(self, sight: Sight, unknown: bool, limit: int) -> SenderPage:
        """Who spoke, and which device that is."""
        await self._learn_senders(0.0)
        rows = []
        for one in self._spoke:
            device = self._knowing.owner_of(one.address)
            seen = sight.everything if device is None else sight.sees(device.unit, device.site)
            if seen and not (unknown and device):
                told = {name: getattr(one, name) for name in one.__struct_fields__}
                rows.append(SenderRow(**told, device_id=device.id if device else "", device=device.name if device else ""))
        return SenderPage(rows=tuple(rows[:limit]), total=len(rows))

    async def _learn_senders(self, older_s: float) -> None:
        """Asks who spoke, where the last answer is older; without an answer that one stands."""
        now = time.monotonic()
        if now - self._asked < older_s:
            return
        self._asked = now
        try:
            body = await self._hub.bus.request("ears.senders", b"", COUNT_S)
            self._spoke = msgspec.msgpack.decode(body, type=list[Sender])
        except NoAnswerError:
            return

    def _is_seen(self, event: Event, sight: Sight) -> bool:
        device = self._knowing.device_of(event)
        return device is not None and sight.sees(device.unit, device.site)

    def _search(self, query: LogQuery, wanted: Callable[[Event], bool], limit: int) -> "Found":
        from agents.hub.events.searching import search

        store = logs_of(self._hub)
        try:
            return search(store, query, wanted, limit, self._zone_s)
        finally:
            store.close()


def logs_of(hub: "Hub") -> LogStore:
    """The logs, to be read."""
    from stores.logs import open_logs

    return open_logs(data_dir(hub.settings) / "logs", hub.settings.logs, readonly=True)


def _v3_of(hub: "Hub") -> tuple[CredentialRef, ...]:
    found = {one.address: one.found for one in hub.store.all("credential_tries") if isinstance(one, CredentialTries) and one.found}
    devices = (device for device in hub.store.all("device") if isinstance(device, Device) and device.polled)
    names = {device.credential or found.get(device.address, "") for device in devices}
    credentials = (one for one in hub.store.all("credential") if isinstance(one, CredentialRef))
    return tuple(sorted((one for one in credentials if one.kind == "snmp-v3" and one.name in names), key=lambda one: one.name))


def checked(arguments: dict[str, Any]) -> EventQuery:
    """What a search by a job is about. Raises `InvalidInputError`."""
    try:
        query = msgspec.convert({**arguments}, EventQuery, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            tr("This is no search: {reason}.", reason=str(error)), way_out="yunwang event search WORD --since 30d",
        ) from None
    if not query.grep:
        raise InvalidInputError(tr("Which word?"), way_out="yunwang event search WORD --since 30d")
    return query
