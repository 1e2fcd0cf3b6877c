"""Prometheus remote write 1.0: a WriteRequest in protobuf, packed as a Snappy block. Encoded here, because both are small. Pure.

Sources: the remote-write specification of Prometheus (labels sorted by name, `__name__` for the metric; milliseconds), the wire format of
protocol buffers, and the format description of Snappy, of which only literals are used: a receiver cannot tell, and nothing is compressed.
"""

import struct
from collections.abc import Iterable, Sequence

from agents.hub.node.metrics import Metric

HEADERS = {
    "content-type": "application/x-protobuf", "content-encoding": "snappy", "x-prometheus-remote-write-version": "0.1.0",
}
_PIECE = 65_536
MOST = 2000
"""Series of one request."""


def requests(metrics: Sequence[Metric], at_ms: int, most: int = MOST) -> Iterable[bytes]:
    """Packed bodies, each of at most `most` series."""
    pending: list[bytes] = []
    for metric in metrics:
        for suffix, labels, value in metric.samples:
            pending.append(_block(1, _series({**labels, "__name__": metric.name + suffix}, value, at_ms)))
            if len(pending) >= most:
                yield packed(b"".join(pending))
                pending = []
    if pending:
        yield packed(b"".join(pending))


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


def _series(labels: dict[str, str], value: float, at_ms: int) -> bytes:
    named = b"".join(
        _block(1, _block(1, name.encode()) + _block(2, text.encode("utf-8", "replace"))) for name, text in sorted(labels.items()) if text
    )
    sample = b"\x09" + struct.pack("<d", value) + b"\x10" + varint(at_ms)
    return named + _block(2, sample)


def _block(field: int, body: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + varint(len(body)) + body
