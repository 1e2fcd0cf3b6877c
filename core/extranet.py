"""What exists: the extranet 电子政务外网. Conventions as in `core.objects`."""

from typing import Literal

from core.nouns import Noun


class Zone(Noun, frozen=True, kw_only=True):
    """Zone 网络区."""

    id: str
    name: str
    kind: Literal["public", "private", "internet", "management"]
    """Public zone 公用网络区, private VPN zone 专用网络区, internet access zone 互联网接入区, management zone 管理区."""
    note: str = ""


class VpnInstance(Noun, frozen=True, kw_only=True):
    """VPN instance: a departmental private network on the one net (RFC 4364). Route targets differ per device: edges `member-of`."""

    id: str
    name: str
    rd: str = ""
    """Route distinguisher, `65000:101`."""
    route_targets: tuple[str, ...] = ()
    zone: str = ""
    unit: str = ""


class Circuit(Noun, frozen=True, kw_only=True):
    """Circuit 线路 of a carrier."""

    id: str
    name: str
    carrier: str = ""
    number: str = ""
    bandwidth_bps: int = 0
    sla: str = ""
    site_a: str = ""
    site_b: str = ""


class AccessPoint(Noun, frozen=True, kw_only=True):
    """Access point 接入点: where a unit enters the net, unit x interface x VPN x VLAN x circuit."""

    id: str
    name: str
    unit: str
    device: str
    port: str = ""
    """ifName on the device."""
    vpn: str = ""
    vlan: int = 0
    """0: untagged."""
    circuit: str = ""
    prefix: str = ""
    """What the unit uses behind it, CIDR."""


class Egress(Noun, frozen=True, kw_only=True):
    """Egress 出口 to the internet or another network."""

    id: str
    name: str
    kind: Literal["internet", "province", "other"] = "internet"
    device: str = ""
    port: str = ""
    circuit: str = ""
    bandwidth_bps: int = 0
