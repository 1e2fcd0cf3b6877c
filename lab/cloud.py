"""The City's government cloud: 200 hosts in the hall, 3,000 machines of 234 systems, their networks, disks and addresses.

In the terms of `core.cloud`. Keys are UUIDs that follow from the seed; `lab.openstack` serves the same objects over HTTP.
"""

import ipaddress
import uuid
from collections.abc import Iterator
from functools import cached_property
from random import Random

from core import cloud as nouns
from core.objects import BusinessSystem
from core.organisation import Component, Tier
from lab.city import City

VMS, HOSTS = 3000, 200
HALL = "LS-DC"
"""Code of the site where the cloud stands."""
REGION, ZONES = "lishui", ("az1", "az2")
_TIERS: tuple[tuple[Tier, int, int], ...] = (("web", 2, 1), ("app", 3, 2), ("db", 2, 1))
"""Tier, least machines, how many must live."""
_FLAVORS = ((2, 4096), (4, 8192), (8, 16384), (16, 65536))
_IMAGES = (("银河麒麟V10", "kylin"), ("统信UOS20", "uos"), ("openEuler 22.03", "openeuler"), ("CentOS 7.9", "centos"))
_STATES = ("ACTIVE",) * 45 + ("SHUTOFF",) * 4 + ("ERROR",)


