"""What of a record people look for: the terms it is found by, and the texts that are it exactly."""

import re
from collections.abc import Iterator
from typing import Any

from core.model import KEYED
from core.terms import hex_address, hex_mac, terms
from stores.records.columns import Shape

TERMS_VERSION = 1
"""One more whenever `core.terms.terms` or anything here gives other terms: every object's are made anew then."""
LONGEST = 200
EXACT = ("name", "key", "address", "addresses", "mac", "macs", "serial", "short_name", "prefix")
"""Fields of which the whole text is the object itself."""
LOOKED_FOR = frozenset({
    *EXACT, "model", "note", "contact", "phone", "mail", "duty", "company", "carrier", "number", "rd", "purpose", "endpoint", "outside",
    "inside", "peer", "gateway", "reason", "value", "chief_data_officer", "data_steward", "county", "os", "vid", "members", "vlan",
})
"""Fields with what people know a thing by; what only refers to another object is found by that object."""
_WORD = re.compile(r"[a-z0-9]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FIELDS: dict[str, tuple[str, ...]] = {}


def texts(shape: Shape[Any], record: Any) -> tuple[tuple[str, str], ...]:
    """Field and text, in which the record is looked for."""
    names = _FIELDS.get(shape.table)
    if names is None:
        names = _FIELDS[shape.table] = tuple(name for name in shape.fields if name in LOOKED_FOR)
    return tuple((name, text) for name in names for text in _texts(getattr(record, name)))


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, tuple) else (value,):
        if text := str(one) if one else "":
            yield text


def terms_of(shape: Shape[Any], record: Any) -> frozenset[str]:
    plain: list[str] = []
    out: set[str] = set()
    for name, text in texts(shape, record):
        if name in ("mac", "macs") and (mac := hex_mac(text)):
            out |= {"m" + mac, "w" + mac, "w" + mac[-6:], "w" + mac[-4:]}
        elif name == "key" and shape.table in KEYED and text.isascii():
            out |= _key(text)
        else:
            plain.append(text)
    return terms(plain) | out


def _key(text: str) -> set[str]:
    """Of a platform's key each group of digits: nobody looks for the middle of one."""
    groups = _WORD.findall(text[:LONGEST].lower())
    return {"w" + group[:32] for group in groups}


def exacts(shape: Shape[Any], record: Any) -> frozenset[str]:
    return frozenset(exact(text) for name, text in texts(shape, record) if name in EXACT)


def exact(text: str) -> str:
    """The same for every notation of the same text, address, MAC address or UUID."""
    text = " ".join(text.lower().split())[:LONGEST]
    if len(text) > 45:
        return text
    if len(text) == 36 and _UUID.fullmatch(text):
        return text.replace("-", "")
    return hex_address(text) or (hex_mac(text) if 12 <= len(text) <= 17 else "") or text
