"""What other systems write, in our words: texts bounded and cleaned, addresses canonical, roles, levels and platforms recognised."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from core.nouns import Noun
from core.objects import Device, Level, Role, Site
from core.platforms import BY_NAME
from core.width import clean

LONGEST = 255
PassOver = Callable[[str, str, str], None]
"""Told what has no place here: kind, name, reason."""
ROLES: tuple[Role, ...] = get_args(Role)
GUESSED = {"site": ("level", "county"), "device": ("role",)}
"""Fields that no other system knows as we do, and that new objects need."""
_ROLE_WORDS: tuple[tuple[Role, tuple[str, ...]], ...] = (
    ("PE", ("pe", "provider-edge")), ("CE", ("ce", "customer-edge", "cpe")), ("P", ("p", "provider")),
    ("firewall", ("firewall", "fw", "防火墙")), ("load-balancer", ("load-balancer", "loadbalancer", "lb", "slb", "adc", "负载均衡")),
    ("gap", ("gap", "网闸")), ("ToR", ("tor", "top-of-rack", "leaf", "置顶")),
    ("core", ("core", "spine", "核心")), ("aggregation", ("aggregation", "distribution", "agg", "dist", "汇聚")),
    ("access", ("access", "acc", "接入")), ("server", ("server", "hypervisor", "compute", "服务器", "宿主机")),
)
_PLATFORM_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("huawei_vrp", ("vrp", "huawei", "versatile routing platform")), ("h3c_comware", ("comware", "h3c", "hp_comware", "hpe_comware")),
    ("ruijie_rgos", ("rgos", "ruijie")), ("zte_zxros", ("zxr10", "zxros", "zte", "zxa10")),
    ("cisco_nxos", ("nxos", "nx-os", "nexus")), ("cisco_ios", ("iosxe", "ios-xe", "ios", "cisco")),
    ("juniper_junos", ("junos", "juniper")), ("fortinet_fortios", ("fortios", "fortigate", "fortinet")),
    ("hillstone_stoneos", ("stoneos", "hillstone")), ("linux", ("linux", "linuxgeneric", "ubuntu", "debian", "centos", "kylin", "euler")),
)
_TOWNSHIP, _COUNTY = re.compile(r"(镇|乡|街道|村|township|town)", re.IGNORECASE), re.compile(r"(县|区|county|district)", re.IGNORECASE)


def text(value: Any, longest: int = LONGEST) -> str:
    """A bounded line. What is no text and no number is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean(str(value), longest).strip()


def number(value: Any) -> int:
    """A whole number of at least 0; 0 for anything else."""
    if isinstance(value, str) and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else 0


def items(value: Any) -> list[dict[str, Any]]:
    """The mappings of a list; empty for what is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def below(value: Any, *names: str) -> Any:
    """What lies under these names, one in the other; None where something is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def address(value: Any) -> str:
    """A canonical IPv4 or IPv6 address, of `10.0.0.1/24` too; empty for what is none."""
    try:
        return str(ipaddress.ip_interface(text(value, 64)).ip)
    except ValueError:
        return ""


def prefix(value: Any) -> str:
    """A canonical CIDR; empty for what is none."""
    try:
        return str(ipaddress.ip_network(text(value, 64), strict=False))
    except ValueError:
        return ""


def level(*names: str) -> Level:
    """Which level of the city names like these speak of; the smallest."""
    joined = " ".join(names)
    return "township" if _TOWNSHIP.search(joined) else "county" if _COUNTY.search(joined) else "city"


def role(words: str, chosen: Mapping[str, str] | None = None) -> Role | None:
    """Our role for what another system calls it; None: nothing here is like it. chosen: what people said of such words."""
    if chosen and (named := chosen.get(words)) in ROLES:
        return named
    plain = words.lower().replace("_", "-").replace(" ", "-")
    parts = set(re.split(r"[^0-9a-z\u4e00-\u9fff]+", plain)) | {plain}
    return next((ours for ours, theirs in _ROLE_WORDS if parts & set(theirs) or any(w in plain for w in theirs if not w.isascii())), None)


def platform(words: str, chosen: Mapping[str, str] | None = None) -> str:
    """Our platform for the name of an operating system; empty: none here is like it."""
    if chosen and (named := chosen.get(words)) in BY_NAME:
        return str(named)
    if words in BY_NAME:
        return words
    plain = words.lower()
    parts = set(re.split(r"[^0-9a-z]+", plain)) | {plain}
    return next((ours for ours, theirs in _PLATFORM_WORDS if parts & set(theirs) or any(w in plain for w in theirs if len(w) > 4)), "")


def sites_and_devices(found: Iterable[Any], make: Callable[[Mapping[str, Any]], Device | None]) -> tuple[list[Noun], list[Noun]]:
    """What a system that knows only devices tells: the devices, and the sites that they name."""
    sites: dict[str, Noun] = {}
    devices: list[Noun] = []
    for item in found:
        made = make(item) if isinstance(item, Mapping) else None
        if made is not None:
            devices.append(made)
            if made.site:
                sites.setdefault(made.site, Site(id="", name=made.site, level=level(made.site)))
    return list(sites.values()), devices
