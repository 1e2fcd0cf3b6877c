"""Echoes to thousands of addresses at once, through one socket for each family (RFC 792, 4443). Blocking: call it in a thread.

An unprivileged datagram socket where the system allows it (`net.ipv4.ping_group_range`), else a raw one. Each echo carries a secret of this
call, its target and its number, so that no foreign answer counts; times of arrival are the kernel's, so that a busy machine of ours is not
taken for a slow network.
"""

import contextlib
import ipaddress
import math
import os
import select
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.errors import ForbiddenError
from core.i18n import tr

COUNT, SPACING_S, TIMEOUT_S = 3, 0.2, 1.0
LEAST_SIZE, MOST_SIZE = 24, 1400
BURST = 64
"""Echoes that are sent before answers are read again."""
_MARK = struct.Struct(">8sIH")
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_SOL_RAW, _ICMP_FILTER, _ICMP6_FILTER = 255, 1, 1
_SO_TIMESTAMPNS = 35
_BUFFER = 4 * 1024 * 1024


class _Wire:
    """One family's socket."""

    def __init__(self, family: socket.AddressFamily, size: int) -> None:
        self.family, self.cookie = family, os.urandom(8)
        self._padding = bytes(max(size, LEAST_SIZE) - 8 - _MARK.size)
        self.socket, self.raw = _socket(family)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._number = int.from_bytes(os.urandom(2), "big")
        self.targets: list[int] = []
        self.places: dict[str, list[int]] = {}

    def echo(self, target: int, turn: int) -> bytes:
        body = _MARK.pack(self.cookie, target, turn) + self._padding
        head = struct.pack(">BBHHH", _REQUEST[self.family], 0, 0, self._number, (turn * 31 + target) & 0xFFFF)
        if not self.raw or self.family == socket.AF_INET6:
            return head + body  # the kernel counts
        return head[:2] + _checksum(head + body).to_bytes(2, "big") + head[4:] + body

    def read(self, data: bytes) -> tuple[int, int] | None:
        """Target and turn of an answer that is ours."""
        if self.raw and self.family == socket.AF_INET:
            data = data[(data[0] & 15) * 4 :] if data else data
        if len(data) < 8 + _MARK.size or data[0] != _REPLY[self.family]:
            return None
        cookie, target, turn = _MARK.unpack_from(data, 8)
        return (target, turn) if cookie == self.cookie else None


class _Book:
    """When each echo was sent, and how long it took. By target and turn."""

    def __init__(self, targets: int, count: int) -> None:
        self.count = count
        self.sent_ns = [0] * (targets * count)
        self.began = [0.0] * (targets * count)
        self.rtt_ms = [math.nan] * (targets * count)
        self.missing = 0

    def send(self, target: int, turn: int) -> None:
        at = target * self.count + turn
        self.sent_ns[at], self.began[at] = time.time_ns(), time.monotonic()
        self.missing += 1

    def come(self, target: int, turn: int, came_ns: int) -> None:
        at = target * self.count + turn
        if target < 0 or turn >= self.count or at >= len(self.rtt_ms) or not self.sent_ns[at] or not math.isnan(self.rtt_ms[at]):
            return
        by_hand = (time.monotonic() - self.began[at]) * 1000
        by_kernel = (came_ns - self.sent_ns[at]) / 1e6
        self.rtt_ms[at] = by_kernel if 0 <= by_kernel <= by_hand else by_hand  # else somebody set the clock meanwhile
        self.missing -= 1


class Echoes(NamedTuple):
    """rtt_ms: one for each echo in the order of sending, NaN for a lost one. unreachable: why it could not even be sent."""

    rtt_ms: tuple[float, ...]
    unreachable: str = ""


