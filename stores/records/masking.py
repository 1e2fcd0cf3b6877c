"""What is secret never enters the journal, whatever the caller handed in."""

import re
from functools import lru_cache
from typing import Any

from core.model import KEYED

MASK = "***"

_SECRET = re.compile(
    r"passw(or)?d|passphrase|passcode|secret|community|token|cookie|authorization|private|psk|recovery|otpauth|(^|_)(pwd|pin|key|otp|totp)$"
    r"|(auth|priv|api)_?key|密码|口令|密钥|团体字",
    re.IGNORECASE,
)
_IN_TEXT = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+@"), f"{MASK}@"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
    (re.compile(r"\botpauth://\S+"), MASK),
)
"""Secrets that can be told by how they look, wherever they stand: in an address, a pasted key, the address of a generator."""


def of_record(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a record for the journal. What a platform calls a thing is its `key` and no secret."""
    found = {name: masked(value, name) for name, value in fields.items()}
    if kind in KEYED and "key" in fields:
        found["key"] = masked(fields["key"])
    return found


@lru_cache(maxsize=4096)
def _is_secret(field: str) -> bool:
    return bool(_SECRET.search(field))


def masked(value: Any, field: str = "") -> Any:
    """The value with every field that is named like a secret replaced by `MASK`; nested dicts and lists too."""
    if field and value not in ("", None) and not isinstance(value, bool) and _is_secret(field):
        return MASK
    if isinstance(value, str):
        return _without_secrets(value)
    if isinstance(value, dict):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def _without_secrets(text: str) -> str:
    if "://" in text or "PRIVATE KEY" in text:
        for pattern, instead in _IN_TEXT:
            text = pattern.sub(instead, text)
    return text
