"""All that the City's people would declare: every kind of record by its kind, in the order in which they refer to each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from core.extranet import Circuit
from core.network import Cable, HAGroup, Prefix, Rack
from core.organisation import Component, Person, Team
from lab.city import City
from lab.cloud import Cloud
from lab.extranet import PUBLIC_VPN, Extranet

_COMPANIES = ("瓯江信息技术", "括苍数智", "处州云网服务")
"""Companies that nobody runs."""
_SYSTEMS_OF_TEAM, _RACKS = 3, 4


@dataclass(frozen=True)
class Declared:
    """A function of the City. placed: with what the cloud must tell first: which machines a component runs on, whose a project is."""

    city: City
    port: int = 161
    interval_s: int = 60
    locator: str = "env:YUNWANG_LAB_COMMUNITY"

    @cached_property
    def cloud(self) -> Cloud:
        return Cloud(self.city)

    @cached_property
    def net(self) -> Extranet:
        return Extranet(self.city)

    def living(self) -> Mapping[str, Sequence[Any]]:
        """What must be known before the first device is polled."""
        return {
            "unit": self.city.units(), "site": self.city.sites(), "credential": self.city.credentials(self.locator),
            "device": self.city.devices(self.port, self.interval_s),
        }

    def first(self) -> Mapping[str, Sequence[Any]]:
        """What can be declared before any source was asked."""
        maps, rules = self.net.policies(self._published)
        return {
            "unit": [*self.city.units(), *self.net.departments], "team": self.teams, "person": self.persons, "site": self.city.sites(),
            "rack": self.racks, "zone": self.net.zones, "vpn_instance": self.net.vpns, "circuit": self.circuits,
            "credential": self.city.credentials(self.locator), "device": self.city.devices(self.port, self.interval_s),
            "ha_group": self.pairs, "cable": self.trunks, "access_point": self.net.access_points, "egress": self.net.egresses,
            "vlan": self.net.vlans, "prefix": [*self.net.prefixes, *self.cloud_prefixes],
            "ip_address": self.net.addresses, "nat_mapping": maps,
            "policy_rule": rules, "cloud_platform": [self.cloud.platform], "system": self.systems,
            "component": [component.replace(runs_on=()) for component in self.components], "data_line": self.net.lines,
        }

    def placed(self) -> Mapping[str, Sequence[Any]]:
        """What people add when the cloud was read: machines of components, units and systems of projects, devices of hosts."""
        return {"tenant": self.cloud.tenants, "project": self.cloud.projects, "host": self.cloud.hosts, "component": self.components}

    @cached_property
    def components(self) -> list[Component]:
        return self.cloud.components

    @cached_property
    def _published(self) -> list[tuple[str, str]]:
        """Floating address and the address behind it."""
        inside = {port.key: port.addresses[0] for port in self.cloud.ports}
        return [(one.name, inside[one.port]) for one in self.cloud.floating]

    @cached_property
    def cloud_prefixes(self) -> list[Prefix]:
        """The networks of the cloud's projects: departments reach them over the public network."""
        owners = {project.key: project.unit for project in self.cloud.projects}
        inside = {net.key: net for net in self.cloud.networks if not net.external}
        return [
            Prefix(
                id="", name=f"{PUBLIC_VPN}|{subnet.prefix}", prefix=subnet.prefix, vpn=PUBLIC_VPN, purpose="政务云",
                unit=owners[inside[subnet.network].project],
            )
            for subnet in self.cloud.subnets if subnet.network in inside
        ]

    @cached_property
    def teams(self) -> list[Team]:
        owner = self.city.units()[0].name
        return [Team(id="", name=f"{name}驻场运维组", unit=owner, company=f"{name}(虚构)", phone=f"0578-000{9000 + number}")
                for number, name in enumerate(_COMPANIES)]

    @cached_property
    def persons(self) -> list[Person]:
        """The contact of each unit that owns systems; two of them may bear one name."""
        return [
            Person(id="", name=f"{unit.contact}·{unit.short_name or unit.name}", unit=unit.name, phone=unit.phone, duty="联系人",
                   team=self.teams[number % len(self.teams)].name if number < len(self.teams) else "")
            for number, unit in enumerate(self.city.units())
        ]

    @cached_property
    def systems(self) -> list[Any]:
        """Systems with their teams; what serves citizens needs the platforms beneath it."""
        found = self.city.systems()
        base = [system.name for system in found if system.name == "公共数据平台"]
        return [
            system.replace(
                team=self.teams[number % len(self.teams)].name if number % _SYSTEMS_OF_TEAM == 0 else "",
                depends_on=tuple(base) if system.internet_facing and system.name not in base else (),
            )
            for number, system in enumerate(found)
        ]

    @cached_property
    def racks(self) -> list[Rack]:
        halls = [site for site in self.city.sites() if site.level != "township"]
        return [Rack(id="", name=f"{site.name}-{letter}01", site=site.name) for site in halls for letter in "ABCD"[:_RACKS]]

    @cached_property
    def pairs(self) -> list[HAGroup]:
        """Routers of the backbone and firewalls stand for each other by twos."""
        out = []
        for role, kind in (("P", "vrrp"), ("firewall", "active-standby")):
            names = [box.name for box in self.city.boxes if box.slot.role == role]
            for a, b in list(pairwise(names))[::2]:
                out.append(HAGroup(id="", name=f"{a}+{b}", kind=kind, members=(a, b)))  # type: ignore[arg-type]
        return out

    @property
    def circuits(self) -> list[Circuit]:
        """Of departments and between sites."""
        return [*self.net.circuits, *(circuit for _, circuit in self.net.leased)]

    @cached_property
    def trunks(self) -> list[Cable]:
        """Lines between sites, with the circuits that carry them."""
        return [
            Cable(id="", name=f"{link.device_a}:{link.port_a}--{link.device_b}", device_a=link.device_a, port_a=link.port_a,
                  device_b=link.device_b, port_b=link.port_b, circuit=circuit.name)
            for link, circuit in self.net.leased
        ]
