"""What is secret never enters the journal, whatever the caller handed in."""

import re
from typing import Any

MASK = "***"

_SECRET = re.compile(
    r"passw(or)?d|passphrase|passcode|secret|community|token|cookie|authorization|private|psk|(^|_)(pwd|pin|key)$|(auth|priv)_?key",
    re.IGNORECASE,
)


def masked(value: Any, field: str = "") -> Any:
    """The value with every field that is named like a secret replaced by `MASK`; nested dicts and lists too."""
    if field and value not in ("", None) and _SECRET.search(field):
        return MASK
    if isinstance(value, dict):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value
