"""The embedded bus (`core.ports.Bus`): one process's end of the broker's Unix socket."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from core.errors import NoAnswerError, ProtocolError, YunwangError
from core.failure import Failure
from core.i18n import mark, tr
from links import frames
from links.frames import Frame, Kind

Handler = Callable[[bytes], Awaitable[bytes | None]]
"""Takes the body; what it returns answers a request (None: an empty body), what it raises is raised where it was asked."""

FIRST_PAUSE_S, LAST_PAUSE_S = 0.02, 1.0
MAX_QUEUED = 1024
MAX_QUEUED_BYTES = 2 * frames.MAX_FRAME

log = logging.getLogger(__name__)


class SocketBus:
    """Connects as `name`, and again for ever when the broker goes away; subscriptions come back by themselves.

    What is published while there is no connection is dropped; a request waits for one, at most until its timeout.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.dropped = 0
        """Frames that came or went when there was no room for them."""
        self._subscriptions: dict[str, _Subscription] = {}
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)
        self._wire: _Wire | None = None
        self._connected = asyncio.Event()
        self._runner: asyncio.Task[None] | None = None

    async def start(self) -> "SocketBus":
        self._runner = asyncio.create_task(self._run(), name=f"bus {self.name}")
        return self

    async def wait_connected(self, timeout_s: float = 5.0) -> None:
        """Raises `NoAnswerError` when the broker is not there in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._connected.wait()
        except TimeoutError:
            raise NoAnswerError(tr("The bus at {path} does not answer.", path=self.path)) from None

    async def publish(self, subject: str, body: bytes) -> None:
        self._send(Frame(Kind.PUBLISH, 0, subject, body))

    async def request(self, subject: str, body: bytes, timeout_s: float = 5.0) -> bytes:
        """Asks one process that subscribes to `subject`; raises `NoAnswerError`, or what its handler raised."""
        number = next(self._numbers)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(timeout_s):
                await self._connected.wait()
                if not self._send(Frame(Kind.REQUEST, number, subject, body)):
                    raise NoAnswerError(tr("The question {subject} could not be sent inside Yunwang.", subject=subject))
                return await future
        except NoAnswerError:  # is a TimeoutError itself
            raise
        except TimeoutError:
            waited = f"{timeout_s:g}"
            raise NoAnswerError(tr("Inside Yunwang nobody answered {subject} within {waited} s.", subject=subject, waited=waited)) from None
        finally:
            self._waiting.pop(number, None)

    async def subscribe(self, subject: str, handler: Handler, workers: int = 1) -> None:
        """Calls `handler` for each message, one at a time and in order (workers: so many at a time)."""
        subscription = _Subscription(handler, self._send)
        self._subscriptions[subject] = subscription
        subscription.start(workers, f"bus {self.name} {subject}")
        self._send(Frame(Kind.SUBSCRIBE, 0, subject))

    async def close(self) -> None:
        if self._runner:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner
        if self._wire:
            self._wire.close()
        for subscription in self._subscriptions.values():
            await subscription.stop()
        self._fail_waiting()

    async def _run(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            wire = _Wire(self._receive)
            try:
                await asyncio.get_running_loop().create_unix_connection(lambda wire=wire: wire, str(self.path))  # type: ignore[misc]
            except OSError:
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE_S)
                continue
            pause = FIRST_PAUSE_S
            self._wire = wire
            self._greet()
            await wire.closed
            self._wire = None
            self._connected.clear()
            self._fail_waiting()

    def _greet(self) -> None:
        self._send(Frame(Kind.HELLO, 0, self.name))
        for subject in self._subscriptions:
            self._send(Frame(Kind.SUBSCRIBE, 0, subject))
        self._connected.set()

    def _send(self, frame: Frame) -> bool:
        data = frames.encode(frame)
        if self._wire is None or not self._wire.write(data):
            self.dropped += 1
            return False
        return True

    def _receive(self, frame: Frame) -> None:
        if frame.kind in (Kind.REPLY, Kind.FAILURE):
            future = self._waiting.get(frame.id)
            if future is not None and not future.done():
                _settle(future, frame)
        elif (subscription := self._subscriptions.get(frame.subject)) is not None and not subscription.offer(frame):
            self.dropped += 1

    def _fail_waiting(self) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(NoAnswerError(tr("Another process of Yunwang went away before it answered.")))


def _settle(future: asyncio.Future[bytes], frame: Frame) -> None:
    if frame.kind is Kind.REPLY:
        future.set_result(frame.body)
        return
    try:
        future.set_exception(msgspec.msgpack.decode(frame.body, type=Failure).error())
    except msgspec.DecodeError:
        future.set_exception(ProtocolError(tr("The answer of another process of Yunwang was not understood.")))


class _Subscription:
    """The bounded queue of one subject and the tasks that empty it."""

    def __init__(self, handler: Handler, send: Callable[[Frame], bool]) -> None:
        self._handler, self._send = handler, send
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(MAX_QUEUED)
        self._bytes = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, workers: int, name: str) -> None:
        self._tasks = [asyncio.create_task(self._work(), name=name) for _ in range(workers)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def offer(self, frame: Frame) -> bool:
        if self._queue.full() or (self._bytes and self._bytes + len(frame.body) > MAX_QUEUED_BYTES):
            if frame.kind is Kind.REQUEST:
                self._fail(frame, NoAnswerError(mark("Another process of Yunwang has too much to do at the moment.")))
            return False
        self._bytes += len(frame.body)
        self._queue.put_nowait(frame)
        return True

    async def _work(self) -> None:
        while True:
            frame = await self._queue.get()
            self._bytes -= len(frame.body)
            await self._answer(frame)

    async def _answer(self, frame: Frame) -> None:
        try:
            body = await self._handler(frame.body)
            if frame.kind is Kind.REQUEST:
                self._send(Frame(Kind.REPLY, frame.id, "", body or b""))
        except YunwangError as error:
            log.warning("%s: %s", frame.subject, error)
            self._fail(frame, error)
        except Exception:
            log.exception("The handler of %s failed.", frame.subject)
            way_out = mark("The logs in the data folder tell more.")
            self._fail(frame, YunwangError(mark("Another process of Yunwang failed at this."), way_out=way_out))

    def _fail(self, frame: Frame, error: YunwangError) -> None:
        if frame.kind is Kind.REQUEST:
            self._send(Frame(Kind.FAILURE, frame.id, "", msgspec.msgpack.encode(Failure.of(error))))


class _Wire(asyncio.Protocol):
    """One connection to the broker."""

    def __init__(self, receive: Callable[[Frame], None]) -> None:
        self._receive = receive
        self._splitter = frames.Splitter()
        self._transport: asyncio.Transport | None = None
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- asyncio's signature
        self._transport = None
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        try:
            for frame in self._splitter.feed(data):
                self._receive(frame)
        except ProtocolError as error:
            log.warning("The broker was not understood: %s", error.message)
            self.close()

    def write(self, data: bytes) -> bool:
        if self._transport is None or self._transport.get_write_buffer_size() > MAX_QUEUED_BYTES:
            return False
        self._transport.write(data)
        return True

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
