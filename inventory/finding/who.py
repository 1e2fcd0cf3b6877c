"""Who uses an address, a MAC address, a VLAN, a VPN, a port: each a function of a view and of what devices see behind their ports."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from core.edges import Edge
from core.finding import Use
from core.graph import GraphView, Node
from core.objects import Station
from core.terms import hex_mac
from inventory.finding.numbers import Span, canonical, span
from inventory.finding.using import behind_machine, nouns, ordered, plugs, reserved, seen, there, use

ANY = frozenset({"any", "0.0.0.0/0", "::/0"})


@lru_cache(maxsize=200_000)
def normal_mac(text: str) -> str:
    """Lower-case hexadecimal pairs with colons, of any notation; empty when it is none."""
    digits = hex_mac(text)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2)) if digits else ""


# ---- an address

def of_address(view: GraphView, address: str, stations: Sequence[Station], now_ms: int) -> list[Use]:
    """address: canonical. In every VPN: records, prefixes, bearers, translations, balancers, rules, places, reservations."""
    wanted = span(address)
    if wanted is None:
        return []
    out = [*_declared(view, wanted), *_bearers(view, wanted), *_translated(view, wanted), *_rules(view, wanted)]
    out += [*_holders(view, wanted), *reserved(view, "address", address, "", now_ms)]
    here = [one for one in stations if one.address and canonical(one.address) == address]
    macs = {normal_mac(one.mac) for one in here} - {""}
    return ordered([*out, *seen(view, [*here, *(one for one in stations if not one.address and normal_mac(one.mac) in macs)])])


def _is(text: str, wanted: Span) -> bool:
    return bool(text) and span(text.partition("/")[0]) == wanted


def _declared(view: GraphView, wanted: Span) -> Iterator[Use]:
    for node, one in nouns(view, "ip_address"):
        if _is(one.address, wanted):
            yield use(view, "record", node, vpn=one.vpn, detail=one.purpose)
            for bearer in view.behind(node.id, "bears"):
                yield use(view, "bears", view.node(bearer), vpn=one.vpn)


def _holders(view: GraphView, wanted: Span) -> Iterator[Use]:
    """The closest prefix of each VPN, the subnets of the cloud, the access point behind which it lies."""
    closest: dict[str, tuple[int, Node, Any]] = {}
    for node, one in nouns(view, "prefix"):
        found = span(one.prefix)
        if found is not None and found.holds(wanted) and found.size < closest.get(one.vpn, (1 << 129, None, None))[0]:
            closest[one.vpn] = found.size, node, one
    for _, node, one in closest.values():
        yield use(view, "prefix", node, vpn=one.vpn, detail=" ".join(filter(None, (one.purpose, one.vlan))))
    for node, one in nouns(view, "subnet"):
        if (found := span(one.prefix)) is not None and found.holds(wanted):
            yield use(view, "gateway" if _is(one.gateway, wanted) else "subnet", node, detail=one.prefix)
    for node, one in nouns(view, "access_point"):
        if one.prefix and (found := span(one.prefix)) is not None and found.holds(wanted):
            yield use(view, "enters", node, vpn=one.vpn, port=one.port, detail=one.device)


def _bearers(view: GraphView, wanted: Span) -> Iterator[Use]:
    for kind in ("device", "host"):
        for node, one in nouns(view, kind):
            if _is(one.address, wanted):
                yield use(view, "bears", node)
                if kind == "host":
                    yield from plugs(view, node.id)
    for node, one in nouns(view, "vport"):
        if any(_is(text, wanted) for text in one.addresses):
            yield from _of_vport(view, node, one)


def _of_vport(view: GraphView, node: Node, port: Any) -> Iterator[Use]:
    """The machine that bears a port's addresses, its host and switch ports, what is translated to it."""
    machine = view.find("vm", port.vm) if port.vm else None
    yield use(view, "bears", machine or node, port=port.mac, detail=", ".join(port.addresses[:4]))
    if machine is not None:
        yield from behind_machine(view, machine.id)
    for floating in view.behind(node.id, "translates"):
        if view.node(floating).kind == "floating_ip":
            yield use(view, "floating", view.node(floating), detail=", ".join(port.addresses[:1]))


