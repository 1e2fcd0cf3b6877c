"""From Oxidized (its router.db, or `GET /nodes.json` of its web) to nouns. What router.db holds of passwords is never looked at."""

from collections.abc import Iterable, Mapping
from typing import Any

from core import objects
from core.i18n import tr
from core.nouns import Noun
from inventory.sources.words import PassOver, address, platform, role, text

FIELDS = {"device": ("address", "site", "platform")}
USUAL = "name:ip:model:group"
KNOWN = frozenset({"name", "ip", "model", "group", ""})
MOST_LINES = 200_000


def rows(content: str, columns: str = "") -> Iterable[dict[str, str]]:
    """The lines of a router.db, `#` begins a comment. columns: names in their order; those of no use here are passed over."""
    names = (columns or USUAL).split(":")
    for line in content.splitlines()[:MOST_LINES]:
        plain = line.strip()
        if plain and not plain.startswith("#"):
            parts = [part.strip() for part in plain.split(":")]
            yield {name: part for name, part in zip(names, _ipv6_joined(parts, names), strict=False) if name in KNOWN and name}


def _ipv6_joined(parts: list[str], names: list[str]) -> list[str]:
    """A line with an address in brackets has been cut within it."""
    joined: list[str] = []
    for part in parts:
        if joined and joined[-1].startswith("[") and not joined[-1].endswith("]"):
            joined[-1] += f":{part}"
        else:
            joined.append(part)
    return [part.strip("[]") for part in joined[: len(names)]]


def nouns(found: Iterable[Any], site: str, pass_over: PassOver) -> list[Noun]:
    """Devices. A line without an address of its own is known by name only, which is not enough here."""
    devices: list[Noun] = []
    for item in found:
        if not isinstance(item, Mapping) or not (name := text(item.get("name"))):
            continue
        reachable = address(item.get("ip")) or address(name)
        if not reachable:
            pass_over("device", name, tr("It has no address."))
            continue
        devices.append(objects.Device(
            id="", name=name, address=reachable, site=site, role=role(text(item.get("group"))) or "other",
            platform=platform(text(item.get("model"))),
        ))
    return devices
