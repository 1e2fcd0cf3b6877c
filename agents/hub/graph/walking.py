"""The answers to questions that walk the graph: X-ray, path, dependence, neighbourhood. Called in threads."""

from typing import Literal

import msgspec

from agents.hub.graph.naming import named, sees, shown, thing
from agents.hub.objects.states import described
from agents.hub.sight import Sight
from core.edges import Edge
from core.graph import GraphView, Node
from core.questions import AroundAnswer, Dependence, DependsAnswer, EdgeRow, Hop, PathAnswer, RayRow, XRay
from inventory.graph import paths
from inventory.graph.xray import MOST, Direction, Ray
from inventory.graph.xray import xray as rays

MOST_DEPENDENT, MOST_EDGES = 2000, 2000


def xray(view: GraphView, node: Node, direction: Direction, sight: Sight) -> XRay:
    """At most `MOST` lines."""
    found = rays(view, node.id, direction)
    rows = [_row(view, ray, sight) for ray in found[:MOST]]
    return XRay(
        revision=view.revision, rows=tuple(rows), cut_off=len(found) > MOST, hidden=sum(not row.thing.id for row in rows),
    )


def _row(view: GraphView, ray: Ray, sight: Sight) -> RayRow:
    if not sees(view, ray.node, sight):
        return RayRow(depth=ray.depth, thing=shown(view, ray.node, sight), edge=ray.edge)
    return described(RayRow(depth=ray.depth, thing=thing(ray.node), edge=ray.edge, port=ray.port), view.noun(ray.node.id))


def endpoint(view: GraphView, text: str, sight: Sight) -> Node:
    """An object as `named` finds it, or what stands for an address. Raises `NotFoundError`, `InvalidInputError`."""
    node = paths.of_address(view, text)
    return node if node is not None and sees(view, node, sight) else named(view, text, sight)


def path(view: GraphView, start: Node, end: Node, layer: Literal["any", "l2"], sight: Sight) -> PathAnswer:
    way = paths.net_path(view, start.id, end.id) if layer == "l2" else paths.path(view, start.id, end.id)
    hops = [_hop(view, hop, sight) for hop in way]
    return PathAnswer(revision=view.revision, hops=tuple(hops), hidden=sum(not hop.thing.id for hop in hops))


def _hop(view: GraphView, hop: paths.Hop, sight: Sight) -> Hop:
    if not sees(view, hop.node, sight):
        return Hop(thing=shown(view, hop.node, sight), edge=hop.edge)
    return Hop(thing=thing(hop.node), edge=hop.edge, out_port=hop.out_port, in_port=hop.in_port)


def depends(view: GraphView, node: Node, dependents: bool, sight: Sight) -> DependsAnswer:
    found = paths.needed(view, node.id, dependents)
    seen = [(one, how) for one, how in found.items() if sees(view, view.node(one), sight)]
    rows = [
        Dependence(thing=thing(view.node(one)), steps=how.steps, by=how.by, via=shown(view, view.node(how.via), sight).id, port=how.port)
        for one, how in seen[:MOST_DEPENDENT]
    ]
    return DependsAnswer(revision=view.revision, of=thing(node), rows=tuple(rows), total=len(found), hidden=len(found) - len(seen))


def around(view: GraphView, node: Node, sight: Sight) -> AroundAnswer:
    edges = [*view.edges(node.id), *view.edges_to(node.id)]
    fields = {name: value for name, value in msgspec.to_builtins(view.noun(node.id)).items() if name not in ("id", "name")}
    return AroundAnswer(
        revision=view.revision, thing=thing(node), fields=fields, total=len(edges),
        edges=tuple(edge_row(view, edge, sight) for edge in edges[:MOST_EDGES]),
    )


def edge_row(view: GraphView, edge: Edge, sight: Sight) -> EdgeRow:
    return EdgeRow(
        edge=edge.kind, a=shown(view, view.node(edge.a), sight), b=shown(view, view.node(edge.b), sight), a_port=edge.a_port,
        b_port=edge.b_port, source=edge.source, origin=edge.origin, confidence=edge.confidence, valid_from=edge.valid_from,
        valid_to=edge.valid_to,
    )
