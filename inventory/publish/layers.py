"""The four layers as pictures: where things stand, how they are cabled, who is in which VPN, what the business runs on."""

from collections.abc import Iterable, Iterator
from typing import Any

from core.graph import GraphView, Node
from core.i18n import tr
from inventory.finding.places import place_in
from inventory.publish.drawing import MOST, Box, Drawing, Layer, Line, counted, drawing, ring
from inventory.publish.scope import EVERYTHING, Scope, county_of

_ROLE_RANKS = {"P": 0, "core": 0, "PE": 1, "firewall": 1, "aggregation": 2, "load-balancer": 2, "gap": 2, "ToR": 3, "CE": 3, "access": 4}
_LEVEL_RANKS = {"city": 0, "county": 1, "township": 2}
WIDE = 1.25
"""Inches from the middle of one site's box to the next, before the whole is drawn wider."""
FEW = 150
"""Devices of which each port can still be read."""


def draw(view: GraphView, layer: Layer, scope: Scope = EVERYTHING) -> Drawing:
    """The picture of a layer, of the part that the scope names."""
    return {"geographic": geographic, "l2": l2, "l3": l3, "business": business}[layer](view, scope)


# ---- geographic

def geographic(view: GraphView, scope: Scope) -> Drawing:
    """Sites: the city's in the middle, each county around it, its townships around that; lines say how many links there are."""
    sites = [(node, view.noun(node.id)) for node in view.of_kind("site") if scope.shows(view, node)]
    lines = _between_sites(view)
    ends = [(line.a, line.links) for line in lines] + [(line.b, line.links) for line in lines]
    links: dict[str, int] = {}
    for end, count in ends:
        links[end] = links.get(end, 0) + count
    places = _places(sites, links)
    devices = _per_site(view)
    boxes = [
        Box(node.id, _with_count(node.name, devices.get(node.name, 0)), f"site-{site.level}", _LEVEL_RANKS[site.level], places[node.id],
            site.county)
        for node, site in sites
    ]
    return drawing(tr("Sites and the links between them"), boxes, lines, 2000)


def _per_site(view: GraphView) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in view.of_kind("device"):
        site = view.noun(node.id).site
        counts[site] = counts.get(site, 0) + 1
    return counts


def _with_count(name: str, count: int) -> str:
    return f"{name}\n{count}" if count else name


