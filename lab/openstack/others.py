"""Neutron 2.0, Cinder 3, Glance 2 and Octavia 2, as far as an inventory reads them."""

import ipaddress
from collections.abc import Callable, Sequence

from lab.cloud import Cloud
from lab.openstack.compute import stamp
from lab.openstack.web import Answer, Ask, Json, Web, WebError, page

Make = Callable[[], Sequence[Json]]


class Others:
    """The services around Nova."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def routes(self, web: Web) -> None:
        for kind, one, make in (
            ("networks", "network", self._networks), ("subnets", "subnet", self._subnets), ("ports", "port", self._ports),
            ("routers", "router", self._routers), ("floatingips", "floatingip", self._floating),
            ("security-groups", "security_group", self._groups),
        ):
            _list(web, f"/network/v2.0/{kind}", kind.replace("-", "_"), one, make)
        _list(web, "/volume/v3/{project}/volumes/detail", "volumes", "volume", self._volumes)
        _list(web, "/volume/v3/{project}/snapshots/detail", "snapshots", "snapshot", self._snapshots)
        _list(web, "/image/v2/images", "images", "image", self._images, links="")
        _list(web, "/load-balancer/v2.0/lbaas/loadbalancers", "loadbalancers", "loadbalancer", self._balancers)
        _list(web, "/load-balancer/v2.0/lbaas/pools", "pools", "pool", self._pools)
        web.add("GET", "/load-balancer/v2.0/lbaas/pools/{pool}/members", self._members)
        web.add("GET", "/volume/v3/{project}/os-quota-sets/{id}", self._quota)
        for root, path, version, extra in (
            ("/network", "/network/v2.0/", "v2.0", {}), ("/image", "/image/v2/", "v2.9", {}),
            ("/load-balancer", "/load-balancer/v2.0/", "v2.13", {}),
            ("/volume", "/volume/v3/", "v3.0", {"version": "3.70", "min_version": "3.0"}),
        ):
            web.add("GET", root, _versions(path, version, extra), free=True)
        web.add("GET", "/volume/v3/{project}", _versions("/volume/v3/", "v3.0", {"version": "3.70", "min_version": "3.0"}), free=True)
        web.add("GET", "/network/v2.0/extensions", lambda _: Answer(200, {"extensions": []}))

    def _networks(self) -> Sequence[Json]:
        subnets: dict[str, list[str]] = {}
        for one in self._cloud.subnets:
            subnets.setdefault(one.network, []).append(one.key)
        return [
            {"id": n.key, "name": n.name, "project_id": n.project, "tenant_id": n.project, "status": "ACTIVE", "admin_state_up": True,
             "subnets": subnets.get(n.key, []), "shared": n.external, "router:external": n.external, "mtu": 1500,
             "provider:network_type": "flat" if n.external else "vlan", "provider:physical_network": n.physical or None,
             "provider:segmentation_id": n.vlan or None}
            for n in self._cloud.networks
        ]

    def _subnets(self) -> Sequence[Json]:
        owner = {n.key: n.project for n in self._cloud.networks}
        return [
            {"id": s.key, "name": s.name, "network_id": s.network, "project_id": owner[s.network], "cidr": s.prefix,
             "gateway_ip": s.gateway, "ip_version": ipaddress.ip_network(s.prefix).version, "enable_dhcp": True,
             "allocation_pools": [], "dns_nameservers": [],
             "host_routes": []}
            for s in self._cloud.subnets
        ]

    def _ports(self) -> Sequence[Json]:
        subnets: dict[str, list[str]] = {}
        for one in self._cloud.subnets:
            subnets.setdefault(one.network, []).append(one.key)
        owner = {n.key: n.project for n in self._cloud.networks}
        host = {h.key: h.name for h in self._cloud.hosts}
        bearers = [(p, p.vm, "compute:az1") for p in self._cloud.ports]
        bearers += [(p, router, "network:router_interface") for router, p in self._cloud.router_ports.items()]
        return [
            {"id": p.key, "name": p.name, "network_id": p.network, "project_id": owner[p.network], "mac_address": p.mac, "status": "ACTIVE",
             "admin_state_up": True, "device_id": bearer, "device_owner": kind, "binding:host_id": host.get(p.host, ""),
             "binding:vnic_type": "normal", "binding:vif_type": "bridge", "security_groups": list(p.security_groups),
             "fixed_ips": [{"subnet_id": s, "ip_address": a} for s, a in zip(subnets[p.network], p.addresses, strict=False)]}
            for p, bearer, kind in bearers
        ]

    def _routers(self) -> Sequence[Json]:
        return [
            {"id": r.key, "name": r.name, "project_id": r.project, "status": "ACTIVE", "admin_state_up": True, "routes": [],
             "external_gateway_info": {"network_id": r.external_network, "enable_snat": True, "external_fixed_ips": []}}
            for r in self._cloud.routers
        ]

    def _floating(self) -> Sequence[Json]:
        ports = {p.key: p for p in self._cloud.ports}
        return [
            {"id": f.key, "floating_ip_address": f.name, "fixed_ip_address": ports[f.port].addresses[0], "port_id": f.port,
             "project_id": f.project, "status": "ACTIVE", "floating_network_id": self._cloud.networks[0].key, "router_id": None}
            for f in self._cloud.floating
        ]

    def _groups(self) -> Sequence[Json]:
        return [
            {"id": g.key, "name": g.name, "project_id": g.project, "description": "", "stateful": True,
             "security_group_rules": [_rule(g.key, g.project, n, text) for n, text in enumerate(g.rules)]}
            for g in self._cloud.groups
        ]

    def _volumes(self) -> Sequence[Json]:
        return [
            {"id": v.key, "name": v.name, "size": v.size_gb, "status": v.state, "volume_type": "ssd", "bootable": "true",
             "encrypted": False, "os-vol-tenant-attr:tenant_id": v.project, "availability_zone": "nova",
             "created_at": "2026-01-01T00:00:00.000000",
             "metadata": {}, "attachments": [{"server_id": v.vm, "volume_id": v.key, "id": v.key, "device": "/dev/vda"}] if v.vm else []}
            for v in self._cloud.volumes
        ]

    def _snapshots(self) -> Sequence[Json]:
        sizes = {v.key: v.size_gb for v in self._cloud.volumes}
        return [
            {"id": s.key, "name": s.name, "volume_id": s.volume, "status": s.state, "size": sizes[s.volume], "metadata": {},
             "created_at": stamp(s.created_at), "os-extended-snapshot-attributes:project_id": s.project}
            for s in self._cloud.snapshots
        ]

    def _quota(self, ask: Ask) -> Answer:
        found = next((q for q in self._cloud.quotas if q.key == ask.args["id"]), None)
        if found is None:
            raise WebError(404, "Project not found.")
        used = {"limit": found.volumes_gb, "in_use": found.volumes_gb_used, "reserved": 0}
        return Answer(200, {"quota_set": {"id": found.key, "gigabytes": used if ask.query.get("usage") else found.volumes_gb}})

    def _images(self) -> Sequence[Json]:
        return [
            {"id": i.key, "name": i.name, "status": i.state, "os_distro": i.os, "visibility": "public", "size": 1 << 30, "min_ram": 0,
             "min_disk": 0, "disk_format": "qcow2", "container_format": "bare", "protected": False, "tags": [], "owner": "admin",
             "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z", "file": f"/v2/images/{i.key}/file"}
            for i in self._cloud.images
        ]

    def _balancers(self) -> Sequence[Json]:
        return [
            {"id": b.key, "name": b.name, "project_id": b.project, "vip_address": b.address, "operating_status": "ONLINE",
             "provisioning_status": b.state, "admin_state_up": True, "pools": [{"id": b.key}], "listeners": []}
            for b in self._cloud.balancers
        ]

    def _pools(self) -> Sequence[Json]:
        return [
            {"id": b.key, "name": b.name, "project_id": b.project, "protocol": "HTTPS", "lb_algorithm": "ROUND_ROBIN",
             "loadbalancers": [{"id": b.key}], "members": [{"id": f"{b.key}-{n}"} for n in range(len(b.members))]}
            for b in self._cloud.balancers
        ]

    def _members(self, ask: Ask) -> Answer:
        found = next((b for b in self._cloud.balancers if b.key == ask.args["pool"]), None)
        if found is None:
            raise WebError(404, "Pool not found.")
        members = [
            {"id": f"{found.key}-{n}", "address": address, "protocol_port": 443, "weight": 1, "operating_status": "ONLINE"}
            for n, address in enumerate(found.members)
        ]
        return Answer(200, {"members": members})


def _list(web: Web, path: str, many: str, one: str, make: Make, links: str | None = None) -> None:
    def listed(ask: Ask) -> Answer:
        wishes = {k: v for k, v in ask.query.items() if k in ("name", "project_id", "network_id", "device_id", "mac_address", "status")}
        items = [item for item in make() if all(str(item.get(k)) == v for k, v in wishes.items())]
        return Answer(200, page(ask, items, many, f"{many}_links" if links is None else links))

    def single(ask: Ask) -> Answer:
        found = next((item for item in make() if item["id"] == ask.args["id"]), None)
        if found is None:
            raise WebError(404, f"{one} {ask.args['id']} could not be found.")
        return Answer(200, found if many == "images" else {one: found})

    web.add("GET", path, listed)
    web.add("GET", path.removesuffix("/detail") + "/{id}", single)


def _versions(path: str, version: str, extra: Json) -> Callable[[Ask], Answer]:
    def answer(ask: Ask) -> Answer:
        links = [{"rel": "self", "href": ask.base + path}]
        return Answer(200, {"versions": [{"id": version, "status": "CURRENT", "updated": "2020-01-01T00:00:00Z", "links": links, **extra}]})

    return answer


def _rule(group: str, project: str, number: int, text: str) -> Json:
    direction, protocol, port, remote = text.split()
    ports = None if port == "any" else int(port)
    return {
        "id": f"{group}-{number}", "security_group_id": group, "project_id": project, "direction": direction, "ethertype": "IPv4",
        "protocol": None if protocol == "any" else protocol, "port_range_min": ports, "port_range_max": ports, "remote_ip_prefix": remote,
        "remote_group_id": None, "description": "",
    }
