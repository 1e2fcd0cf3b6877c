"""Bodies that say themselves what they are: FortiOS, Topsec and Sangfor (`name=value`), Palo Alto (CSV), CEF, LEEF, Hillstone, NetScreen,
ZTE, Junos with structured data behind a header of RFC 3164."""

import csv
import re
from collections.abc import Callable
from typing import NamedTuple

from monitors.events.fields import fields_of
from monitors.events.rfc5424 import structured
from monitors.events.words import shown

_LEVELS = {
    "emergency": 0, "alert": 1, "critical": 2, "error": 3, "err": 3, "warning": 4, "warn": 4, "notice": 5, "notification": 5,
    "information": 6, "informational": 6, "info": 6, "debug": 7, "debugging": 7,
}
_PAIRS = re.compile(r"\s*[\w-]{1,32}=\S")
_CEF = re.compile(r"(?:CEF:\d|LEEF:[\d.]{1,4})\|")
_HILLSTONE = re.compile(
    r"(?P<serial>\d{8,20})\((?P<vsys>[\w.-]{1,32})\)\s+(?P<id>[0-9a-f]{6,10})\s+(?P<type>[\w -]{2,32})@(?P<level>[A-Za-z]{3,14}):\s*"
)
_NETSCREEN = re.compile(
    r"NetScreen device_id=(?P<serial>\S{1,40})\s+\[(?P<vsys>\w{1,32})\](?P<what>[a-z]+-(?P<level>[a-z]+)-\d{5})(?:\([^)]{0,200}\))?:\s*"
)
_JUNOS = re.compile(
    r"(?P<stamp>\d{4}-\d\d-\d\dT\S{8,20})\s+(?P<host>\S{1,255})\s+(?P<program>\S{1,64})\s+-\s+(?P<what>[A-Z][A-Z0-9_]{2,96})\s+(?=\[)"
)
_ZTE = re.compile(
    r"An? (?P<kind>alarm|notification|event) (?:ID )?(?P<id>\d{1,9}).{0,40}?level (?P<level>\d|\w{4,12}).{0,200}?"
    r"(?:sent by (?P<module>\w{1,32})\s*)?%(?P<what>[\w -]{1,64})%\s*", re.DOTALL,
)
_PALO = ("TRAFFIC", "THREAT", "CONFIG", "SYSTEM", "HIP-MATCH", "GLOBALPROTECT", "USERID", "URL", "AUTHENTICATION")


class Body(NamedTuple):
    """What was found in it. priority -1: it does not say; fields empty: as in any text."""

    mnemonic: str = ""
    priority: int = -1
    host: str = ""
    stamp: str = ""
    text: str = ""
    fields: dict[str, str] = {}


def read(text: str) -> Body | None:
    """None: it is plain text."""
    for form in _FORMS:
        found = form(text)
        if found is not None:
            return found
    return None


def _pairs(text: str) -> Body | None:
    if not _PAIRS.match(text) or text[:512].count("=") < 3:
        return None
    fields = fields_of(text)
    names = fields.get("type") or fields.get("log_type") or fields.get("id") or fields.get("logtype") or ""
    mnemonic = "/".join(filter(None, (names, fields.get("subtype") or fields.get("recorder", ""))))
    level = fields.get("level") or fields.get("pri") or fields.get("severity") or ""
    stamp = " ".join(filter(None, (fields.get("date", ""), fields.get("time", ""))))
    return Body(
        mnemonic, _level(level), fields.get("devname") or fields.get("fw") or fields.get("dev_name", ""), stamp,
        shown(fields.get("msg") or fields.get("logdesc") or text), fields,
    )


def _level(word: str) -> int:
    return int(word) if len(word) == 1 and word in "01234567" else _LEVELS.get(word.lower(), -1)


def _cef(text: str) -> Body | None:
    if not _CEF.match(text):
        return None
    parts = re.split(r"(?<!\\)\|", text, maxsplit=7)
    if len(parts) < 5:
        return None
    leef = text.startswith("LEEF")
    rest = parts[-1]
    told = {"vendor": parts[1], "product": parts[2], "version": parts[3]}
    found = {name: shown(value, 256) for name, value in told.items()} | fields_of(rest.replace("\t", " , ") if leef else rest)
    severity = parts[6] if not leef and len(parts) > 6 else found.get("sev", "")
    text = rest if leef or len(parts) < 7 else f"{parts[5]} {rest}"
    return Body(shown(parts[4], 128), _severity(severity), text=shown(text), fields=found)


def _severity(word: str) -> int:
    """CEF counts from 0 to 10, the other way round, or says Low to Very-High."""
    known = {"low": 5, "medium": 4, "high": 3, "very-high": 2}
    if word.lower() in known:
        return known[word.lower()]
    return (6, 6, 6, 6, 5, 5, 5, 4, 4, 3, 2)[int(word)] if word.isdigit() and int(word) <= 10 else -1


def _hillstone(text: str) -> Body | None:
    found = _HILLSTONE.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    return Body(
        f"{found['type'].strip()}/{found['id']}", _level(found["level"]), text=shown(rest),
        fields={"serial": found["serial"], "vsys": found["vsys"], **fields_of(rest)},
    )


def _netscreen(text: str) -> Body | None:
    found = _NETSCREEN.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    return Body(found["what"], _level(found["level"]), text=shown(rest), fields={"serial": found["serial"], **fields_of(rest)})


def _junos(text: str) -> Body | None:
    found = _JUNOS.match(text)
    if found is None:
        return None
    fields, rest, _ = structured(text[found.end() :])
    return Body(found["what"], -1, found["host"], found["stamp"], shown(rest or text[found.end() :]), fields)


def _zte(text: str) -> Body | None:
    found = _ZTE.match(text)
    if found is None:
        return None
    rest = text[found.end() :]
    numbered = {"1": 2, "2": 3, "3": 4, "4": 5}
    level = numbered.get(found["level"], _level(found["level"]))
    fields = {"module": found["module"] or "", **fields_of(rest)}
    return Body(f"{found['what'].strip()}/{found['id']}", level, text=shown(rest), fields=fields)


def _palo(text: str) -> Body | None:
    if not re.match(r"(?:\d|<\d+>)?,\d{4}/", text):
        return None
    try:
        cells = next(csv.reader([text[:8192]]))
    except (csv.Error, StopIteration):
        return None
    if len(cells) < 8 or cells[3] not in _PALO:
        return None
    fields = {"serial": shown(cells[2], 64)}
    if cells[3] in ("TRAFFIC", "THREAT") and len(cells) > 11:
        fields |= {"src": shown(cells[7], 64), "dst": shown(cells[8], 64), "rule": shown(cells[11], 128)}
    return Body("/".join(filter(None, (cells[3], shown(cells[4], 64)))), -1, stamp=cells[1], text=shown(text), fields=fields)


_FORMS: tuple[Callable[[str], Body | None], ...] = (_pairs, _cef, _hillstone, _netscreen, _junos, _zte, _palo)
