"""A device that was recorded: lines `OID|TAG|VALUE` (snmprec), or what `snmpwalk -On` prints; asked like a live one."""

import bisect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.polling import Kind, Oid, TableRows, VarBind
from links.snmp import ber

MOST_OCTETS = 64 << 20
MOST_LINES = 500_000
_WALKED = re.compile(r"^\.?([0-2](?:\.\d{1,10}){1,126}) = (?:([A-Za-z][A-Za-z0-9 -]{1,20}): ?)?(.*)$", re.DOTALL)
_NUMBER = re.compile(r"-?\d{1,20}")
_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_NUMBERS = {"INTEGER": Kind.INTEGER, "Gauge32": Kind.GAUGE32, "Counter32": Kind.COUNTER32, "Counter64": Kind.COUNTER64,
            "Timeticks": Kind.TIMETICKS}
_Value = tuple[int, int | bytes | Oid | None]


class RecordedSession:
    """`core.polling.Session` over a recording."""

    def __init__(self, variables: dict[Oid, _Value]) -> None:
        self._variables = variables
        self._names = sorted(variables)

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        return [VarBind(oid, *self._variables.get(oid, (Kind.NO_SUCH_INSTANCE, None))) for oid in oids]

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        start, stop = self._span(root)
        return [VarBind(name, *self._variables[name]) for name in self._names[start:stop]][:limit]

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        rows: dict[Oid, list[int | bytes | Oid | None]] = {}
        problem = ""
        for at, column in enumerate(columns):
            for binding in await self.walk(column):
                index = binding.oid[len(column) :]
                if index in rows or len(rows) < limit:
                    rows.setdefault(index, [None] * len(columns))[at] = binding.value
                else:
                    problem = tr("A table has more than {limit} rows.", limit=limit)
        return TableRows(dict(sorted(rows.items())), problem)

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        spans = map(self._span, roots)
        return [start < stop for start, stop in spans]

    async def close(self) -> None:
        """Nothing is open."""

    def _span(self, root: Oid) -> tuple[int, int]:
        return bisect.bisect_right(self._names, root), bisect.bisect_left(self._names, (*root[:-1], root[-1] + 1))


def read_recording(path: Path) -> RecordedSession:
    """Raises `NotFoundError`, `InvalidInputError` that names the file."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise NotFoundError(tr("{path} cannot be read: {reason}.", path=str(path), reason=error.strerror or "")) from None
    if len(raw) > MOST_OCTETS:
        raise InvalidInputError(tr("{path} is larger than {size} MiB.", path=str(path), size=MOST_OCTETS >> 20))
    lines = raw.decode("utf-8", "surrogateescape").splitlines()[:MOST_LINES]
    variables = dict(_recorded(lines)) or dict(_walked(lines))
    if not variables:
        raise InvalidInputError(
            tr("{path} is no recording of a device.", path=str(path)),
            way_out=tr("Record one: snmpwalk -v2c -c COMMUNITY -On HOST .1 > FILE"),
        )
    return RecordedSession(variables)


def _recorded(lines: list[str]) -> Iterator[tuple[Oid, _Value]]:
    """Lines OID|TAG|VALUE; TAG is the BER tag, with x where VALUE is hexadecimal."""
    for line in lines:
        name, bar, rest = line.partition("|")
        tag, second, text = rest.partition("|")
        digits = tag.rstrip("xe")
        if not bar or not second or not digits.isascii() or not digits.isdigit() or not _is_oid(name):
            continue
        if (value := _value(int(digits), text, tag.endswith("x"))) is not None:
            yield _oid(name), (int(digits), value)


def _value(tag: int, text: str, is_hex: bool) -> int | bytes | Oid | None:
    if tag == ber.OBJECT_IDENTIFIER:
        return _oid(text) if _is_oid(text) else None
    if tag in (Kind.OCTET_STRING, Kind.IP_ADDRESS, 0x44):
        if is_hex:
            return bytes.fromhex(text) if re.fullmatch(r"([0-9A-Fa-f]{2})*", text) else None
        if tag == Kind.IP_ADDRESS:
            return _address(text)
        return text.encode("utf-8", "surrogateescape")
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def _walked(lines: list[str]) -> Iterator[tuple[Oid, _Value]]:
    """Lines of snmpwalk -On; texts may go on over several."""
    begun: list[str] = []
    for line in (*lines, ".0.0 = "):
        if _WALKED.match(line):
            if begun and (found := _WALKED.match("\n".join(begun))) and (value := _printed(found[2] or "", found[3])) is not None:
                yield _oid(found[1]), value
            begun = [line]
        elif begun:
            begun.append(line)


def _printed(kind: str, text: str) -> _Value | None:
    if kind in _NUMBERS:
        number = re.search(r"\((-?\d{1,20})\)", text) if "(" in text else _NUMBER.search(text)
        return None if number is None else (_NUMBERS[kind], int(number[number.re.groups]))
    if kind == "OID":
        return (ber.OBJECT_IDENTIFIER, _oid(text.strip())) if _is_oid(text.strip()) else None
    if kind == "Hex-STRING":
        return Kind.OCTET_STRING, bytes.fromhex("".join(_HEX.findall(text)))
    if kind in ("IpAddress", "Network Address"):
        address = _address(text.strip().replace(":", "."))
        return (Kind.IP_ADDRESS, address) if address else None
    if kind == "STRING" or (not kind and text.startswith('"')):
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
        return Kind.OCTET_STRING, re.sub(r'\\(["\\])', r"\1", bare).encode("utf-8", "surrogateescape")
    return None


def _address(text: str) -> bytes | None:
    parts = text.split(".")
    good = len(parts) == 4 and all(p.isascii() and p.isdigit() and len(p) < 4 and int(p) < 256 for p in parts)
    return bytes(map(int, parts)) if good else None


def _is_oid(text: str) -> bool:
    return re.fullmatch(r"\.?[0-2](\.\d{1,10}){1,126}", text) is not None


def _oid(text: str) -> Oid:
    return tuple(map(int, text.strip(".").split(".")))
