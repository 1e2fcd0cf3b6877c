"""An SNMP agent's manners, without sockets: a request's bytes and a tree of values in, the answer's bytes out.

SNMPv1 (RFC 1157) and v2c (RFC 1901, 3416); read only. Hostile input is bounded and never raises: what cannot be understood gets no
answer. Byte for byte as lab/farm/farm.c answers.
"""

from typing import NamedTuple, Protocol

from lab.image import encode_oid

INTEGER, STRING, NULL, OBJECT_ID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIMETICKS, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB = 0x80, 0x81, 0x82
GET, NEXT, RESPONSE, SET, BULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
TOO_BIG, NO_SUCH_NAME, READ_ONLY, NOT_WRITABLE = 1, 2, 4, 17
MAX_BINDINGS, MAX_SUBS, MAX_COMMUNITY = 512, 128, 255

Oid = tuple[int, ...]
Place = tuple[int, int]
"""Where a value is in a tree; opaque."""


class Tree(Protocol):
    """The values of one device, in the order of their OIDs."""

    def seek(self, oid: Oid) -> tuple[Place, bool, bool]:
        """The first place at or behind `oid`; whether it is equal; whether `oid` lies under a column of the device."""
        ...

    def after(self, place: Place) -> Place:
        """The next place; the end is a place without a value."""
        ...

    def value(self, place: Place) -> tuple[bytes, bytes] | None:
        """Encoded OID and encoded value; None at the end."""
        ...


class _MalformedError(Exception):
    pass


class _Asked(NamedTuple):
    raw: bytes
    place: Place
    exact: bool
    known: bool


class _Request(NamedTuple):
    version: int
    community: bytes
    kind: int
    request_id: bytes
    first: int
    second: int
    names: list[bytes]
    bindings: bytes


def length(count: int) -> bytes:
    """A definite length (X.690 8.1.3), minimal."""
    if count < 128:
        return bytes((count,))
    return bytes((0x81, count)) if count < 256 else bytes((0x82, count >> 8, count & 0xFF))


def tlv(tag: int, body: bytes) -> bytes:
    return bytes((tag,)) + length(len(body)) + body


def integer(value: int, tag: int = INTEGER) -> bytes:
    """INTEGER and the counters: two's complement, minimal."""
    return tlv(tag, value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True))


