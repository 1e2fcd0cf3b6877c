"""Recorded devices: `.snmprec` files played back. Counters stand still.

Lines are OID|TAG|VALUE; TAG is the decimal BER tag, with `x` behind it when the value is in hexadecimal, `e` when it has backslash
escapes. Lines that do not parse are skipped and counted.
"""

import bisect
from collections import OrderedDict
from pathlib import Path

from lab.image import encode_oid
from lab.protocol import (
    COUNTER32,
    COUNTER64,
    GAUGE32,
    INTEGER,
    IP_ADDRESS,
    NULL,
    OBJECT_ID,
    STRING,
    TIMETICKS,
    Oid,
    Place,
    integer,
    object_id,
    tlv,
)

OPAQUE = 0x44
LINES_MAX, LINE_MAX = 500_000, 65_536
_WIDTHS = {COUNTER32: 32, GAUGE32: 32, TIMETICKS: 32, COUNTER64: 64}


def parse_oid(text: str) -> Oid:
    """Dotted text as an OID; raises ValueError."""
    oid = tuple(int(part) for part in text.strip().strip(".").split("."))
    if not 2 <= len(oid) <= 128 or any(not 0 <= part < 1 << 32 for part in oid):
        raise ValueError(text)
    return oid


def value(tag: str, text: str) -> bytes:
    """One recorded value, encoded; raises ValueError."""
    digits, form = (tag[:-1], tag[-1]) if tag[-1:] in ("x", "e") else (tag, "")
    kind = int(digits)
    if kind == NULL:
        return tlv(NULL, b"")
    if kind == OBJECT_ID:
        return object_id(parse_oid(text)) if text.strip(". ") not in ("", "0") else tlv(OBJECT_ID, b"\0")
    if kind in (INTEGER, *_WIDTHS) and not form:
        return integer(int(text) & (1 << _WIDTHS[kind]) - 1 if kind in _WIDTHS else int(text), kind)
    if kind not in (STRING, IP_ADDRESS, OPAQUE):
        raise ValueError(tag)
    return tlv(kind, _octets(kind, form, text))


def _octets(kind: int, form: str, text: str) -> bytes:
    if form == "x":
        return bytes.fromhex(text)
    if form == "e":
        return text.encode("latin-1").decode("unicode_escape").encode("latin-1")
    if kind == IP_ADDRESS:
        return bytes(int(part) for part in text.split("."))
    return text.encode("latin-1")


class Recording:
    """One recorded device as a `lab.protocol.Tree`."""

    def __init__(self, path: Path) -> None:
        values: dict[Oid, bytes] = {}
        self.skipped = 0
        with path.open("rb") as file:
            for number, line in enumerate(file):
                if number >= LINES_MAX:
                    break
                self._line(line, values)
        self._oids = sorted(values)
        self._values = [values[oid] for oid in self._oids]

    def _line(self, line: bytes, values: dict[Oid, bytes]) -> None:
        text = line[:LINE_MAX].decode("latin-1").rstrip("\r\n")
        if not text.strip() or text.startswith("#"):
            return
        oid, _, rest = text.partition("|")
        tag, _, body = rest.partition("|")
        try:
            values[parse_oid(oid)] = value(tag, body)
        except (ValueError, OverflowError):
            self.skipped += 1

    def __len__(self) -> int:
        return len(self._oids)

    def seek(self, oid: Oid) -> tuple[Place, bool, bool]:
        at = bisect.bisect_left(self._oids, oid)
        exact = at < len(self._oids) and self._oids[at] == oid
        around = self._oids[max(0, at - 1) : at + 1]
        return (at, 0), exact, any(near[:-1] == oid[: len(near) - 1] for near in around)

    def after(self, place: Place) -> Place:
        return place[0] + 1, 0

    def value(self, place: Place) -> tuple[bytes, bytes] | None:
        at = place[0]
        return (encode_oid(self._oids[at]), self._values[at]) if at < len(self._oids) else None


class Shelf:
    """The recordings of a folder by community: `NAME` plays NAME.snmprec, `NAME@CONTEXT` its companion of that name."""

    def __init__(self, folder: Path, keep: int = 12) -> None:
        self.folder, self.keep = folder, keep
        self._open: OrderedDict[str, Recording] = OrderedDict()

    def find(self, community: bytes) -> Recording | None:
        """The recording of a community; None where there is none."""
        name = community.decode("latin-1")
        if not name or "/" in name or "\0" in name or name.startswith("."):
            return None
        found = self._open.get(name)
        if found is None:
            path = self.folder / f"{name}.snmprec"
            if not path.is_file():
                return None
            found = self._open[name] = Recording(path)
            while len(self._open) > self.keep:
                self._open.popitem(last=False)
        self._open.move_to_end(name)
        return found
