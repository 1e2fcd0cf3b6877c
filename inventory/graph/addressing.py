"""What addresses join: who bears one, which prefix of which VPN holds it, where a unit's own prefix lies."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from core.edges import Edge
from inventory.graph.joining import Facts, Mint
from inventory.graph.nets import Address, Nets, address, net

SURE = 0.9


class Addressing:
    """Prefixes by VPN, and the addresses of the inventory by what they are."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def vpns(self) -> dict[str, Nets[Any]]:
        """Of each VPN the prefixes; without a VPN: under the empty name."""
        out: dict[str, Nets[Any]] = {}
        for prefix in self.facts.of("prefix"):
            if (its := net(prefix.prefix)) is not None:
                out.setdefault(prefix.vpn, Nets()).add(its, prefix)
        return out

    @cached_property
    def _everywhere(self) -> Nets[Any]:
        """All prefixes, so that an address costs what holds it, not how many VPNs there are."""
        out: Nets[Any] = Nets()
        for prefix in self.facts.of("prefix"):
            if (its := net(prefix.prefix)) is not None:
                out.add(its, prefix)
        return out

    @cached_property
    def addresses(self) -> dict[Address, list[Any]]:
        out: dict[Address, list[Any]] = {}
        for one in self.facts.of("ip_address"):
            if (its := address(one.address)) is not None:
                out.setdefault(its, []).append(one)
        return out

    @cached_property
    def vpns_of_unit(self) -> dict[str, set[str]]:
        """Where the units enter the net."""
        out: dict[str, set[str]] = {}
        for point in self.facts.of("access_point"):
            out.setdefault(point.unit, set()).add(point.vpn)
        return out

    def holders(self, one: Address, unit: str = "") -> list[Any]:
        """The longest prefix of each VPN that holds an address; only those of the unit's VPNs where it has one there."""
        longest: dict[str, Any] = {}
        for some in self._everywhere.holding(one):
            for prefix in some:
                longest.setdefault(prefix.vpn, prefix)
        found = list(longest.values())
        if len(found) > 1 and (mine := [prefix for prefix in found if prefix.vpn in self.vpns_of_unit.get(unit, ())]):
            return mine
        return found

    def unit_of_port(self, port: Any) -> str:
        network = self.facts.get("vpc", port.network)
        project = self.facts.get("project", network.project) if network is not None else None
        return project.unit if project is not None else ""


def prefixes(addressing: Addressing, mint: Mint) -> Iterator[Edge]:
    """Edges `within` between addresses, prefixes, VLANs and access points: what lies in what."""
    facts = addressing.facts
    for prefix in facts.of("prefix"):
        its = net(prefix.prefix)
        for wider in addressing.vpns[prefix.vpn].longest(its, its.length)[:1] if its is not None else ():
            yield mint("within", prefix.id, wider.id, "declared", "join:prefix")
    for one in facts.of("ip_address"):
        its_address = address(one.address)
        nets = addressing.vpns.get(one.vpn)
        for prefix in nets.longest(its_address)[:1] if nets is not None and its_address is not None else ():
            yield mint("within", one.id, prefix.id, "declared", "join:prefix")
    for point in facts.of("access_point"):
        its = net(point.prefix) if point.prefix else None
        nets = addressing.vpns.get(point.vpn)
        for prefix in nets.longest(its)[:1] if nets is not None and its is not None else ():
            yield mint("within", point.id, prefix.id, "declared", "join:prefix")
        vlan = facts.get("vlan", f"{point.device}/{point.vlan}") if point.vlan else None
        if vlan is not None:
            yield mint("within", point.id, vlan.id, "declared", "join:vlan")


def machines(addressing: Addressing, mint: Mint) -> Iterator[Edge]:
    """Edges `within` of virtual ports: the prefix of the extranet that holds their address, in each VPN the longest; and their subnet."""
    facts = addressing.facts
    subnets: dict[str, Nets[Any]] = {}
    for subnet in facts.of("subnet"):
        if (its := net(subnet.prefix)) is not None:
            subnets.setdefault(subnet.network, Nets()).add(its, subnet)
            yield from _within(subnet.id, addressing.holders(Address(its.version, its.value), _unit_of_subnet(facts, subnet)), mint)
    for port in facts.of("vport"):
        for text in port.addresses:
            if (one := address(text)) is None:
                continue
            yield from _within(port.id, addressing.holders(one, addressing.unit_of_port(port)), mint)
            for subnet in subnets[port.network].longest(one)[:1] if port.network in subnets else ():
                yield mint("within", port.id, subnet.id, "cloud", "join:subnet")


def _unit_of_subnet(facts: Facts, subnet: Any) -> str:
    network = facts.get("vpc", subnet.network)
    project = facts.get("project", network.project) if network is not None else None
    return project.unit if project is not None else ""


def _within(object_id: str, found: Sequence[Any], mint: Mint) -> Iterator[Edge]:
    """Each as sure as there are few of them."""
    for prefix in found:
        yield mint("within", object_id, prefix.id, "declared", "join:prefix", confidence=round(SURE / len(found), 4))


def bearers(addressing: Addressing, mint: Mint) -> Iterator[Edge]:
    """Edges `bears`: from devices, hosts, virtual ports, floating addresses and load balancers to addresses of the inventory."""
    facts = addressing.facts
    if not addressing.addresses:
        return
    for kind, field in (("device", "address"), ("host", "address"), ("floating_ip", "name"), ("load_balancer", "address")):
        for noun in facts.of(kind):
            yield from _borne(addressing, noun.id, getattr(noun, field), "", kind != "device", mint)
    for port in facts.of("vport"):
        for text in port.addresses:
            yield from _borne(addressing, port.id, text, addressing.unit_of_port(port), True, mint)


def _borne(addressing: Addressing, object_id: str, text: str, unit: str, cloud: bool, mint: Mint) -> Iterator[Edge]:
    one = address(text)
    found = addressing.addresses.get(one, []) if one is not None else []
    if len(found) > 1 and (mine := [ip for ip in found if ip.vpn in addressing.vpns_of_unit.get(unit, ())]):
        found = mine
    for ip in found:
        yield mint(
            "bears", object_id, ip.id, "cloud" if cloud else "declared", "join:address", confidence=round(SURE / len(found), 4),
        )
