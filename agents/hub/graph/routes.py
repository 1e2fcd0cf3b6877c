"""Routes of the graph's questions."""

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from agents.hub.graph.part import named
from agents.hub.hub import Hub
from agents.hub.objects.states import alive, described
from agents.hub.records import in_thread
from core.graph import GraphView, Node
from core.identity import Caller
from core.questions import Harmed, Hop, ImpactReport, PathAnswer, RayRow, Thing, XRay

MOST_ROWS, MOST_HARMED, MOST_FAILED = 5000, 1000, 100
Name = Annotated[str, Parameter(max_length=256)]
_FIRST = ("unit", "system", "data_line", "component", "access_point", "device", "host", "vm")


@get("/xray/{name:str}", summary="From an object down to what carries it.")
async def xray(hub: Hub, caller: Caller, name: Name) -> XRay:
    await hub.allow(caller)
    view = await hub.graphs.view()
    found = await in_thread(_xray, view, named(view, name))
    return found.replace(rows=tuple(map(alive(hub.table), found.rows)))


def _xray(view: GraphView, node: Node) -> XRay:
    from inventory.graph.xray import xray as rays

    found = rays(view, node.id)
    rows = tuple(
        described(RayRow(depth=ray.depth, thing=_thing(ray.node), edge=ray.edge, port=ray.port), view.noun(ray.node.id))
        for ray in found[:MOST_ROWS]
    )
    return XRay(revision=view.revision, rows=rows, cut_off=len(found) > MOST_ROWS)


@get("/impact", summary="What happens when these objects are gone.")
async def impact(hub: Hub, caller: Caller, failed: Annotated[list[str], Parameter(max_items=MOST_FAILED)]) -> ImpactReport:
    await hub.allow(caller)
    view = await hub.graphs.view()
    return await in_thread(_impact, view, [named(view, name[:256]) for name in failed])


def _impact(view: GraphView, failed: list[Node]) -> ImpactReport:
    from inventory.graph.impact import damage

    found = damage(view, [node.id for node in failed])
    kinds = [*_FIRST, *sorted(found.counts().keys() - set(_FIRST))]
    ids = [object_id for kind in kinds for object_id in found.of_kind(kind)]
    harmed = []
    for object_id in ids[:MOST_HARMED]:
        one, noun = found[object_id], view.noun(object_id)
        harmed.append(Harmed(
            thing=_thing(view.node(object_id)), harm=one.harm, because=_thing(view.node(one.because)) if one.because else None,
            left=one.left, of=one.of, protection_level=getattr(noun, "protection_level", 0), cii=getattr(noun, "cii", False),
        ))
    return ImpactReport(
        revision=view.revision, failed=tuple(map(_thing, failed)), counts=found.counts(), worst=tuple(harmed), total=len(found),
    )


@get("/path", summary="The shortest way between two objects.")
async def path(hub: Hub, caller: Caller, start: Name, end: Name) -> PathAnswer:
    await hub.allow(caller)
    view = await hub.graphs.view()
    return await in_thread(_path, view, named(view, start), named(view, end))


def _path(view: GraphView, start: Node, end: Node) -> PathAnswer:
    from inventory.graph.paths import path as way

    hops = tuple(
        Hop(thing=_thing(hop.node), edge=hop.edge, out_port=hop.out_port, in_port=hop.in_port) for hop in way(view, start.id, end.id)
    )
    return PathAnswer(revision=view.revision, hops=hops)


def _thing(node: Node) -> Thing:
    return Thing(id=node.id, kind=node.kind, name=node.name)


router = Router("/api/v1/graph", route_handlers=[xray, impact, path], tags=["graph"])
