"""How traps of one form are read: worked out from one of them, applied to all that differ from it in values and indices only.

A plan knows of each variable what it is called and how its octets are shown, so that a trap needs no object identifier taken apart. It
says the same as `telling.of_trap`, or nothing; that both say the same is a test.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from core.events import Event, Trap
from core.polling import Oid
from core.width import clean
from monitors.events.telling import (
    BY_PORT,
    MAX_VARIABLES,
    Variable,
    definition_of,
    definitions,
    is_peer,
    named,
    octets,
    priority_of,
    sentence,
    text_of_fields,
)
from monitors.events.words import MAX_TEXT

Show = Callable[[bytes], str | None]
"""A value's octets for a person; None: they are not as they should be."""
_INTEGER, _OCTETS, _OID, _ADDRESS, _COUNTER64 = 2, 4, 6, 0x40, 0x46
_UNSIGNED = frozenset((0x41, 0x42, 0x43, 0x47))
_ENTERPRISE: Oid = (1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0)
_PROXY: Oid = (1, 3, 6, 1, 6, 3)
_INDEX_OCTETS = 4
"""Of an index that is not of small numbers: longer ones can be too large."""


class Cell(NamedTuple):
    """A variable as it lies in a datagram."""

    tag: int
    name: bytes
    value: bytes


class Step(NamedTuple):
    """What becomes of one variable. tells_port: its index is the port's, because nothing before it names one."""

    place: int
    prefix: bytes
    name: str
    show: Show
    tells_port: bool


class Plan:
    """Of one form and one trap."""

    def __init__(self, trap: Trap, steps: list[Step], fixed: list[tuple[int, bytes]]) -> None:
        definition = definition_of(trap.oid)
        self._steps, self._fixed = steps, fixed
        self.mnemonic = definition.name if definition else ".".join(map(str, trap.oid))
        self._facility = ".".join(map(str, trap.enterprise or trap.oid[:7]))
        self._definition, self._template = definition, definition.said.get("en", "") if definition else ""
        self._peer = any(step.name in ("bgpPeerRemoteAddr", "ospfNbrIpAddr") for step in steps)

    def read(self, cells: tuple[bytes, ...]) -> dict[str, str] | None:
        """The event's fields. cells: name and value of each variable in turn. None: this one is not as the others are."""
        for place, expected in self._fixed:
            if cells[place] != expected:
                return None
        fields: dict[str, str] = {}
        for place, prefix, name, show, index in self._steps:
            said, value = cells[place], show(cells[place + 1])
            if value is None or not said.startswith(prefix):
                return None
            tail = said[len(prefix) :]
            if not tail.isascii() and (len(tail) > _INDEX_OCTETS or tail[-1] & 0x80):
                return None
            if name not in fields:
                fields[name] = value
            if index:
                if tail in (b"", b"\0"):
                    return None
                fields["ifIndex"] = str(tail[0]) if len(tail) == 1 else _index(tail)
        if self._peer and (peer := fields.get("bgpPeerRemoteAddr") or fields.get("ospfNbrIpAddr")):
            fields["peer"] = peer
        return fields

    def event_of(self, fields: dict[str, str], at_ms: int, source: str) -> Event:
        """Of what was read."""
        text = sentence(self._template, fields) if self._template else ""
        return Event(
            at_ms=at_ms, source=source, kind="trap", mnemonic=self.mnemonic, facility=self._facility,
            priority=priority_of(self._definition, fields), fields=fields,
            text=clean(text or text_of_fields(fields) or self.mnemonic, MAX_TEXT),
        )


class _NoPlan(Plan):
    """Of traps that are read one by one."""

    def __init__(self) -> None:
        self.mnemonic = ""

    def read(self, cells: tuple[bytes, ...]) -> dict[str, str] | None:  # noqa: ARG002 -- none of them fits
        return None


NO_PLAN: Plan = _NoPlan()


def plan_of(trap: Trap, cells: list[Cell]) -> Plan | None:
    """The plan of whatever has the form of this trap. None: it is read one by one. cells: all variables behind the first two."""
    if trap.problem or trap.agent or len(cells) > MAX_VARIABLES or any(is_peer(bound.oid) for bound in trap.bindings):
        return None
    steps, fixed, seen = list[Step](), list[tuple[int, bytes]](), set[str]()
    bindings = iter(trap.bindings)
    for number, cell in enumerate(cells):
        place = 2 * number
        if cell.name == _ENTERPRISE_NAME:
            fixed += [(place, cell.name), (place + 1, cell.value)]
            continue
        bound = next(bindings, None)
        if bound is None or bound.oid[:6] == _PROXY:
            return None
        variable, index = named(bound.oid)
        prefix = _head(cell.name, len(bound.oid) - (index.count(".") + 1 if index else 0))
        if variable is None or bound.oid[: _length(prefix)] in _parents():
            return None
        show = _shown(cell, variable)
        if show is None or (variable.name == "ifIndex" and cell.tag not in (_INTEGER, *_UNSIGNED)):
            return None
        by_port = bool(index) and "ifIndex" not in seen and variable.name in BY_PORT
        seen |= {variable.name, *(("ifIndex",) if by_port else ())}
        steps.append(Step(place, prefix, variable.name, show, by_port))
    return Plan(trap, steps, fixed) if next(bindings, None) is None else None


def _shown(cell: Cell, variable: Variable) -> Show | None:
    size = len(cell.value)
    if cell.tag == _OCTETS:
        return lambda value: octets(_OCTETS, value)
    if cell.tag == _ADDRESS and size == 4:
        return lambda value: octets(_ADDRESS, value)
    if cell.tag == _INTEGER and 0 < size < 9:
        return _number(variable.values, True)
    most = 4 if cell.tag in _UNSIGNED else 8 if cell.tag == _COUNTER64 else 0
    if not 0 < size <= most + 1 or not most:
        return None
    show = _number(variable.values, False)
    return show if size <= most else lambda value: None if value[0] else show(value)


def _number(values: Mapping[str, str], signed: bool) -> Show:
    if not values:
        return lambda value: str(int.from_bytes(value, "big", signed=signed))

    def meant(value: bytes) -> str:
        text = str(int.from_bytes(value, "big", signed=signed))
        return values.get(text, text)

    return meant


def _head(name: bytes, count: int) -> bytes:
    """The octets of the first sub-identifiers; the first octet stands for two."""
    left = count - 1
    for place, octet in enumerate(name):
        left -= octet < 0x80
        if not left:
            return name[: place + 1]
    return name


def _length(name: bytes) -> int:
    """How many sub-identifiers the octets stand for."""
    return 1 + sum(octet < 0x80 for octet in name)


def _index(tail: bytes) -> str:
    values, value = [], 0
    for octet in tail:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            values.append(value)
            value = 0
    return ".".join(map(str, values))


_ENTERPRISE_NAME = bytes((43, *_ENTERPRISE[2:]))


@lru_cache(maxsize=1)
def _parents() -> frozenset[Oid]:
    """Objects below which others are defined: there the name does not tell which of them it is."""
    variables = definitions().variables
    return frozenset(oid for oid in {known[:size] for known in variables for size in range(6, len(known))} if oid in variables)
