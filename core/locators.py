"""Where a secret is kept, as a credential says it: never the secret itself.

    secret:NAME         sealed by the hub
    vault:PATH#FIELD    HashiCorp Vault, key-value store version 2, read by the hub
    env:NAME            environment of the process that needs it
    file:/PATH          owner-only file, read by the process that needs it
"""

import re
from typing import NamedTuple

MOST = 512
_FORMS = {
    "secret": re.compile(r"\S(?:[^\x00-\x1f\x7f]{0,126}\S)?"),
    "vault": re.compile(r"[\w.-]+(?:/[\w.-]+)*#[\w.-]+"),
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r"/[^\x00-\x1f]+"),
}
HELD_BY_HUB = frozenset({"secret", "vault"})
"""Kinds of places that only the hub can reach: senses ask it for these."""


class Locator(NamedTuple):
    """A place: `Locator("vault", "net/core#community")`."""

    kind: str
    place: str


def parse(text: str) -> Locator | None:
    """None: this is no locator, and perhaps the secret itself."""
    kind, _, place = text.partition(":")
    form = _FORMS.get(kind)
    if form is None or len(text) > MOST or not form.fullmatch(place):
        return None
    if kind == "vault" and any(part in ("", ".", "..") for part in place.partition("#")[0].split("/")):
        return None
    return Locator(kind, place)


def is_locator(text: str) -> bool:
    return parse(text) is not None


def held_by_hub(text: str) -> bool:
    return text.partition(":")[0] in HELD_BY_HUB
