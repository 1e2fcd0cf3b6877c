"""To which unit and site an object belongs: by its own fields, else by what it is a part of. What belongs to nobody is everybody's."""

from typing import Any, NamedTuple

from core.graph import GraphView, Node

PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    "component": (("system", "system"),), "vm": (("project", "project"),), "volume": (("project", "project"),),
    "snapshot": (("project", "project"),), "vpc": (("project", "project"),), "router": (("project", "project"),),
    "subnet": (("network", "vpc"),), "vport": (("network", "vpc"),), "floating_ip": (("project", "project"),),
    "security_group": (("project", "project"),), "load_balancer": (("project", "project"),), "quota": (("key", "project"),),
    "project": (("system", "system"), ("tenant", "tenant")), "cable": (("device_a", "device"),), "vlan": (("domain", "device"),),
    "nat_mapping": (("device", "device"),), "policy_rule": (("device", "device"),), "bgp_session": (("device", "device"),),
    "egress": (("device", "device"),), "host": (("device", "device"), ("platform", "cloud_platform")),
    "access_point": (("device", "device"),),
}
"""Field that names what an object is a part of, and the kind of that; the first that says something counts."""
DEEPEST = 4


class Place(NamedTuple):
    """Names; empty: none."""

    unit: str = ""
    site: str = ""


def place_of(view: GraphView, node: Node) -> Place:
    """The unit and the site of an object, each by the shortest way."""
    return _place(view, node, DEEPEST)


def _place(view: GraphView, node: Node, deep: int) -> Place:
    noun = view.noun(node.id)
    unit, site = own_place(node.kind, noun)
    for field, kind in PARTS.get(node.kind, ()) if deep else ():
        if unit and site:
            break
        whole = view.find(kind, getattr(noun, field))
        if whole is not None:
            more = _place(view, whole, deep - 1)
            unit, site = unit or more.unit, site or more.site
    return Place(unit, site)


def own_place(kind: str, noun: Any) -> Place:
    """By the fields of the record alone."""
    unit = noun.name if kind == "unit" else getattr(noun, "unit", "") or getattr(noun, "owner", "")
    return Place(unit, noun.name if kind == "site" else getattr(noun, "site", ""))
