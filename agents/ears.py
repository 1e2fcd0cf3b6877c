"""Ears: the listeners for syslog and traps, and the only writer of logs. What is heard is stored first, read next, and told last."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

import msgspec

from agents import lifeline
from agents.ears_clock import RetentionClock
from agents.ears_connections import Connections
from agents.ears_inbox import Inbox, drain, store_lines
from agents.ears_reading import Reading
from agents.ears_senders import keep_senders, kept_senders
from agents.ears_tcp import serve, tls_of
from agents.ears_udp import UdpEar, listen_in_lanes
from agents.ears_users import keep_users, own_engine
from core.errors import NoAnswerError, StorageError
from core.events import EarsCount, Event, EventBatch
from core.paths import data_dir, run_dir
from core.ports import Bus
from core.settings import Settings
from links.bus import SocketBus
from stores.logs import ZstdLogs, open_logs

MAINTAIN_S = 60.0
TELL_S = 1.0
SWITCH_S = 0.001
"""Who receives waits no longer than this for who reads: at 50,000/s the usual five milliseconds are a block of datagrams."""
AT_A_TIME = 500
"""Events of one message of the bus."""

log = logging.getLogger(__name__)


async def maintain(store: ZstdLogs, keep: Callable[[], None]) -> None:
    clock, doubted = RetentionClock(_now_ms(), _steady_ms(), store.newest_ms()), False
    while True:
        now, steady = _now_ms(), _steady_ms()
        if clock.doubts(now, steady) and not doubted:
            log.warning("The clock jumped ahead: old lines are not forgotten by it.")
        doubted = clock.doubts(now, steady)
        try:
            await asyncio.to_thread(store.maintain, clock.now_ms(now, steady))
            await asyncio.to_thread(keep)
        except StorageError as error:
            log.warning("%s", error)
        await asyncio.sleep(MAINTAIN_S)


async def tell(reading: Reading, bus: Bus) -> None:
    """Publishes what is new, at most once a second."""
    while True:
        await asyncio.sleep(TELL_S)
        await publish(bus, await asyncio.to_thread(reading.take, _now_ms()))


async def publish(bus: Bus, events: list[Event]) -> None:
    for start in range(0, len(events), AT_A_TIME):
        batch = EventBatch(at_ms=_now_ms(), events=tuple(events[start : start + AT_A_TIME]))
        await bus.publish("live.events", msgspec.msgpack.encode(batch))


class Ears:
    """All listeners of these settings, and where what they hear goes. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        folder = data_dir(settings)
        self._wish = settings.ears
        self._senders_at = folder / "ears-senders.json"
        self.inbox = Inbox()
        self.store = open_logs(folder / "logs", settings.logs)
        self.engine = own_engine(folder / "ears-engine.json")
        self.reading = Reading(
            f"{_now_ms():x}-{os.getpid():x}", time.localtime().tm_gmtoff, self._pressed,
            senders=kept_senders(self._senders_at),
        )
        self._ears: list[UdpEar] = []
        self._servers: list[asyncio.Server] = []
        self._open = Connections()

    async def listen(self) -> None:
        """Raises `SocketInUseError` or `SettingsError` with the way out."""
        wish = self._wish
        if wish.syslog_port:
            wire, lanes = listen_in_lanes(wish.address, wish.syslog_port)
            self._ears += [UdpEar(wire, "syslog", self.inbox, listener=one) for one in lanes]
        if wish.trap_port:
            wire, lanes = listen_in_lanes(wish.address, wish.trap_port)
            self._ears += [UdpEar(wire, "trap", self.inbox, self.engine, listener=one) for one in lanes]
        if wish.syslog_tcp_port:
            self._servers.append(await serve(wish.address, wish.syslog_tcp_port, self.inbox, self._open))
        if wish.syslog_tls_port:
            tls = tls_of(wish.certificate, wish.key, wish.authority)
            self._servers.append(await serve(wish.address, wish.syslog_tls_port, self.inbox, self._open, tls))
        self.reading.start()
        for ear in self._ears:
            ear.attach()

    async def deafen(self) -> None:
        """Nothing new comes in; what came is in the inbox."""
        for server in self._servers:
            server.close()
        for connection in list(self._open):
            connection.close()
        for ear in self._ears:
            ear.detach()
        await asyncio.sleep(0)

    def close(self) -> None:
        """Writes what still waits."""
        drain(self.inbox, self.store)
        self.keep_senders()
        for ear in self._ears:
            ear.close()
        self.reading.stop()
        self.store.close()

    def _pressed(self) -> bool:
        return any(ear.pressed for ear in self._ears)

    def keep_senders(self) -> None:
        """So that who spoke before a restart is known after it."""
        keep_senders(self._senders_at, self.reading.senders())

    def counted(self) -> EarsCount:
        """How much was heard."""
        inbox, reading = self.inbox, self.reading
        missed = sum(ear.missed for ear in self._ears)
        return EarsCount(
            received=inbox.received, stored=inbox.stored, dropped=inbox.dropped + missed, events=reading.events, unread=reading.unread,
            rejected=sum(ear.rejected for ear in self._ears), informs=inbox.informs, turned_away=self._open.turned_away,
        )


def _steady_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ears = Ears(settings)
    await ears.listen()
    bus = await SocketBus(run_dir(settings) / "bus.sock", "ears").start()

    async def count(_body: bytes) -> bytes:
        return msgspec.msgpack.encode(ears.counted())

    async def senders(_body: bytes) -> bytes:
        return msgspec.msgpack.encode(ears.reading.senders())

    await bus.subscribe("ears.count", count)
    await bus.subscribe("ears.senders", senders)
    inbox, store, reading = ears.inbox, ears.store, ears.reading
    works = store_lines(inbox, store, reading.offer), maintain(store, ears.keep_senders), tell(reading, bus), keep_users(bus, ears.engine)
    tasks = [asyncio.create_task(work) for work in works]
    with contextlib.suppress(NoAnswerError):  # they listen without the hub, too
        await bus.wait_connected()
    lifeline.ready()
    await stop.wait()
    await ears.deafen()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await bus.close()
    ears.close()


def main(settings: Settings) -> int:
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(_serve(settings))
    return 0
