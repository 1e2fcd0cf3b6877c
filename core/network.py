"""What exists: places and addressing of the network. Conventions as in `core.objects`."""

from typing import Literal

from core.nouns import Noun

ReservedThing = Literal["address", "prefix", "vlan", "port"]


class Rack(Noun, frozen=True, kw_only=True):
    """Rack 机柜."""

    id: str
    name: str
    site: str
    units_high: int = 42


class HAGroup(Noun, frozen=True, kw_only=True):
    """Devices that stand for each other 高可用组."""

    id: str
    name: str
    kind: Literal["stack", "irf", "vrrp", "mlag", "cluster", "active-standby"]
    needed: int = 1
    """Members that must live for the group to work."""
    members: tuple[str, ...] = ()
    """Names of devices."""


class Cable(Noun, frozen=True, kw_only=True):
    """A link 链路 that people declare: what no LLDP or CDP tells."""

    id: str
    name: str
    device_a: str
    port_a: str = ""
    """ifName."""
    device_b: str
    port_b: str = ""
    circuit: str = ""


class Vlan(Noun, frozen=True, kw_only=True):
    """VLAN within one domain of switches (IEEE 802.1Q)."""

    id: str
    name: str
    """Unique: DOMAIN/VID."""
    vid: int
    domain: str
    purpose: str = ""
    vpn: str = ""


class Prefix(Noun, frozen=True, kw_only=True):
    """Prefix 网段, IPv4 or IPv6, unique in its VPN."""

    id: str
    name: str
    """Unique: VPN|CIDR."""
    prefix: str
    """Canonical CIDR."""
    vpn: str = ""
    site: str = ""
    unit: str = ""
    vlan: str = ""
    purpose: str = ""


class IPAddress(Noun, frozen=True, kw_only=True):
    """Address 地址, unique in its VPN; what bears it is an edge `bears`."""

    id: str
    name: str
    """Unique: VPN|ADDRESS."""
    address: str
    vpn: str = ""
    unit: str = ""
    purpose: str = ""


class Reservation(Noun, frozen=True, kw_only=True):
    """Something free that is kept for somebody 预留: an address, a prefix, a VLAN or a port. While it holds, nobody else is offered it."""

    id: str
    name: str
    """Unique: WHAT|WITHIN|VALUE, so that nothing is kept twice."""
    what: ReservedThing
    within: str = ""
    """The VPN of an address or prefix, the domain of a VLAN, the device of a port."""
    value: str
    """Address, CIDR, VLAN number, or ifName, each written canonically."""
    unit: str = ""
    reason: str = ""
    by: str = ""
    """Account."""
    made_at: int = 0
    until: int = 0
    """Milliseconds; 0: until it is given back."""

    def holds(self, now_ms: int) -> bool:
        return not self.until or now_ms < self.until


class NATMapping(Noun, frozen=True, kw_only=True):
    """Address translation on a device."""

    id: str
    name: str
    device: str
    kind: Literal["source", "destination", "static"]
    outside: str
    outside_port: int = 0
    inside: str = ""
    inside_port: int = 0
    protocol: str = ""


class PolicyRule(Noun, frozen=True, kw_only=True):
    """Security policy rule 安全策略 of a firewall."""

    id: str
    name: str
    """Unique: DEVICE/RULE."""
    device: str
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    action: Literal["permit", "deny"] = "permit"
    owner: str = ""
    """Unit that asked for it."""
    expires_at: int = 0
    hits: int = -1
    enabled: bool = True


class BGPSession(Noun, frozen=True, kw_only=True):
    """BGP session as a device reports it (RFC 4273)."""

    id: str
    name: str
    """Unique: DEVICE|VPN|PEER."""
    device: str
    peer: str
    remote_as: int
    vpn: str = ""
    state: str = ""