def _translated(view: GraphView, wanted: Span) -> Iterator[Use]:
    for node, one in nouns(view, "floating_ip"):
        if _is(one.name, wanted):
            port = view.find("vport", one.port) if one.port else None
            inside = view.noun(port.id) if port is not None else None
            yield use(view, "floating", node, detail=", ".join(inside.addresses[:1]) if inside is not None else "")
            if port is not None:
                yield from _of_vport(view, port, inside)
    for node, one in nouns(view, "nat_mapping"):
        if _is(one.outside, wanted) or _is(one.inside, wanted):
            yield use(view, "translates", node, detail=f"{_socket(one.outside, one.outside_port)} - {_socket(one.inside, one.inside_port)}")
    for node, one in nouns(view, "load_balancer"):
        if _is(one.address, wanted) or any(_is(text, wanted) for text in one.members):
            yield use(view, "balances", node, detail=one.address)
    for node, one in nouns(view, "bgp_session"):
        if _is(one.peer, wanted):
            yield use(view, "session", node, vpn=one.vpn, detail=f"AS {one.remote_as} {one.state}".strip())


def _socket(address: str, port: int) -> str:
    return f"{address}:{port}" if port else address


def _rules(view: GraphView, wanted: Span) -> Iterator[Use]:
    """Rules that name it, or a prefix or range that holds it; those for everybody do not name it."""
    for node, one in nouns(view, "policy_rule"):
        named = [text for text in (*one.sources, *one.destinations)
                 if text not in ANY and (found := span(text)) is not None and found.holds(wanted)]
        if named:
            yield use(view, "allows", node, detail=" ".join((one.action, *named[:3], *one.services[:3])), until=one.expires_at)


# ---- a MAC address

def of_mac(view: GraphView, mac: str, stations: Sequence[Station], past: Iterable[Edge] = ()) -> list[Use]:
    """mac: as `normal_mac` writes it. Host and card, machine and port, the switch ports that see it now, and those into which it was
    plugged before. past: edges that hold no more."""
    out = [
        use(view, "plugged", device, port=edge.b_port, detail=mac, since=edge.valid_from, until=edge.valid_to)
        for edge in past if edge.kind == "plugged-into" and edge.valid_to and normal_mac(edge.a_port) == mac
        and (device := there(view, edge.b)) is not None
    ]
    for node, host in nouns(view, "host"):
        for card in host.macs:
            if normal_mac(card) == mac:
                out.append(use(view, "bears", node, port=card))
                out += (one for one in plugs(view, node.id) if normal_mac(one.detail) in (mac, ""))
    for node, port in nouns(view, "vport"):
        if normal_mac(port.mac) == mac:
            out += _of_vport(view, node, port)
    return ordered([*out, *seen(view, (one for one in stations if normal_mac(one.mac) == mac))])


# ---- a VLAN

def of_vlan(view: GraphView, vid: int, domain: str, stations: Sequence[Station], now_ms: int) -> list[Use]:
    """domain empty: in every domain."""
    out: list[Use] = []
    for node, one in nouns(view, "vlan"):
        if one.vid == vid and domain in ("", one.domain):
            out.append(use(view, "record", node, vpn=one.vpn, detail=one.purpose))
    names = {use_.thing.name for use_ in out}
    out += (use(view, "prefix", node, vpn=one.vpn, detail=one.vlan) for node, one in nouns(view, "prefix") if one.vlan in names)
    for node, one in nouns(view, "access_point"):
        if one.vlan == vid and domain in ("", one.device):
            out.append(use(view, "enters", node, vpn=one.vpn, port=one.port, detail=one.device))
    for node, one in nouns(view, "vpc"):
        if one.vlan == vid and domain in ("", one.physical):
            out.append(use(view, "network", node, detail=one.physical))
    out += reserved(view, "vlan", str(vid), domain, now_ms)
    return ordered([*out, *_ports_in(view, vid, domain, stations)])


