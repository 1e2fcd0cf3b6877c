"""Traps of v1 and v2c read by the form of those before them: where names and values lie changes seldom, so all are cut out at once.

A form is what a datagram looks like beside names and values: every tag and length. It fits a datagram where all of those are the same,
and then every name and value lies in the same place. What fits no form is decoded step by step, and becomes a form if it is as it
should be. That both ways say the same is a test.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, NamedTuple

from core.errors import ProtocolError
from core.events import Trap
from core.polling import Kind, VarBind
from links import traps
from links.snmp import ber, plain

MAX_LENGTHS = 2048
MAX_FORMS = 8
"""Of one length: the last that fitted comes first."""
_UNSIGNED = frozenset((int(Kind.COUNTER32), int(Kind.GAUGE32), int(Kind.TIMETICKS), plain.UINTEGER32))
_INTEGER, _OCTETS, _OID = 2, 4, 6


class Form(NamedTuple):
    """Cuts of a datagram; tags: of each variable's value."""

    heads: Callable[[bytes], Any]
    expected: Any
    bodies: Callable[[bytes], Any]
    tags: tuple[int, ...]
    kind: int
    notes: dict[bytes, list[Any]]
    """What readers remember of traps of this form, by the trap's OID; forgotten with the form."""


class Cut(NamedTuple):
    """A datagram in pieces. cells: name and value of each variable behind the first two, in turn; tags: of their values."""

    form: Form
    oid: bytes
    cells: tuple[bytes, ...]

    @property
    def tags(self) -> tuple[int, ...]:
        return self.form.tags[2:]


class Reader:
    """Decodes for ever, and remembers forms. The same as `traps.decode`, several times faster."""

    def __init__(self) -> None:
        self._forms: dict[int, list[Form]] = {}

    def cut(self, raw: bytes) -> Cut | None:
        """None: it fits no form yet."""
        for place, form in enumerate(self._forms.get(len(raw), ())):
            if form.heads(raw) == form.expected:
                if place:
                    forms = self._forms[len(raw)]
                    forms.insert(0, forms.pop(place))
                request_id, first, uptime, second, oid, *cells = form.bodies(raw)
                if first != _UPTIME or second != _TRAP or not 0 < len(uptime) < 6 or not 0 < len(request_id) < 9:
                    return None
                return Cut(form, oid, tuple(cells))
        return None

    def decode(self, raw: bytes) -> Trap:
        """Raises `ProtocolError`."""
        forms = self._forms.get(len(raw))
        if forms is not None:
            for place, form in enumerate(forms):
                if form.heads(raw) == form.expected:
                    if place:
                        forms.insert(0, forms.pop(place))
                    found = _by(form, raw)
                    return found if found is not None else traps.decode(raw)
        found = traps.decode(raw)
        self._learn(raw, found)
        return found

    def _learn(self, raw: bytes, found: Trap) -> None:
        if found.version != ber.V2C or found.problem:
            return
        form = _form(raw)
        if form is None:
            return
        if len(self._forms) >= MAX_LENGTHS and len(raw) not in self._forms:
            self._forms.clear()
        forms = self._forms.setdefault(len(raw), [])
        forms.insert(0, form)
        del forms[MAX_FORMS:]


def _form(raw: bytes) -> Form | None:
    """None: it is not as such a datagram should be."""
    try:
        return _layout(raw)
    except (ProtocolError, IndexError):
        return None


def _layout(raw: bytes) -> Form | None:
    heads: list[slice] = []
    bodies: list[slice] = []
    tags: list[int] = []
    at = 0

    def enter(end: int) -> tuple[int, int, int]:
        nonlocal at
        tag, start, stop = plain.element(raw, at, end)
        heads.append(slice(at, start))
        at = start
        return tag, start, stop

    def whole(end: int) -> int:
        nonlocal at
        tag, start, stop = enter(end)
        bodies.append(slice(start, stop))
        at = stop
        return tag

    _, _, end = enter(len(raw))
    heads.append(slice(at, at + 3))  # the version
    at += 3
    enter(end)  # the community's length; what it says is nobody's business
    at = plain.element(raw, heads[-1].start, end)[2]
    kind, _, end = enter(end)
    whole(end)
    for _ in range(2):
        stop = plain.element(raw, at, end)[2]
        heads.append(slice(at, stop))
        at = stop
    _, _, end = enter(end)
    while at < end:
        _, _, stop = enter(end)
        if whole(stop) != _OID:
            return None
        tags.append(whole(stop))
        if at != stop:
            return None
    if len(tags) < 2 or len(tags) > traps.MAX_BINDINGS or tags[:2] != [int(Kind.TIMETICKS), _OID]:
        return None
    take = itemgetter(*heads)
    return Form(take, take(raw), itemgetter(*bodies), tuple(tags), kind, {})


def _by(form: Form, raw: bytes) -> Trap | None:
    """None: a name or a value is not as it should be, or the first two variables are others."""
    request_id, first, uptime, second, oid, *rest = form.bodies(raw)
    if first != _UPTIME or second != _TRAP or not 0 < len(uptime) < 6 or not 0 < len(request_id) < 9:
        return None
    out: list[VarBind] = []
    names = iter(rest)
    try:
        for tag, name, body in zip(form.tags[2:], names, names, strict=True):
            if tag == _OCTETS:
                out.append(VarBind(traps.oid(name), tag, body))
            elif tag == _INTEGER and 0 < len(body) < 9:
                out.append(VarBind(traps.oid(name), tag, int.from_bytes(body, "big", signed=True)))
            elif tag in _UNSIGNED and 0 < len(body) < 5:
                out.append(VarBind(traps.oid(name), tag, int.from_bytes(body, "big")))
            elif tag == _OID:
                out.append(VarBind(traps.oid(name), tag, traps.oid(body)))
            else:
                out.append(VarBind(traps.oid(name), *plain.value(body, tag, 0, len(body))))
        return traps.of_variables(
            ber.V2C, traps.oid(oid), int.from_bytes(uptime, "big"), out, form.kind == traps.INFORM,
            int.from_bytes(request_id, "big", signed=True),
        )
    except (ProtocolError, IndexError):
        return None


_UPTIME = ber.oid_body(traps.UPTIME)
_TRAP = ber.oid_body(traps.TRAP_OID)
