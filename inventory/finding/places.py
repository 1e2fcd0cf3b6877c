"""To which unit and site an object belongs, also where another object says so: the decision of who may see it."""

from collections.abc import Callable
from typing import Any

from core.graph import GraphView, Node

Find = Callable[[str, str], Any]
"""(kind, name or key) -> the noun, or None."""

_THROUGH: dict[str, tuple[tuple[str, str], ...]] = {
    "component": (("system", "system"),), "person": (("team", "team"),), "cable": (("device_a", "device"), ("device_b", "device")),
    "ha_group": (("members", "device"),), "vlan": (("domain", "device"), ("vpn", "vpn_instance")), "prefix": (("vpn", "vpn_instance"),),
    "ip_address": (("vpn", "vpn_instance"),), "nat_mapping": (("device", "device"),),
    "policy_rule": (("owner", "unit"), ("device", "device")), "bgp_session": (("device", "device"),),
    "access_point": (("device", "device"),), "egress": (("device", "device"),), "tenant": (("platform", "cloud_platform"),),
    "project": (("tenant", "tenant"), ("platform", "cloud_platform")), "availability_zone": (("platform", "cloud_platform"),),
    "host": (("device", "device"), ("platform", "cloud_platform")), "vm": (("project", "project"),), "volume": (("project", "project"),),
    "snapshot": (("project", "project"),), "image": (("platform", "cloud_platform"),), "vpc": (("project", "project"),),
    "subnet": (("network", "vpc"),), "router": (("project", "project"),), "vport": (("vm", "vm"), ("network", "vpc")),
    "floating_ip": (("project", "project"),), "security_group": (("project", "project"),), "load_balancer": (("project", "project"),),
    "quota": (("key", "project"),),
}
"""Fields that name the object to which one belongs, the most telling first."""


def place(find: Find, kind: str, noun: Any, steps: int = 4) -> tuple[str, str]:
    """(unit, site) by name; empty where nothing says."""
    unit = noun.name if kind == "unit" else getattr(noun, "unit", "")
    site = noun.name if kind == "site" else getattr(noun, "site", "")
    for field, target in _THROUGH.get(kind, ()) if steps else ():
        if unit and site:
            break
        other = _named(find, target, getattr(noun, field))
        if other is not None:
            above = place(find, target, other, steps - 1)
            unit, site = unit or above[0], site or above[1]
    return unit, site


def _named(find: Find, kind: str, wanted: Any) -> Any:
    name = (wanted[0] if wanted else "") if isinstance(wanted, tuple) else wanted
    return find(kind, name) if name else None


def finder(view: GraphView) -> Find:
    """Look-ups in a view."""

    def find(kind: str, name: str) -> Any:
        node = view.find(kind, name)
        return view.noun(node.id) if node is not None else None

    return find


def place_in(view: GraphView, node: Node) -> tuple[str, str]:
    return place(finder(view), node.kind, view.noun(node.id))