def ping(
    addresses: Sequence[str], *, count: int = COUNT, spacing_s: float = SPACING_S, timeout_s: float = TIMEOUT_S, size: int = 56,
) -> list[Echoes]:
    """Sends `count` echoes of `size` octets to each address, a round each `spacing_s`, evenly over it; waits for the last one `timeout_s`.

    addresses: IPv4 and IPv6, with a zone where it is link-local. Raises `ForbiddenError` where the system lets nobody send echoes.
    """
    book = _Book(len(addresses), count)
    refused = [""] * len(addresses)
    with contextlib.ExitStack() as stack:
        wires = _wires(addresses, min(size, MOST_SIZE), refused, stack)
        poller = select.poll()
        for wire in wires:
            poller.register(wire.socket, select.POLLIN)
        by_file = {wire.socket.fileno(): wire for wire in wires}
        order = [(wire, target) for wire in wires for target in wire.targets]
        begun = time.monotonic()
        for turn in range(count):
            for at in range(0, len(order), BURST):
                due = begun + spacing_s * (turn + at / len(order))
                _listen(poller, by_file, book, addresses, due)
                for wire, target in order[at : at + BURST]:
                    _send(wire, target, turn, addresses[target], book, refused)
                _listen(poller, by_file, book, addresses, 0.0)
        _listen(poller, by_file, book, addresses, time.monotonic() + timeout_s)
    return [Echoes(tuple(book.rtt_ms[at * count : (at + 1) * count]), refused[at]) for at in range(len(addresses))]


def _wires(addresses: Sequence[str], size: int, refused: list[str], stack: contextlib.ExitStack) -> list[_Wire]:
    found: dict[socket.AddressFamily, _Wire] = {}
    for number, address in enumerate(addresses):
        family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
        try:
            if family not in found:
                found[family] = _Wire(family, size)
                stack.callback(found[family].socket.close)
            found[family].targets.append(number)
        except OSError as error:
            refused[number] = error.strerror or "socket"
    return list(found.values())


def _send(wire: _Wire, target: int, turn: int, address: str, book: _Book, refused: list[str]) -> None:
    book.send(target, turn)
    try:
        wire.socket.sendto(wire.echo(target, turn), (address, 0))
    except BlockingIOError:
        select.select((), (wire.socket,), (), 0.2)
        with contextlib.suppress(OSError):
            wire.socket.sendto(wire.echo(target, turn), (address, 0))
    except OSError as error:
        refused[target] = error.strerror or "sendto"
        book.missing -= 1


def _listen(poller: select.poll, by_file: dict[int, _Wire], book: _Book, addresses: Sequence[str], until: float) -> None:
    """Takes what has come, and what comes until then; ends early when nothing is missing any more. until: 0 for only what is there."""
    while True:
        left = until - time.monotonic()
        ready = poller.poll(max(left, 0.0) * 1000 if until and book.missing else 0)
        if not ready and left <= 0:
            return
        for file, _ in ready:
            for data, came_ns, source in _received(by_file[file]):
                if (mark := by_file[file].read(data)) and mark[0] < len(addresses) and _same(addresses[mark[0]], source):
                    book.come(*mark, came_ns)
        if not book.missing and until:
            time.sleep(max(0.0, min(left, until - time.monotonic()))) if _more_to_send(book, until) else None
            return


def _more_to_send(book: _Book, until: float) -> bool:
    """Whether `until` is when the next round begins: an early end would send it too soon."""
    return until - time.monotonic() > 0 and not all(book.sent_ns)


def _received(wire: _Wire) -> Iterator[tuple[bytes, int, str]]:
    for _ in range(4 * BURST):
        try:
            data, more, _, source = wire.socket.recvmsg(2048, 64)
        except OSError:
            return
        came_ns = time.time_ns()
        for level, kind, stamp in more:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(stamp) >= 16:
                seconds, rest = struct.unpack_from("qq", stamp)
                came_ns = seconds * 1_000_000_000 + rest
        yield data, came_ns, str(source[0])


def _same(asked: str, source: str) -> bool:
    if asked == source:
        return True
    asked, source = asked.partition("%")[0], source.partition("%")[0]
    return ":" in asked and ipaddress.ip_address(asked) == ipaddress.ip_address(source)


def _socket(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
    """A datagram socket, or a raw one that is given only echo replies."""
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol), False
    except PermissionError:
        pass
    try:
        made = socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise ForbiddenError(
            tr("This system lets nobody send ICMP echoes."), way_out=tr("As root: sysctl -w net.ipv4.ping_group_range='0 2147483647'"),
        ) from None
    if family == socket.AF_INET6:
        blocked = bytearray(b"\xff" * 32)
        words = struct.unpack("=8I", blocked)
        words = tuple(word & ~(1 << (129 & 31)) if number == 129 >> 5 else word for number, word in enumerate(words))
        made.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))
    else:
        made.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("=I", 0xFFFFFFFF ^ 1))
    return made, True


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data if len(data) % 2 == 0 else data[:-1]))
    total += data[-1] << 8 if len(data) % 2 else 0
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF
