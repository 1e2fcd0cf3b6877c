"""Ears: the listeners for syslog and traps, and the only writer of logs. Raw datagrams, in batches, as they came."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import time
from collections import deque
from typing import Literal

import msgspec

from agents import lifeline
from core.errors import NoAnswerError, SettingsError, SocketInUseError, StorageError, YunwangError
from core.i18n import tr
from core.messages import Done
from core.paths import data_dir, run_dir
from core.ports import LogStore
from core.settings import Settings
from core.signals import RawLine
from links.bus import SocketBus
from links.traps import without_community
from stores.logs import open_logs

MAX_DATAGRAM = 65_507
BURST = 512
"""Datagrams that are taken at once before the loop turns."""
MAX_WAITING = 50_000
MAX_WAITING_BYTES = 64 * 1024 * 1024
BATCH = 5_000
RECEIVE_BUFFER = 4 * 1024 * 1024
MAINTAIN_S = 60.0

Kind = Literal["trap", "syslog"]
log = logging.getLogger(__name__)


class Inbox:
    """Lines that wait for the store, bounded; what does not fit is counted."""

    def __init__(self) -> None:
        self.received = self.stored = self.dropped = 0
        self._lines: deque[RawLine] = deque()
        self._bytes = 0
        self.news = asyncio.Event()

    def put(self, line: RawLine) -> None:
        self.received += 1
        if len(self._lines) >= MAX_WAITING or self._bytes + len(line.raw) > MAX_WAITING_BYTES:
            self.dropped += 1
            return
        self._lines.append(line)
        self._bytes += len(line.raw)
        self.news.set()

    def take(self, most: int = BATCH) -> list[RawLine]:
        lines = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
        self._bytes -= sum(len(line.raw) for line in lines)
        return lines

    def give_back(self, lines: list[RawLine]) -> None:
        self._lines.extendleft(reversed(lines))
        self._bytes += sum(len(line.raw) for line in lines)


def listen(address: str, port: int) -> socket.socket:
    """A bound UDP socket. Raises `SocketInUseError` or `SettingsError` with the way out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = socket.socket(family, socket.SOCK_DGRAM)
    found.setblocking(False)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    try:
        found.bind((address, port))
    except (OSError, UnicodeError) as error:
        found.close()
        raise _explain(error, address, port) from None
    return found


def _explain(error: Exception, address: str, port: int) -> YunwangError:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return SocketInUseError(
            tr("UDP port {port} of {address} is in use by another program.", port=port, address=address),
            way_out=tr("Stop that program, or choose other ports with ears.syslog_port and ears.trap_port."),
        )
    if number in (errno.EACCES, errno.EPERM):
        return SettingsError(
            tr("This account may not listen on UDP port {port}.", port=port),
            way_out=tr("Choose a port above 1023, or give the program CAP_NET_BIND_SERVICE."),
        )
    return SettingsError(
        tr("{address} is no address of this machine.", address=address), way_out=tr("Correct ears.address."),
    )


def receive(listener: socket.socket, kind: Kind, inbox: Inbox) -> None:
    """Takes what is there, at most one burst; the loop calls again while more is there."""
    at_ms = time.time_ns() // 1_000_000
    for _ in range(BURST):
        try:
            raw, source = listener.recvfrom(MAX_DATAGRAM)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            log.warning("Receiving %s: %s", kind, error.strerror)
            return
        inbox.put(RawLine(at_ms=at_ms, source=source[0], kind=kind, raw=without_community(raw) if kind == "trap" else raw))


async def store_lines(inbox: Inbox, store: LogStore) -> None:
    """Writes batches for ever; a store that refuses is tried again while the inbox fills, and then drops are counted."""
    while True:
        await inbox.news.wait()
        inbox.news.clear()
        while lines := inbox.take():
            try:
                inbox.stored += await asyncio.to_thread(store.append, lines)
            except StorageError as error:
                log.warning("%s", error)
                inbox.give_back(lines)
                await asyncio.sleep(1.0)


async def maintain(store: LogStore) -> None:
    while True:
        try:
            await asyncio.to_thread(store.maintain, time.time_ns() // 1_000_000)
        except StorageError as error:
            log.warning("%s", error)
        await asyncio.sleep(MAINTAIN_S)


async def _serve(settings: Settings) -> None:
    inbox, stop = Inbox(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    ports: tuple[tuple[Kind, int], ...] = (("syslog", settings.ears.syslog_port), ("trap", settings.ears.trap_port))
    listeners = [(listen(settings.ears.address, port), kind) for kind, port in ports if port]
    store = open_logs(data_dir(settings) / "logs", settings.logs)
    for listener, kind in listeners:
        loop.add_reader(listener, receive, listener, kind, inbox)
    bus = await SocketBus(run_dir(settings) / "bus.sock", "ears").start()

    async def count(_body: bytes) -> bytes:
        return msgspec.msgpack.encode(Done(count=inbox.stored, error=_drops(inbox)))

    await bus.subscribe("ears.count", count)
    tasks = [asyncio.create_task(store_lines(inbox, store)), asyncio.create_task(maintain(store))]
    with contextlib.suppress(NoAnswerError):  # they listen without the hub, too
        await bus.wait_connected()
    lifeline.ready()
    await stop.wait()
    for listener, _kind in listeners:
        loop.remove_reader(listener)
        listener.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    while lines := inbox.take():
        store.append(lines)
    await bus.close()
    store.close()


def _drops(inbox: Inbox) -> str:
    return tr("{count} messages were dropped.", count=inbox.dropped) if inbox.dropped else ""


def main(settings: Settings) -> int:
    asyncio.run(_serve(settings))
    return 0
