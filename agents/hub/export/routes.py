"""Routes that Prometheus fetches: fresh figures of the devices that the token's account sees."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import Parameter

from agents.hub.export import figures
from agents.hub.hub import Hub
from agents.hub.node.metrics import CONTENT_TYPE, render
from agents.hub.records import in_thread
from agents.hub.routes_views import known
from core.identity import Caller

Device = Annotated[str, Parameter(max_length=255, description="Interfaces, processors, memory and sensors of this one: name or id.")]


@get("/metrics/devices", summary="Fresh figures of all devices, or everything of one, for Prometheus.", media_type="text/plain")
async def devices(hub: Hub, caller: Caller, device: Device = "") -> Response[bytes]:
    await hub.allow(caller)
    sight = hub.sight(caller)
    if not device:
        return Response(await in_thread(render, hub.export.devices(sight)), media_type=CONTENT_TYPE)
    row = hub.table.devices_by_id([known(hub, caller, device)])[0]
    families = [
        *figures.of_ports([(row, await hub.interfaces(row.id))]), *figures.of_measures([(row, await hub.measured(row.id))]),
    ]
    return Response(render(families), media_type=CONTENT_TYPE)


router = Router("/", route_handlers=[devices], tags=["node"])
