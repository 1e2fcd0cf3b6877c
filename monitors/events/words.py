"""Octets of a message as text: UTF-8, GB 18030, or both in one line, as relays make them."""

import re

from core.width import clean

MAX_TEXT = 4096
"""Characters of an event's text; the raw line has all."""
_FOREIGN = re.compile(rb"[\x80-\xff](?:[\x30-\x39\x40-\x7e]?[\x80-\xff])*[\x40-\x7e]?")
_BOM = b"\xef\xbb\xbf"
_ENDS = b"\x00\r\n \t"


def text_of(raw: bytes, most: int = 4 * MAX_TEXT) -> str:
    """The octets as text: UTF-8 where it is that, else GB 18030, else run by run. Total, in linear time."""
    raw = raw[:most].strip(_ENDS)
    if raw.isascii():
        return raw.decode("ascii")
    raw = raw.removeprefix(_BOM)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if not any(_is_utf8(run[0]) for run in _FOREIGN.finditer(raw)):
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return _mixed(raw)


def _mixed(raw: bytes) -> str:
    """Runs of octets beyond ASCII, each by itself: one is of the device, another of the relay that put a name before it."""
    out, at = [], 0
    for run in _FOREIGN.finditer(raw):
        out += [raw[at : run.start()].decode("ascii", "replace"), _run(run[0])]
        at = run.end()
    out.append(raw[at:].decode("ascii", "replace"))
    return "".join(out)


def _run(octets: bytes) -> str:
    for size in (len(octets), len(octets) - 1):
        if _is_utf8(octets[:size]):
            return octets[:size].decode("utf-8") + octets[size:].decode("ascii", "replace")
    for size in (len(octets), len(octets) - 1):
        if not size:
            break
        try:
            return octets[:size].decode("gb18030") + octets[size:].decode("ascii", "replace")
        except UnicodeDecodeError:
            continue
    return octets.decode("utf-8", "replace")


def _is_utf8(octets: bytes) -> bool:
    """Whether a run is Chinese in UTF-8. What would be letters of two octets is a character of GB 18030 sooner."""
    try:
        return octets != b"" and all(letter >= "\u0800" or letter < "\x80" for letter in octets.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def shown(text: str, limit: int = MAX_TEXT) -> str:
    """Fit for a screen."""
    return clean(text.strip(), limit)
