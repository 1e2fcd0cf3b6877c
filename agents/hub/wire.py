"""HTTP/1.1 as the hub speaks it: uvicorn's protocol on httptools, with bounds on time and size that neither of them has.

Whoever is slow with a request's head or body, or with reading the answer, sends too large a head, or comes when all places are taken is
told so where that is still possible, and let go.
"""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from core.failure import Failure
from core.i18n import tr

HEAD_S = 10.0
"""From the first byte of a request, or from a new connection, to the end of the head."""
BODY_S, BODY_BYTES_PER_S = 30.0, 16 * 1024
"""A body has so long, and one second more for every so many bytes that came: an import over a slow line ends, a dripping one does too."""
STALL_S = 60.0
"""An answer that nobody reads is given up after this."""
MAX_HEAD = 32 * 1024
MAX_CONNECTIONS = 1000


class _Gathered:
    """A transport that writes once for what is given in one turn of the loop: head and body of an answer are one system call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._transport.write(b"".join(waiting) if len(waiting) > 1 else waiting[0])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class WireProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._in_head, self._head, self._fields = True, 0, 0
        self._body, self._body_since = 0, 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", _Gathered(transport, self.loop)))
        if len(self.connections) > MAX_CONNECTIONS:
            way_out = tr("Try again in some seconds.")
            self._refuse(503, Failure(code="busy", message=tr("The hub has no place for another connection."), way_out=way_out))
        else:
            self._allow(HEAD_S, self._slow_head)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clocks()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head += len(data)
            if self._clock is None:
                self._allow(HEAD_S, self._slow_head)
        super().data_received(data)
        if self._in_head and self._head > MAX_HEAD:
            self._too_large()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._fields = True, 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._fields += len(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._fields += len(name) + len(value)

    def on_headers_complete(self) -> None:
        self._in_head, self._head, self._body, self._body_since = False, 0, 0, self.loop.time()
        if self._fields > MAX_HEAD:
            self._too_large()
        elif not self.transport.is_closing():
            self._allow(BODY_S, self._slow_body)
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body += len(body)
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_head = True
        self._stop_clock()
        if not self.transport.is_closing():
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- its sentence is for programmers
        """What llhttp could not read."""
        self._refuse(400, Failure(code="protocol", message=tr("This is no request of HTTP/1.1.")))

    def _slow_head(self) -> None:
        self._clock = None
        self._refuse(408, Failure(code="no-answer", message=tr("The request did not arrive in time.")))

    def _slow_body(self) -> None:
        left = self._body_since + BODY_S + self._body / BODY_BYTES_PER_S - self.loop.time()
        if left > 0 or self.flow.read_paused:  # paused: it is we who are slow
            self._allow(max(left, 1.0), self._slow_body)
        else:
            self._slow_head()

    def _too_large(self) -> None:
        self._refuse(431, Failure(code="invalid-input", message=tr("The head of the request is too large.")))

    def _refuse(self, status: int, failure: Failure) -> None:
        """A last word outside of the application; then the connection ends."""
        self._stop_clocks()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            body = msgspec.json.encode({"error": failure})
            head = b"content-type: application/json\r\ncontent-length: %d\r\nretry-after: 5\r\nconnection: close\r\n\r\n" % len(body)
            self.transport.write(STATUS_LINE[status] + head + body)
        self.transport.close()

    def _allow(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_clock()
        self._clock = self.loop.call_later(seconds, then)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _stop_clocks(self) -> None:
        self._stop_clock()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None
