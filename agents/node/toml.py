"""Settings as TOML, always in the same order and form, so that two exports of the same settings are the same bytes."""

import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from core.settings import Settings

MASK = "***"


def settings_toml(settings: Settings, *, masked: bool, defaults: bool = False) -> str:
    """Every section with what differs from the defaults (`defaults`: with everything). masked: without what may be a secret."""
    parts: list[str] = []
    for section in msgspec.structs.fields(Settings):
        chosen, usual = getattr(settings, section.name), section.type()
        lines = [
            f"{field.name} = {value(_shown(getattr(chosen, field.name), masked))}"
            for field in msgspec.structs.fields(section.type)
            if defaults or getattr(chosen, field.name) != getattr(usual, field.name)
        ]
        if lines:
            parts.append("\n".join([f"[{section.name}]", *lines]))
    return "\n\n".join(parts) + "\n" if parts else ""


def value(plain: Any) -> str:
    """One value: text, number, truth, or a list of them."""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, (list, tuple)):
        return "[" + ", ".join(value(item) for item in plain) + "]"
    if isinstance(plain, str):
        return '"' + "".join(_escape(c) for c in plain) + '"'
    return repr(plain)


def _escape(c: str) -> str:
    if c in '"\\':
        return "\\" + c
    return c if c.isprintable() else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}"


def _shown(plain: Any, masked: bool) -> Any:
    return mask_address(plain) if masked and isinstance(plain, str) else plain


def mask_address(text: str) -> str:
    """An address without its password and the values of its query; on http and https without its path, which often is a key."""
    if "://" not in text:
        return text
    try:
        parts = urlsplit(text)
        netloc = parts.netloc
    except ValueError:
        return MASK
    if parts.password is not None:
        netloc = f"{parts.username}:{MASK}@{netloc.rpartition('@')[2]}"
    query = re.sub(r"=[^&]*", f"={MASK}", parts.query)
    path = f"/{MASK}" if parts.scheme in ("http", "https") and len(parts.path) > 1 else parts.path
    return parts._replace(netloc=netloc, query=query, path=path, fragment="").geturl()
