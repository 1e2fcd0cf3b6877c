"""What is taken out of a trap before it is kept: its community. Traps of v1 and v2c carry it in the clear (RFC 1157, 4; RFC 3416, 3)."""

_SEQUENCE, _INTEGER, _OCTET_STRING = 0x30, 0x02, 0x04
_INSTEAD = b"*"


def without_community(raw: bytes) -> bytes:
    """The same datagram, as long as before, with asterisks in the place of its community. What is no trap of v1 or v2c stays as it is."""
    found = _community(raw)
    if found is None:
        return raw
    start, end = found
    return raw[:start] + _INSTEAD * (end - start) + raw[end:]


def _community(raw: bytes) -> tuple[int, int] | None:
    """Where it begins and ends."""
    outer = _length(raw, 0, _SEQUENCE)
    version = _length(raw, outer[0], _INTEGER) if outer else None
    if version is None or raw[version[0] : version[1]] not in (b"\x00", b"\x01"):
        return None
    found = _length(raw, version[1], _OCTET_STRING)
    return found if found and found[0] < found[1] else None


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
