"""Raw lines to events: what the ears, the hub and the shell do alike."""

from collections.abc import Mapping

from core.errors import ProtocolError
from core.events import Event, Trap
from core.signals import RawLine
from links import traps3
from links.trapforms import Reader
from monitors.events import of_trap, read_line


class Hearing:
    """zone_s: seconds east of Greenwich of stamps without a zone. Keeps what makes the next trap faster to read; one thread at a time."""

    def __init__(self, zone_s: int = 0) -> None:
        self._zone_s = zone_s
        self._reader = Reader()

    def event(self, line: RawLine, ports: Mapping[str, str] | None = None) -> Event:
        """Whatever it is: what cannot be read is an event that says why. ports: names of the device's ports by ifIndex."""
        if line.kind == "syslog":
            return read_line(line.raw, line.at_ms, line.source, self._zone_s)
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