def decode_oid(body: bytes) -> Oid:
    """An OID's content octets; at most 128 sub-identifiers of 32 bits."""
    subs: list[int] = []
    value = 0
    for byte in body:
        value = value << 7 | byte & 0x7F
        if value > 0xFFFF_FFFF:
            raise _MalformedError
        if byte & 0x80:
            continue
        if not subs:
            subs.append(min(value // 40, 2))
            value -= subs[0] * 40
        if len(subs) >= MAX_SUBS:
            raise _MalformedError
        subs.append(value)
        value = 0
    if body and body[-1] & 0x80:
        raise _MalformedError
    return tuple(subs)


def _open(data: bytes, at: int, end: int, want: int = 0) -> tuple[int, int, int]:
    """Tag, start and end of the contents of the element at `at`."""
    if end - at < 2:
        raise _MalformedError
    tag, count = data[at], data[at + 1]
    at += 2
    if count & 0x80:
        octets = count & 0x7F
        if not 1 <= octets <= 4 or end - at < octets:
            raise _MalformedError
        count = int.from_bytes(data[at : at + octets], "big")
        at += octets
    if count > end - at or (want and tag != want):
        raise _MalformedError
    return tag, at, at + count


def _integer(data: bytes, at: int, end: int) -> tuple[int, int]:
    _, start, stop = _open(data, at, end, INTEGER)
    if not 1 <= stop - start <= 8:
        raise _MalformedError
    return int.from_bytes(data[start:stop], "big", signed=True), stop


def _parse(data: bytes) -> _Request:
    _, at, end = _open(data, 0, len(data), SEQUENCE)
    version, at = _integer(data, at, end)
    _, start, at = _open(data, at, end, STRING)
    community = data[start:at]
    kind, at, end = _open(data, at, end)
    allowed = (GET, NEXT, SET) if version == 0 else (GET, NEXT, SET, BULK)
    if version not in (0, 1) or len(community) > MAX_COMMUNITY or kind not in allowed:
        raise _MalformedError
    begin = at
    _, at = _integer(data, at, end)
    request_id = data[begin:at]
    first, at = _integer(data, at, end)
    second, at = _integer(data, at, end)
    _, at, end = _open(data, at, end, SEQUENCE)
    return _Request(version, community, kind, request_id, first, second, _names(data, at, end), data[at:end])


def _names(data: bytes, at: int, end: int) -> list[bytes]:
    names: list[bytes] = []
    while at < end:
        _, inner, at = _open(data, at, end, SEQUENCE)
        _, start, stop = _open(data, inner, at, OBJECT_ID)
        _open(data, stop, at)
        names.append(data[start:stop])
        if len(names) > MAX_BINDINGS:
            raise _MalformedError
    return names


def community_of(data: bytes) -> bytes | None:
    """The community of a request; None when it cannot be understood."""
    try:
        return _parse(data).community
    except _MalformedError:
        return None


def answer(data: bytes, tree: Tree, max_size: int, community: bytes | None = None) -> tuple[bytes, int] | None:
    """The answer and its number of variables; None when there is none. community None: any will do."""
    try:
        request = _parse(data)
        if community is not None and request.community != community:
            return None
        asked = [_Asked(name, *tree.seek(decode_oid(name))) for name in request.names]
    except _MalformedError:
        return None
    head = integer(request.version) + tlv(STRING, request.community)
    frame = 4 + len(head) + 4 + len(request.request_id) + 6 + 4
    room = max_size - frame
    bindings: list[bytes] = []
    if request.kind == SET:
        status, index = NOT_WRITABLE if request.version else READ_ONLY, 1
    elif request.kind == BULK:
        status, index, bindings = _bulk(request, asked, tree, room)
    else:
        status, index, bindings = _single(request, asked, tree, room)
    return _frame(request, head, status, index, bindings, max_size)


def _long(tag: int, body: bytes) -> bytes:
    """Agents fill in these lengths afterwards and leave two octets for them."""
    return bytes((tag, 0x82, len(body) >> 8, len(body) & 0xFF)) + body


def _frame(request: _Request, head: bytes, status: int, index: int, bindings: list[bytes], max_size: int) -> tuple[bytes, int] | None:
    body = b"".join(bindings)
    if status:
        body, bindings = (b"" if status == TOO_BIG and request.version else request.bindings), []
    pdu = request.request_id + integer(status) + integer(index) + _long(SEQUENCE, body)
    message = _long(SEQUENCE, head + _long(RESPONSE, pdu))
    return (message, len(bindings)) if len(message) <= max_size or not body else None


def _binding(oid: bytes, value: bytes) -> bytes:
    return tlv(SEQUENCE, tlv(OBJECT_ID, oid) + value)


def _is_wide(found: tuple[bytes, bytes] | None) -> bool:
    return found is not None and found[1][0] == COUNTER64


def _single(request: _Request, asked: list[_Asked], tree: Tree, room: int) -> tuple[int, int, list[bytes]]:
    """GET and GETNEXT."""
    out: list[bytes] = []
    following = request.kind == NEXT
    for number, one in enumerate(asked, 1):
        place = tree.after(one.place) if following and one.exact else one.place
        found = tree.value(place) if following or one.exact else None
        while following and not request.version and _is_wide(found):
            place = tree.after(place)
            found = tree.value(place)
        if not request.version and (found is None or _is_wide(found)):
            return NO_SUCH_NAME, number, []
        if found is None:
            missing = END_OF_MIB if following else NO_SUCH_INSTANCE if one.known else NO_SUCH_OBJECT
            found = one.raw, bytes((missing, 0))
        out.append(_binding(*found))
        room -= len(out[-1])
        if room < 0:
            return TOO_BIG, 0, []
    return 0, 0, out


def _bulk(request: _Request, asked: list[_Asked], tree: Tree, room: int) -> tuple[int, int, list[bytes]]:
    """GETBULK: as many whole bindings as there is room for."""
    out: list[bytes] = []
    fixed = min(max(request.first, 0), len(asked))
    repeats = min(max(request.second, 0), 65_535)
    runs = [(one.raw, tree.after(one.place) if one.exact else one.place) for one in asked]
    for turn in range(max(repeats, 1)):
        alive = False
        for number in range(fixed if turn else 0, len(runs) if repeats else fixed):
            name, place = runs[number]
            found = tree.value(place)
            binding = _binding(*(found or (name, bytes((END_OF_MIB, 0)))))
            room -= len(binding)
            if room < 0:
                return (0, 0, out) if out or not asked else (TOO_BIG, 0, [])
            out.append(binding)
            if found is not None and number >= fixed:
                runs[number], alive = (found[0], tree.after(place)), True
        if not alive:
            break
    return 0, 0, out


def object_id(oid: Oid) -> bytes:
    """An OBJECT IDENTIFIER value."""
    return tlv(OBJECT_ID, encode_oid(oid))
