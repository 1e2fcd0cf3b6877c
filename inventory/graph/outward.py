"""The way out of the cloud: load balancers and their members, floating addresses, translations, the policies that let them, egresses."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from core.edges import Edge
from inventory.graph.joining import Facts, Mint
from inventory.graph.nets import Address, Nets, address, net

MOST_RULES = 20
"""Rules that let one translation in; firewalls with more are read from their configuration."""
ANY = frozenset({"", "any", "0.0.0.0/0", "::/0"})


class Outside:
    """Look-ups that several of these joins share."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def ports(self) -> dict[tuple[str, Address], Any]:
        """Virtual ports by the project of their network and address."""
        out: dict[tuple[str, Address], Any] = {}
        for port in reversed(self.facts.of("vport")):
            network = self.facts.get("vpc", port.network)
            for one in filter(None, map(address, port.addresses)):
                out[network.project if network is not None else "", one] = port
        return out

    @cached_property
    def inside(self) -> dict[Address, list[str]]:
        """Ids of what bears an address of the cloud."""
        out: dict[Address, list[str]] = {}
        for kind, field in (("floating_ip", "name"), ("load_balancer", "address")):
            for noun in self.facts.of(kind):
                if (one := address(getattr(noun, field))) is not None:
                    out.setdefault(one, []).append(noun.id)
        for port in self.facts.of("vport"):
            for one in filter(None, map(address, port.addresses)):
                out.setdefault(one, []).append(port.id)
        return out

    @cached_property
    def rules(self) -> dict[str, tuple[Nets[Any], list[Any]]]:
        """By device: permitting rules by what they lead to, and those that lead anywhere."""
        out: dict[str, tuple[Nets[Any], list[Any]]] = {}
        for rule in self.facts.of("policy_rule"):
            if rule.action != "permit" or not rule.enabled:
                continue
            nets, anywhere = out.setdefault(rule.device, (Nets(), []))
            for text in rule.destinations or ("any",):
                if text in ANY:
                    anywhere.append(rule)
                elif (its := net(text)) is not None:
                    nets.add(its, rule)
        return out


def balanced(outside: Outside, mint: Mint) -> Iterator[Edge]:
    """Load balancers run on the machines of their members; a component all of whose balanced machines are its own is entered through it."""
    facts = outside.facts
    components = _components(facts)
    for balancer in facts.of("load_balancer"):
        members = [
            (text, port) for text in dict.fromkeys(balancer.members)
            if (one := address(text)) is not None and (port := outside.ports.get((balancer.project, one))) is not None
        ]
        machines = [(text, port, facts.get("vm", port.vm)) for text, port in members]
        for text, port, vm in machines:
            yield mint("runs-on", balancer.id, (vm or port).id, "cloud", "join:member", b_port=text)
        front = address(balancer.address)
        entry = outside.ports.get((balancer.project, front)) if front is not None else None
        if entry is not None and not entry.vm:
            yield mint("carried-by", balancer.id, entry.id, "cloud", "join:entry")
        served = [components.get(vm.key, frozenset()) for _, _, vm in machines if vm is not None]
        for component in sorted(frozenset.intersection(*served)) if served else ():
            yield mint("uses", component, balancer.id, "cloud", "join:member", confidence=0.8)


def _components(facts: Facts) -> dict[str, frozenset[str]]:
    """Ids of the components by the key of each machine."""
    out: dict[str, set[str]] = {}
    for component in facts.of("component"):
        for key in component.runs_on:
            out.setdefault(key, set()).add(component.id)
    return {key: frozenset(ids) for key, ids in out.items()}


def translated(outside: Outside, mint: Mint) -> Iterator[Edge]:
    """Translations to what they lead to inside, the policies that let them in, and the egress that these leave by."""
    for mapping in outside.facts.of("nat_mapping"):
        targets = [one for text in (mapping.inside, mapping.outside) if text and (one := address(text)) is not None]
        for one in targets:
            for object_id in outside.inside.get(one, ()):
                yield mint("translates", mapping.id, object_id, "declared", "join:address")
        for rule in _letting(outside, mapping.device, targets):
            yield mint("allows", mapping.id, rule.id, "declared", "join:destination")
    yield from _leaving(outside.facts, mint)


def _letting(outside: Outside, device: str, targets: Sequence[Address]) -> list[Any]:
    """Rules of the translation's own device for the address; those for any address only where none names it."""
    if device not in outside.rules:
        return []
    nets, anywhere = outside.rules[device]
    named: dict[str, Any] = {}
    for one in targets:
        for rules in nets.holding(one):
            named |= {rule.id: rule for rule in rules}
    return list(named.values() or anywhere)[:MOST_RULES]


def _leaving(facts: Facts, mint: Mint) -> Iterator[Edge]:
    """A rule leaves by the egresses at its own device or group; else by any of those to the internet."""
    by_device: dict[str, list[Any]] = {}
    for egress in facts.of("egress"):
        by_device.setdefault(facts.groups.get(egress.device, egress.device), []).append(egress)
    internet = [egress for egress in facts.of("egress") if egress.kind == "internet"]
    for rule in facts.of("policy_rule"):
        here = by_device.get(facts.groups.get(rule.device, rule.device), [])
        for egress in here or internet if rule.action == "permit" else ():
            yield mint("leaves-by", rule.id, egress.id, "declared", "join:egress", confidence=1.0 if here else 0.5)
