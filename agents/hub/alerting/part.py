"""The one door through which alerts come into the hub: met with what is kept, marked, settled, stored, shown, told on."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from agents.hub.alerting import others
from agents.hub.alerting.ending import Ending, close_alerts
from agents.hub.alerting.meeting import action_of, carried_on, met
from agents.hub.records import in_thread, now_ms
from core.errors import NotFoundError
from core.identity import Actor
from core.messages import AlertTransitions, Done
from core.ports import RecordStore, RecordWrite
from core.signals import Alert
from core.views import AlertRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SENSES = Actor(name="system:senses", origin="process")


class Alerting:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.one = asyncio.Lock()
        """Held from a write of alerts until the living picture has them: a later state never gives way to an earlier one."""
        self.closed: list[Callable[[Sequence[Alert]], None]] = []
        """Called with alerts that were closed: whoever remembers them as open forgets them, so that they can be raised again."""

        self.ending = Ending(hub)

    async def start(self) -> None:
        await self._hub.bus.subscribe("hub.alerts", self._hear)
        self._hub.spawn(others.follow(self._hub))
        self._hub.spawn(self.ending.run())

    async def close(self) -> None:
        """Nothing to close."""

    async def _hear(self, body: bytes) -> bytes:
        news = msgspec.msgpack.decode(body, type=AlertTransitions)
        await self.receive(news.alerts, SENSES, f"alerts:{news.key}")
        return msgspec.msgpack.encode(Done(count=len(news.alerts)))

    async def receive(self, alerts: Sequence[Alert], actor: Actor, key: str) -> Sequence[Alert]:
        """Raised, changed or cleared alerts of whoever judges; how they were stored. A repetition with the same key changes nothing."""
        now = now_ms()
        alerts = await self._hub.ruling.weighed(alerts)
        settled = await self._hub.suppress.settle(self._hub.windows.marked(alerts, now), now)
        settled = [carried_on(one, self._hub.table.cleared_alerts()) if one.flapping else one for one in settled]
        async with self.one:
            stored = await in_thread(_put, self._hub.store, actor, settled, key, now)
            self._hub.table.put_alerts(stored)
        await self._hub.notify.offer(stored, now)
        return stored

    async def close_alerts(self, where: Callable[[AlertRow], bool], reason: str, now: int) -> int:
        """Closes what nobody judges any more, as the alerts of a rule that is gone: with the reason in their history. How many."""
        return await close_alerts(self._hub, where, reason, now)

    def forget(self, closed: Sequence[Alert]) -> None:
        """These were closed though whoever judges did not say so."""
        for listener in self.closed if closed else ():
            listener(closed)

    async def show(self, stored: Sequence[Alert]) -> None:
        """These were stored by somebody else: consoles see them, and whoever is to be told is told."""
        self._hub.table.put_alerts(stored)
        await self._hub.notify.offer(stored, now_ms())


def _put(store: RecordStore, actor: Actor, alerts: Sequence[Alert], key: str, now: int) -> list[Alert]:
    """Those that were stored; none when they were stored before."""
    if store.answered(key) is not None:
        return []
    stored = []
    with store.write(actor, now_ms(), key) as write:
        for told in alerts:
            kept = _kept(write, told.id)
            after = met(told, kept, now)
            write.put(action_of(after, kept), after)
            stored.append(after)
    return stored


def _kept(write: RecordWrite, alert_id: str) -> Alert | None:
    try:
        found: Alert = write.get("alert", alert_id)
    except NotFoundError:
        return None
    return found
