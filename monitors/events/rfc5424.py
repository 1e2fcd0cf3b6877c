"""RFC 5424: version, time, host, program, process, message id, structured data, text."""

import re
from typing import NamedTuple

from core.i18n import mark
from monitors.events.fields import MAX_FIELDS, MAX_NAME, MAX_VALUE
from monitors.events.words import shown

_HEAD = re.compile(
    r"1 (?P<stamp>-|\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d)) (?P<host>\S{1,255}) (?P<program>\S{1,128}) (?P<process>\S{1,128}) "
    r"(?P<msgid>\S{1,128}) ?"
)
_PARAMETER = re.compile(r' ?([^\s=\]"]{1,128})="((?:[^"\\\]]|\\.){0,65536})"')
_CHECK_POINT = re.compile(r'([A-Za-z_][\w -]{0,63}):"((?:[^"\\]|\\.){0,4096})"')
_ESCAPED = re.compile(r"\\([\"\\\]])")

DAMAGED = mark("Its structured data (RFC 5424) is damaged; from there on it is shown as it came.")


class Message(NamedTuple):
    """Its parts; empty where it says `-`."""

    stamp: str
    host: str
    program: str
    msgid: str
    fields: dict[str, str]
    text: str
    odd: str


def read(rest: str) -> Message | None:
    """What stands behind the `<PRI>`. None: it is none of RFC 5424."""
    head = _HEAD.match(rest) if rest.startswith("1 ") else None
    if head is None:
        return None
    fields, text, odd = structured(rest[head.end() :])
    stamp, host, program, msgid = (told if (told := head[name]) != "-" else "" for name in ("stamp", "host", "program", "msgid"))
    return Message(stamp, host, program, msgid, fields, text.removeprefix("\ufeff"), odd)


def structured(rest: str) -> tuple[dict[str, str], str, str]:
    """(fields, text, why the data could not be read to its end). Elements are told apart only where two name the same parameter."""
    fields: dict[str, str] = {}
    if rest.startswith("-"):
        return fields, rest[1:].lstrip(" "), ""
    if re.match(r'\[[A-Za-z_]\w*:"', rest):  # Check Point's log exporter writes no RFC's data
        return {name: shown(value, MAX_VALUE) for name, value in _CHECK_POINT.findall(rest)[:MAX_FIELDS]}, rest, ""
    while rest.startswith("["):
        name = re.match(r"\[([^\s=\]\"]{1,128})", rest)
        if name is None:
            return fields, rest, DAMAGED
        at = name.end()
        while found := _PARAMETER.match(rest, at):
            if len(fields) < MAX_FIELDS:
                key = found[1] if found[1] not in fields else f"{name[1]}.{found[1]}"
                fields.setdefault(shown(key, 2 * MAX_NAME), shown(_ESCAPED.sub(r"\1", found[2]), MAX_VALUE))
            at = found.end()
        if rest[at : at + 1] != "]":
            return fields, rest, DAMAGED
        rest = rest[at + 1 :]
    return fields, rest.lstrip(" "), ""
