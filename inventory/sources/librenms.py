"""From LibreNMS (`GET /api/v0/devices`, docs.librenms.org/API/Devices; or a csv with such headings) to nouns."""

from collections.abc import Iterable, Mapping
from typing import Any

from core import objects
from core.i18n import tr
from core.nouns import Noun
from inventory.sources.words import PassOver, address, platform, role, sites_and_devices, text

FIELDS = {"site": (), "device": ("address", "site", "platform", "serial", "model")}
"""Of which fields it speaks. The role is guessed from its type for devices that are new here."""
_HARDLY = frozenset({"", "unknown", "none", "null", "-"})


def nouns(found: Iterable[Any], site: str, pass_over: PassOver) -> tuple[list[Noun], list[Noun]]:
    """Sites and devices. site: of devices whose location says none."""
    return sites_and_devices(found, lambda item: _device(item, site, pass_over))


def _device(item: Mapping[str, Any], site: str, pass_over: PassOver) -> objects.Device | None:
    hostname = text(item.get("hostname"))
    name = _said(item.get("sysName")) or _said(item.get("display")) or hostname
    reachable = address(item.get("ip")) or address(hostname) or address(item.get("overwrite_ip"))
    if not name:
        return None
    if not reachable:
        pass_over("device", name, tr("It has no address."))
        return None
    return objects.Device(
        id="", name=name, address=reachable, site=_said(item.get("location")) or site, role=role(text(item.get("type"))) or "other",
        platform=platform(text(item.get("os"))), serial=_said(item.get("serial")), model=_said(item.get("hardware")),
    )


def _said(value: Any) -> str:
    found = text(value)
    return "" if found.lower() in _HARDLY else found
