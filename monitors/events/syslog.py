"""A syslog line, whatever its dialect, as an event.

RFC 3164 is a description of what was found, and everybody differs from it. What makers agree on is a word of their own that names the
message; where it stands tells what is before it: `%%01MODULE/LEVEL/MNEMONIC` (VRP), `%%10` (Comware, also its cmcc and unicom forms),
`%FACILITY-SEVERITY-MNEMONIC` (Cisco IOS, XE, XR, NX-OS, ASA, Arista, Ruijie, Maipu, DCN), `%%--` (DPtech). RFC 5424 says itself what
is what.
"""

import re

from core.events import Event
from core.i18n import mark
from monitors.events import bodies, rfc5424
from monitors.events.fields import fields_of
from monitors.events.stamps import STAMP, said_ms
from monitors.events.words import MAX_TEXT, shown, text_of

FACILITIES = (
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
    *(f"local{n}" for n in range(8)),
)
LONG = mark("The line is longer than is shown; all of it is kept.")
PLAIN = mark("It has no head that is known; it is shown as it came.")
HEAD = 400
"""Characters within which the maker's word must begin."""
_PRI = re.compile(r"<(\d{1,3})>\s?")
_WORD = re.compile(
    r"%%?(?:\d\d|--)\s?(?P<module>[\w.-]{1,64})/(?P<level>[0-7])/(?P<what>[\w.-]{1,128})(?:\((?P<type>[a-z]{1,2})\))?(?:\[\d{1,12}\])?\s?:"
    r"|(?<![\w/])(?:10)?(?P<module2>[A-Z][A-Z0-9_]{1,31})/(?P<level2>[0-7])/(?P<what2>[\w.-]{1,128}?)(?:\((?P<type2>[a-z]{1,2})\))?(?:\[\d{1,12}\])?:"
    r"|%\s?(?P<cisco>[A-Za-z][\w]{0,63}(?:-[A-Za-z][\w]{0,63}){0,3}-(?P<level3>[0-7])-[\w]{1,64})\s?:?"
)
_SEQUENCE = re.compile(r"^(?:\d{1,12}|\[\d{1,12}\])\s*:\s*")
_TAG = re.compile(r"^([^\s\[\]:()]{1,128}(?:\([\w.-]{1,64}\))?)(?:\[([\w.-]{1,32})\])?:(?:\s|$)")
_LEADING = re.compile(r"^([A-Z][A-Z0-9]{1,15}_[A-Z0-9_]{2,96}|[A-Z]{3,16}_[A-Z_]{2,64}|%[A-Z][A-Z0-9_]{2,64}): ")
_REPEATED = re.compile(r"^(?:last message|message) repeated (\d{1,6}) times(?::\s*\[\s?(.*)\])?", re.DOTALL)
_LEVEL = 5


def read_line(raw: bytes, at_ms: int, source: str, zone_s: int = 0) -> Event:
    """One line as an event. Never raises; time and size are bounded by `MAX_TEXT`."""
    whole = text_of(raw)
    priority, facility, rest = _pri(whole)
    odd = "" if len(raw) <= 4 * MAX_TEXT else LONG
    if (found := rfc5424.read(rest)) is not None:
        return _of_5424(found, priority, facility, at_ms, source, odd)
    word = _word(rest)
    if word is None:
        return _without_word(rest, priority, facility, at_ms, source, zone_s, odd)
    stamp, host, program = _before(rest[: word.start()])
    mnemonic, level = _named(word)
    text = rest[word.end() :]
    return Event(
        at_ms=at_ms, said_ms=said_ms(stamp, at_ms, zone_s) if stamp else 0, source=source, kind="syslog", mnemonic=mnemonic,
        facility=facility, priority=level, host=shown(host, 255), program=shown(program, 128), text=shown(text),  # type: ignore[arg-type]
        fields=fields_of(text[:MAX_TEXT]), odd=odd,
    )


def _word(rest: str) -> "re.Match[str] | None":
    """The maker's word: nearly always at the first percent sign, and nothing before that could be one."""
    at = rest.find("%", 0, HEAD)
    if at >= 0 and "/" not in rest[:at] and (found := _WORD.match(rest, at, HEAD)):
        return found
    return _WORD.search(rest, 0, HEAD) if at >= 0 or "/" in rest[:HEAD] else None


def _pri(text: str) -> tuple[int, str, str]:
    """(priority, -1 where it is not told; facility; the rest)."""
    found = _PRI.match(text)
    if found is None or int(found[1]) > 191:
        return -1, "", text
    number = int(found[1])
    return number & 7, FACILITIES[number >> 3], text[found.end() :]


