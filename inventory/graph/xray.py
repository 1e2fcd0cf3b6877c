"""X-ray: from a unit to the switch port behind its virtual machine, and back to the unit's own port on the net, as one tree."""

from collections.abc import Sequence
from typing import NamedTuple

from core.edges import EdgeKind
from core.graph import GraphView, Node

MOST = 20_000
"""Lines of one X-ray; what is beyond is counted, not shown."""


class Step(NamedTuple):
    """How one looks on from an object of some kind. against: the edges are walked against their direction."""

    edge: EdgeKind
    against: bool = False


class Ray(NamedTuple):
    """One line of the tree. depth 0: what was asked for. port: where the edge meets a port of `node`."""

    depth: int
    node: Node
    edge: str
    port: str = ""


WAYS: dict[str, tuple[Step, ...]] = {
    "unit": (Step("owned-by", against=True), Step("enters-at")),
    "system": (Step("needs"),),
    "component": (Step("runs-on"),),
    "project": (Step("within", against=True),),
    "vm": (Step("hosted-by"), Step("within", against=True)),
    "vport": (Step("bears"), Step("translates", against=True)),
    "floating_ip": (Step("translates", against=True),),
    "host": (Step("plugged-into"),),
    "load_balancer": (Step("uses"),),
    "access_point": (Step("within"), Step("enters-through"), Step("carried-by")),
    "nat_mapping": (Step("allows"), Step("carried-by")),
    "policy_rule": (Step("leaves-by"),),
}
WANTED: dict[str, frozenset[str]] = {
    "unit": frozenset({"system", "access_point"}),
    "vm": frozenset({"host", "vport"}),
    "project": frozenset({"vm", "load_balancer"}),
}
"""Of an object of this kind, which kinds are shown below it; others: all that the ways lead to."""


def xray(view: GraphView, object_id: str, ways: dict[str, tuple[Step, ...]] = WAYS) -> tuple[Ray, ...]:
    """The tree below an object, depth first; an object that was shown higher up is not opened again."""
    out: list[Ray] = [Ray(0, view.node(object_id), "")]
    seen = {object_id}
    pending = [(1, ray) for ray in reversed(_below(view, object_id, ways))]
    while pending and len(out) < MOST:
        depth, ray = pending.pop()
        out.append(ray._replace(depth=depth))
        if ray.node.id in seen:
            continue
        seen.add(ray.node.id)
        pending += [(depth + 1, below) for below in reversed(_below(view, ray.node.id, ways))]
    return tuple(out)


def _below(view: GraphView, object_id: str, ways: dict[str, tuple[Step, ...]]) -> list[Ray]:
    node = view.node(object_id)
    wanted = WANTED.get(node.kind)
    out: list[Ray] = []
    for step in ways.get(node.kind, ()):
        edges = view.edges_to(object_id, (step.edge,)) if step.against else view.edges(object_id, (step.edge,))
        for edge in edges:
            far = view.node(edge.a if step.against else edge.b)
            if wanted is None or far.kind in wanted:
                out.append(Ray(0, far, step.edge, edge.a_port if step.against else edge.b_port))
    return sorted(out, key=lambda ray: (_order(ways, node.kind, ray.edge), ray.node.kind, ray.node.name, ray.port))


def _order(ways: dict[str, tuple[Step, ...]], kind: str, edge: str) -> int:
    return next(place for place, step in enumerate(ways[kind]) if step.edge == edge)


def found_kinds(rays: Sequence[Ray]) -> frozenset[str]:
    """Kinds that an X-ray reached."""
    return frozenset(ray.node.kind for ray in rays)
