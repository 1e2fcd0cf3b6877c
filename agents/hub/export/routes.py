"""Routes that Prometheus fetches: fresh figures of the devices that the token's account sees."""

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter
from litestar.response import Stream

from agents.hub.export import figures
from agents.hub.hub import Hub
from agents.hub.node.metrics import CONTENT_TYPE, rendered
from agents.hub.routes_views import known
from core.identity import Caller

Device = Annotated[str, Parameter(max_length=255, description="Interfaces, processors, memory and sensors of this one: name or id.")]


@get("/metrics/devices", summary="Fresh figures of all devices, or everything of one, for Prometheus.", media_type="text/plain")
async def devices(hub: Hub, caller: Caller, device: Device = "") -> Stream:
    await hub.allow(caller)
    if not device:
        return Stream(rendered(hub.export.devices(hub.sight(caller))), media_type=CONTENT_TYPE)
    row = hub.table.devices_by_id([known(hub, caller, device)])[0]
    ports, measured = await hub.interfaces(row.id), await hub.measured(row.id)
    return Stream(rendered((*figures.of_ports([(row, ports)]), *figures.of_measures([(row, measured)]))), media_type=CONTENT_TYPE)


router = Router("/", route_handlers=[devices], tags=["node"])
