"""Routes of the forms that other programs read. Whoever may export may read them, each as far as it sees; a token will do."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from litestar import Response, Router, get
from litestar.params import Parameter

from agents.hub.hub import Hub
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from core.errors import NotFoundError
from core.graph import GraphView
from core.i18n import tr
from core.identity import Caller

if TYPE_CHECKING:
    from inventory.publish.scope import Scope

ACTION = "inventory.export"
MEDIA = {"svg": "image/svg+xml", "dot": "text/vnd.graphviz; charset=utf-8"}
Name = Annotated[str, Parameter(max_length=128)]
_drawing = asyncio.Semaphore(2)
"""Pictures that are drawn at once."""


async def _asked(hub: Hub, caller: Caller, form: str) -> None:
    await hub.allow(caller, ACTION, form)
    await hub.finding.note_export(caller.actor, ACTION, form)


def _scope(view: GraphView, sight: Sight, unit: str = "", site: str = "", county: str = "", vpn: str = "") -> "Scope":
    from inventory.publish.scope import EVERYTHING, units_below

    for kind, name in (("unit", unit), ("site", site), ("vpn_instance", vpn)):
        if name and view.find(kind, name) is None:
            raise NotFoundError(tr("There is no {kind} named {name}.", kind=tr(kind), name=name), way_out=tr("`yunwang search` finds it."))
    if county and county not in {view.noun(node.id).county for node in view.of_kind("site")}:
        raise NotFoundError(tr("There is no county named {name}.", name=county), way_out=tr("`yunwang inventory list site` shows them."))
    found = EVERYTHING._replace(units=units_below(view, unit) if unit else frozenset(), site=site, county=county, vpn=vpn)
    return found if sight.everything else found._replace(seen=sight.sees)


@get("/ansible", summary="Ansible's dynamic inventory, as an inventory script answers --list.")
async def ansible(hub: Hub, caller: Caller) -> dict[str, Any]:
    await _asked(hub, caller, "ansible")
    from inventory.publish.ansible import inventory

    view = await hub.finding.view()
    return await in_thread(inventory, view, _scope(view, hub.sight(caller, ACTION)))


@get("/prometheus", summary="Targets as Prometheus' http_sd_configs read them. port 0: the addresses alone.")
async def prometheus(hub: Hub, caller: Caller, port: Annotated[int, Parameter(ge=0, le=65535)] = 0) -> list[dict[str, Any]]:
    await _asked(hub, caller, "prometheus")
    from inventory.publish.prometheus import targets

    view = await hub.finding.view()
    return await in_thread(targets, view, port, _scope(view, hub.sight(caller, ACTION)))


@get("/topology", summary="The topology by layer, as a picture (svg) or as its description (dot).")
async def topology(
    hub: Hub, caller: Caller, layer: Literal["geographic", "l2", "l3", "business"] = "geographic",
    format: Literal["dot", "svg"] = "svg", unit: Name = "", site: Name = "", county: Name = "", vpn: Name = "",  # noqa: A002 -- its name
) -> Response[bytes]:
    await _asked(hub, caller, f"topology.{layer}")
    from inventory.publish.dot import dot
    from inventory.publish.layers import draw
    from links.graphviz import svg

    view = await hub.finding.view()
    scope = _scope(view, hub.sight(caller, ACTION), unit, site, county, vpn)
    text = await in_thread(lambda: dot(draw(view, layer, scope)))
    if format == "dot":
        return Response(text.encode(), media_type=MEDIA["dot"])
    async with _drawing:
        picture = await in_thread(svg, text)
    safe = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(picture, media_type=MEDIA["svg"], headers=safe)


router = Router("/api/v1/publish", route_handlers=[ansible, prometheus, topology], tags=["publish"])
