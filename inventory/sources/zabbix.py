"""From Zabbix (`host.get` with interfaces, inventory and tags, www.zabbix.com/documentation; or a csv with such headings) to nouns."""

from collections.abc import Iterable, Mapping
from typing import Any

from core import objects
from core.i18n import tr
from core.nouns import Noun
from inventory.sources.words import PassOver, address, below, items, platform, role, sites_and_devices, text

FIELDS = {"site": (), "device": ("address", "site", "platform", "serial", "model")}
SNMP, AGENT = "2", "1"
"""Types of a host's interface, as texts."""
_SERIALS, _SITES = ("serialno_a", "serialno_b"), ("site_city", "location", "site_rack")


def nouns(found: Iterable[Any], site: str, pass_over: PassOver) -> tuple[list[Noun], list[Noun]]:
    """Sites and devices. site: of hosts whose inventory says none."""
    return sites_and_devices(found, lambda item: _device(item, site, pass_over))


def _device(item: Mapping[str, Any], site: str, pass_over: PassOver) -> objects.Device | None:
    name = text(item.get("name")) or text(item.get("host"))
    if not name:
        return None
    reachable = _address(item)
    if not reachable:
        pass_over("device", name, tr("It has no address."))
        return None
    about = item.get("inventory")
    words = " ".join(text(below(about, field)) for field in ("os_full", "os", "os_short", "hardware", "vendor"))
    return objects.Device(
        id="", name=name, address=reachable, site=text(below(about, "location")) or text(below(about, "site_city")) or site,
        role=role(text(below(about, "type"))) or "other", platform=platform(words),
        serial=text(below(about, _SERIALS[0])) or text(below(about, _SERIALS[1])),
        model=text(below(about, "model")) or text(below(about, "hardware")),
    )


def _address(item: Mapping[str, Any]) -> str:
    """Of the main SNMP interface, else of any SNMP interface, else of the main one of any type; a csv has a field `ip`."""
    found = items(item.get("interfaces"))
    ranked = sorted(found, key=lambda one: (text(one.get("type")) != SNMP, text(one.get("main")) != "1"))
    return next((known for one in ranked if (known := address(one.get("ip")))), "") or address(item.get("ip"))
