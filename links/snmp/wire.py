"""One UDP socket for all devices of an address family. Two ways to move datagrams in and out of the same arrays:

`MmsgWire`: sendmmsg and recvmmsg of libc through ctypes, up to 256 datagrams a call (Linux, 64-bit, little-endian).
`LoopWire`: sendto and recvfrom_into, everywhere.
"""

import contextlib
import ctypes
import select
import socket
import struct
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import UnavailableError
from core.i18n import tr

Ints = npt.NDArray[np.int64]
BATCH = 256
SPARE = 4096
"""Bytes past the last buffer, so that lengths that lie lead to bytes of ours."""
NAME_WORDS = 8
_MSG_DONTWAIT, _MSG_TRUNC = 0x40, 0x20
_SO_RCVBUFFORCE = 33


def name_of(address: str, port: int) -> npt.NDArray[np.uint32]:
    """The address as struct sockaddr_in or sockaddr_in6 in eight 32-bit words. Raises `UnavailableError`."""
    try:
        if ":" in address:
            body = struct.pack("=H", socket.AF_INET6) + struct.pack(">HI", port, 0) + socket.inet_pton(socket.AF_INET6, address)
        else:
            body = struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + socket.inet_pton(socket.AF_INET, address)
    except OSError:
        raise UnavailableError(tr("{address} is no address.", address=address), way_out=tr("Give an IPv4 or IPv6 address.")) from None
    return np.frombuffer(body.ljust(4 * NAME_WORDS, b"\0"), np.uint32)