class Cloud:
    """A function of the City."""

    def __init__(self, city: City, vms: int = VMS, hosts: int = HOSTS) -> None:
        self.city = city
        share = len(city.boxes) / 3000
        self._vm_count, self._host_count = max(1, round(vms * share)), max(1, round(hosts * share))
        self.platform = nouns.CloudPlatform(id="", name="丽水政务云", kind="openstack", site=city.places[0].name)

    def _key(self, *words: object) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, "|".join(map(str, (self.city.seed, *words)))))

    @cached_property
    def zones(self) -> list[nouns.AvailabilityZone]:
        return [nouns.AvailabilityZone(id="", key=f"{REGION}/{z}", name=z, platform=self.platform.name, region=REGION) for z in ZONES]

    @cached_property
    def tenants(self) -> list[nouns.Tenant]:
        return [
            nouns.Tenant(id="", key=self._key("tenant", unit.name), name=unit.name, platform=self.platform.name, unit=unit.name)
            for unit in self.city.units()
        ]

    @cached_property
    def projects(self) -> list[nouns.Project]:
        tenant = {one.unit: one.key for one in self.tenants}
        return [
            nouns.Project(
                id="", key=self._key("project", s.name), name=f"prj-{n:03d}-{s.name}"[:64], platform=self.platform.name,
                tenant=tenant[s.unit], unit=s.unit, system=s.name,
            )
            for n, s in enumerate(self.city.systems())
        ]

    @cached_property
    def images(self) -> list[nouns.Image]:
        return [
            nouns.Image(id="", key=self._key("image", name), name=name, platform=self.platform.name, os=os, state="active")
            for name, os in _IMAGES
        ]

    @cached_property
    def hosts(self) -> list[nouns.Host]:
        """Servers of the hall that run machines; their cards are those that the City wired to its ToR switches."""
        servers = [box for box in self.city.boxes if box.slot.role == "server"]
        servers.sort(key=lambda box: (self.city.places[box.slot.site].code != HALL, box.number))
        return [
            nouns.Host(
                id="", key=self._key("host", box.name), name=f"compute-{n:03d}", platform=self.platform.name,
                zone=f"{REGION}/{ZONES[n % 2]}", address=self.city.address(box.number), vcpus=128, memory_mb=1_048_576, state="up",
                macs=tuple(self._card(box.first_port + place) for place in (*box.layout.uplinks, *box.layout.downlinks)[:2]),
                device=box.name,
            )
            for n, box in enumerate(servers[: self._host_count] or self.city.boxes[-1:])
        ]

    def _card(self, port: int) -> str:
        box = self.city.boxes[int(self.city.owner[port])]
        return ":".join(f"{byte:02x}" for byte in self.city.mac(box, port - box.first_port))

    @cached_property
    def components(self) -> list[Component]:
        placed: dict[str, list[str]] = {}
        for vm, component in self._placed:
            placed.setdefault(component, []).append(vm.key)
        return [
            Component(id="", name=name, system=system.name, tier=tier, needed=needed, runs_on=tuple(placed.get(name, ())))
            for system in self.city.systems() for tier, _, needed in _TIERS for name in [f"{system.name}/{tier}"]
        ]

    @cached_property
    def vms(self) -> list[nouns.VM]:
        return [vm for vm, _ in self._placed]

    @cached_property
    def _placed(self) -> list[tuple[nouns.VM, str]]:
        """Every machine with its component. Machines of one tier stand on different hosts in turn."""
        rng, out = Random(self.city.seed + 20), []
        for number, (system, tier, turn) in zip(range(self._vm_count), self._wanted(), strict=False):
            host = self.hosts[(number * 7 + turn) % len(self.hosts)]
            vcpus, memory = rng.choice(_FLAVORS)
            project = self._project_of[system.name]
            out.append((
                nouns.VM(
                    id="", key=self._key("vm", number), name=f"vm-{project.name[4:7]}-{tier}-{turn:02d}", project=project.key,
                    host=host.key, zone=host.zone, state=rng.choice(_STATES), vcpus=vcpus, memory_mb=memory,
                    image=rng.choice(self.images).key, created_at=1_700_000_000_000 + number * 3_600_000,
                ),
                f"{system.name}/{tier}",
            ))
        return out

    @cached_property
    def _project_of(self) -> dict[str, nouns.Project]:
        return {project.system: project for project in self.projects}

    def _wanted(self) -> Iterator[tuple[BusinessSystem, Tier, int]]:
        """First what every tier needs at least, then more of each in turn."""
        systems, turn = self.city.systems(), 0
        while True:
            for system in systems:
                for tier, least, _ in _TIERS:
                    for more in range(least if turn == 0 else 1):
                        yield system, tier, turn + more if turn == 0 else turn + least - 1
            turn += 1

    # ---- networks

    @cached_property
    def networks(self) -> list[nouns.VPC]:
        inside = [
            nouns.VPC(
                id="", key=self._key("net", p.key), name=f"net-{p.name[4:7]}", project=p.key, vlan=1000 + n, physical="physnet1",
            )
            for n, p in enumerate(self.projects)
        ]
        outside = nouns.VPC(id="", key=self._key("net", "ext"), name="ext-net", project=self.projects[0].key, external=True)
        return [outside, *inside]

    @cached_property
    def subnets(self) -> list[nouns.Subnet]:
        """One of IPv4 for each network, and one of IPv6 for each of the projects'."""
        out = []
        for number, network in enumerate(self.networks):
            plain = ipaddress.IPv4Network("198.18.0.0/20") if network.external else ipaddress.IPv4Network((0x0A000000 + number * 256, 24))
            out.append(self._subnet(network, "", plain))
            if not network.external:
                out.append(self._subnet(network, "-v6", ipaddress.IPv6Network(((0x20010DB8_0100 << 80) + (number << 64), 64))))
        return out

    def _subnet(self, network: nouns.VPC, mark: str, net: ipaddress.IPv4Network | ipaddress.IPv6Network) -> nouns.Subnet:
        key = self._key("subnet", network.key, mark) if mark else self._key("subnet", network.key)
        return nouns.Subnet(id="", key=key, name=f"sub-{network.name}{mark}", network=network.key, prefix=str(net), gateway=str(net[1]))

    @cached_property
    def routers(self) -> list[nouns.Router]:
        outside = self.networks[0].key
        return [
            nouns.Router(
                id="", key=self._key("router", network.project), name=f"rt-{network.name[4:]}", project=network.project,
                external_network=outside, networks=(network.key,),
            )
            for network in self.networks[1:]
        ]

    @cached_property
    def ports(self) -> list[nouns.VPort]:
        """One port for each machine, with an address of each kind."""
        network = {one.project: one for one in self.networks if not one.external}
        prefixes: dict[str, list[ipaddress.IPv4Network | ipaddress.IPv6Network]] = {}
        for subnet in self.subnets:
            prefixes.setdefault(subnet.network, []).append(ipaddress.ip_network(subnet.prefix))
        group = {one.project: one.key for one in self.groups}
        used: dict[str, int] = {}
        out = []
        for number, vm in enumerate(self.vms):
            net = network[vm.project].key
            used[net] = used.get(net, 9) + 1
            out.append(nouns.VPort(
                id="", key=self._key("port", vm.key), name="", network=net, mac=_mac(number),
                addresses=tuple(str(prefix[used[net]]) for prefix in prefixes[net]), vm=vm.key, host=vm.host,
                security_groups=(group[vm.project],),
            ))
        return out

    @cached_property
    def router_ports(self) -> dict[str, nouns.VPort]:
        """By router, its port in the network behind it: the gateway."""
        gateways: dict[str, list[str]] = {}
        for subnet in self.subnets:
            gateways.setdefault(subnet.network, []).append(subnet.gateway)
        return {
            router.key: nouns.VPort(
                id="", key=self._key("port", router.key), name="", network=router.networks[0], mac=_mac(0x800000 + number),
                addresses=tuple(gateways[router.networks[0]]),
            )
            for number, router in enumerate(self.routers)
        }

    @cached_property
    def floating(self) -> list[nouns.FloatingIP]:
        """One for the first web machine of each system that faces the internet."""
        facing = {self._project_of[s.name].key for s in self.city.systems() if s.internet_facing}
        outside, seen = ipaddress.ip_network(self.subnets[0].prefix), set[str]()
        out: list[nouns.FloatingIP] = []
        for vm, port in zip(self.vms, self.ports, strict=True):
            if vm.project in facing and vm.project not in seen and "-web-" in vm.name:
                seen.add(vm.project)
                address = str(outside[10 + len(out)])
                out.append(nouns.FloatingIP(id="", key=self._key("fip", vm.key), name=address, project=vm.project, port=port.key))
        return out

    @cached_property
    def groups(self) -> list[nouns.SecurityGroup]:
        rules = ("ingress tcp 443 0.0.0.0/0", "ingress tcp 22 10.0.0.0/8", "egress any any 0.0.0.0/0")
        return [
            nouns.SecurityGroup(id="", key=self._key("sg", p.key), name=f"sg-{p.name[4:7]}", project=p.key, rules=rules)
            for p in self.projects
        ]

    @cached_property
    def volumes(self) -> list[nouns.Volume]:
        """Every machine's system disk, and a data disk for every database."""
        out = []
        for vm in self.vms:
            for disk, size in (("sys", 100), *((("data", 500),) if "-db-" in vm.name else ())):
                key = self._key("volume", vm.key, disk)
                out.append(nouns.Volume(
                    id="", key=key, name=f"{vm.name}-{disk}", project=vm.project, size_gb=size, state="in-use", vm=vm.key,
                ))
        return out

    @cached_property
    def snapshots(self) -> list[nouns.Snapshot]:
        return [
            nouns.Snapshot(
                id="", key=self._key("snapshot", volume.key), name=f"{volume.name}-snap", project=volume.project, volume=volume.key,
                created_at=1_780_000_000_000, state="available",
            )
            for volume in self.volumes if volume.name.endswith("-data")
        ]

    @cached_property
    def balancers(self) -> list[nouns.LoadBalancer]:
        members: dict[str, list[str]] = {}
        for vm, port in zip(self.vms, self.ports, strict=True):
            if "-web-" in vm.name:
                members.setdefault(vm.project, []).append(port.addresses[0])
        return [
            nouns.LoadBalancer(
                id="", key=self._key("lb", project), name=f"lb-{number:03d}", project=project, address=addresses[0], state="ACTIVE",
                members=tuple(addresses),
            )
            for number, (project, addresses) in enumerate(members.items())
        ]

    @cached_property
    def quotas(self) -> list[nouns.Quota]:
        used: dict[str, tuple[int, int]] = {}
        for vm in self.vms:
            vcpus, memory = used.get(vm.project, (0, 0))
            used[vm.project] = vcpus + vm.vcpus, memory + vm.memory_mb
        return [
            nouns.Quota(
                id="", key=p.key, name=p.name, vcpus=512, memory_mb=2_097_152, volumes_gb=20_000,
                vcpus_used=used.get(p.key, (0, 0))[0], memory_mb_used=used.get(p.key, (0, 0))[1],
            )
            for p in self.projects
        ]


def _mac(number: int) -> str:
    """Below the prefix that OpenStack gives its ports."""
    return ":".join(f"{byte:02x}" for byte in (0xFA163E000000 | number).to_bytes(6, "big"))
