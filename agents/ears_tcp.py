"""Syslog over TCP and TLS (RFC 6587, RFC 5425): each connection says by its first octet how it tells its lines apart.

A sender that is faster than the disk is not read until there is room again: nothing of it is lost.
"""

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from agents.ears_connections import Connections
from agents.ears_inbox import Inbox
from agents.ears_udp import explained
from core.errors import SettingsError
from core.i18n import reason, tr
from core.signals import RawLine

MAX_LINE = 65_507
MAX_DIGITS = 7
"""Of the length that stands before a line."""
ENDS = b"\n\x00"


class Lines:
    """Octets to lines, by either framing. Pure. What is longer than `MAX_LINE` is cut, and the rest of it is passed over."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._counted: bool | None = None
        self._skip = 0
        self._cut = False

    def feed(self, data: bytes) -> list[bytes]:
        self._held += data
        out: list[bytes] = []
        while self._held and self._step(out):
            continue
        return out

    def rest(self) -> list[bytes]:
        """What was not ended when the connection was."""
        held, self._held = bytes(self._held), bytearray()
        return [held[:MAX_LINE]] if held.strip(ENDS + b"\r ") and not self._skip and not self._cut else []

    def _step(self, out: list[bytes]) -> bool:
        if self._skip:
            gone = min(self._skip, len(self._held))
            del self._held[:gone]
            self._skip -= gone
            return True
        if self._counted is None or self._counted:
            begins = self._held.lstrip(b"\r\n \x00") if self._held[0] in b"\r\n \x00" else self._held
            if begins is not self._held:
                self._held = bytearray(begins)
                return bool(begins)
            self._counted = 0x31 <= self._held[0] <= 0x39
        return self._by_count(out) if self._counted else self._by_end(out)

    def _by_count(self, out: list[bytes]) -> bool:
        space = self._held.find(b" ", 0, MAX_DIGITS + 1)
        digits = self._held[: space if space >= 0 else MAX_DIGITS + 1]
        if not digits.isdigit() or (space < 0 and len(self._held) > MAX_DIGITS):
            self._counted = False  # it was a line after all
            return self._by_end(out)
        if space < 0:
            return False
        size = int(digits)
        if len(self._held) < space + 1 + min(size, MAX_LINE):
            return False
        out.append(bytes(self._held[space + 1 : space + 1 + min(size, MAX_LINE)]))
        gone = min(space + 1 + size, len(self._held))
        self._skip = space + 1 + size - gone
        del self._held[:gone]
        return True

    def _by_end(self, out: list[bytes]) -> bool:
        ends = [at for at in (self._held.find(end) for end in (b"\n", b"\x00")) if at >= 0]
        if not ends:
            if len(self._held) > MAX_LINE:
                if not self._cut:
                    out.append(bytes(self._held[:MAX_LINE]))
                self._held.clear()
                self._cut = True
            return False
        at = min(ends)
        line = bytes(self._held[:at]).rstrip(b"\r")
        del self._held[: at + 1]
        if line and not self._cut:
            out.append(line[:MAX_LINE])
        self._cut = False
        return True


class TcpEar(asyncio.Protocol):
    """One connection."""

    def __init__(self, inbox: Inbox, open_ones: Connections) -> None:
        self._inbox, self._open = inbox, open_ones
        self._lines = Lines()
        self._pending: deque[RawLine] = deque()
        self.source, self.heard_s = "", 0.0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername") or ("",)
        self.source = str(peer[0]).removeprefix("::ffff:").partition("%")[0]
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 -- what a server makes
        self._transport = transport
        self.heard_s = time.monotonic()
        if not self._open.admit(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard_s = time.monotonic()
        self._open.heard(self)
        self._take(self._lines.feed(data))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- however it ended
        self._take(self._lines.rest())
        self._open.leave(self)

    def close(self) -> None:
        """At once; what was read and waits is put, as far as there is room."""
        if self._waiting is not None:
            self._waiting.cancel()
        while self._pending:
            self._inbox.put(self._pending.popleft())
        if self._transport is not None:
            self._transport.abort()

    def abort(self) -> None:
        """It gives way to others; what was read of it is kept."""
        if self._transport is not None:
            self._transport.abort()

    def _take(self, lines: list[bytes]) -> None:
        at_ms = time.time_ns() // 1_000_000
        self._pending += [RawLine(at_ms=at_ms, source=self.source, kind="syslog", raw=raw) for raw in lines]
        self._put()
        if self._pending and self._waiting is None:
            if self._transport is not None:
                self._transport.pause_reading()
            self._waiting = asyncio.get_running_loop().create_task(self._wait())

    def _put(self) -> None:
        while self._pending and not self._inbox.crowded:
            self._inbox.put(self._pending.popleft())

    async def _wait(self) -> None:
        while self._pending:
            await self._inbox.roomy.wait()
            self._put()
            await asyncio.sleep(0)
        self._waiting = None
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()


async def serve(address: str, port: int, inbox: Inbox, open_ones: Connections, tls: ssl.SSLContext | None = None) -> asyncio.Server:
    """Listens. Raises `SocketInUseError` or `SettingsError` with the way out."""
    loop = asyncio.get_running_loop()
    make: Callable[[], TcpEar] = lambda: TcpEar(inbox, open_ones)  # noqa: E731
    try:
        return await loop.create_server(make, address, port, ssl=tls, backlog=512, ssl_handshake_timeout=10.0 if tls else None)
    except (OSError, UnicodeError) as error:
        raise explained(error, address, port, "TCP") from None


def tls_of(certificate: str, key: str, authority: str) -> ssl.SSLContext:
    """TLS 1.2 and later; with an authority, only senders that show a certificate of it (RFC 5425, 4.2). Raises `SettingsError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(Path(certificate).expanduser(), Path(key).expanduser(), password=lambda: b"")
        if authority:
            context.load_verify_locations(Path(authority).expanduser())
            context.verify_mode = ssl.CERT_REQUIRED
    except ssl.SSLError as error:
        raise SettingsError(
            tr("{file} cannot be used: {reason}.", file=certificate, reason=error.reason or str(error)),
            way_out=tr("Correct ears.certificate, ears.key and ears.authority."),
        ) from None
    except OSError as error:
        raise SettingsError(
            tr("{file} cannot be read: {reason}.", file=error.filename or certificate, reason=reason(error)),
            way_out=tr("Correct ears.certificate, ears.key and ears.authority."),
        ) from None
    return context
