"""Traps and informs of v1 and v2c: decoded (RFC 1157, 4.1.6; RFC 3416, 4.2.6 and 4.2.7), answered, and without their community.

Total: any bytes give a `Trap` or raise `ProtocolError`, in time linear in the datagram's length. A damaged trap whose head can be read
gives what stands before the damage.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from core.errors import ProtocolError
from core.events import Trap
from core.polling import Kind, Oid, VarBind
from links.snmp import ber, plain

TRAP_V1, INFORM, TRAP_V2 = 0xA4, 0xA6, 0xA7
UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
TRAP_OID: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
ENTERPRISE: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0)
ADDRESS: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 3, 0)
COMMUNITY: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 4, 0)
GENERIC: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 5)
"""Below it the traps of RFC 1215: coldStart is .1."""
MAX_BINDINGS = 256
_HEADS = frozenset((UPTIME, TRAP_OID, ENTERPRISE, ADDRESS, COMMUNITY))
_KINDS = frozenset((2, 4, 5, 6, *range(0x40, 0x48), 0x80, 0x81, 0x82))
"""Tags of values (RFC 1902, 2; RFC 3416, 3)."""
_SEQUENCE, _INTEGER, _OCTETS = ber.SEQUENCE, ber.INTEGER, ber.OCTET_STRING


class Pdu(NamedTuple):
    """Where a PDU lies in a datagram."""

    kind: int
    at: int
    end: int


def decode(raw: bytes) -> Trap:
    """A trap or inform of v1 or v2c. Raises `ProtocolError`."""
    try:
        _, end = expect(raw, 0, len(raw), _SEQUENCE)
        version, at = _integer(raw, _body_of(raw, 0), end)
        if version not in (ber.V1, ber.V2C):
            raise ProtocolError("A datagram has SNMP version {version}.", version=str(version))
        _, at = expect(raw, at, end, _OCTETS)
        return of_pdu(raw, Pdu(*plain.element(raw, at, end)), version)
    except IndexError:
        raise ProtocolError("A datagram ends in the middle of a value.") from None


def of_pdu(raw: bytes, pdu: Pdu, version: int) -> Trap:
    """The trap that lies in this PDU. Raises `ProtocolError`."""
    if pdu.kind == TRAP_V1:
        return _v1(raw, pdu.at, pdu.end)
    if pdu.kind in (TRAP_V2, INFORM):
        return _v2(raw, pdu, version)
    raise ProtocolError("A datagram is no trap: its PDU has tag {tag}.", tag=f"{pdu.kind:#04x}")


def _v1(raw: bytes, at: int, end: int) -> Trap:
    start, at = expect(raw, at, end, ber.OBJECT_IDENTIFIER)
    enterprise = oid(raw[start:at])
    start, at = expect(raw, at, end, Kind.IP_ADDRESS)
    agent = ".".join(map(str, raw[start:at])) if at - start == 4 else ""
    generic, at = _integer(raw, at, end)
    specific, at = _integer(raw, at, end)
    start, at = expect(raw, at, end, Kind.TIMETICKS)
    uptime = int.from_bytes(raw[start:at][-8:], "big")
    name = (*GENERIC, generic + 1) if 0 <= generic < 6 else (*enterprise, 0, specific & 0xFFFF_FFFF)
    found, problem, values = _bindings(raw, at, end)
    return Trap(
        ber.V1, name, enterprise, "" if agent == "0.0.0.0" else agent, uptime, found, problem=problem, problem_values=values,
    )


def _v2(raw: bytes, pdu: Pdu, version: int) -> Trap:
    request_id, at = _integer(raw, pdu.at, pdu.end)
    _, at = _integer(raw, at, pdu.end)
    _, at = _integer(raw, at, pdu.end)
    found, problem, values = _bindings(raw, at, pdu.end)
    uptime, rest = 0, list[VarBind]()
    name: Oid = ()
    for bound in found:
        if bound.oid == UPTIME and isinstance(bound.value, int):
            uptime = bound.value
        elif bound.oid == TRAP_OID and isinstance(bound.value, tuple):
            name = name or bound.value
        else:
            rest.append(bound)
    if not name:
        if problem:
            raise ProtocolError(problem, **values)
        raise ProtocolError("A trap does not say what it is: snmpTrapOID.0 is missing.")
    trap = of_variables(version, name, uptime, rest, pdu.kind == INFORM, request_id)
    return trap._replace(problem=problem, problem_values=values) if problem else trap


def of_variables(version: int, name: Oid, uptime: int, found: list[VarBind], inform: bool, request_id: int) -> Trap:
    """The trap of this name; what proxies add of where it came from (RFC 3584, 3.1) is no variable of it."""
    enterprise: Oid = ()
    agent, more = "", 0
    for bound in found:
        if bound.oid in _HEADS:
            more += 1
            if bound.oid == ENTERPRISE and isinstance(bound.value, tuple):
                enterprise = bound.value
            elif bound.oid == ADDRESS and isinstance(bound.value, bytes) and len(bound.value) == 4:
                agent = ".".join(map(str, bound.value))
    if more:
        found = [bound for bound in found if bound.oid not in _HEADS]
    return Trap(version, name, enterprise, agent, uptime, found, inform, request_id)


def _bindings(raw: bytes, at: int, end: int) -> tuple[list[VarBind], str, dict[str, str]]:
    """The variables, and why there are no more than these: a message id and its values."""
    out: list[VarBind] = []
    try:
        at, stop = expect(raw, at, end, _SEQUENCE)
        while at < stop:
            if len(out) >= MAX_BINDINGS:
                return out, "It has more variables than are read.", {}
            found, at = _binding(raw, at, stop)
            out.append(found)
    except ProtocolError as error:
        return out, error.template, error.values
    except IndexError:
        return out, "A datagram ends in the middle of a value.", {}
    return out, "", {}


def expect(raw: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """As `plain.expect`: where the contents of the element of this tag begin and end."""
    if at < end and raw[at] != tag:
        raise ProtocolError("A datagram has tag {found} where {tag} belongs.", found=f"{raw[at]:#04x}", tag=f"{tag:#04x}")
    return plain.expect(raw, at, end, tag)


def value_of(raw: bytes, tag: int, at: int, end: int) -> tuple[int, int | bytes | Oid | None]:
    """As `plain.value`."""
    if tag not in _KINDS:
        raise ProtocolError("A datagram has a value of unknown type {tag}.", tag=f"{tag:#04x}")
    return plain.value(raw, tag, at, end)


def _binding(raw: bytes, at: int, end: int) -> tuple[VarBind, int]:
    """The binding at `at` and where the next one begins; short lengths, as nearly all are, without a call for each element."""
    if end - at > 6 and raw[at] == _SEQUENCE and raw[at + 1] < 0x80 and raw[at + 2] == 6 and raw[at + 3] < 0x80:
        stop, value = at + 2 + raw[at + 1], at + 4 + raw[at + 3]
        if value + 2 <= stop <= end and raw[value + 1] < 0x80 and value + 2 + raw[value + 1] == stop:
            name, tag, value = oid(raw[at + 4 : value]), raw[value], value + 2
            if tag == _OCTETS:
                return VarBind(name, tag, raw[value:stop]), stop
            if tag == _INTEGER and value < stop < value + 9:
                return VarBind(name, tag, int.from_bytes(raw[value:stop], "big", signed=True)), stop
            if tag == 6:
                return VarBind(name, tag, oid(raw[value:stop])), stop
            return VarBind(name, *value_of(raw, tag, value, stop)), stop
    start, stop = expect(raw, at, end, _SEQUENCE)
    name_at, name_end = expect(raw, start, stop, 6)
    tag, value_at, value_end = plain.element(raw, name_end, stop)
    if value_end != stop:
        raise ProtocolError("A variable binding has something behind its value.")
    return VarBind(oid(raw[name_at:name_end]), *value_of(raw, tag, value_at, value_end)), stop


@lru_cache(maxsize=65536)
def oid(body: bytes) -> Oid:
    """Remembered: traps name the same few thousand variables over and over."""
    return plain.oid(body, 0, len(body))


def _integer(raw: bytes, at: int, end: int) -> tuple[int, int]:
    """(value, where the next element begins)."""
    start, stop = expect(raw, at, end, _INTEGER)
    return plain.signed(raw, start, stop), stop


def _body_of(raw: bytes, at: int) -> int:
    """Where the contents of a whole element begin."""
    return at + 2 + (raw[at + 1] & 0x7F if raw[at + 1] & 0x80 else 0)


def answer_to(raw: bytes) -> bytes:
    """What acknowledges an inform of v2c: the same message as a Response (RFC 3416, 4.2.7). Empty: it is no inform."""
    found = _whole_community(raw)
    if found is None:
        return b""
    at = found[1]
    if at >= len(raw) or raw[at] != INFORM:
        return b""
    return raw[:at] + bytes((ber.RESPONSE,)) + raw[at + 1 :]


def without_community(raw: bytes) -> bytes:
    """The same datagram, as long as before, with asterisks in the place of its community: also of the one that a proxy repeats in a
    variable (RFC 3584, 3.1). What is no trap of v1 or v2c stays as it is."""
    found = _whole_community(raw)
    if found is None:
        return raw
    start, end = found
    raw = raw[:start] + _INSTEAD * (end - start) + raw[end:]
    return _without_repetition(raw) if _REPEATED in raw else raw


_INSTEAD = b"*"
_SHORT = re.compile(rb"\x30(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01]\x04(?=[\x00-\x7f])", re.DOTALL)
"""Everything before the community's length, in the form that nearly all have."""
_REPEATED = bytes((6, 9)) + ber.oid_body(COMMUNITY) + bytes((_OCTETS,))


