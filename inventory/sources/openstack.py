"""From an OpenStack-style cloud's JSON to the nouns of `core.cloud`. What lacks its key or has another shape is passed over and counted."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from core import cloud as nouns
from core.nouns import Noun

Item = Mapping[str, Any]
LONGEST = 255
MOST_PARTS = 1000
_ROUTERS = ("network:router_interface", "network:ha_router_replicated_interface", "network:router_centralized_snat")


class Reading:
    """Makes nouns of one cloud's items. Ids are empty: the hub gives them. Kinds are read in the order of `links.openstack.LISTINGS`."""

    def __init__(self, platform: str, region: str) -> None:
        self._platform, self._region = platform, region
        self._hosts: dict[str, str] = {}
        self._make: dict[str, Callable[[Item], Noun]] = {
            "domain": self._tenant, "project": self._project, "zone": self._zone, "host": self._host, "vm": self._vm, "vpc": self._network,
            "subnet": self._subnet, "router": self._router, "vport": self._port, "floating_ip": self._floating,
            "security_group": self._group, "volume": self._volume, "snapshot": self._snapshot, "image": self._image,
            "load_balancer": self._balancer, "quota": self._quota,
        }
        self._joined: dict[str, set[str]] = {}
        """By router, the networks that its ports stand in; ports are read before routers."""
        self.refused: dict[str, int] = {}
        """By kind, how many items were not what they should be."""

    def nouns(self, kind: str, items: Iterable[Item]) -> list[Noun]:
        """The nouns of one page."""
        make, out = self._make[kind], []
        for item in items:
            try:
                out.append(make(item))
            except (KeyError, TypeError, ValueError, AttributeError):
                self.refused[kind] = self.refused.get(kind, 0) + 1
        return out

    def _tenant(self, item: Item) -> Noun:
        return nouns.Tenant(id="", key=_key(item), name=_text(item["name"]), platform=self._platform)

    def _project(self, item: Item) -> Noun:
        return nouns.Project(
            id="", key=_key(item), name=_text(item["name"]), platform=self._platform, tenant=_text(item.get("domain_id")),
            enabled=bool(item.get("enabled", True)),
        )

    def _zone(self, item: Item) -> Noun:
        name = _text(item["zoneName"])
        return nouns.AvailabilityZone(id="", key=f"{self._region}/{name}", name=name, platform=self._platform, region=self._region)

    def _host(self, item: Item) -> Noun:
        name, service = _text(item["hypervisor_hostname"]), item.get("service") or {}
        self._hosts[name] = self._hosts[_text(service.get("host")) or name] = _key(item)
        return nouns.Host(
            id="", key=_key(item), name=name, platform=self._platform, address=_text(item.get("host_ip")), state=_text(item.get("state")),
            vcpus=_number(item.get("vcpus")), memory_mb=_number(item.get("memory_mb")),
        )

    def _vm(self, item: Item) -> Noun:
        flavor, image = item.get("flavor") or {}, item.get("image") or {}
        zone = _text(item.get("OS-EXT-AZ:availability_zone"))
        return nouns.VM(
            id="", key=_key(item), name=_text(item["name"]), project=_text(item["tenant_id"]), state=_text(item.get("status")),
            host=self._hosts.get(_text(item.get("OS-EXT-SRV-ATTR:host")), ""), zone=f"{self._region}/{zone}" if zone else "",
            vcpus=_number(flavor.get("vcpus")), memory_mb=_number(flavor.get("ram")), created_at=_moment(item.get("created")),
            image=_text(image.get("id")) if isinstance(image, Mapping) else "",
        )

    def _network(self, item: Item) -> Noun:
        return nouns.VPC(
            id="", key=_key(item), name=_text(item.get("name")), project=_owner(item), vlan=_number(item.get("provider:segmentation_id")),
            physical=_text(item.get("provider:physical_network")), external=bool(item.get("router:external")),
        )

    def _subnet(self, item: Item) -> Noun:
        return nouns.Subnet(
            id="", key=_key(item), name=_text(item.get("name")), network=_text(item["network_id"]), prefix=_text(item["cidr"]),
            gateway=_text(item.get("gateway_ip")),
        )

    def _router(self, item: Item) -> Noun:
        gateway = item.get("external_gateway_info") or {}
        return nouns.Router(
            id="", key=_key(item), name=_text(item.get("name")), project=_owner(item), external_network=_text(gateway.get("network_id")),
            networks=tuple(sorted(self._joined.get(_key(item), ()))),
        )

    def _port(self, item: Item) -> Noun:
        fixed = item.get("fixed_ips") or []
        owner = _text(item.get("device_owner"))
        if owner.startswith(_ROUTERS):
            self._joined.setdefault(_text(item.get("device_id")), set()).add(_text(item["network_id"]))
        return nouns.VPort(
            id="", key=_key(item), name=_text(item.get("name")), network=_text(item["network_id"]), mac=_text(item["mac_address"]).lower(),
            addresses=tuple(_text(one["ip_address"]) for one in fixed[:MOST_PARTS]),
            vm=_text(item.get("device_id")) if owner.startswith("compute:") else "",
            host=self._hosts.get(_text(item.get("binding:host_id")), ""),
            security_groups=tuple(sorted(_text(group) for group in (item.get("security_groups") or [])[:MOST_PARTS])),
        )

    def _floating(self, item: Item) -> Noun:
        return nouns.FloatingIP(
            id="", key=_key(item), name=_text(item["floating_ip_address"]), project=_owner(item), port=_text(item.get("port_id")),
        )

    def _group(self, item: Item) -> Noun:
        rules = sorted(_rule(rule) for rule in (item.get("security_group_rules") or [])[:MOST_PARTS])
        return nouns.SecurityGroup(id="", key=_key(item), name=_text(item.get("name")), project=_owner(item), rules=tuple(rules))

    def _volume(self, item: Item) -> Noun:
        attached = item.get("attachments") or []
        return nouns.Volume(
            id="", key=_key(item), name=_text(item.get("name")), project=_text(item.get("os-vol-tenant-attr:tenant_id")),
            size_gb=_number(item.get("size")), state=_text(item.get("status")), vm=_text(attached[0]["server_id"]) if attached else "",
        )

    def _snapshot(self, item: Item) -> Noun:
        return nouns.Snapshot(
            id="", key=_key(item), name=_text(item.get("name")), project=_text(item.get("os-extended-snapshot-attributes:project_id")),
            volume=_text(item.get("volume_id")), created_at=_moment(item.get("created_at")), state=_text(item.get("status")),
        )

    def _image(self, item: Item) -> Noun:
        return nouns.Image(
            id="", key=_key(item), name=_text(item.get("name")), platform=self._platform, os=_text(item.get("os_distro")),
            state=_text(item.get("status")),
        )

    def _balancer(self, item: Item) -> Noun:
        return nouns.LoadBalancer(
            id="", key=_key(item), name=_text(item.get("name")), project=_owner(item), address=_text(item.get("vip_address")),
            state=_text(item.get("provisioning_status")), members=tuple(map(_text, (item.get("members") or [])[:MOST_PARTS])),
        )

    def _quota(self, item: Item) -> Noun:
        compute, storage = item["compute"], item.get("storage") or {}
        (vcpus, vcpus_used), (memory, memory_used), (disk, disk_used) = (
            _limit(compute.get("cores")), _limit(compute.get("ram")), _limit(storage.get("gigabytes")),
        )
        return nouns.Quota(
            id="", key=_key(item), name=_text(item.get("name")), vcpus=vcpus, vcpus_used=vcpus_used, memory_mb=memory,
            memory_mb_used=memory_used, volumes_gb=disk, volumes_gb_used=disk_used,
        )


