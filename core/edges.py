"""How things hang together: typed edges with where they are known from and when they held, and what each kind of edge means.

An edge leads from what depends to what it depends on (`vm --hosted-by--> host`), so that impact walks against it and "what does this
depend on" along it. Times are milliseconds since 1970, UTC.
"""

from typing import Literal, NamedTuple

from core.nouns import Noun

EdgeKind = Literal[
    "owned-by", "contact-of", "below", "needs", "runs-on", "hosted-by", "plugged-into", "linked", "stands-at", "member-of", "enters-at",
    "enters-through", "carried-by", "bears", "within", "uses", "translates", "allows", "leaves-by", "feeds", "operated-by",
]
EdgeSource = Literal["declared", "lldp", "cdp", "arp", "mac", "cloud", "configured"]
Dependence = Literal["", "all", "enough", "any"]


class Edge(Noun, frozen=True, kw_only=True):
    """One edge between two objects, by id."""

    id: str
    kind: EdgeKind
    a: str
    b: str
    a_port: str = ""
    """ifName, or the name of a network card, where the edge begins at one."""
    b_port: str = ""
    source: EdgeSource
    origin: str = ""
    """Which source told it: `sheet`, `openstack:CLOUD`, `device:NAME`, `reference:FIELD`."""
    confidence: float = 1.0
    valid_from: int
    valid_to: int = 0
    """0: still holds."""

    def held_at(self, at_ms: int) -> bool:
        return self.valid_from <= at_ms and (self.valid_to == 0 or at_ms < self.valid_to)


class Meaning(NamedTuple):
    """What a kind of edge says. dependence: whether a lives only if all of its b live (`all`), as many as it needs (`enough`: its field
    `needed`), or at least one (`any`); empty: a does not depend on b."""

    zh: str
    dependence: Dependence = ""


EDGES: dict[EdgeKind, Meaning] = {
    "owned-by": Meaning("归属"),
    "contact-of": Meaning("联系人"),
    "below": Meaning("隶属"),
    "operated-by": Meaning("运维"),
    "needs": Meaning("依赖", "all"),
    "runs-on": Meaning("运行于", "enough"),
    "hosted-by": Meaning("位于宿主机", "all"),
    "plugged-into": Meaning("接入端口", "any"),
    "linked": Meaning("链路"),
    "stands-at": Meaning("所在站点", "all"),
    "member-of": Meaning("成员"),
    "enters-at": Meaning("接入点", "any"),
    "enters-through": Meaning("接入设备", "all"),
    "carried-by": Meaning("承载", "all"),
    "bears": Meaning("地址"),
    "within": Meaning("属于"),
    "uses": Meaning("使用", "all"),
    "translates": Meaning("地址转换"),
    "allows": Meaning("策略放行"),
    "leaves-by": Meaning("出口", "any"),
    "feeds": Meaning("数据来源", "any"),
}
"""`linked` joins two devices without direction; whether a device still reaches the core is decided over all of them together."""


class Reference(NamedTuple):
    """A field of a noun that names another object, or several, and the edge which that makes. turned: it leads from the other to this."""

    field: str
    target: str
    edge: EdgeKind
    turned: bool = False
    port: str = ""
    """Field with the port on the other's side."""


REFERENCES: dict[str, tuple[Reference, ...]] = {
    "unit": (Reference("parent", "unit", "below"),),
    "system": (Reference("unit", "unit", "owned-by"), Reference("depends_on", "system", "needs"), Reference("team", "team", "operated-by")),
    "component": (
        Reference("system", "system", "needs", turned=True), Reference("runs_on", "vm", "runs-on"),
        Reference("devices", "device", "runs-on"),
    ),
    "ha_group": (Reference("members", "device", "member-of", turned=True), Reference("members", "device", "runs-on")),
    "cable": (Reference("circuit", "circuit", "carried-by"),),
    "person": (Reference("unit", "unit", "contact-of"), Reference("team", "team", "contact-of")),
    "team": (Reference("unit", "unit", "operated-by", turned=True),),
    "data_line": (
        Reference("source_system", "system", "feeds"), Reference("target_system", "system", "feeds", turned=True),
        Reference("unit", "unit", "owned-by"),
    ),
    "rack": (Reference("site", "site", "stands-at"),),
    "device": (Reference("site", "site", "stands-at"), Reference("unit", "unit", "owned-by")),
    "vlan": (Reference("vpn", "vpn_instance", "within"),),
    "prefix": (
        Reference("vpn", "vpn_instance", "within"), Reference("site", "site", "stands-at"), Reference("unit", "unit", "owned-by"),
        Reference("vlan", "vlan", "within"),
    ),
    "ip_address": (Reference("vpn", "vpn_instance", "within"), Reference("unit", "unit", "owned-by")),
    "nat_mapping": (Reference("device", "device", "carried-by"),),
    "policy_rule": (Reference("device", "device", "carried-by"), Reference("owner", "unit", "owned-by")),
    "bgp_session": (Reference("device", "device", "carried-by"), Reference("vpn", "vpn_instance", "within")),
    "vpn_instance": (Reference("zone", "zone", "within"), Reference("unit", "unit", "owned-by")),
    "access_point": (
        Reference("unit", "unit", "enters-at", turned=True), Reference("device", "device", "enters-through", port="port"),
        Reference("vpn", "vpn_instance", "within"), Reference("circuit", "circuit", "carried-by"),
    ),
    "circuit": (),
    "egress": (Reference("device", "device", "carried-by", port="port"), Reference("circuit", "circuit", "carried-by")),
    "cloud_platform": (Reference("site", "site", "stands-at"),),
    "tenant": (Reference("platform", "cloud_platform", "within"), Reference("unit", "unit", "owned-by")),
    "project": (
        Reference("platform", "cloud_platform", "within"), Reference("tenant", "tenant", "within"), Reference("unit", "unit", "owned-by"),
        Reference("system", "system", "within"),
    ),
    "availability_zone": (Reference("platform", "cloud_platform", "within"),),
    "host": (
        Reference("platform", "cloud_platform", "within"), Reference("zone", "availability_zone", "within"),
        Reference("device", "device", "carried-by"),
    ),
    "vm": (
        Reference("project", "project", "within"), Reference("host", "host", "hosted-by"), Reference("zone", "availability_zone", "within"),
        Reference("image", "image", "within"),
    ),
    "volume": (Reference("project", "project", "within"), Reference("vm", "vm", "uses", turned=True)),
    "snapshot": (Reference("volume", "volume", "within"),),
    "vpc": (Reference("project", "project", "within"),),
    "subnet": (Reference("network", "vpc", "within"),),
    "router": (
        Reference("project", "project", "within"), Reference("networks", "vpc", "member-of"),
        Reference("external_network", "vpc", "leaves-by"),
    ),
    "vport": (
        Reference("network", "vpc", "within"), Reference("vm", "vm", "within"), Reference("security_groups", "security_group", "member-of"),
    ),
    "floating_ip": (Reference("project", "project", "within"), Reference("port", "vport", "translates")),
    "security_group": (Reference("project", "project", "within"),),
    "load_balancer": (Reference("project", "project", "within"),),
}
"""References by name, or by key where the target kind has one. What no single field says (plugged-into, runs-on, bears) is joined by
`inventory`."""