def _without_repetition(raw: bytes) -> bytes:
    at = raw.find(_REPEATED)
    while at >= 0:
        found = _length(raw, at + len(_REPEATED) - 1, _OCTETS)
        if found:
            raw = raw[: found[0]] + _INSTEAD * (found[1] - found[0]) + raw[found[1] :]
        at = raw.find(_REPEATED, at + 1)
    return raw


def _whole_community(raw: bytes) -> tuple[int, int] | None:
    """Where it begins and ends."""
    if short := _SHORT.match(raw):
        start = short.end() + 1
        return start, min(start + raw[start - 1], len(raw))
    outer = _length(raw, 0, _SEQUENCE)
    version = _length(raw, outer[0], _INTEGER) if outer else None
    if version is None or raw[version[0] : version[1]] not in (b"\x00", b"\x01"):
        return None
    found = _length(raw, version[1], _OCTETS)
    return found if found and found[0] <= found[1] else None


def _length(raw: bytes, at: int, tag: int) -> tuple[int, int] | None:
    """Begin and end of the contents of the element at `at`, no further than the datagram; None where it is another one."""
    if at + 2 > len(raw) or raw[at] != tag:
        return None
    size, at = raw[at + 1], at + 2
    if size & 0x80:
        octets = size & 0x7F
        if not 1 <= octets <= 4 or at + octets > len(raw):
            return None
        size, at = int.from_bytes(raw[at : at + octets], "big"), at + octets
    return at, min(at + size, len(raw))