def _key(item: Item) -> str:
    key = _text(item["id"])
    if not key:
        raise ValueError
    return key


def _owner(item: Item) -> str:
    return _text(item.get("project_id") or item.get("tenant_id"))


def _text(value: Any) -> str:
    """Bounded, and without control characters: what stands in a cloud is typed by its tenants."""
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise TypeError
    return "".join(c for c in str(value)[:LONGEST] if c.isprintable())


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else 0


def _limit(value: Any) -> tuple[int, int]:
    """Limit and use; -1: no limit."""
    held = value if isinstance(value, Mapping) else {}
    limit = held.get("limit", -1)
    return (limit if isinstance(limit, int) and -1 <= limit < 1 << 53 else -1), _number(held.get("in_use"))


def _moment(value: Any) -> int:
    """Milliseconds of `2026-01-01T00:00:00Z` with or without fractions and Z; 0 for what is no such time."""
    try:
        return int(datetime.fromisoformat(f"{str(value)[:19]}+00:00").timestamp()) * 1000
    except ValueError:
        return 0


def _rule(rule: Item) -> str:
    low, high = rule.get("port_range_min"), rule.get("port_range_max")
    ports = "any" if low is None else str(low) if low == high else f"{low}-{high}"
    remote = rule.get("remote_ip_prefix") or rule.get("remote_group_id") or "any"
    return " ".join(_text(part) for part in (rule.get("direction"), rule.get("protocol") or "any", ports, remote))
