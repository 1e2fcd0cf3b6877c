"""One page over HTTP/1.1 (RFC 9112), with every length bounded; nothing is decompressed, nothing is followed here."""

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple

from links.probes.failing import ProbeFailure, explained
from links.probes.streams import Stream, Tls, opened

MOST_HEAD, MOST_LINE = 32 * 1024, 8 * 1024
MOST_BODY = 1024 * 1024
PIECE = 64 * 1024


class Page(NamedTuple):
    """body: at most `most` octets of it; whole: that was all. first_ms: until the first octet of the answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    connect_ms: float
    first_ms: float
    total_ms: float
    certificate: bytes


class Wanted(NamedTuple):
    """What is asked for. headers: ours, printable."""

    host: str
    port: int
    path: str
    tls: Tls | None
    method: str = "GET"
    headers: Mapping[str, str] = {}


async def fetch(wanted: Wanted, most: int = MOST_BODY) -> Page:
    """The caller bounds the time. Raises `ProbeFailure`."""
    begun = time.perf_counter()
    async with opened(wanted.host, wanted.port, wanted.tls) as stream:
        with explained():
            stream.writer.write(_request(wanted))
            status, headers = await _head(stream.reader)
            first_ms = (time.perf_counter() - begun) * 1000
            body, whole = (b"", True) if wanted.method == "HEAD" or status in (204, 304) else await _body(stream, headers, most)
        total_ms = (time.perf_counter() - begun) * 1000
        return Page(status, headers, body, whole, stream.rtt_ms, first_ms, total_ms, stream.certificate)


def _request(wanted: Wanted) -> bytes:
    lines = [f"{wanted.method} {wanted.path} HTTP/1.1", *(f"{name}: {value}" for name, value in wanted.headers.items()), "", ""]
    if any(set(line) & set("\r\n\0") for line in lines):
        raise ProbeFailure("unusable", "a line break in a header")
    return "\r\n".join(lines).encode("utf-8")


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers of the final answer."""
    for _ in range(4):
        raw = await reader.readuntil(b"\r\n\r\n")
        if len(raw) > MOST_HEAD:
            raise ProbeFailure("too-much")
        first, *rest = raw.decode("latin-1").split("\r\n")
        version, _, words = first.partition(" ")
        status = words[:3]
        if not version.startswith("HTTP/1.") or not status.isdecimal():
            raise ProbeFailure("nonsense", first[:60])
        if status[0] != "1":
            return int(status), {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
    raise ProbeFailure("nonsense", "100 Continue without end")


async def _body(stream: Stream, headers: Mapping[str, str], most: int) -> tuple[bytes, bool]:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(stream.reader, most)
    length = headers.get("content-length", "")
    if length and not length.isdecimal():
        raise ProbeFailure("nonsense", f"content-length: {length[:40]}")
    left = int(length[:18]) if length else most + 1
    body = bytearray()
    while len(body) < min(left, most) and (piece := await stream.reader.read(min(PIECE, most - len(body), left - len(body)))):
        body += piece
    if length:
        if len(body) < min(left, most):
            raise ProbeFailure("nonsense", "the page ended early")
        return bytes(body), len(body) == left
    return bytes(body), len(body) < most


async def _chunks(reader: asyncio.StreamReader, most: int) -> tuple[bytes, bool]:
    body = bytearray()
    while len(body) < most:
        line = await reader.readuntil(b"\r\n")
        digits = line.split(b";")[0].strip()
        if len(line) > MOST_LINE or not 0 < len(digits) <= 8 or not digits.isalnum():
            raise ProbeFailure("nonsense", "a chunk without length")
        size = int(digits, 16)
        if not size:
            return bytes(body), True
        wanted = min(size, most - len(body))
        body += await reader.readexactly(wanted)
        if wanted < size:
            break
        await reader.readexactly(2)
    return bytes(body), False
