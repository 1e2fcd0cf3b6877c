"""Prometheus remote write 1.0: a WriteRequest in protobuf, packed as a Snappy block. Encoded here, because both are small. Pure.

Sources: the remote-write specification of Prometheus (labels sorted by name, `__name__` for the metric; milliseconds), the wire format of
protocol buffers, and the format description of Snappy, of which only literals are used: a receiver cannot tell, and nothing is compressed.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

HEADERS = {
    "content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0",
}
_PIECE = 65_536
MOST = 2000
"""Samples of one request."""
REMEMBERED = 16_384
"""Labels and times that series have in common are encoded once."""


class Series(NamedTuple):
    """named: what `named` made. samples: (milliseconds since 1970, value); what is no number is left out."""

    named: bytes
    samples: Sequence[tuple[int, float]]


class Request(NamedTuple):
    """parts: encoded series, or pieces of them, each with how many samples it holds."""

    parts: Sequence[tuple[bytes, int]]

    @property
    def body(self) -> bytes:
        """Packed."""
        return packed(b"".join([part for part, _ in self.parts]))

    @property
    def samples(self) -> int:
        return sum(count for _, count in self.parts)

    def halves(self) -> tuple["Request", ...]:
        """Two that hold the same; nothing where it is one series."""
        middle = len(self.parts) // 2
        return (Request(self.parts[:middle]), Request(self.parts[middle:])) if middle else ()


def requests(series: Iterable[Series], most: int = MOST) -> Iterator[Request]:
    """Of at most `most` samples each; a series with more is continued in the next."""
    pending: list[tuple[bytes, int]] = []
    count = 0
    for one in series:
        known = [sample for sample in one.samples if math.isfinite(sample[1])]
        while known:
            some, known = known[: most - count], known[most - count :]
            pending.append((_block(1, one.named + b"".join(_block(2, _sample(*sample)) for sample in some)), len(some)))
            count += len(some)
            if count >= most:
                yield Request(pending)
                pending, count = [], 0
    if pending:
        yield Request(pending)


def packed(data: bytes) -> bytes:
    """A Snappy block of literals."""
    out = [varint(len(data))]
    for at in range(0, len(data), _PIECE):
        piece = data[at : at + _PIECE]
        out += [bytes((61 << 2,)), struct.pack("<H", len(piece) - 1), piece]
    return b"".join(out)


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def named(name: str, labels: Mapping[str, str]) -> bytes:
    """Whose samples they are, encoded. Labels without a text are left out."""
    return b"".join([_label(label, text) for label, text in sorted({**labels, "__name__": name}.items()) if text])


@lru_cache(REMEMBERED)
def _label(name: str, text: str) -> bytes:
    return _block(1, _block(1, name.encode()) + _block(2, text.encode("utf-8", "replace")))


def _sample(at_ms: int, value: float) -> bytes:
    return b"\x09" + struct.pack("<d", value) + b"\x10" + _moment(at_ms)


@lru_cache(REMEMBERED)
def _moment(at_ms: int) -> bytes:
    return varint(at_ms)


def _block(field: int, body: bytes) -> bytes:
    size = len(body)
    return bytes((field << 3 | 2, size)) + body if size < 0x80 else bytes((field << 3 | 2,)) + varint(size) + body
