"""Raw lines to events: what the ears, the hub and the shell do alike."""

from collections.abc import Iterable, Mapping

from core.errors import ProtocolError
from core.events import Event, Trap
from core.i18n import mark
from core.signals import RawLine
from core.width import clean
from links import traps3
from links.trapforms import Cut, Reader
from monitors.events import NO_PLAN, Cell, Folder, Plan, key_of_trap, of_trap, plan_of, read_line

MAX_PLANS, MAX_TRAPS = 4, 256
"""Of traps of one form: ways to read the same one, and different ones."""
REASONS = (
    mark("A datagram ends in the middle of a value."), mark("A datagram has a length that SNMP does not allow."),
    mark("A datagram has tag {found} where {tag} belongs."), mark("A datagram has an INTEGER of no or too many bytes."),
    mark("A datagram has a sub-identifier above 4294967295."), mark("A datagram has an object identifier that is none."),
    mark("A datagram has SNMP version {version}."), mark("A variable binding has something behind its value."),
    mark("A datagram has an IpAddress that is not of four bytes."), mark("A datagram has an exception with contents."),
    mark("A datagram has a value of unknown type {tag}."), mark("A datagram has a number of no or too many bytes."),
    mark("A datagram has a number beyond its type."), mark("A datagram is no trap: its PDU has tag {tag}."),
    mark("A trap does not say what it is: snmpTrapOID.0 is missing."), mark("It has more variables than are read."),
    mark("An SNMPv3 trap could not be opened: its user's keys were not known."), mark("A datagram is not of SNMP v3."),
    mark("A v3 message has no flags."), mark("A v3 message has a security that is not of RFC 3414."),
    mark("A v3 message has an engine id or time that RFC 3411 does not allow."), mark("A v3 message has a trap of v1 in it."),
)
"""Why a trap could be read in part only, or not at all."""


class Hearing:
    """zone_s: seconds east of Greenwich of stamps without a zone. Keeps what makes the next trap faster to read; one thread at a time."""

    def __init__(self, zone_s: int = 0) -> None:
        self._zone_s = zone_s
        self._reader = Reader()

    def event(self, line: RawLine, ports: Mapping[str, str] | None = None) -> Event:
        """Whatever it is: what cannot be read is an event that says why. ports: names of the device's ports by ifIndex."""
        if line.kind == "syslog":
            return read_line(line.raw, line.at_ms, line.source, self._zone_s)
        cut = self._reader.cut(line.raw) if ports is None else None
        if cut is None:
            return self._trap_event(line, ports)
        plan, fields = self._read(cut)
        return self._unplanned(line, cut) if fields is None else plan.event_of(fields, line.at_ms, line.source)

    def fold(self, lines: Iterable[RawLine], folder: Folder) -> None:
        """Counts them. Of a trap that was said before, or is one of a storm, no event is made."""
        for line in lines:
            cut = self._reader.cut(line.raw) if line.kind == "trap" else None
            if cut is None:
                folder.put((self.event(line),))
                continue
            plan, fields = self._read(cut)
            if fields is None:
                folder.put((self._unplanned(line, cut),))
                continue
            key = key_of_trap(line.source, plan.mnemonic, fields)
            if not folder.counted(key, line.at_ms):
                folder.begin(key, plan.event_of(fields, line.at_ms, line.source))

    def _read(self, cut: Cut) -> tuple[Plan, dict[str, str] | None]:
        """The plan that fits, and what it read; None: none does."""
        for plan in cut.form.notes.get(cut.oid, ()):
            fields = plan.read(cut.cells)
            if fields is not None:
                return plan, fields
        return NO_PLAN, None

    def _unplanned(self, line: RawLine, cut: Cut) -> Event:
        plans = cut.form.notes.get(cut.oid, ())
        return self._trap_event(line, None) if len(plans) >= MAX_PLANS else self._learn(line, cut)

    def _learn(self, line: RawLine, cut: Cut) -> Event:
        """Reads one trap step by step, and those of its form by its plan from then on."""
        event, notes = self._trap_event(line, None), cut.form.notes
        if event.odd:
            return event
        if len(notes) >= MAX_TRAPS:
            notes.clear()
        names = iter(cut.cells)
        plan = plan_of(self.trap(line.raw), [Cell(tag, name, next(names)) for tag, name in zip(cut.tags, names, strict=False)])
        notes.setdefault(cut.oid, []).append(plan or NO_PLAN)
        return event

    def _trap_event(self, line: RawLine, ports: Mapping[str, str] | None) -> Event:
        try:
            return of_trap(self.trap(line.raw), line.at_ms, line.source, ports)
        except ProtocolError as error:
            return Event(
                at_ms=line.at_ms, source=line.source, kind="trap", text=line.raw[:64].hex(" "), odd=error.template,
                odd_values={name: clean(value, 64) for name, value in error.values.items()},
            )

    def trap(self, raw: bytes) -> Trap:
        """Raises `ProtocolError`."""
        try:
            return self._reader.decode(raw)
        except ProtocolError:
            if _is_v3(raw):
                return traps3.decode(raw)
            raise


def _is_v3(raw: bytes) -> bool:
    at = 2 + (raw[1] & 0x7F if len(raw) > 1 and raw[1] & 0x80 else 0)
    return raw[at : at + 3] == b"\x02\x01\x03"
