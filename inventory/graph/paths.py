"""Ways through the net and the graph: the shortest path of two objects, and all that one depends on."""

import ipaddress
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from core.edges import EDGES, Edge, EdgeKind
from core.errors import InvalidInputError
from core.graph import GraphView, Node
from core.i18n import tr
from inventory.graph.nets import Nets, address, net

MOST = 200_000
NO_WAY_THROUGH = frozenset({"site", "rack", "image", "zone", "team", "person", "cloud_platform", "availability_zone", "security_group"})
"""What two things only happen to have in common: a path begins or ends there, and never leads through."""
NO_WAY: frozenset[str] = frozenset({"below", "contact-of", "operated-by"})
"""Who is above whom, whom one calls: of people, not of cloud and net."""
FOLLOWED: tuple[EdgeKind, ...] = tuple(kind for kind, meaning in EDGES.items() if meaning.dependence)
DEEP = 6


class Hop(NamedTuple):
    """One object on a path and the edge that led to it; ports where the edge has them, as seen in the direction of the path."""

    node: Node
    edge: str = ""
    out_port: str = ""
    in_port: str = ""


Steps = Callable[[str], Iterable[Hop]]


class Needed(NamedTuple):
    """steps: how far away; by: the kind of edge; via: the id from which it was reached."""

    steps: int
    by: str
    via: str
    port: str = ""


def path(view: GraphView, start: str, end: str, without: Collection[str] = ()) -> tuple[Hop, ...]:
    """The shortest path over cloud and net, along edges or against them; empty: there is none. Searched from both ends at once."""
    ends = view.node(start).id, view.node(end).id
    sides = [{start: Hop(view.node(start))}, {end: Hop(view.node(end))}]
    came: list[dict[str, str]] = [{start: ""}, {end: ""}]
    fronts, gone = [[start], [end]], frozenset(without)
    meeting = start if start == end else ""
    if gone.intersection(ends):
        return ()
    while fronts[0] and fronts[1] and not meeting:
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        front, fronts[side] = fronts[side], []
        for at in front:
            for hop in _all(view, at):
                far = hop.node.id
                if far not in came[side] and far not in gone and (hop.node.kind not in NO_WAY_THROUGH or far in ends):
                    came[side][far], sides[side][far] = at, hop
                    fronts[side].append(far)
                    meeting = meeting or (far if far in came[1 - side] else "")
    if not meeting:
        return ()
    first, second = (_back(meeting, came[side], sides[side]) for side in (0, 1))
    return (*first, *turned(second)[1:])


def _back(at: str, came: dict[str, str], hops: dict[str, Hop]) -> tuple[Hop, ...]:
    """From where a search began to what it reached."""
    out = []
    while at:
        out.append(hops[at])
        at = came[at]
    return tuple(reversed(out))


def net_path(view: GraphView, start: str, end: str, without: Collection[str] = ()) -> tuple[Hop, ...]:
    """The shortest way over devices and their links alone, hop by hop with ports; with what leads from each end to its device."""
    heads = {hops[-1].node.id: hops for hops in reversed(list(attachments(view, start)))}
    tails = {hops[-1].node.id: hops for hops in reversed(list(attachments(view, end)))}
    first = [hops[-1] for hops in heads.values()]
    way = _shortest(first, set(tails), lambda at: _links(view, at), frozenset(without))
    return (*heads[way[0].node.id][:-1], *way, *turned(tails[way[-1].node.id])[1:]) if way else ()


def attachments(view: GraphView, object_id: str) -> Iterator[tuple[Hop, ...]]:
    """From an object to each of the devices at which it meets the net, the shortest ways first."""
    seen = {object_id}
    queue: deque[tuple[Hop, ...]] = deque([(Hop(view.node(object_id)),)])
    while queue:
        way = queue.popleft()
        if way[-1].node.kind == "device":
            yield way
        elif len(way) <= DEEP:
            for hop in _towards_devices(view, way[-1].node):
                if hop.node.id not in seen:
                    seen.add(hop.node.id)
                    queue.append((*way, hop))


_DOWN: dict[str, tuple[tuple[EdgeKind, bool], ...]] = {
    "unit": (("enters-at", False), ("owned-by", True)), "access_point": (("enters-through", False),), "system": (("needs", False),),
    "component": (("runs-on", False),), "vm": (("hosted-by", False),), "host": (("plugged-into", False), ("carried-by", False)),
    "vport": (("within", False), ("plugged-into", False)), "load_balancer": (("runs-on", False),), "ha_group": (("runs-on", False),),
    "floating_ip": (("translates", False),), "egress": (("carried-by", False),), "nat_mapping": (("carried-by", False),),
    "policy_rule": (("carried-by", False),), "ip_address": (("bears", True), ("within", False)), "prefix": (("within", True),),
    "bgp_session": (("carried-by", False),),
}
"""How the net is reached from an object of each kind: edges, and whether they are walked against their direction."""
_ON_THE_WAY = {"vport": frozenset({"vm", "device"}), "prefix": frozenset({"access_point"}), "unit": frozenset({"access_point"}),
               "system": frozenset({"component"})}


