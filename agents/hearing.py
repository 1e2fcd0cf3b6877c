"""Raw lines to events: what the ears, the hub and the shell do alike."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from core.errors import ProtocolError
from core.events import Event, Trap
from core.signals import RawLine
from links import traps3
from links.trapforms import Reader
from monitors.events import of_trap, read_line

MAX_KNOWN = 20_000
"""Traps that were read not long ago: one that says the same again is not read again."""


class Hearing:
    """zone_s: seconds east of Greenwich of stamps without a zone. Keeps what makes the next trap faster to read; one thread at a time."""

    def __init__(self, zone_s: int = 0) -> None:
        self._zone_s = zone_s
        self._reader = Reader()
        self._known: dict[tuple[Any, ...], Event] = {}

    def event(self, line: RawLine, ports: Mapping[str, str] | None = None) -> Event:
        """Whatever it is: what cannot be read is an event that says why. ports: names of the device's ports by ifIndex."""
        if line.kind == "syslog":
            return read_line(line.raw, line.at_ms, line.source, self._zone_s)
        said = self._reader.saying(line.raw) if ports is None else None
        known = self._known.get(said) if said is not None else None
        if known is not None:
            return replace(known, at_ms=line.at_ms, source=line.source)
        event = self._trap_event(line, ports)
        if said is not None and not event.odd and not event.host:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[said] = event
        return event

    def _trap_event(self, line: RawLine, ports: Mapping[str, str] | None) -> Event:
        try:
            return of_trap(self.trap(line.raw), line.at_ms, line.source, ports)
        except ProtocolError as error:
            return Event(at_ms=line.at_ms, source=line.source, kind="trap", text=line.raw[:64].hex(" "), odd=str(error))

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
