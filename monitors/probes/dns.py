"""Questions and answers of the domain name system (RFC 1035, 3596): written and read with every length checked."""

import ipaddress
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr
from core.width import clean

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_NAMES = {number: name for name, number in TYPES.items()}
_IN = 1
MOST_RECORDS = 256
MOST_LABELS = 128


class Said(NamedTuple):
    """An answer. records: of the type that was asked for, as people write them; ttl_s: the least of theirs, -1 without any."""

    code: str
    records: tuple[str, ...]
    ttl_s: int
    truncated: bool
    authoritative: bool


def question(name: str, kind: str, number: int) -> bytes:
    """A recursive question. Raises `InvalidInputError` for what is no name."""
    try:
        if kind == "PTR" and not name.endswith(".arpa"):
            name = ipaddress.ip_address(name).reverse_pointer
        labels = [label.encode("ascii") if label.isascii() else label.encode("idna") for label in name.rstrip(".").split(".")]
    except (ValueError, UnicodeError):
        raise InvalidInputError(tr("{name} is no name that can be asked for.", name=name[:64])) from None
    if not all(0 < len(label) < 64 for label in labels) or sum(len(label) + 1 for label in labels) > 254 or kind not in TYPES:
        raise InvalidInputError(tr("{name} is no name that can be asked for.", name=name[:64]))
    body = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return number.to_bytes(2, "big") + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + body + bytes((0, TYPES[kind], 0, _IN))


def fits(asked: bytes, data: bytes) -> bool:
    """Whether a datagram answers this very question."""
    return len(data) >= 12 and data[:2] == asked[:2] and bool(data[2] & 0x80) and data[12 : len(asked)].lower() == asked[12:].lower()


def read(asked: bytes, data: bytes) -> Said:
    """Raises `ValueError` for what is no answer."""
    if not fits(asked, data):
        raise ValueError("no answer to this question")
    wanted = asked[-3]
    counted, at = int.from_bytes(data[6:8], "big"), len(asked)
    found: list[str] = []
    ttl = -1
    for _ in range(min(counted, MOST_RECORDS)):
        at = _name(data, at)[1]
        kind, seconds, size = _number(data, at, 2), _number(data, at + 4, 4), _number(data, at + 8, 2)
        at += 10
        if at + size > len(data):
            if data[2] & 2:
                break
            raise ValueError("a record without end")
        if kind == wanted:
            found.append(clean(_value(data, at, size, kind), 255))
            ttl = seconds if ttl < 0 else min(ttl, seconds)
        at += size
    code = data[3] & 15
    return Said(CODES.get(code, str(code)), tuple(found), ttl, bool(data[2] & 2), bool(data[2] & 4))


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise ValueError("cut off")
    return int.from_bytes(data[at : at + size], "big")


def _name(data: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends. Pointers only ever lead backwards: whatever they say, it ends."""
    labels: list[str] = []
    end, lowest = -1, at
    for _ in range(MOST_LABELS):
        size = _number(data, at, 1)
        if size >= 0xC0:
            to = _number(data, at, 2) & 0x3FFF
            end = at + 2 if end < 0 else end
            if to >= lowest:
                raise ValueError("a name that points to itself")
            at = lowest = to
        elif size > 63:
            raise ValueError("a label of an unknown kind")
        elif not size:
            return ".".join(labels) or ".", at + 1 if end < 0 else end
        else:
            if at + 1 + size > len(data):
                raise ValueError("cut off")
            labels.append(data[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
    raise ValueError("a name without end")


def _value(data: bytes, at: int, size: int, kind: int) -> str:
    match _NAMES.get(kind, ""):
        case "A" if size == 4:
            return str(ipaddress.IPv4Address(data[at : at + 4]))
        case "AAAA" if size == 16:
            return str(ipaddress.IPv6Address(data[at : at + 16]))
        case "NS" | "CNAME" | "PTR" | "SOA":
            return _name(data, at)[0]
        case "MX" if size > 2:
            return f"{_number(data, at, 2)} {_name(data, at + 2)[0]}"
        case "TXT":
            return "".join(_texts(data[at : at + size]))
    raise ValueError("a record of another size")


def _texts(data: bytes) -> list[str]:
    out, at = [], 0
    while at < len(data):
        out.append(data[at + 1 : at + 1 + data[at]].decode("utf-8", "replace"))
        at += 1 + data[at]
    return out
