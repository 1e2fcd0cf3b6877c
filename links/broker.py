"""The broker of the embedded bus: carries frames between the processes of one node over a Unix socket.

It never waits for anybody: what a process does not read in time costs that process its connection (it comes back and subscribes
again), a request that nobody can answer is refused at once.
"""

import asyncio
import itertools
import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import msgspec

from core.errors import NoAnswerError, ProtocolError
from core.failure import Failure
from core.i18n import mark
from links import frames
from links.frames import Frame, Kind
from links.unixsocket import bind

MAX_WAITING = frames.MAX_FRAME + 16 * 1024 * 1024
"""Bytes that may wait for one slow reader."""
MAX_CONNECTIONS = 64
MAX_SUBJECTS = 64
MAX_PENDING = 4096
"""Requests that one process may have open."""

log = logging.getLogger(__name__)


class Broker:
    """Listens on `path`, mode 0600; only processes of the same account are heard."""

    def __init__(self, path: Path, max_waiting: int = MAX_WAITING) -> None:
        self.path, self.max_waiting = path, max_waiting
        self.connections: set[_Connection] = set()
        self.subscribers: dict[str, list[_Connection]] = {}
        self.numbers = itertools.count(1)
        self.pending: dict[int, tuple[_Connection, int, _Connection]] = {}
        """By our number: who asked, under which id, who was asked."""
        self.on_subscribe: Callable[[str], None] = lambda _subject: None
        self._server: asyncio.AbstractServer | None = None

    async def start(self) -> None:
        listener = bind(self.path, 0o600)
        self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Connection(self), sock=listener)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        self.path.unlink(missing_ok=True)

    def publish(self, frame: Frame) -> None:
        readers = self.subscribers.get(frame.subject, ())
        if readers:
            data = frames.encode(frame)
            for reader in list(readers):
                reader.write(data)

    def request(self, asker: "_Connection", frame: Frame) -> None:
        readers = self.subscribers.get(frame.subject)
        if not readers or asker.open_requests >= MAX_PENDING:
            asker.refuse(frame.id, mark("Another process of Yunwang does not answer at the moment."))
            return
        reader = readers[0]
        readers.append(readers.pop(0))
        number = next(self.numbers)
        self.pending[number] = (asker, frame.id, reader)
        asker.open_requests += 1
        reader.write(frames.encode(Frame(Kind.REQUEST, number, frame.subject, frame.body)))

    def reply(self, answerer: "_Connection", frame: Frame) -> None:
        asker, number, asked = self.pending.get(frame.id, (None, 0, None))
        if asker is None or asked is not answerer:
            return
        del self.pending[frame.id]
        asker.open_requests -= 1
        asker.write(frames.encode(Frame(frame.kind, number, "", frame.body)))

    def forget(self, gone: "_Connection") -> None:
        self.connections.discard(gone)
        for readers in self.subscribers.values():
            if gone in readers:
                readers.remove(gone)
        for number, (asker, theirs, asked) in list(self.pending.items()):
            if gone is asker or gone is asked:
                del self.pending[number]
                asker.open_requests -= 1
                asker.refuse(theirs, mark("Another process of Yunwang went away before it answered."))


class _Connection(asyncio.Protocol):
    """One process at the broker."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.name, self.open_requests = broker, "somebody", 0
        self._splitter = frames.Splitter()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        if not _is_ours(transport.get_extra_info("socket")) or len(self.broker.connections) >= MAX_CONNECTIONS:
            log.warning("A connection to the bus was refused.")
            self.abort()
            return
        self.broker.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        self._transport = None
        self.broker.forget(self)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._splitter.feed(data):
                self._handle(frame)
        except ProtocolError as error:
            log.warning("%s was cut off from the bus: %s", self.name, error.message)
            self.abort()

    def _handle(self, frame: Frame) -> None:
        match frame.kind:
            case Kind.HELLO:
                self.name = frame.subject[:64]
            case Kind.SUBSCRIBE:
                self._subscribe(frame.subject)
            case Kind.PUBLISH:
                self.broker.publish(frame)
            case Kind.REQUEST:
                self.broker.request(self, frame)
            case Kind.REPLY | Kind.FAILURE:
                self.broker.reply(self, frame)

    def _subscribe(self, subject: str) -> None:
        readers = self.broker.subscribers.setdefault(subject, [])
        if len(self.broker.subscribers) > MAX_SUBJECTS:
            raise ProtocolError("Too many subjects are subscribed to.")
        if self not in readers:
            readers.append(self)
            self.broker.on_subscribe(subject)

    def write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > self.broker.max_waiting:
            log.warning("%s reads too slowly and lost its subscriptions.", self.name)
            self.abort()
            return
        self._transport.write(data)

    def refuse(self, number: int, message: str) -> None:
        body = msgspec.msgpack.encode(Failure.of(NoAnswerError(message)))
        self.write(frames.encode(Frame(Kind.FAILURE, number, "", body)))

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _is_ours(connection: socket.socket) -> bool:
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return uid in (0, os.geteuid())