def _places(sites: list[tuple[Node, Any]], links: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Inches. The site with the most links in the middle; a county takes its share of the circle by how many sites it has. Boxes are twice
    as wide as they are apart, so the whole is drawn twice as wide."""
    middle = sorted((-links.get(node.id, 0), node.name, node.id) for node, site in sites if site.level == "city")
    out, inner = _discs([object_id for _, _, object_id in middle])
    counties: dict[str, list[tuple[int, str, str]]] = {}
    for node, site in sites:
        if site.level != "city":
            counties.setdefault(site.county, []).append((_LEVEL_RANKS[site.level], node.name, node.id))
    total, turn = sum(len(held) + 3 for held in counties.values()), 0.25
    for _, held in sorted(counties.items()):
        share = (len(held) + 3) / total
        out |= _county(sorted(held), turn + share / 2, share, inner + 1.6)
        turn += share
    return {object_id: (2 * x, y) for object_id, (x, y) in out.items()}


def _discs(ids: list[str]) -> tuple[dict[str, tuple[float, float]], float]:
    """Rings around the middle, and the radius of the outermost one."""
    out: dict[str, tuple[float, float]] = {}
    radius = 0.0
    while ids:
        room = max(1, int(6.28 * radius / WIDE))
        part, ids = ids[:room], ids[room:]
        out |= zip(part, ring(len(part), 0.25, 1, radius), strict=True)
        radius += 1.0
    return out, max(0.0, radius - 1.0)


def _county(held: list[tuple[int, str, str]], turn: float, share: float, inner: float) -> dict[str, tuple[float, float]]:
    """Its own sites on the inner ring, its townships on as many outer ones as they need."""
    seats = [object_id for rank, _, object_id in held if rank == 1]
    towns = [object_id for rank, _, object_id in held if rank == 2]
    out = dict(zip(seats, ring(len(seats), turn, share * 0.5, inner), strict=True))
    radius = inner + 1.6
    while towns:
        room = max(2, int(6.28 * radius * share * 0.75 / WIDE))
        part, towns = towns[:room], towns[room:]
        out |= zip(part, ring(len(part), turn, share * 0.75 * min(1.0, len(part) / room), radius), strict=True)
        radius += 1.0
    return out


def _between_sites(view: GraphView) -> list[Line]:
    """Links of devices, counted between the sites where these stand."""
    site_of = {edge.a: edge.b for edge in view.of_edge("stands-at")}
    ends = ((site_of.get(edge.a, ""), site_of.get(edge.b, "")) for edge in view.of_edge("linked"))
    return counted(Line(a, b) for a, b in ends if a and b)


# ---- cabling

def l2(view: GraphView, scope: Scope) -> Drawing:
    """Devices and hosts with their links and ports; of a larger part, one box for each site."""
    title = tr("Devices and their links")
    chosen = [node for kind in ("device", "host") for node in view.of_kind(kind) if scope.shows(view, node)]
    if len(chosen) > FEW:
        return drawing(title, *_by_site(view, chosen), across=True)
    here = {node.id for node in chosen}
    beyond = {far for node in chosen for far in view.neighbours(node.id) if far not in here} if scope.narrow else set()
    around = [node for far in beyond if scope.may(view, node := view.node(far))]
    boxes = [_device(view, node) for node in chosen] + [_device(view, node)._replace(aside=True) for node in around]
    shown = here | {node.id for node in around}
    lines = (
        Line(edge.a, edge.b, "", edge.a_port, edge.b_port, aside=not (edge.a in here and edge.b in here))
        for kind in ("linked", "plugged-into") for object_id in shown for edge in view.edges(object_id, (kind,))
        if edge.a in here or edge.b in here
    )
    found = drawing(title, boxes, lines, across=True)
    return found._replace(lines=tuple(line._replace(a_port="", b_port=_ports(line)) for line in found.lines))


def _ports(line: Line) -> str:
    """Of both ends, at the lower one: at the higher one many lines begin."""
    return f"{line.a_port or '?'} - {line.b_port or '?'}" if line.a_port or line.b_port else ""


def _device(view: GraphView, node: Node) -> Box:
    if node.kind == "host":
        return Box(node.id, node.name, "host", 5)
    device = view.noun(node.id)
    return Box(node.id, f"{node.name}\n{device.address}", device.role, _ROLE_RANKS.get(device.role, 5), group=device.site)


def _by_site(view: GraphView, chosen: Iterable[Node]) -> tuple[list[Box], list[Line]]:
    places: dict[str, str] = {}
    counts: dict[str, int] = {}
    for node in chosen:
        site = view.find("site", place_in(view, node)[1])
        if site is not None:
            places[node.id] = site.id
            counts[site.id] = counts.get(site.id, 0) + 1
    levels = {site: view.noun(site).level for site in counts}
    boxes = [
        Box(site, tr("{name}\n{count} devices", name=view.node(site).name, count=count), f"site-{levels[site]}", _LEVEL_RANKS[levels[site]])
        for site, count in counts.items()
    ]
    ends = ((places.get(edge.a, ""), places.get(edge.b, "")) for edge in view.of_edge("linked"))
    return boxes, counted(Line(a, b) for a, b in ends if a and b)


# ---- VPNs

def l3(view: GraphView, scope: Scope) -> Drawing:
    """VPN instances and who enters them; of a larger part, counties instead of units."""
    points = [
        (node, view.noun(node.id)) for node in view.of_kind("access_point")
        if scope.shows(view, node) and scope.vpn in ("", view.noun(node.id).vpn)
    ]
    return drawing(tr("VPNs and who enters them"), *(_entries if len(points) <= FEW else _county_entries)(view, points), across=True)


def _vpn_box(view: GraphView, name: str) -> Box:
    node = view.find("vpn_instance", name)
    rd = view.noun(node.id).rd if node is not None else ""
    return Box(f"vpn:{name}", f"{name}\n{rd}".strip(), "vpn", 3)


def _entries(view: GraphView, points: list[tuple[Node, Any]]) -> tuple[list[Box], list[Line]]:
    boxes, lines, members = [], [], []
    for _, point in points:
        device = view.find("device", point.device)
        middle, entry = f"device:{point.device}", f"entry:{point.unit}"
        boxes += [Box(entry, f"{point.unit}\n{point.prefix}".strip(), "unit", 0), _vpn_box(view, point.vpn)]
        boxes.append(Box(middle, point.device, view.noun(device.id).role if device is not None else "other", 1))
        vlan = f"VLAN {point.vlan}" if point.vlan else ""
        lines.append(Line(entry, middle, point.circuit, vlan, point.port))
        members.append(Line(middle, f"vpn:{point.vpn}"))
    return boxes, [*lines, *counted(members)]


def _county_entries(view: GraphView, points: list[tuple[Node, Any]]) -> tuple[list[Box], list[Line]]:
    entering: dict[str, int] = {}
    counts: dict[str, int] = {}
    lines = []
    for node, point in points:
        county = county_of(view, place_in(view, node)[1]) or tr("no county")
        counts[county] = counts.get(county, 0) + 1
        entering[point.vpn] = entering.get(point.vpn, 0) + 1
        lines.append(Line(f"county:{county}", f"vpn:{point.vpn}"))
    boxes = [Box(f"county:{name}", _points(name, count), "site-county", 0) for name, count in counts.items()]
    vpns = [_vpn_box(view, name)._replace(label=_points(name, count)) for name, count in entering.items()]
    return [*boxes, *vpns], counted(lines)


def _points(name: str, count: int) -> str:
    return tr("{name}\n{count} access points", name=name, count=count)


# ---- business

def business(view: GraphView, scope: Scope) -> Drawing:
    """Units, their systems, components and machines; of a larger part, units and systems, or units alone."""
    units = [node for node in view.of_kind("unit") if scope.shows(view, node)]
    systems = [node for node in view.of_kind("system") if scope.shows(view, node)]
    owners = {view.noun(node.id).unit for node in systems}
    boxes = [Box(node.id, node.name, "unit", 0) for node in units if node.name in owners]
    title = tr("Units and what their systems run on")
    if len(boxes) + len(systems) > MOST:
        counts = {name: sum(view.noun(node.id).unit == name for node in systems) for name in owners}
        boxes = [box._replace(label=tr("{name}\n{count} systems", name=box.label, count=counts[box.label])) for box in boxes]
        return drawing(title, boxes, counted(_unit_needs(view, systems)), across=True)
    lines = [Line(edge.a, edge.b) for node in systems for edge in view.edges(node.id, ("owned-by", "needs"))]
    boxes += [_system(view, node) for node in systems]
    if len(systems) <= FEW // 5:
        more, ties = _below(view, systems)
        if len(boxes) + len(more) <= MOST:
            return drawing(title, [*boxes, *more], [*lines, *ties], across=True)
    return drawing(title, boxes, lines, across=True)


def _system(view: GraphView, node: Node) -> Box:
    system = view.noun(node.id)
    return Box(node.id, f"{node.name}\nL{system.protection_level}" + (" CII" if system.cii else ""), "cii" if system.cii else "system", 1)


def _unit_needs(view: GraphView, systems: list[Node]) -> Iterator[Line]:
    owner = {edge.a: edge.b for edge in view.of_edge("owned-by")}
    for node in systems:
        for far in view.ahead(node.id, "needs"):
            if node.id in owner and far in owner:
                yield Line(owner[node.id], owner[far])


def _below(view: GraphView, systems: list[Node]) -> tuple[list[Box], list[Line]]:
    """Components, and their machines by host."""
    boxes, lines = [], []
    for system in systems:
        for component in view.ahead(system.id, "needs"):
            if view.node(component).kind != "component":
                continue
            boxes.append(Box(component, view.node(component).name.rpartition("/")[2], "component", 2))
            lines.append(Line(system.id, component))
            for machine in view.ahead(component, "runs-on"):
                node = view.node(machine)
                boxes.append(Box(machine, node.name, node.kind, 3))
                lines.append(Line(component, machine))
                hosts = view.ahead(machine, "hosted-by")
                boxes += [Box(host, view.node(host).name, "host", 4) for host in hosts]
                lines += [Line(machine, host) for host in hosts]
    return boxes, lines
