"""What the hub must not miss: alerts and observations, sent until acknowledged. Bounded: of each thing only the latest state waits."""

import asyncio
import logging
import time
from collections.abc import Sequence

import msgspec

from agents.senses.steady import ended, kept
from core.errors import NoAnswerError, StorageError, YunwangError
from core.messages import AlertTransitions, Done, Observed
from core.nouns import new_id
from core.ports import Bus
from core.signals import Alert

MOST_ALERTS, MOST_OBSERVED = 50_000, 50_000
BATCH = 500
SENDERS = 6
FIRST_PAUSE_S, LAST_PAUSE_S = 0.2, 5.0
ANSWER_S = 15.0
log = logging.getLogger(__name__)


class Outbox:
    """One for each process. `dropped` counts what had no room."""

    def __init__(self, bus: Bus) -> None:
        self.dropped = 0
        self._bus = bus
        self._alerts: dict[str, Alert] = {}
        self._observed: dict[str, bytes] = {}
        self._alert_news, self._observed_news = asyncio.Event(), asyncio.Event()
        self._flying: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(kept(self._send_alerts))]
        self._tasks += [asyncio.create_task(kept(self._send_observed)) for _ in range(SENDERS)]

    def alerts(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            self._alerts.pop(alert.id, None)
            self._alerts[alert.id] = alert
        self._bound(self._alerts, MOST_ALERTS)
        self._alert_news.set()

    def observed(self, observed: Observed) -> None:
        self._observed[observed.device_id] = msgspec.msgpack.encode(observed)
        self._bound(self._observed, MOST_OBSERVED)
        self._observed_news.set()

    async def drain(self, timeout_s: float) -> None:
        """Waits for what is queued, at most so long."""
        deadline = time.monotonic() + timeout_s
        while (self._alerts or self._observed or self._flying) and time.monotonic() < deadline:  # noqa: ASYNC110 - a bound, not a wait
            await asyncio.sleep(0.02)

    async def close(self) -> None:
        await ended(self._tasks)

    def _bound(self, waiting: dict[str, Alert] | dict[str, bytes], most: int) -> None:
        while len(waiting) > most:
            del waiting[next(iter(waiting))]
            self.dropped += 1

    async def _send_alerts(self) -> None:
        while True:
            await self._alert_news.wait()
            self._alert_news.clear()
            while batch := tuple(self._alerts.values())[:BATCH]:
                message = AlertTransitions(key=new_id(time.time_ns() // 1_000_000), alerts=batch)
                await self._until_done("hub.alerts", msgspec.msgpack.encode(message))
                for alert in batch:
                    if self._alerts.get(alert.id) is alert:
                        del self._alerts[alert.id]

    async def _send_observed(self) -> None:
        while True:
            await self._observed_news.wait()
            device_id = next((d for d in self._observed if d not in self._flying), "")
            if not device_id:
                self._observed_news.clear()
                continue
            self._flying.add(device_id)
            await self._until_done("hub.observed", self._observed.pop(device_id))
            self._flying.discard(device_id)
            self._observed_news.set()

    async def _until_done(self, subject: str, body: bytes) -> None:
        """Asks until the hub has it, or says that it never will."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                done = msgspec.msgpack.decode(await self._bus.request(subject, body, ANSWER_S), type=Done)
            except (NoAnswerError, StorageError, ConnectionError):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE_S)
            except (YunwangError, msgspec.DecodeError) as error:
                log.warning("%s: %s", subject, error)
                return
            else:
                if done.error:
                    log.warning("%s: %s", subject, done.error)
                return
