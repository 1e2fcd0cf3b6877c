"""A receiver of remote write over real HTTP, with a decoder of its own."""

import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest

Labels = tuple[tuple[str, str], ...]


class Receiver(ThreadingHTTPServer):
    """Takes bodies, or answers `status` without taking any. held: from this number of bodies on it hangs until released. strict: as
    Prometheus does it, a request is refused as a whole for one sample that is not newer than the last of its series, or an hour older than
    the newest of all."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.retry_after = 204, ""
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.held, self.released = -1, threading.Event()
        self.refused, self.waiting = 0, 0
        self.strict, self._last = False, dict[Labels, int]()

    def takes(self, body: bytes) -> bool:
        if not self.strict:
            return True
        last = dict(self._last)
        oldest = max(last.values(), default=0) - 3_600_000
        for labels, samples in decoded(body):
            for at, _ in samples:
                if at <= max(last.get(labels, 0), oldest):
                    return False
                last[labels] = at
        self._last = last
        return True

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/api/v1/write"

    def series(self) -> dict[Labels, list[tuple[int, float]]]:
        """(milliseconds, value) of each series, in the order in which they came."""
        out: dict[Labels, list[tuple[int, float]]] = {}
        for body in list(self.bodies):
            for labels, samples in decoded(body):
                out.setdefault(labels, []).extend(samples)
        return out


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        if 0 <= receiver.held <= len(receiver.bodies):
            receiver.waiting += 1
            receiver.released.wait()
            return
        status = receiver.status if receiver.takes(body) else 400
        if status < 300:
            receiver.bodies.append(body)
            receiver.headers.append({name.lower(): text for name, text in self.headers.items()})
        receiver.refused += status >= 300
        self.send_response(status)
        if (receiver.retry_after and receiver.status >= 400) or receiver.status == 302:
            self.send_header("retry-after", receiver.retry_after)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def decoded(body: bytes) -> Iterator[tuple[Labels, list[tuple[int, float]]]]:
    """Series of a WriteRequest; their labels as they came."""
    for name, one in fields(unpacked(body)):
        assert name == 1
        parts = fields(one)
        labels = tuple((key.decode(), text.decode()) for (_, key), (_, text) in (fields(part) for field, part in parts if field == 1))
        samples = [dict(fields(part)) for field, part in parts if field == 2]
        yield labels, [(sample[2], sample[1]) for sample in samples]


def unpacked(data: bytes) -> bytes:
    """Snappy blocks of literals, after the format description."""
    size, at = number(data, 0)
    out = b""
    while at < len(data):
        tag = data[at]
        assert tag & 3 == 0
        length = tag >> 2
        at += 1
        if length >= 60:
            octets = length - 59
            length = int.from_bytes(data[at : at + octets], "little")
            at += octets
        out += data[at : at + length + 1]
        at += length + 1
    assert len(out) == size
    return out


def number(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def fields(data: bytes) -> list[tuple[int, Any]]:
    at, out = 0, []
    while at < len(data):
        tag, at = number(data, at)
        if tag & 7 == 2:
            size, at = number(data, at)
            out.append((tag >> 3, data[at : at + size]))
            at += size
        elif tag & 7 == 1:
            out.append((tag >> 3, struct.unpack("<d", data[at : at + 8])[0]))
            at += 8
        else:
            value, at = number(data, at)
            out.append((tag >> 3, value))
    return out


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


@pytest.fixture
def read() -> Any:
    """`read(body)`: the series of a WriteRequest."""
    return decoded
