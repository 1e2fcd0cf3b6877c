"""What kind a number is where the wire's tag is not known: gufo-snmp hands over v3 values without it.

Columns of the standard MIBs are known from their definitions (RFC 2863, RFC 3418, RFC 2790, RFC 4133); for others the value decides,
and a counter there must be declared by the profile that asks for it.
"""

from core.polling import Kind, Oid

_IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IFX: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)

KINDS: dict[Oid, Kind] = {
    (*_SYSTEM, 3): Kind.TIMETICKS,
    (*_SYSTEM, 7): Kind.INTEGER,
    (*_SYSTEM, 8): Kind.TIMETICKS,
    **{(*_IF, column): Kind.INTEGER for column in (1, 3, 4, 7, 8)},
    **{(*_IF, column): Kind.GAUGE32 for column in (5, 21)},
    (*_IF, 9): Kind.TIMETICKS,
    **{(*_IF, column): Kind.COUNTER32 for column in (10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20)},
    **{(*_IFX, column): Kind.COUNTER32 for column in (2, 3, 4, 5)},
    **{(*_IFX, column): Kind.COUNTER64 for column in (6, 7, 8, 9, 10, 11, 12, 13)},
    **{(*_IFX, column): Kind.INTEGER for column in (14, 16, 17)},
    (*_IFX, 15): Kind.GAUGE32,
    (*_IFX, 19): Kind.TIMETICKS,
    (1, 3, 6, 1, 2, 1, 2, 1): Kind.INTEGER,
    (1, 3, 6, 1, 2, 1, 25, 1, 1): Kind.TIMETICKS,
    **{(1, 3, 6, 1, 2, 1, 25, 1, column): Kind.GAUGE32 for column in (5, 6)},
    **{(1, 3, 6, 1, 2, 1, 25, 2, 3, 1, column): Kind.INTEGER for column in (1, 4, 5, 6)},
    (1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 7): Kind.COUNTER32,
    (1, 3, 6, 1, 2, 1, 25, 3, 3, 1, 2): Kind.INTEGER,
    **{(1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, column): Kind.INTEGER for column in (4, 5, 6, 16)},
}
_LONGEST = max(map(len, KINDS))
_SHORTEST = min(map(len, KINDS))


def defined(oid: Oid) -> int:
    """The kind by the variable's definition, `Kind.NONE` where we know of none."""
    for size in range(min(_LONGEST, len(oid)), _SHORTEST - 1, -1):
        if known := KINDS.get(oid[:size]):
            return known
    return Kind.NONE


def kind_of(oid: Oid, value: int) -> int:
    """The kind of a numeric variable by its definition, else the narrowest that holds the value."""
    if known := defined(oid):
        return known
    if value < 0:
        return Kind.INTEGER
    return Kind.GAUGE32 if value <= 0xFFFF_FFFF else Kind.COUNTER64