def _ports_in(view: GraphView, vid: int, domain: str, stations: Iterable[Station]) -> Iterator[Use]:
    """Ports behind which something is seen in the VLAN, each once."""
    counts: dict[tuple[str, str], int] = {}
    for one in stations:
        if one.vlan == vid and one.source == "mac" and not one.valid_to:
            counts[one.device_id, one.port] = counts.get((one.device_id, one.port), 0) + 1
    devices = {node.id: node for node in view.of_kind("device")}
    for (device_id, port), count in counts.items():
        device = devices.get(device_id)
        if device is not None and domain in ("", device.name):
            yield use(view, "seen", device, port=port, detail=f"MAC x {count}")


# ---- a VPN

def of_vpn(view: GraphView, name: str) -> list[Use]:
    """The instance, units and where they enter, devices, prefixes, VLANs, sessions."""
    node = view.find("vpn_instance", name)
    out: list[Use] = []
    if node is not None:
        one = view.noun(node.id)
        out.append(use(view, "record", node, vpn=name, detail=" ".join(filter(None, (one.rd, one.zone)))))
        out += (use(view, "device", view.node(edge.a), vpn=name, detail=edge.origin) for edge in view.edges_to(node.id, ("member-of",)))
    points = [(point, noun) for point, noun in nouns(view, "access_point") if noun.vpn == name]
    out += (use(view, "enters", point, vpn=name, port=noun.port, detail=noun.device) for point, noun in points)
    for kind, field in (("unit", "unit"), ("device", "device")):
        counts: dict[str, int] = {}
        for _, noun in points:
            counts[getattr(noun, field)] = counts.get(getattr(noun, field), 0) + 1
        for other, count in counts.items():
            thing = view.find(kind, other)
            if thing is not None:
                out.append(use(view, "unit" if kind == "unit" else "device", thing, vpn=name, detail=str(count)))
    out += (use(view, "prefix", one, vpn=name, detail=noun.purpose) for one, noun in nouns(view, "prefix") if noun.vpn == name)
    out += (use(view, "vlan", one, vpn=name, detail=noun.purpose) for one, noun in nouns(view, "vlan") if noun.vpn == name)
    out += (use(view, "session", one, vpn=name, detail=noun.state) for one, noun in nouns(view, "bgp_session") if noun.vpn == name)
    return ordered(out)


# ---- a port

def of_port(view: GraphView, device: Node, port: str, stations: Sequence[Station], now_ms: int) -> list[Use]:
    """What is at the far end, who enters here, what is plugged in and which machines run on it, what is seen behind it."""
    out = [
        use(view, "linked", view.node(edge.b), port=edge.b_port, detail=edge.source, since=edge.valid_from)
        for edge in view.edges(device.id, ("linked",)) if edge.a_port == port
    ]
    for edge in view.edges_to(device.id, ("linked", "plugged-into")):
        if edge.b_port != port:
            continue
        if edge.kind == "linked":
            out.append(use(view, "linked", view.node(edge.a), port=edge.a_port, detail=edge.source, since=edge.valid_from))
        else:
            out.append(use(view, "plugged", view.node(edge.a), port=edge.a_port, since=edge.valid_from))
            out += (use(view, "hosts", view.node(vm)) for vm in view.behind(edge.a, "hosted-by"))
    out += _at_port(view, device.name, port)
    out += reserved(view, "port", port, device.name, now_ms)
    return ordered([*out, *seen(view, (one for one in stations if one.device_id == device.id and one.port == port))])


def _at_port(view: GraphView, device: str, port: str) -> Iterator[Use]:
    for node, one in nouns(view, "access_point"):
        if (one.device, one.port) == (device, port):
            yield use(view, "enters", node, vpn=one.vpn, detail=" ".join(filter(None, (one.unit, one.circuit))))
    for node, one in nouns(view, "egress"):
        if (one.device, one.port) == (device, port):
            yield use(view, "leaves", node, detail=one.kind)
    for node, one in nouns(view, "cable"):
        if port and (device, port) in ((one.device_a, one.port_a), (one.device_b, one.port_b)):
            far = (one.device_b, one.port_b) if (one.device_a, one.port_a) == (device, port) else (one.device_a, one.port_a)
            yield use(view, "carried", node, detail=" ".join(far))
