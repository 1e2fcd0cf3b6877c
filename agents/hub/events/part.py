"""The hub's side of the ears: matches what they tell to devices, shows it, hands it on, and answers about the past."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import msgspec

from agents.hub.events.knowing import Knowing
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from core.custody import CredentialTries
from core.errors import InvalidInputError, NoAnswerError, NotFoundError, YunwangError
from core.events import SEARCH_JOB, EarsCount, Event, EventBatch, EventPage, EventQuery
from core.i18n import mark, tr
from core.messages import Nothing, Observed
from core.objects import CredentialRef, Device
from core.paths import data_dir
from core.ports import LogQuery, LogStore
from core.views import View

if TYPE_CHECKING:
    from agents.hub.events.searching import Found
    from agents.hub.hub import Hub

COUNT_S = 3.0
DAY_MS = 86_400_000
REMEMBERED_MS = DAY_MS
REMEMBERED = 2_000
"""Newest events that a hub reads out of the logs when it starts."""
LIMIT_S = 24 * 3600
VIEW: View = "events"
Listener = Callable[[Sequence[Event]], Awaitable[None]]

log = logging.getLogger(__name__)


class Events:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._knowing = Knowing(hub)
        self.book = hub.views.events
        self.listeners: list[Listener] = []
        """Called with each batch, in the order in which it was said, matched to devices: rules make alerts of events here."""
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
        if not wish.device:
            return cast("dict[str, Any]", msgspec.to_builtins(wish))
        found = wish.replace(device="", source=self._source(wish, EVERYTHING))
        return cast("dict[str, Any]", msgspec.to_builtins(found))

    async def _hear(self, body: bytes) -> None:
        batch = msgspec.msgpack.decode(body, type=EventBatch)
        await self._knowing.learn_ports(list(batch.events))
        rows = [self._knowing.row_of(event) for event in batch.events]
        self.book.put(rows)
        self._hub.show(VIEW)
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
        source = self._source(query, sight)
        asked = LogQuery(start_ms=query.start_ms or end - DAY_MS, end_ms=end, source=source, kind=query.kind, word=query.grep)
        everything, priority = sight.everything, query.priority

        def wanted(event: Event) -> bool:
            if event.priority > priority:
                return False
            return everything or self._is_seen(event, sight)

        found = await in_thread(self._search, asked, wanted, query.limit)
        await self._knowing.learn_ports(found.events[:200])
        rows = tuple(self._knowing.row_of(event) for event in found.events)
        return EventPage(rows=rows, looked_to_ms=found.looked_to_ms, complete=found.complete)

    def _source(self, query: EventQuery, sight: Sight) -> str:
        """The address whose lines are meant. Raises `NotFoundError`."""
        if not query.device:
            return query.source
        row = self._hub.table.row(query.device)
        if row is None or not self._hub.table.sees(sight, row.id):
            raise NotFoundError(tr("There is no device {name}.", name=query.device[:128]))
        return row.address

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
