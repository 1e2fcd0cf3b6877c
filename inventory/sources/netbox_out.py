"""What a NetBox should hold of our sites, devices and prefixes, and what is to be done about what it holds. Never a deletion.

What carries our tag follows us. Of what others made there, only empty fields are filled; what differs is reported and left.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from core.network import Prefix
from core.objects import Device, Site
from core.platforms import BY_NAME
from inventory.sources.words import address

TAG, FIELD = "yunwang", "yunwang_id"
FIELD_TYPES = ("dcim.site", "dcim.device", "ipam.prefix")
UNKNOWN = "Unknown"
_LONGEST = {"name": 100, "device_name": 64, "serial": 50, "model": 100, "description": 200, "physical_address": 200}
_NOT_SLUG = re.compile(r"[^a-z0-9_]+")
Item = Mapping[str, Any]


class Wish(NamedTuple):
    """What an object should be. key: by what it is found where it does not carry our id; values: plain fields; refs: kind and name of what
    it names."""

    kind: str
    id: str
    name: str
    keys: tuple[tuple[str, ...], ...]
    values: dict[str, Any]
    refs: dict[str, tuple[str, str]]


class Act(NamedTuple):
    """What is to be done: `create`, `update` with these values, or nothing. differs: fields that others set otherwise."""

    what: str
    values: dict[str, Any]
    differs: tuple[str, ...] = ()


def slug(name: str) -> str:
    """Latin letters, digits and hyphens; Chinese by its pinyin. A name that leaves nothing gets one of its digest."""
    from pypinyin import lazy_pinyin

    latin = "-".join(lazy_pinyin(name)) if not name.isascii() else name
    plain = _NOT_SLUG.sub("-", latin.lower()).strip("-")
    return plain[:80] or hashlib.sha256(name.encode()).hexdigest()[:12]


def unique_slug(name: str, taken: Iterable[str]) -> str:
    """One that nobody has: 青田 and 清田 sound alike."""
    found = slug(name)
    return found if found not in taken else f"{found}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def site(one: Site) -> Wish:
    return Wish("site", one.id, one.name, (("name", one.name),), {"name": one.name[:100], "physical_address": one.address[:200]}, {})


def device(one: Device) -> Wish:
    """Manufacturer and device type are made of platform and model where they are missing there."""
    platform = BY_NAME.get(one.platform)
    refs = {"site": ("site", one.site), "role": ("role", one.role), "device_type": ("device_type", one.model or UNKNOWN)}
    if platform is not None:
        refs["platform"] = ("platform", platform.title)
    return Wish(
        "device", one.id, one.name, (("name", one.name),), {"name": one.name[:64], "serial": one.serial[:50]}, refs,
    )


def prefix(one: Prefix) -> Wish:
    refs = {"vrf": ("vrf", one.vpn)} if one.vpn else {}
    if one.site:
        refs["scope"] = ("site", one.site)
    values = {"prefix": one.prefix, "description": one.purpose[:200]}
    return Wish("prefix", one.id, one.name, (("vrf", one.vpn, "prefix", one.prefix),), values, refs)


def vendor(one: Device) -> str:
    """Of its platform."""
    platform = BY_NAME.get(one.platform)
    return platform.vendor if platform is not None else UNKNOWN


def is_ours(found: Item) -> bool:
    """Whether it carries our tag."""
    tags = found.get("tags")
    return isinstance(tags, list) and any(isinstance(tag, Mapping) and tag.get("slug") == TAG for tag in tags)


def id_of(found: Item) -> str:
    """Our id that it carries; empty: none."""
    fields = found.get("custom_fields")
    carried = fields.get(FIELD) if isinstance(fields, Mapping) else None
    return carried if isinstance(carried, str) else ""


def decide(wish: Wish, refs: Mapping[str, int], found: Item | None) -> Act:
    """refs: the fields that name others, as numbers there. An object that is new carries our tag and id."""
    wanted = {**wish.values, **refs}
    if found is None:
        marks = {"tags": [{"slug": TAG}], "custom_fields": {FIELD: wish.id}}
        return Act("create", {name: value for name, value in wanted.items() if value not in ("", None)} | marks)
    values: dict[str, Any] = {}
    differs: list[str] = []
    for name, value in wanted.items():
        there = _plain(found.get(name))
        if value in ("", None) or there == value:
            continue
        if is_ours(found) or there in ("", None):
            values[name] = value
        else:
            differs.append(name)
    if id_of(found) != wish.id and (is_ours(found) or not id_of(found)):
        values["custom_fields"] = {FIELD: wish.id}
    return Act("update" if values else "", values, tuple(differs))


def _plain(value: Any) -> Any:
    """A nested object as its number, a choice as its value."""
    if isinstance(value, Mapping):
        return value.get("id", value.get("value"))
    return value


def primary(found: Item) -> str:
    """The primary address of a device there; empty: none."""
    nested = found.get("primary_ip")
    return address(nested.get("address")) if isinstance(nested, Mapping) else ""


def device_of(port: Item) -> int:
    """The number of the device that an interface there belongs to; 0: not known."""
    nested = port.get("device")
    number = nested.get("id") if isinstance(nested, Mapping) else None
    return number if isinstance(number, int) else 0
