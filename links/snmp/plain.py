"""BER, incoming: the plain decoder, one datagram at a time, for everything that the block decoder does not expect.

Total: any bytes give a `Response` or raise `ProtocolError`, in time linear in the datagram's length.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from core.errors import ProtocolError
from core.polling import Kind, Oid, VarBind
from links.snmp import ber

END_OF_MIB_VIEW = 0x82
"""Exception of GETNEXT and GETBULK past the last variable (RFC 3416 4.2.2)."""
EXCEPTIONS = (int(Kind.NO_SUCH_OBJECT), int(Kind.NO_SUCH_INSTANCE), END_OF_MIB_VIEW)
NO_ERROR, TOO_BIG, NO_SUCH_NAME, GEN_ERR, NO_ACCESS, AUTHORIZATION_ERROR = 0, 1, 2, 5, 6, 16
OPAQUE, NSAP, UINTEGER32 = 0x44, 0x45, 0x47
_UNSIGNED32 = (int(Kind.COUNTER32), int(Kind.GAUGE32), int(Kind.TIMETICKS), UINTEGER32)
_MAX_BINDINGS = 16384
_OCTETS, _INTEGER, _ADDRESS, _COUNTER64 = (int(k) for k in (Kind.OCTET_STRING, Kind.INTEGER, Kind.IP_ADDRESS, Kind.COUNTER64))
"""Plain numbers: members of an enumeration are looked up slowly."""


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


class Head(NamedTuple):
    """A message of v1 or v2c whose bindings, `data[at:end]`, are not decoded yet."""

    version: int
    community: bytes
    kind: int
    request_id: int
    error_status: int
    error_index: int
    data: bytes
    at: int
    end: int


Cell = tuple[int, Oid, int, int | bytes | Oid | None]
"""One binding of a table: of which of the columns asked (by position), the row's index, kind and value."""


def decode(data: bytes) -> Response:
    """A message of v1 or v2c. Raises `ProtocolError`."""
    read = head(data)
    return Response(*read[:6], bindings(data, read.at, read.end))


