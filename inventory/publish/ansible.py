"""Ansible's dynamic inventory: the JSON of an inventory script's `--list`, with `_meta.hostvars` so that no host is asked for singly.

Form: "Developing dynamic inventory", Ansible's documentation. Ansible takes texts in an inventory for Jinja templates, and what devices say
of themselves must never be one: braces that begin a template are set apart.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from core.graph import GraphView
from core.platforms import PLATFORMS
from core.width import clean
from inventory.publish.scope import EVERYTHING, Scope

_NETWORK_OS = {platform.name: platform.netmiko for platform in PLATFORMS}
_TEMPLATE = re.compile(r"\{(?=[{%#])")


def inventory(view: GraphView, scope: Scope = EVERYTHING) -> dict[str, Any]:
    """Groups by site, role, platform, unit, VPN and protection level. Their names are safe for Ansible; the plain ones are their `vars`."""
    groups: dict[str, dict[str, Any]] = {}
    variables: dict[str, dict[str, Any]] = {}
    vpns, levels = vpns_of(view), levels_of(view)
    for node in sorted(view.of_kind("device"), key=lambda one: one.name):
        if not scope.shows(view, node):
            continue
        device, host = view.noun(node.id), plain(node.name)
        variables[host] = _variables(device, vpns.get(node.name, ()), levels.get(node.name, 0))
        for kind, value in _memberships(device, vpns.get(node.name, ()), levels.get(node.name, 0)):
            group = groups.setdefault(group_name(kind, value), {"hosts": [], "vars": {f"yunwang_{kind}": plain(value)}})
            group["hosts"].append(host)
    all_ = {"children": sorted(groups), "hosts": sorted(variables)}
    return {"_meta": {"hostvars": variables}, "all": all_, **dict(sorted(groups.items()))}


def _variables(device: Any, vpns: tuple[str, ...], level: int) -> dict[str, Any]:
    texts = {
        "ansible_host": device.address, "yunwang_id": device.id, "site": device.site, "role": device.role, "unit": device.unit,
        "platform": device.platform, "netmiko_device_type": _NETWORK_OS.get(device.platform, ""), "serial": device.serial,
        "model": device.model,
    }
    return {name: plain(text) for name, text in texts.items()} | {"vpns": [plain(name) for name in vpns], "protection_level": level}


def _memberships(device: Any, vpns: tuple[str, ...], level: int) -> Iterator[tuple[str, str]]:
    fields = (("site", device.site), ("role", device.role), ("platform", device.platform), ("unit", device.unit))
    yield from ((kind, value) for kind, value in fields if value)
    yield from (("vpn", name) for name in vpns)
    if level:
        yield "protection_level", str(level)


def vpns_of(view: GraphView) -> dict[str, tuple[str, ...]]:
    """VPNs by the name of each device that is a member or at which somebody enters."""
    found: dict[str, set[str]] = {}
    for node in view.of_kind("access_point"):
        point = view.noun(node.id)
        if point.vpn:
            found.setdefault(point.device, set()).add(point.vpn)
    for edge in view.of_edge("member-of"):
        if view.node(edge.b).kind == "vpn_instance" and view.node(edge.a).kind == "device":
            found.setdefault(view.node(edge.a).name, set()).add(view.node(edge.b).name)
    return {device: tuple(sorted(names)) for device, names in found.items()}


def levels_of(view: GraphView) -> dict[str, int]:
    """The highest protection level of the systems that run on a device, or on the machines of the host that it is."""
    found: dict[str, int] = {}
    for node in view.of_kind("component"):
        component = view.noun(node.id)
        system = view.find("system", component.system)
        level = view.noun(system.id).protection_level if system is not None else 0
        for device in (*component.devices, *_hosts(view, component.runs_on)):
            found[device] = max(level, found.get(device, 0))
    return found


def _hosts(view: GraphView, machines: tuple[str, ...]) -> Iterator[str]:
    for key in machines:
        machine = view.find("vm", key)
        host = view.find("host", view.noun(machine.id).host) if machine is not None else None
        if host is not None and (device := view.noun(host.id).device):
            yield device


@lru_cache(maxsize=50_000)
def plain(text: str) -> str:
    """One line that no template engine takes for a template."""
    return _TEMPLATE.sub("{ ", clean(text))


@lru_cache(maxsize=50_000)
def group_name(kind: str, value: str) -> str:
    """`site_` and the value's letters, digits and `_`; other characters, Chinese ones too, as their code, so that names stay apart."""
    return f"{kind}_" + re.sub(r"[^0-9A-Za-z]", lambda found: "__" if found[0] == "_" else f"_{ord(found[0]):x}", value)


def host_of(found: dict[str, Any], name: str) -> dict[str, Any]:
    """The variables of one host, for `--host`."""
    variables: dict[str, Any] = found["_meta"]["hostvars"].get(plain(name), {})
    return variables
