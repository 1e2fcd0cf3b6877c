"""Listening by UDP: datagrams are taken in blocks (recvmmsg), stripped of communities, opened where they are of SNMPv3, and put aside."""

import asyncio
import errno
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

from agents.ears_inbox import Inbox
from core.errors import SettingsError, SocketInUseError, YunwangError
from core.events import EventKind
from core.i18n import tr
from core.signals import RawLine
from links.snmp.wire import NAME_WORDS, Wire, open_wire
from links.traplanes import another, share
from links.traps import answer_to, without_community
from links.traps3 import Engine

STRIDE = 65_536
BUFFERS = 256
ROUNDS = 8
PAUSE_S = 0.015
"""Blocks that are taken before the loop turns."""
RECEIVE_BUFFER = 32 * 1024 * 1024
LANES = 8
LANE_BUFFER = RECEIVE_BUFFER // 4
PRESSED_S = 0.1
MAX_NAMES = 50_000
_V3 = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01\x03", re.DOTALL)
_INFORM_AT = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01\x01\x04", re.DOTALL)
_INFORM = 0xA6


def listen_in_lanes(address: str, port: int, lanes: int = LANES) -> tuple[Wire, list[socket.socket]]:
    """Bound sockets of one address, each for a share of the senders, and the buffers that they take turns with (64 kB for each datagram
    of a block are too much to have for each). Raises `SocketInUseError` or `SettingsError`."""
    wire = listen(address, port, LANE_BUFFER)
    others = [another(wire.socket, LANE_BUFFER) for _ in range(lanes - 1)]
    if share(wire.socket, others):
        return wire, [wire.socket, *others]
    for one in others:
        one.close()
    wire.close()
    wire = listen(address, port)
    return wire, [wire.socket]


def _wire(address: str, receive_buffer: int) -> Wire:
    wire = open_wire(socket.AF_INET6 if ":" in address else socket.AF_INET, BUFFERS, STRIDE, receive_buffer)
    if address == "::":
        wire.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    return wire


def listen(address: str, port: int, receive_buffer: int = RECEIVE_BUFFER) -> Wire:
    """A bound UDP socket. Raises `SocketInUseError` or `SettingsError` with the way out."""
    wire = _wire(address, receive_buffer)
    try:
        wire.socket.bind((address, port))
    except (OSError, UnicodeError) as error:
        wire.close()
        raise explained(error, address, port, "UDP") from None
    return wire


def explained(error: Exception, address: str, port: int, protocol: str) -> YunwangError:
    """Why nobody can listen there, and the way out."""
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return SocketInUseError(
            tr("{protocol} port {port} of {address} is in use by another program.", protocol=protocol, port=port, address=address),
            way_out=tr("Stop that program, or choose other ports with ears.syslog_port and ears.trap_port."),
        )
    if number in (errno.EACCES, errno.EPERM):
        return SettingsError(
            tr("This account may not listen on {protocol} port {port}.", protocol=protocol, port=port),
            way_out=tr("Choose a port above 1023, or give the program CAP_NET_BIND_SERVICE."),
        )
    return SettingsError(
        tr("{address} is no address of this machine.", address=address), way_out=tr("Correct ears.address."),
    )