def same_source(family: int, one: npt.NDArray[np.uint32], other: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Whether rows of socket addresses have the same port and address; flow label and scope do not count."""
    address = slice(1, 2) if family == socket.AF_INET else slice(2, 6)
    rest = (one[:, address] == other[:, address]).all(axis=1)
    out: npt.NDArray[np.bool_] = (one[:, 0] == other[:, 0]) & rest
    return out


class Wire:
    """A non-blocking socket with `buffers` receive buffers of `stride` bytes in `flat`.

    After `receive`: `sizes` and `cut` (the datagram was longer than its buffer) of the buffers filled, their senders in `names`.
    """

    def __init__(self, family: int, buffers: int, stride: int, receive_buffer: int) -> None:
        self.family, self.buffers, self.stride = family, buffers, stride
        self.flat: npt.NDArray[np.uint8] = np.zeros(buffers * stride + SPARE, np.uint8)
        self.names: npt.NDArray[np.uint32] = np.zeros((buffers, NAME_WORDS), np.uint32)
        self.sizes: Ints = np.zeros(buffers, np.int64)
        self.cut: npt.NDArray[np.bool_] = np.zeros(buffers, np.bool_)
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self._writable = select.poll()
        self._writable.register(self.socket, select.POLLOUT)
        if family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, receive_buffer)
        except OSError:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.receive_buffer = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)

    def send(self, data: npt.NDArray[np.uint8], offset: Ints, size: Ints, names: npt.NDArray[np.uint32]) -> None:
        """Sends requests that lie in `data`; one that cannot be sent is lost, as any datagram may be."""
        raise NotImplementedError

    def receive(self, first: int) -> int:
        """Fills buffers from number `first` on with what has arrived; returns how many."""
        raise NotImplementedError

    def close(self) -> None:
        self.socket.close()


class LoopWire(Wire):
    """The portable way."""

    def send(self, data: npt.NDArray[np.uint8], offset: Ints, size: Ints, names: npt.NDArray[np.uint32]) -> None:
        view = data.data
        for at, length, name in zip(offset.tolist(), size.tolist(), names, strict=True):
            self._send_one(view[at : at + length], _as_tuple(self.family, name.tobytes()))

    def _send_one(self, body: memoryview, to: tuple[Any, ...]) -> None:
        for _ in range(3):
            try:
                self.socket.sendto(body, to)
            except BlockingIOError:
                self._writable.poll(10)
            except OSError:
                return
            else:
                return

    def receive(self, first: int) -> int:
        view = self.flat.data
        got = 0
        while first + got < self.buffers and got < BATCH:
            at = (first + got) * self.stride
            try:
                size, sender = self.socket.recvfrom_into(view[at : at + self.stride])
            except BlockingIOError:
                break
            except OSError:
                continue
            self.sizes[first + got] = size
            self.cut[first + got] = size == self.stride
            self.names[first + got] = name_of(sender[0].partition("%")[0], sender[1])
            got += 1
        return got


def _as_tuple(family: int, name: bytes) -> tuple[Any, ...]:
    (port,) = struct.unpack_from(">H", name, 2)
    if family == socket.AF_INET:
        return socket.inet_ntop(family, name[4:8]), port
    return socket.inet_ntop(family, name[8:24]), port, 0, 0


class MmsgWire(Wire):
    """The fast way; all headers are made once and kept."""

    def __init__(self, family: int, buffers: int, stride: int, receive_buffer: int) -> None:
        super().__init__(family, buffers, stride, receive_buffer)
        libc = ctypes.CDLL(None, use_errno=True)
        self._send, self._recv = libc.sendmmsg, libc.recvmmsg
        self._send.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
        self._recv.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
        self._name_size = 16 if family == socket.AF_INET else 28
        self._in_pieces, self._in = self._headers(buffers, self.names)
        self._in_pieces[:, 0] = self.flat.ctypes.data + np.arange(buffers, dtype=np.uint64) * np.uint64(stride)
        self._in_pieces[:, 1] = stride
        words = self._in.view(np.uint32)
        self._got, self._flags = words[:, 14], words[:, 12]
        self._out_names: npt.NDArray[np.uint32] = np.zeros((BATCH, NAME_WORDS), np.uint32)
        self._out_pieces, self._out = self._headers(BATCH, self._out_names)

    def _headers(self, count: int, names: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """(struct iovec[count], struct mmsghdr[count]); 16 and 64 bytes each."""
        pieces = np.zeros((count, 2), np.uint64)
        headers = np.zeros((count, 8), np.uint64)
        number = np.arange(count, dtype=np.uint64)
        headers[:, 0] = names.ctypes.data + number * np.uint64(4 * NAME_WORDS)
        headers[:, 1] = self._name_size
        headers[:, 2] = pieces.ctypes.data + number * np.uint64(16)
        headers[:, 3] = 1
        return pieces, headers

    def send(self, data: npt.NDArray[np.uint8], offset: Ints, size: Ints, names: npt.NDArray[np.uint32]) -> None:
        for at in range(0, len(offset), BATCH):
            part = slice(at, at + BATCH)
            count = len(offset[part])
            self._out_names[:count] = names[part]
            self._out_pieces[:count, 0] = data.ctypes.data + offset[part]
            self._out_pieces[:count, 1] = size[part]
            self._push(count)

    def _push(self, count: int) -> None:
        done = waits = 0
        while done < count:
            sent = self._send(self.socket.fileno(), self._out.ctypes.data + 64 * done, count - done, _MSG_DONTWAIT)
            if sent > 0:
                done += sent
            elif ctypes.get_errno() == 11 and waits < 50:
                waits += 1
                self._writable.poll(10)
            else:
                done += 1

    def receive(self, first: int) -> int:
        count = min(BATCH, self.buffers - first)
        self._in.view(np.uint32)[first : first + count, 2] = self._name_size
        got: int = self._recv(self.socket.fileno(), self._in.ctypes.data + 64 * first, count, _MSG_DONTWAIT, None)
        if got <= 0:
            return 0
        part = slice(first, first + got)
        self.sizes[part] = self._got[part]
        self.cut[part] = self._flags[part] & _MSG_TRUNC != 0
        return got


def open_wire(family: int, buffers: int, stride: int, receive_buffer: int, portable: bool = False) -> Wire:
    """The fastest wire that works here."""
    if not portable and sys.platform == "linux" and sys.byteorder == "little" and sys.maxsize > 2**32:
        with contextlib.suppress(AttributeError, OSError):
            return MmsgWire(family, buffers, stride, receive_buffer)
    return LoopWire(family, buffers, stride, receive_buffer)
