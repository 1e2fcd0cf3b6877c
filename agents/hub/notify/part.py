"""From alerts and waiting approvals to messages that somebody gets."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agents.hub.node.health import Clock
from agents.hub.notify import asking, listing, routing, wording
from agents.hub.notify.delivery import NOTIFIER, Delivery
from agents.hub.notify.keeping import CHANNEL, CONTACT, ROUTE
from agents.hub.notify.pending import Item, Pending
from agents.hub.notify.routing import Case, Chosen
from agents.hub.notify.wording import Story
from agents.hub.records import in_thread, now_ms, steady_ms
from core.approval import Approval
from core.errors import YunwangError
from core.notices import About, Contact, Message, Route
from core.nouns import new_id
from core.ports import RecordWrite
from core.signals import Alert
from core.views import AlertRow
from monitors.suppress import Surroundings, speaks_at

if TYPE_CHECKING:
    from agents.hub.hub import Hub

LOOK_S = 1.0
APPROVALS_S = 5.0
GATHER_MS = 3_000
"""What becomes due together is told together."""
STEPS_MS = ((20, 300_000), (6, 60_000), (0, 15_000))
"""A contact that got so many messages in the last hour gets the next not before so long after the last."""
URGENT_STEPS_MS = ((40, 60_000), (0, 15_000))
"""Of what is critical: an outage is not told minutes later because lesser things were told before."""
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
HOLD_S = 3.0
"""As long as alerts that just came are not decided, those that are explained by them might be told: none are, but not for longer."""
MANY_TRIES = 3
"""After so many that failed the node is not well."""
KEPT_DAYS = 7
LISTED_DAYS = 190

log = logging.getLogger(__name__)


class Notify:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.delivery = Delivery(hub)
        self.pending = Pending()
        self.routes: Sequence[Route] = ()
        self._recent: dict[str, Message] = {}
        self._asked: set[tuple[str, str]] = set()
        """Approval and contact, of what was told."""
        self._first_due: dict[str, int] = {}
        self._revision = -1
        self._clock = Clock(now_ms(), steady_ms())

    async def start(self) -> None:
        await self.reload()
        messages = await in_thread(listing.recent, self._hub.store, now_ms() - KEPT_DAYS * DAY_MS)
        self.remember(messages)
        self.delivery.put(messages)
        rows = [*self._hub.table.open_alerts(), *self._hub.table.cleared_alerts()]
        self.pending.load(messages, rows, now_ms())
        for work in (self.delivery.run(), self._tell_for_ever(), self._ask_for_ever(), self._forget_for_ever()):
            self._hub.spawn(work)

    async def close(self) -> None:
        await self.delivery.close()

    async def reload(self) -> None:
        """Channels, contacts and routes as they are now."""
        store = self._hub.store
        self.delivery.channels = {one.name: one for one in await in_thread(lambda: list(store.all(CHANNEL)))}
        self.delivery.contacts = {one.name: one for one in await in_thread(lambda: list(store.all(CONTACT)))}
        self.routes = tuple(await in_thread(lambda: list(store.all(ROUTE))))

    def remember(self, messages: Iterable[Message]) -> None:
        for one in messages:
            self._recent[one.id] = one
            if one.about == "approval":
                self._asked.add((one.object_id, one.contact))
        while len(self._recent) > listing.MOST_RECENT:
            del self._recent[next(iter(self._recent))]

    async def offer(self, alerts: Sequence[Alert], now: int) -> None:
        """Alerts that were stored, raised or cleared or changed: whoever is to be told is told after their time to wait. Never fails."""
        for alert in alerts:
            self.pending.offer(alert, now)

    async def _tell_for_ever(self) -> None:
        told = time.monotonic()
        while True:
            began = time.monotonic()
            try:
                self._look_at_the_clock()
                if not self._hub.suppress.is_deciding or began - told > HOLD_S:
                    await self.tell(now_ms())
                    told = time.monotonic()
            except YunwangError as error:
                log.warning("Nobody can be told: %s", error)
            except Exception:
                log.exception("Nobody can be told.")
            await asyncio.sleep(max(LOOK_S, 4 * (time.monotonic() - began)))

    def _look_at_the_clock(self) -> None:
        """Nobody waits a day for a message because the clock was put back by one."""
        before, self._clock = self._clock, self._clock.look(now_ms(), steady_ms())
        if self._clock.step_ms and self._clock.at_ms != before.at_ms:
            log.warning("The clock stepped by %d s: what waits to be told waits as long as it would have.", self._clock.step_ms // 1000)
            self.pending.stepped(self._clock.step_ms)
            self.delivery.stepped(self._clock.step_ms)
            self._first_due.clear()

    async def tell(self, now: int) -> list[Message]:
        """Writes the messages that are due, and hands them on to be sent."""
        if not self.pending.items or not self.delivery.contacts:
            return []
        around, seen = await self._hub.suppress.surroundings(), self._hub.suppress.seen()

        def ready(row: AlertRow, item: Item) -> int:
            if not self._hub.suppress.is_settled(row.id):
                return now + 1
            began = row.began_at if item.since == row.raised_at else 0
            return speaks_at(self._hub.suppress.meaning(row.rule), row.device_id, row.instance, item.since, around, seen, began)

        heaps: dict[tuple[str, About], list[tuple[Item, AlertRow]]] = {}
        for item, row in self.pending.due(self._hub.table.alert, ready, now):
            for contact in self._to_tell(item, row, around, now):
                heaps.setdefault((contact, item.about), []).append((item, row))
        messages = [self._message(*key, heap, now) for key, heap in heaps.items() if self._may_tell(key[0], heap, now)]
        if messages:
            await self._hub.commits.write(NOTIFIER, lambda write: _put(write, messages))
            for one in messages:
                for item, row in heaps[one.contact, one.about]:
                    self.pending.tell(item, row, one.contact, now)
                    self._ended_meanwhile(item, now)
                self._first_due.pop(one.contact, None)
            self.remember(messages)
            self.delivery.put(messages)
        return messages

    def _ended_meanwhile(self, item: Item, now: int) -> None:
        """What cleared while the message of it was being written was not told of yet by then; now it was, and its end is to be told."""
        row = self._hub.table.alert(item.alert_id)
        if row is not None and row.cleared_at and item.about == "alert":
            self.pending.offer(row, now)

    def _to_tell(self, item: Item, row: AlertRow, around: Surroundings, now: int) -> list[str]:
        """Names of contacts that are told of it and were not yet. Where there are none any more, it is done."""
        found = routing.chosen(self._case(row, around), self.routes, self.delivery.contacts.values(), now)
        if item.about == "recovery":
            ended = self.pending.untold_end(row.id)
            wanted = [one for one in found if one.recovered and one.contact.name in ended]
        else:
            wanted = [one for one in found if not self.pending.was_told(row, one.contact.name)]
        ready: list[Chosen] = [one for one in wanted if one.at_ms <= now]
        if not wanted:
            self.pending.done(item)
        elif not ready:
            self.pending.later(item, min(one.at_ms for one in wanted))
        return [one.contact.name for one in ready]

    def _case(self, row: AlertRow, around: Surroundings) -> Case:
        device = self._hub.table.row(row.device_id)
        unit, site = ("", "") if device else around.belongs(row.device_id)
        place = self._hub.windows.place(row.device_id if device else "", unit, site)
        return Case(wording.hurry(row), place, device.role if device else "", row.rule)

    def _may_tell(self, contact: str, heap: Sequence[tuple[Item, AlertRow]], now: int) -> bool:
        """Not more often than a person can bear: what comes meanwhile is told together."""
        urgent = any(item.about == "alert" and wording.hurry(row) == "critical" for item, row in heap)
        if now - self._first_due.setdefault(contact, now) < GATHER_MS:
            return False
        times = [one.created_at for one in self._recent.values() if one.contact == contact and now - HOUR_MS < one.created_at <= now]
        pause = next(pause for count, pause in (URGENT_STEPS_MS if urgent else STEPS_MS) if len(times) >= count)
        return not times or now - max(times) >= pause

    def _message(self, contact: str, about: About, heap: Sequence[tuple[Item, AlertRow]], now: int) -> Message:
        language = self.delivery.contacts[contact].language
        stories = self._stories([row for _, row in heap])
        words = wording.of_alerts(stories, about, language)
        return Message(
            id=new_id(now), contact=contact, about=about, language=language, severity=wording.severity_of(stories), subject=words.subject,
            text=words.text, alerts=tuple(item.alert_id for item, _ in heap), created_at=now,
        )

    def _stories(self, rows: Sequence[AlertRow]) -> list[Story]:
        """With the silent devices behind each, and whose they are."""
        wanted = {row.id for row in rows if row.suppressed}
        behind: Counter[str] = Counter()
        units: dict[str, dict[str, None]] = {row.id: {} for row in rows}
        for row in (*rows, *(self._hub.table.open_alerts() if wanted else ())):
            root = row.id if row.id in units else row.suppressed_by
            if root not in units:
                continue
            silent = row.id != root and self._hub.suppress.meaning(row.rule) == "silent"
            behind[root] += silent
            if (device := self._hub.table.row(row.device_id)) and device.unit:
                units[root][device.unit] = None
        return [Story(row, behind[row.id], tuple(units[row.id])) for row in rows]

    async def _ask_for_ever(self) -> None:
        while True:
            try:
                await self.ask(now_ms())
            except YunwangError as error:
                log.warning("Nobody can be told of approvals: %s", error)
            except Exception:
                log.exception("Nobody can be told of approvals.")
            await asyncio.sleep(APPROVALS_S)

    async def ask(self, now: int) -> list[Message]:
        """Tells contacts of approvals that wait for their word."""
        people = [one for one in self.delivery.contacts.values() if one.account and one.enabled]
        revision = await self._hub.read(self._hub.store.revision)
        if not people or revision == self._revision:
            return []
        found = await in_thread(asking.waiting_for, self._hub.store, people, now)
        messages = [
            self._about_approval(contact, approval, now) for contact, approval in found if (approval.id, contact.name) not in self._asked
        ]
        if messages:
            await self._hub.commits.write(NOTIFIER, lambda write: _put(write, messages))
            self.remember(messages)
            self.delivery.put(messages)
        self._revision = revision
        return messages

    async def _forget_for_ever(self) -> None:
        while True:
            try:
                await listing.forget(self._hub, now_ms() - LISTED_DAYS * DAY_MS)
            except YunwangError as error:
                log.warning("Old messages could not be forgotten: %s", error)
            await asyncio.sleep(DAY_MS / 1000)

    def _about_approval(self, contact: Contact, approval: Approval, now: int) -> Message:
        words = wording.of_approval(approval, contact.language)
        return Message(
            id=new_id(now), contact=contact.name, about="approval", language=contact.language, subject=words.subject, text=words.text,
            object_id=approval.id, created_at=now,
        )

    @property
    def problem(self) -> str:
        """Why somebody who should be told is not; empty: everybody is."""
        failing = [one for one in self.delivery.waiting.values() if one.attempts >= MANY_TRIES]
        return max(failing, key=lambda one: one.id).problem if failing else ""

    @property
    def recent(self) -> Iterable[Message]:
        """Messages of the last days, oldest first."""
        return self._recent.values()


def _put(write: RecordWrite, messages: Sequence[Message]) -> None:
    for one in messages:
        write.put("notify.write", one)