def head(data: bytes) -> Head:
    """A message of v1 or v2c up to its bindings. Raises `ProtocolError`."""
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
    values = subids(data[start:stop], 0xFFFF_FFFF + 80)
    first = min(values[0] // 40, 2)
    return (first, values[0] - first * 40, *values[1:])


def subids(body: bytes, most_at_first: int = 0xFFFF_FFFF) -> Oid:
    """Sub-identifiers, base 128. most_at_first: the first one of an OID stands for two."""
    if len(body) <= ber.MAX_SUBIDS and body.isascii():
        return tuple(body)
    values, value = [], 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if byte & 0x80:
            if value > 0x1FF_FFFF:
                raise ProtocolError("A datagram has a sub-identifier above 4294967295.")
            continue
        values.append(value)
        value = 0
    if body[-1] & 0x80 or len(values) > ber.MAX_SUBIDS or values[0] > most_at_first or max(values[1:], default=0) > 0xFFFF_FFFF:
        raise ProtocolError("A datagram has an object identifier that is none.")
    return tuple(values)


def _index(body: bytes) -> Oid:
    """The index of a row. Short ones are remembered: rows of thousands of devices have the same few thousand, and then share them."""
    return _short(body) if len(body) <= _SHORT else subids(body)


_SHORT = 8
_short = lru_cache(maxsize=32768)(subids)


def _message(data: bytes) -> Head:
    at, end = expect(data, 0, len(data), ber.SEQUENCE)
    start, stop = expect(data, at, end, ber.INTEGER)
    version = signed(data, start, stop)
    if version not in (ber.V1, ber.V2C):
        raise ProtocolError(f"A datagram has SNMP version {version}.")
    start, at = expect(data, stop, end, ber.OCTET_STRING)
    community = data[start:at]
    kind, at, end = element(data, at, end)
    return Head(version, community, kind, *_numbers(data, at, end))


def body(data: bytes, at: int, end: int) -> tuple[int, int, int, list[VarBind]]:
    """(request-id, error-status, error-index, bindings) of the PDU whose body lies between `at` and `end`."""
    request_id, status, index, _, start, stop = _numbers(data, at, end)
    return request_id, status, index, bindings(data, start, stop)


def _numbers(data: bytes, at: int, end: int) -> tuple[int, int, int, bytes, int, int]:
    numbers = []
    for _ in range(3):
        start, at = expect(data, at, end, ber.INTEGER)
        numbers.append(signed(data, start, at))
    start, stop = expect(data, at, end, ber.SEQUENCE)
    return numbers[0], numbers[1], numbers[2], data, start, stop


def bindings(data: bytes, at: int, end: int) -> list[VarBind]:
    """The bindings of a message, in order. Raises `ProtocolError`."""
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


def count(data: bytes, at: int, end: int) -> int:
    """How many bindings there are, as far as they can be told apart."""
    found = 0
    while at < end and data[at] == ber.SEQUENCE:
        found += 1
        try:
            at = element(data, at, end)[2]
        except ProtocolError:
            break
    return found


def cells(data: bytes, at: int, end: int, columns: list[bytes]) -> Iterator[Cell]:
    """The bindings of a message that are cells of these columns (encoded), which the agent was asked for in turn (GETBULK).

    A column ends at the first binding that lies elsewhere: that comes as a cell of column -1 - position, and the rest of it is passed
    over. Raises `ProtocolError`.
    """
    many, here = len(columns), -1
    going = [True] * many
    left = many
    while at < end and left:
        here = here + 1 if here + 1 < many else 0
        name, found, tag, start, at = _parts(data, at, end)
        if not going[here]:
            continue
        column = columns[here]
        begins = name + len(column)
        if begins >= found or tag == END_OF_MIB_VIEW or not data.startswith(column, name):
            going[here] = False
            left -= 1
            yield -1 - here, (), tag, None
        elif tag == _OCTETS:
            yield here, _index(data[begins:found]), tag, data[start:at]
        elif tag == _INTEGER and 0 < at - start < 9:
            yield here, _index(data[begins:found]), tag, int.from_bytes(data[start:at], "big", signed=True)
        else:
            yield here, _index(data[begins:found]), *value(data, tag, start, at)


def _parts(data: bytes, at: int, end: int) -> tuple[int, int, int, int, int]:
    """(start of the name, start of the value's element, its tag, start of its body, end) of the binding at `at`."""
    if end - at > 6 and data[at] == ber.SEQUENCE and data[at + 1] < 0x80 and data[at + 2] == ber.OBJECT_IDENTIFIER and data[at + 3] < 0x80:
        stop, found = at + 2 + data[at + 1], at + 4 + data[at + 3]
        if found + 2 <= stop <= end and found + 2 + data[found + 1] == stop and data[found + 1] < 0x80:
            return at + 4, found, data[found], found + 2, stop
    start, stop = expect(data, at, end, ber.SEQUENCE)
    name, found = expect(data, start, stop, ber.OBJECT_IDENTIFIER)
    tag, start, at = element(data, found, stop)
    if at != stop:
        raise ProtocolError("A variable binding has something behind its value.")
    return name, found, tag, start, stop


def value(data: bytes, tag: int, start: int, stop: int) -> tuple[int, int | bytes | Oid | None]:
    """(kind, value) of one value. An Opaque float or double (net-snmp) comes as its bytes, kind `OPAQUE`: it is no number of SMIv2."""
    if tag == _INTEGER:
        return tag, signed(data, start, stop)
    if tag in _UNSIGNED32:
        return tag, _unsigned(data, start, stop, 0xFFFF_FFFF)
    if tag == _COUNTER64:
        return tag, _unsigned(data, start, stop, 0xFFFF_FFFF_FFFF_FFFF)
    if tag == ber.OBJECT_IDENTIFIER:
        return tag, oid(data, start, stop)
    if tag == _ADDRESS and stop - start != 4:
        raise ProtocolError("A datagram has an IpAddress that is not of four bytes.")
    if tag in EXCEPTIONS or tag == ber.NULL:
        if start != stop:
            raise ProtocolError("A datagram has an exception with contents.")
        return tag, None
    if tag in (_OCTETS, _ADDRESS, OPAQUE, NSAP):
        return tag, data[start:stop]
    raise ProtocolError(f"A datagram has a value of unknown type {tag:#04x}.")


def _unsigned(data: bytes, start: int, stop: int, most: int) -> int:
    if not 1 <= stop - start <= 9:
        raise ProtocolError("A datagram has a number of no or too many bytes.")
    number = int.from_bytes(data[start:stop], "big")
    if number > most:
        raise ProtocolError("A datagram has a number beyond its type.")
    return number
