"""BER, incoming: the plain decoder, one datagram at a time, for everything that the block decoder does not expect.

Total: any bytes give a `Response` or raise `ProtocolError`, in time linear in the datagram's length.
"""

import struct
from typing import NamedTuple

from core.errors import ProtocolError
from core.polling import Kind, Oid, VarBind
from links.snmp import ber

END_OF_MIB_VIEW = 0x82
"""Exception of GETNEXT and GETBULK past the last variable (RFC 3416 4.2.2)."""
EXCEPTIONS = (Kind.NO_SUCH_OBJECT, Kind.NO_SUCH_INSTANCE, END_OF_MIB_VIEW)
NO_ERROR, TOO_BIG, NO_SUCH_NAME, GEN_ERR, NO_ACCESS, AUTHORIZATION_ERROR = 0, 1, 2, 5, 6, 16
OPAQUE, NSAP, UINTEGER32 = 0x44, 0x45, 0x47
_UNSIGNED32 = (Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, UINTEGER32)
_MAX_BINDINGS = 16384


class Response(NamedTuple):
    """A decoded message of v1 or v2c."""

    version: int
    community: bytes
    kind: int
    """Tag of the PDU; `ber.RESPONSE` for an answer."""
    request_id: int
    error_status: int
    error_index: int
    bindings: list[VarBind]


def decode(data: bytes) -> Response:
    """A message of v1 or v2c. Raises `ProtocolError`."""
    try:
        return _message(data)
    except (IndexError, struct.error):
        raise ProtocolError("A datagram ends in the middle of a value.") from None


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """(tag, start of body, end of body) of the element at `at`, which must lie within `end`."""
    if at + 2 > end:
        raise ProtocolError("A datagram ends in the middle of a value.")
    tag, size = data[at], data[at + 1]
    at += 2
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4 or at + count > end:
            raise ProtocolError("A datagram has a length that SNMP does not allow.")
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    if at + size > end:
        raise ProtocolError("A datagram ends in the middle of a value.")
    return tag, at, at + size


def expect(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """(start, end) of the body of an element that must have this tag."""
    found, start, stop = element(data, at, end)
    if found != tag:
        raise ProtocolError(f"A datagram has tag {found:#04x} where {tag:#04x} belongs.")
    return start, stop


def signed(data: bytes, start: int, stop: int) -> int:
    """An INTEGER of one to eight bytes."""
    if not 1 <= stop - start <= 8:
        raise ProtocolError("A datagram has an INTEGER of no or too many bytes.")
    return int.from_bytes(data[start:stop], "big", signed=True)


def oid(data: bytes, start: int, stop: int) -> Oid:
    """An OBJECT IDENTIFIER. An empty one, which some agents send for zeroDotZero, is (0, 0)."""
    if start == stop:
        return (0, 0)
    values, value = [], 0
    for byte in data[start:stop]:
        value = value << 7 | byte & 0x7F
        if byte & 0x80:
            if value > 0x1FF_FFFF:
                raise ProtocolError("A datagram has a sub-identifier above 4294967295.")
            continue
        values.append(value)
        value = 0
    if data[stop - 1] & 0x80 or len(values) > ber.MAX_SUBIDS or (len(values) > 1 and max(values[1:]) > 0xFFFF_FFFF):
        raise ProtocolError("A datagram has an object identifier that is none.")
    first = min(values[0] // 40, 2)
    return (first, values[0] - first * 40, *values[1:])


def _message(data: bytes) -> Response:
    at, end = expect(data, 0, len(data), ber.SEQUENCE)
    start, stop = expect(data, at, end, ber.INTEGER)
    version = signed(data, start, stop)
    if version not in (ber.V1, ber.V2C):
        raise ProtocolError(f"A datagram has SNMP version {version}.")
    start, at = expect(data, stop, end, ber.OCTET_STRING)
    community = data[start:at]
    kind, at, end = element(data, at, end)
    return Response(version, community, kind, *body(data, at, end))


def body(data: bytes, at: int, end: int) -> tuple[int, int, int, list[VarBind]]:
    """(request-id, error-status, error-index, bindings) of the PDU whose body lies between `at` and `end`."""
    numbers = []
    for _ in range(3):
        start, at = expect(data, at, end, ber.INTEGER)
        numbers.append(signed(data, start, at))
    start, stop = expect(data, at, end, ber.SEQUENCE)
    return numbers[0], numbers[1], numbers[2], _bindings(data, start, stop)


def _bindings(data: bytes, at: int, end: int) -> list[VarBind]:
    out: list[VarBind] = []
    while at < end:
        start, at = expect(data, at, end, ber.SEQUENCE)
        name, value_at = expect(data, start, at, ber.OBJECT_IDENTIFIER)
        tag, start, stop = element(data, value_at, at)
        if stop != at:
            raise ProtocolError("A variable binding has something behind its value.")
        out.append(VarBind(oid(data, name, value_at), *value(data, tag, start, stop)))
        if len(out) > _MAX_BINDINGS:
            raise ProtocolError("A datagram has too many variable bindings.")
    return out


def value(data: bytes, tag: int, start: int, stop: int) -> tuple[int, int | bytes | Oid | None]:
    """(kind, value) of one value. An Opaque float or double (net-snmp) comes as its bytes, kind `OPAQUE`: it is no number of SMIv2."""
    if tag == Kind.INTEGER:
        return tag, signed(data, start, stop)
    if tag in _UNSIGNED32:
        return tag, _unsigned(data, start, stop, 0xFFFF_FFFF)
    if tag == Kind.COUNTER64:
        return tag, _unsigned(data, start, stop, 0xFFFF_FFFF_FFFF_FFFF)
    if tag == ber.OBJECT_IDENTIFIER:
        return tag, oid(data, start, stop)
    if tag == Kind.IP_ADDRESS and stop - start != 4:
        raise ProtocolError("A datagram has an IpAddress that is not of four bytes.")
    if tag in EXCEPTIONS or tag == ber.NULL:
        if start != stop:
            raise ProtocolError("A datagram has an exception with contents.")
        return tag, None
    if tag in (Kind.OCTET_STRING, Kind.IP_ADDRESS, OPAQUE, NSAP):
        return tag, data[start:stop]
    raise ProtocolError(f"A datagram has a value of unknown type {tag:#04x}.")


def _unsigned(data: bytes, start: int, stop: int, most: int) -> int:
    if not 1 <= stop - start <= 9:
        raise ProtocolError("A datagram has a number of no or too many bytes.")
    number = int.from_bytes(data[start:stop], "big")
    if number > most:
        raise ProtocolError("A datagram has a number beyond its type.")
    return number
