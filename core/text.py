"""Bytes from a device as text: whatever encoding it was typed in, fit for a screen, of bounded length."""

import re
from functools import lru_cache

from core.polling import Oid
from core.width import clean

Value = int | bytes | Oid | None
LIMIT = 512
_ENCODINGS = ("utf-8", "gb18030")


def text_of(value: Value, limit: int = LIMIT) -> str:
    """Text of a value: UTF-8, else GB18030 (what Chinese devices send), else Latin-1; cleaned and stripped. Other types: empty."""
    if not isinstance(value, bytes):
        return ""
    return _short(value) if len(value) <= min(limit, _SHORT) else _readable(value[:limit], limit)


def _readable(raw: bytes, limit: int = LIMIT) -> str:
    text = _decoded(raw.rstrip(b"\0"))
    if not (text.isascii() and text.isprintable()):
        text = clean(text, limit)
    return text.strip()


_SHORT = 32
_short = lru_cache(maxsize=8192)(_readable)
"""Remembered: thousands of devices call their ports the same, and then share the name."""


def _decoded(raw: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


_DECIMAL = re.compile(rb"[ \t]{0,8}([-+]?)(\d{1,12})(?:\.(\d{1,9}))?[^\d.,:;/]{0,16}[\0\r\n]{0,2}", re.DOTALL)
MILLIONTHS = 1_000_000


def millionths(text: bytes) -> int | None:
    """The decimal number of a short text, with or without a unit behind it, in millionths: `-4.2 dBm` is -4,200,000. None: it is none."""
    found = _DECIMAL.fullmatch(text) if len(text) <= _SHORT else None
    if found is None:
        return None
    sign, whole, part = found.groups()
    number = int(whole) * MILLIONTHS + int(((part or b"") + b"000000")[:6])
    return -number if sign == b"-" else number


def number_of(value: Value, default: int = 0) -> int:
    return value if isinstance(value, int) else default


def oid_text(value: Value) -> str:
    """`1.3.6.1` of an OBJECT IDENTIFIER."""
    return ".".join(map(str, value)) if isinstance(value, tuple) else ""


def mac_of(value: Value) -> str:
    """Lower-case pairs with colons; empty for no address or one of zeros. At most 20 octets (InfiniBand)."""
    if not isinstance(value, bytes) or not value.strip(b"\0"):
        return ""
    return value[:20].hex(":")


def unique(names: list[str], suffixes: list[str]) -> list[str]:
    """The names, each made unique by `#suffix` where it is empty or stands before already; suffixes are unique."""
    seen: set[str] = set()
    out: list[str] = []
    for name, suffix in zip(names, suffixes, strict=True):
        chosen = name if name and name not in seen else f"{name}#{suffix}"
        while chosen in seen:
            chosen += "#"
        seen.add(chosen)
        out.append(chosen)
    return out
