"""BER, outgoing: requests of SNMP v1 and v2c (RFC 1157, RFC 3416) and the pieces that v3 needs as well (X.690, definite lengths only)."""

from collections.abc import Iterable, Sequence

from core.errors import InvalidInputError
from core.polling import Oid

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
V1, V2C, V3 = 0, 1, 3
MAX_SUBIDS = 128
"""RFC 3416: an object identifier has at most 128 sub-identifiers."""
MIN_REQUEST_ID, MAX_REQUEST_ID = 0x0080_0000, 0x7FFF_FFFF
"""Request-ids of exactly four bytes in shortest form, so that one can be rewritten in place."""


def length(size: int) -> bytes:
    """A definite length, shortest form."""
    if size < 0x80:
        return bytes((size,))
    body = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(body),)) + body


def tlv(tag: int, body: bytes) -> bytes:
    """One element: tag, length, body."""
    return bytes((tag,)) + length(len(body)) + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A signed integer in shortest form; with another tag also a counter, gauge or time."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid_body(oid: Oid) -> bytes:
    """The contents of an OBJECT IDENTIFIER (X.690 8.19). Raises `InvalidInputError` for what is none."""
    if len(oid) < 2 or len(oid) > MAX_SUBIDS or oid[0] > 2 or min(oid) < 0 or max(oid) > 0xFFFF_FFFF or (oid[0] < 2 and oid[1] > 39):
        raise InvalidInputError(f"{'.'.join(map(str, oid[:20]))} is not an object identifier.", way_out="Write it as 1.3.6.1.2.1.1.3.0.")
    return subids((oid[0] * 40 + oid[1], *oid[2:]))


def subids(values: Iterable[int]) -> bytes:
    """Sub-identifiers, base 128, as they stand inside an OID."""
    out = bytearray()
    for value in values:
        if value < 0x80:
            out.append(value)
            continue
        part = [value & 0x7F]
        while value := value >> 7:
            part.append(0x80 | value & 0x7F)
        out += bytes(reversed(part))
    return bytes(out)


def null_bindings(bodies: Iterable[bytes]) -> bytes:
    """The list of variable bindings of a request, from encoded OIDs."""
    return tlv(SEQUENCE, b"".join([tlv(SEQUENCE, tlv(OBJECT_IDENTIFIER, body) + b"\x05\x00") for body in bodies]))


def pdu(kind: int, request_id: int, first: int, second: int, bindings: bytes) -> bytes:
    """A PDU. first, second: error-status and error-index, or non-repeaters and max-repetitions of GETBULK."""
    return tlv(kind, integer(request_id) + integer(first) + integer(second) + bindings)


def message(version: int, community: bytes, body: bytes) -> bytes:
    """The community-based wrapping of v1 and v2c around a PDU."""
    return tlv(SEQUENCE, integer(version) + tlv(OCTET_STRING, community) + body)


def request(version: int, community: bytes, kind: int, bodies: Sequence[bytes], first: int = 0, second: int = 0) -> tuple[bytes, int]:
    """A whole request and the offset of its four-byte request-id, which the caller writes in (`MIN_REQUEST_ID` to `MAX_REQUEST_ID`)."""
    bindings = null_bindings(bodies)
    tail = integer(first) + integer(second) + bindings
    data = message(version, community, pdu(kind, MIN_REQUEST_ID, first, second, bindings))
    return data, len(data) - len(tail) - 4


def with_id(data: bytes, at: int, request_id: int) -> bytes:
    """The request with its request-id written in at offset `at`."""
    return data[:at] + request_id.to_bytes(4, "big") + data[at + 4 :]