class UdpEar:
    """One listener. engine: ours, for SNMPv3; None for syslog. listener: its socket, where several share the buffers of one wire."""

    def __init__(
        self, wire: Wire, kind: EventKind, inbox: Inbox, engine: Engine | None = None, clock: Callable[[], float] = time.monotonic,
        listener: socket.socket | None = None,
    ) -> None:
        self.wire, self.kind, self.rejected = wire, kind, 0
        self.socket = listener or wire.socket
        self._inbox, self._engine, self._clock = inbox, engine, clock
        self._names: dict[bytes, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inode = _inode(self.socket)
        self._pressed_s = -PRESSED_S

    def attach(self) -> None:
        """Listens in this event loop from now on."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self.socket, self._readable)

    def detach(self) -> None:
        """What came is taken; nothing more."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.remove_reader(self.socket)
            self.receive()

    def _readable(self) -> None:
        """With a short pause where little was there: a call for each datagram costs more than reading it."""
        if self.receive() < BUFFERS and self._loop is not None:
            self._loop.remove_reader(self.socket)
            self._loop.call_later(PAUSE_S, self._resume)

    def _resume(self) -> None:
        if self._loop is not None:
            self._loop.add_reader(self.socket, self._readable)

    @property
    def pressed(self) -> bool:
        """More waits than is taken at once: whoever can do without the processor should, for the moment."""
        return time.monotonic() - self._pressed_s < PRESSED_S

    def receive(self) -> int:
        """Takes what is there, at most some blocks; returns how many datagrams."""
        wire, taken = self.wire, 0
        wire.socket = self.socket
        for _ in range(ROUNDS):
            count = wire.receive(0)
            if count:
                self._take(count)
            taken += count
            if count < BUFFERS:
                return taken
        self._pressed_s = time.monotonic()
        return taken

    def _take(self, count: int) -> None:
        wire, inbox, kind = self.wire, self._inbox, self.kind
        at_ms = time.time_ns() // 1_000_000
        view, names = wire.flat.data, wire.names.tobytes()
        width = 4 * NAME_WORDS
        for place, size in enumerate(wire.sizes[:count].tolist()):
            raw = bytes(view[place * STRIDE : place * STRIDE + size])
            name = names[place * width : (place + 1) * width]
            source = self._names.get(name) or self._name(name)
            if kind == "syslog":
                inbox.put(RawLine(at_ms=at_ms, source=source, kind=kind, raw=raw))
            else:
                self._trap(raw, name, source, at_ms)

    def _trap(self, raw: bytes, name: bytes, source: str, at_ms: int) -> None:
        if self._engine is not None and _V3.match(raw):
            opened = self._engine.open(raw, self._clock())
            if opened.trap is None and opened.answer:
                self._send(opened.answer, name)  # who we are, or our time: nothing was said yet that could be lost
                return
            self.rejected += opened.trap is None
            answer = opened.answer
            self._inbox.informs += bool(answer)
            line = RawLine(at_ms=at_ms, source=source, kind="trap", raw=opened.plain)
            self._inbox.put(line, (lambda: self._send(answer, name)) if answer else None)
            return
        kept = without_community(raw)
        found = _INFORM_AT.match(raw)
        if found and raw[found.end() + 1 + raw[found.end()] :][:1] == bytes((_INFORM,)) and (acknowledged := answer_to(raw)):
            self._inbox.informs += 1
            self._inbox.put(RawLine(at_ms=at_ms, source=source, kind="trap", raw=kept), lambda: self._send(acknowledged, name))
            return
        self._inbox.put(RawLine(at_ms=at_ms, source=source, kind="trap", raw=kept))

    def _send(self, data: bytes, name: bytes) -> None:
        try:
            self.socket.sendto(data, address_of(self.wire.family, name))
        except OSError:
            return  # the sender asks again

    def _name(self, name: bytes) -> str:
        source = str(address_of(self.wire.family, name)[0]).removeprefix("::ffff:")
        if len(self._names) >= MAX_NAMES:
            self._names.clear()
        self._names[name] = source
        return source

    @property
    def missed(self) -> int:
        """Datagrams that the kernel threw away because nobody took them in time, as far as it tells (Linux)."""
        return _drops(self._inode, 6 if self.wire.family == socket.AF_INET6 else 4)

    def close(self) -> None:
        self.socket.close()


def address_of(family: int, name: bytes) -> tuple[str, int]:
    """Of a struct sockaddr."""
    port = int.from_bytes(name[2:4], "big")
    if family == socket.AF_INET:
        return socket.inet_ntop(family, name[4:8]), port
    return socket.inet_ntop(family, name[8:24]), port


def _inode(listener: socket.socket) -> str:
    try:
        return Path(f"/proc/self/fd/{listener.fileno()}").readlink().name.partition("[")[2].rstrip("]")
    except OSError:
        return ""


def _drops(inode: str, version: int) -> int:
    try:
        lines = Path("/proc/net/udp6" if version == 6 else "/proc/net/udp").read_text("ascii").splitlines()[1:]
    except (OSError, UnicodeDecodeError):
        return 0
    found = [parts for line in lines if len(parts := line.split()) > 12 and parts[9] == inode]
    return int(found[0][12]) if inode and found and found[0][12].isdigit() else 0
