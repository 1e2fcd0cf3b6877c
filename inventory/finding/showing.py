"""One line that says what an object is and where, and why a search found it."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from core.finding import Found
from core.ports import Hit
from core.terms import Word, stands_in
from inventory.finding.places import Find, place

_ADDRESSES = ("address", "addresses", "prefix", "outside", "endpoint", "peer", "mac", "macs")
_STATES = ("state", "enabled")
_NOTES: dict[str, tuple[str, ...]] = {
    "unit": ("short_name", "level", "parent", "contact", "phone"), "system": ("protection_level", "cii", "note"),
    "site": ("level", "county", "address"), "device": ("role", "model", "platform", "serial"), "component": ("system", "tier"),
    "person": ("duty", "phone"), "team": ("company", "phone"), "data_line": ("source_system", "target_system"),
    "ha_group": ("kind", "members"), "cable": ("device_a", "port_a", "device_b", "port_b"), "reservation": ("reason", "by"),
    "circuit": ("carrier", "number"), "access_point": ("device", "port", "vpn"), "egress": ("kind", "device", "port"),
    "vlan": ("domain", "vpn", "purpose"), "prefix": ("vpn", "purpose"), "ip_address": ("vpn", "purpose"), "vpn_instance": ("rd", "zone"),
    "nat_mapping": ("device", "inside"), "policy_rule": ("device", "action"), "bgp_session": ("device", "vpn"), "rack": ("site",),
    "tenant": ("platform",), "project": ("system",), "host": ("zone", "device"), "vm": ("project", "host"), "volume": ("vm", "size_gb"),
    "snapshot": ("volume",), "image": ("os",), "vpc": ("project", "vlan"), "subnet": ("network",), "vport": ("vm", "network"),
    "floating_ip": ("project",), "security_group": ("project",), "load_balancer": ("project",), "cloud_platform": ("kind",),
}
_KEYS: dict[str, str] = {"project": "project", "host": "host", "vm": "vm", "volume": "volume", "network": "vpc"}
"""Fields that hold keys, which nobody can read: shown by the name behind them."""
MOST_SHOWN = 3


def found(find: Find, hit: Hit, noun: Any, words: Sequence[Word]) -> Found:
    """The whole line of one hit."""
    unit, site = place(find, hit.kind, noun)
    return Found(
        kind=hit.kind, id=hit.id, name=hit.name, exact=hit.exact, unit=unit if hit.kind != "unit" else "",
        site=site if hit.kind != "site" else "", address=_first(noun, _ADDRESSES),
        state=_first(noun, _STATES), note=" ".join(_notes(find, hit.kind, noun)), why=why(noun, words),
    )


def _first(noun: Any, fields: Sequence[str]) -> str:
    return next((text for field in fields if (text := _text(getattr(noun, field, "")))), "")


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value[:MOST_SHOWN])) + (" .." if len(value) > MOST_SHOWN else "")
    return "" if value in (0, True, False) else str(value)


def _notes(find: Find, kind: str, noun: Any) -> Iterator[str]:
    for field in _NOTES.get(kind, ()):
        value = getattr(noun, field)
        if field == "protection_level":
            yield f"L{value}"
        elif field == "cii":
            if value:
                yield "CII"
        elif field in _KEYS and kind in _KEYED:
            other = find(_KEYS[field], value) if value else None
            if other is not None:
                yield other.name
        elif text := _text(value):
            yield text


_KEYED = frozenset({"vm", "volume", "snapshot", "vpc", "subnet", "vport", "floating_ip", "security_group", "load_balancer"})


def why(noun: Any, words: Sequence[Word]) -> dict[str, str]:
    """Of each word that does not stand in the name, the first field that it fits, with what stands there."""
    texts = dict(_texts(noun))
    name = texts.pop("name", "")
    out: dict[str, str] = {}
    for word in words:
        if stands_in(word, name):
            continue
        field = next((field for field, text in texts.items() if stands_in(word, text)), "")
        if field:
            out[field] = texts[field][:200]
    return out


def _texts(noun: Any) -> Iterator[tuple[str, str]]:
    for field, value in msgspec.structs.asdict(noun).items():
        if field != "id" and isinstance(value, str) and value:
            yield field, value
        elif isinstance(value, tuple) and value:
            yield field, " ".join(map(str, value))