def _named(word: "re.Match[str]") -> tuple[str, int]:
    """(the maker's word, its own level)."""
    if module := word["module"] or word["module2"]:
        level = word["level"] or word["level2"]
        return f"{module}/{level}/{word['what'] or word['what2']}", int(level)
    return word["cisco"], int(word["level3"])


def _before(text: str) -> tuple[str, str, str]:
    """(stamp, host, program) of what stands before the maker's word: `521: router1: *Mar 15 10:05:53.044: `, `Feb  7 22:22:35 sw1 Bfd: `,
    `94307: gw1 LC/0/2/CPU0:Jul  7 20:16:14.834 : ifmgr[214]: `."""
    found = STAMP.search(text)
    if found is None:
        return "", *_names(_SEQUENCE.sub("", text).replace(":", " ").split())
    before = _SEQUENCE.sub("", text[: found.start()].strip()).replace(":", " ").split()
    after = text[found.end() :].replace(" : ", " ").strip(" :*%").split()
    if after and after[0].endswith(":") and len(after) > 1 and not before:
        before, after = [after[0].rstrip(":")], after[1:]
    if before:
        return found[0], before[0], _program(after[0] if after else "")
    return found[0], *_names(after)


def _names(words: list[str]) -> tuple[str, str]:
    host = words[0].rstrip(":") if words else ""
    return host, _program(words[1]) if len(words) > 1 else ""


def _program(word: str) -> str:
    return word.partition("[")[0].rstrip(":")


def _without_word(rest: str, priority: int, facility: str, at_ms: int, source: str, zone_s: int, odd: str) -> Event:
    """A line of a system that has no word of its own for each message: hosts, firewalls that write `name=value`, Junos."""
    found = STAMP.match(_SEQUENCE.sub("", rest[:HEAD]))
    said, host, program = 0, "", ""
    if found is not None:
        skipped = len(rest[:HEAD]) - len(_SEQUENCE.sub("", rest[:HEAD]))
        said = said_ms(found[0], at_ms, zone_s)
        rest = rest[skipped + found.end() :].lstrip(" :")
    body = bodies.read(rest)
    if body is None:
        host, rest = _host(rest) if found is not None else ("", rest)
        if tag := _TAG.match(rest):
            program, rest = tag[1], rest[tag.end() :]
        body = bodies.read(rest) or bodies.Body()
    mnemonic, text = body.mnemonic, rest
    if not mnemonic and (leading := _LEADING.match(rest)):
        mnemonic, text = leading[1].lstrip("%"), rest[leading.end() :]
    count = 1
    if repeated := _REPEATED.match(text):
        count, text = max(1, int(repeated[1])), repeated[2] or text
    level = priority if priority >= 0 else body.priority if body.priority >= 0 else _LEVEL
    if not odd and priority < 0 and not said and not program and not mnemonic:
        odd = PLAIN
    return Event(
        at_ms=at_ms, said_ms=said or (said_ms(body.stamp, at_ms, zone_s) if body.stamp else 0), source=source, kind="syslog",
        mnemonic=shown(mnemonic, 128), facility=facility, priority=body.priority if body.priority >= 0 else level,  # type: ignore[arg-type]
        host=shown(host or body.host, 255), program=shown(program, 128), text=shown(body.text or text),
        fields=body.fields or fields_of(text[:MAX_TEXT]), count=count, last_ms=at_ms if count > 1 else 0, odd=odd,
    )


def _host(rest: str) -> tuple[str, str]:
    """(host, the rest): the first word, unless it is a program's tag already."""
    first, _, more = rest.partition(" ")
    if not first or first.endswith(":") or "[" in first or "=" in first or (not more and len(first) > 64):
        return "", rest
    return first, more.lstrip()


def _of_5424(found: "rfc5424.Message", priority: int, facility: str, at_ms: int, source: str, odd: str) -> Event:
    word = _WORD.match(found.text) if found.text.startswith("%") else None
    mnemonic, level = _named(word) if word else (found.msgid, priority if priority >= 0 else _LEVEL)
    text = found.text[word.end() :] if word else found.text
    return Event(
        at_ms=at_ms, said_ms=said_ms(found.stamp, at_ms) if found.stamp else 0, source=source, kind="syslog", mnemonic=shown(mnemonic, 128),
        facility=facility, priority=level, host=shown(found.host, 255), program=shown(found.program, 128),  # type: ignore[arg-type]
        text=shown(text or found.msgid), fields={**fields_of(text[:MAX_TEXT]), **found.fields}, odd=odd or found.odd,
    )