def _towards_devices(view: GraphView, node: Node) -> Iterator[Hop]:
    wanted = _ON_THE_WAY.get(node.kind)
    for kind, against in _DOWN.get(node.kind, ()):
        for edge in view.edges_to(node.id, (kind,)) if against else view.edges(node.id, (kind,)):
            hop = _hop(view, edge, against)
            if wanted is None or hop.node.kind in wanted:
                yield hop


def of_address(view: GraphView, text: str) -> Node | None:
    """What stands for an address (`10.1.2.3`, `VPN|10.1.2.3`): the record of it, what bears it, or the longest prefix that holds it.

    None where it is no address. Raises `InvalidInputError` where several VPNs know it.
    """
    vpn, bar, bare = text.rpartition("|")
    one = address(bare.strip())
    if one is None:
        return None
    plain = str(ipaddress.ip_address(bare.strip()))
    known = view.find("ip_address", f"{vpn}|{plain}") if bar else None
    if known is not None:
        return known
    bearing = [node for node in view.of_kind("device") if view.noun(node.id).address == plain] if not bar else []
    if bearing:
        return bearing[0]
    nets: dict[str, Nets[Node]] = {}
    for node in view.of_kind("prefix"):
        noun = view.noun(node.id)
        its = net(noun.prefix)
        if its is not None and (not bar or noun.vpn == vpn):
            nets.setdefault(noun.vpn, Nets()).add(its, node)
    found = [node for some in nets.values() for node in some.longest(one)[:1]]
    if len(found) > 1:
        names = ", ".join(sorted(f"{view.noun(node.id).vpn}|{plain}" for node in found)[:5])
        raise InvalidInputError(tr("Several VPNs hold {address}.", address=plain), way_out=tr("Name the VPN: {names}.", names=names))
    return found[0] if found else None


def _shortest(starts: list[Hop], ends: set[str], steps: Steps, gone: frozenset[str]) -> tuple[Hop, ...]:
    came: dict[str, tuple[str, Hop]] = {hop.node.id: ("", hop) for hop in starts if hop.node.id not in gone}
    queue = deque(came)
    goal = next((one for one in came if one in ends), "")
    while queue and not goal and len(came) < MOST:
        at = queue.popleft()
        for hop in steps(at):
            far = hop.node.id
            if far not in came and far not in gone:
                came[far] = (at, hop)
                queue.append(far)
                if far in ends:
                    goal = far
                    break
    out: list[Hop] = []
    while goal:
        goal, hop = came[goal]
        out.append(hop)
    return tuple(reversed(out))


def _all(view: GraphView, at: str) -> Iterator[Hop]:
    return (_hop(view, edge, edge.b == at) for edge in view.touching(at) if edge.kind not in NO_WAY)


def _links(view: GraphView, at: str) -> Iterator[Hop]:
    for edge in view.edges(at, ("linked",)):
        yield _hop(view, edge, False)
    for edge in view.edges_to(at, ("linked",)):
        yield _hop(view, edge, True)


def _hop(view: GraphView, edge: Edge, against: bool) -> Hop:
    if against:
        return Hop(view.node(edge.a), edge.kind, edge.b_port, edge.a_port)
    return Hop(view.node(edge.b), edge.kind, edge.a_port, edge.b_port)


def turned(hops: Iterable[Hop]) -> tuple[Hop, ...]:
    """The same way, walked from its end."""
    way = list(hops)
    edges = [("", "", ""), *((hop.edge, hop.in_port, hop.out_port) for hop in reversed(way[1:]))]
    return tuple(Hop(hop.node, *edge) for hop, edge in zip(reversed(way), edges, strict=True))


def needed(view: GraphView, object_id: str, dependents: bool = False) -> dict[str, Needed]:
    """Everything that an object depends on, or that depends on it, by id, nearest first."""
    view.node(object_id)
    out = {object_id: Needed(0, "", "")}
    queue = deque([object_id])
    while queue and len(out) < MOST:
        at = queue.popleft()
        for edge in view.edges_to(at, FOLLOWED) if dependents else view.edges(at, FOLLOWED):
            far = edge.a if dependents else edge.b
            if far not in out:
                out[far] = Needed(out[at].steps + 1, edge.kind, at, edge.a_port if dependents else edge.b_port)
                queue.append(far)
    del out[object_id]
    return out


def dependencies(view: GraphView, object_id: str) -> dict[str, int]:
    """Everything that an object depends on, by id, with how many steps away; nearest first."""
    return {one: found.steps for one, found in needed(view, object_id).items()}
