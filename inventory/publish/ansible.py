"""Ansible's dynamic inventory: the JSON of an inventory script's `--list`, with `_meta.hostvars` so that no host is asked for singly."""

import re
from typing import Any

from core.graph import GraphView
from core.platforms import PLATFORMS

_NETWORK_OS = {platform.name: platform.netmiko for platform in PLATFORMS}


def inventory(view: GraphView) -> dict[str, Any]:
    """Groups by site, role, platform and unit; each group's name is safe for Ansible, the plain name stands in its `vars`."""
    groups: dict[str, dict[str, Any]] = {}
    variables: dict[str, dict[str, Any]] = {}
    for node in view.of_kind("device"):
        device = view.noun(node.id)
        variables[device.name] = {
            "ansible_host": device.address, "yunwang_id": device.id, "site": device.site, "role": device.role, "unit": device.unit,
            "platform": device.platform, "netmiko_device_type": _NETWORK_OS.get(device.platform, ""), "serial": device.serial,
            "model": device.model,
        }
        for kind, value in (("site", device.site), ("role", device.role), ("platform", device.platform), ("unit", device.unit)):
            if value:
                group = groups.setdefault(group_name(kind, value), {"hosts": [], "vars": {f"yunwang_{kind}": value}})
                group["hosts"].append(device.name)
    for group in groups.values():
        group["hosts"].sort()
    all_ = {"children": sorted(groups), "hosts": sorted(variables)}
    return {"_meta": {"hostvars": variables}, "all": all_, **dict(sorted(groups.items()))}


def group_name(kind: str, value: str) -> str:
    """`site_` and the value's letters, digits and `_`; other characters, Chinese ones too, as their code, so that names stay apart."""
    return f"{kind}_" + re.sub(r"[^0-9A-Za-z_]", lambda found: f"_{ord(found[0]):x}", value)
