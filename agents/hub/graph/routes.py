"""Routes of the graph's questions. Each answers of now, or of the moment `at` (milliseconds since 1970, UTC)."""

from typing import Annotated, Literal

from litestar import Router, get
from litestar.params import Parameter

from agents.hub.graph import composing, walking
from agents.hub.graph.changed import MOST_OBJECTS, Asked, what_changed
from agents.hub.graph.living import down_now
from agents.hub.graph.naming import chosen, named
from agents.hub.graph.walking import endpoint
from agents.hub.hub import Hub
from agents.hub.objects.states import alive
from agents.hub.queries import Number
from agents.hub.records import in_thread
from core.identity import Caller
from core.questions import AroundAnswer, ChangesAnswer, DependsAnswer, ImpactReport, PathAnswer, WhatIfReport, XRay

MOST_FAILED = 100
Name = Annotated[str, Parameter(max_length=256)]
Failed = Annotated[
    list[str], Parameter(
        min_items=1, max_items=MOST_FAILED, description="Objects (NAME, KIND:NAME, id), ports (DEVICE:PORT), links (A:PORT--B:PORT).",
    ),
]
At = Annotated[int, Parameter(ge=0, le=2**62, description="The moment, milliseconds since 1970, UTC; 0: now.")]


@get("/xray", summary="From an object down to what carries it, or up to what stands on it.")
async def xray(hub: Hub, caller: Caller, name: Name, way: Literal["down", "up"] = "down", at: At = 0) -> XRay:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(at), hub.sight(caller)
    found = await in_thread(lambda: walking.xray(view, named(view, name, sight), way, sight))
    return (found if at else found.replace(rows=tuple(map(alive(hub.table), found.rows)))).replace(at_ms=at)


@get("/impact", summary="What happens when these objects, ports and links are gone.")
async def impact(hub: Hub, caller: Caller, failed: Failed, at: At = 0) -> ImpactReport:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(at), hub.sight(caller)
    found = await in_thread(lambda: composing.impact(view, chosen(view, failed, sight), sight))
    return found.replace(at_ms=at)


@get("/whatif", summary="What a planned failure adds to what is down already.")
async def whatif(hub: Hub, caller: Caller, failed: Failed, live: bool = True) -> WhatIfReport:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(), hub.sight(caller)
    status = {row.id: row.status for row in hub.table.all_devices()} if live else {}
    return await in_thread(
        lambda: composing.what_if(view, chosen(view, failed, sight), down_now(view, status) if live else (), sight),
    )


@get("/path", summary="The shortest way between two objects or addresses; layer `l2`: over devices and their links alone.")
async def path(hub: Hub, caller: Caller, start: Name, end: Name, layer: Literal["any", "l2"] = "any", at: At = 0) -> PathAnswer:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(at), hub.sight(caller)
    found = await in_thread(lambda: walking.path(view, endpoint(view, start, sight), endpoint(view, end, sight), layer, sight))
    return found.replace(at_ms=at)


@get("/depends", summary="All that an object depends on; with `dependents`, all that depends on it.")
async def depends(hub: Hub, caller: Caller, name: Name, dependents: bool = False, at: At = 0) -> DependsAnswer:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(at), hub.sight(caller)
    found = await in_thread(lambda: walking.depends(view, named(view, name, sight), dependents, sight))
    return found.replace(at_ms=at)


@get("/around", summary="An object and its edges, now or at a moment.")
async def around(hub: Hub, caller: Caller, name: Name, at: At = 0) -> AroundAnswer:
    await hub.allow(caller)
    view, sight = await hub.graphs.view(at), hub.sight(caller)
    found = await in_thread(lambda: walking.around(view, named(view, name, sight), sight))
    return found.replace(at_ms=at)


@get("/changes", summary="What changed between two moments: objects field by field with who wrote them, and edges.")
async def changes(
    hub: Hub, caller: Caller, since: Number, until: At = 0, kind: Annotated[list[str] | None, Parameter(max_items=50)] = None,
    unit: Name = "", limit: Annotated[int, Parameter(ge=1, le=MOST_OBJECTS)] = 500,
) -> ChangesAnswer:
    await hub.allow(caller)
    view = await hub.graphs.view()
    asked = Asked(since, until, tuple(kind or ()), unit, limit)
    return await in_thread(what_changed, hub.store, view, asked, hub.sight(caller))


router = Router("/api/v1/graph", route_handlers=[xray, impact, whatif, path, depends, around, changes], tags=["graph"])
