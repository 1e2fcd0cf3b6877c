"""The whole City as records with ids, and what its devices report of their links: what an inventory holds after everything was imported."""

from collections.abc import Iterable
from typing import Any

from core.objects import Link
from lab.city import City
from lab.cloud import Cloud
from lab.extranet import Extranet

Records = dict[str, list[Any]]


def records(devices: int, seed: int = 7) -> tuple[Records, list[Link]]:
    """By kind. Ids are numbers of 32 digits, in the order of the kinds."""
    city = City(seed, devices)
    cloud, net = Cloud(city), Extranet(city)
    translations, rules = net.policies([(f"203.0.113.{number}", one.name) for number, one in enumerate(cloud.floating, 1)])
    found: dict[str, Iterable[Any]] = {
        "unit": (*city.units(), *net.departments), "system": city.systems(), "site": city.sites(), "device": city.devices(161, 60),
        "zone": net.zones, "vpn_instance": net.vpns, "circuit": net.circuits, "access_point": net.access_points,
        "prefix": net.prefixes, "ip_address": net.addresses, "vlan": net.vlans, "egress": net.egresses, "data_line": net.lines,
        "nat_mapping": translations, "policy_rule": rules, "cloud_platform": [cloud.platform], "availability_zone": cloud.zones,
        "tenant": cloud.tenants, "project": cloud.projects, "image": cloud.images, "host": cloud.hosts, "component": cloud.components,
        "vm": cloud.vms, "vpc": cloud.networks, "subnet": cloud.subnets, "router": cloud.routers, "vport": cloud.ports,
        "floating_ip": cloud.floating, "security_group": cloud.groups, "volume": cloud.volumes, "snapshot": cloud.snapshots,
        "load_balancer": cloud.balancers, "quota": cloud.quotas,
    }
    out: Records = {}
    number = 0
    for kind, nouns in found.items():
        for noun in nouns:
            number += 1
            out.setdefault(kind, []).append(noun.replace(id=f"{number:032x}"))
    return out, links(city, {device.name: device.id for device in out["device"]})


def links(city: City, ids: dict[str, str]) -> list[Link]:
    """Both ends of every wire, as LLDP tells."""
    out = []
    for wire in city.wires:
        ends = [(city.boxes[wire.a], wire.port_a), (city.boxes[wire.b], wire.port_b)]
        for (near, near_port), (far, far_port) in (ends, ends[::-1]):
            out.append(Link(
                device_a=ids[near.name], port_a=city.row(near_port, near).name, device_b=far.name, port_b=city.row(far_port, far).name,
                source="lldp", confidence=0.95, valid_from=1_790_000_000_000,
            ))
    return out
