"""The time of a server (NTP version 4 in its simple form, RFC 5905): how far it is from ours, and whether it may be trusted."""

import struct
from typing import NamedTuple

from core.width import clean

_FORM = struct.Struct(">BBbbIII8s8s8s8s")
_EPOCH_S = 2_208_988_800
"""1900 to 1970."""
_ERA_S = 1 << 32
UNSYNCHRONISED = 3
DENIALS = frozenset({"DENY", "RSTR", "RATE"})


class Time(NamedTuple):
    """offset_ms: what to add to our clock to have the server's. delay_ms: the way there and back."""

    offset_ms: float
    delay_ms: float
    stratum: int
    leap: int
    reference: str
    dispersion_ms: float


def question(nonce: bytes) -> bytes:
    """A client's question. nonce: eight octets that the answer must bring back; they take the place of our time, which is nobody's affair
    (RFC 5905, and draft-ietf-ntp-data-minimization)."""
    return _FORM.pack(0x23, 0, 0, 0x20, 0, 0, 0, bytes(8), bytes(8), bytes(8), nonce)


def fits(nonce: bytes, data: bytes) -> bool:
    """Whether this answers our question: a server's, with our nonce."""
    return len(data) >= _FORM.size and data[0] & 7 == 4 and data[24:32] == nonce


def read(data: bytes, sent_ns: int, came_ns: int) -> Time:
    """sent_ns, came_ns: by our wall clock. Raises `ValueError` for a server that does not know the time, with its word for that."""
    first, stratum, _, _, _, dispersion, reference, _, _, received, transmitted = _FORM.unpack_from(data)
    word = clean(reference.to_bytes(4, "big").decode("ascii", "replace").replace("\0", ""), 4)
    if stratum == 0:
        raise ValueError(word or "kiss of death")
    if transmitted == bytes(8) or received == bytes(8):
        raise ValueError("no time")
    there, back = _ns(received, sent_ns), _ns(transmitted, sent_ns)
    offset_ns = ((there - sent_ns) + (back - came_ns)) / 2
    delay_ns = max((came_ns - sent_ns) - (back - there), 0)
    name = word if stratum == 1 else ".".join(str(octet) for octet in reference.to_bytes(4, "big"))
    return Time(offset_ns / 1e6, delay_ns / 1e6, stratum, first >> 6, name, dispersion / 65536 * 1000)


def _ns(stamp: bytes, near_ns: int) -> int:
    """A time stamp in the era that is nearest to ours: the first one ends in 2036."""
    whole, part = struct.unpack(">II", stamp)
    seconds = whole - _EPOCH_S
    seconds += round((near_ns / 1e9 - seconds) / _ERA_S) * _ERA_S
    return int(seconds * 1_000_000_000 + (part * 1_000_000_000 >> 32))
