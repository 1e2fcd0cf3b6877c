"""Routes of the living picture: overview, devices, alerts, the stream."""

from collections.abc import AsyncIterator

from litestar import Request, Router, get
from litestar.response import Stream

from agents.hub.hub import Hub
from agents.hub.queries import Number, parse
from agents.hub.table import Filter
from core.errors import NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.views import AlertPage, DeviceDetail, DevicePage, InterfaceRow, Overview, ViewQuery

AnyRequest = Request[None, None, None]  # type: ignore[type-var]


@get("/overview", summary="The first screen.")
async def overview(hub: Hub, caller: Caller) -> Overview:
    await hub.allow(caller)
    return hub.overview()


@get("/views/devices", summary="A window on the device list.")
async def devices(hub: Hub, caller: Caller, request: AnyRequest) -> DevicePage:
    await hub.allow(caller)
    query = parse(request.query_params, ViewQuery, view="devices")
    rows, total = hub.table.devices(Filter(text=query.text, where=query.where, sort=query.sort, offset=query.offset, limit=query.limit))
    return DevicePage(rows=tuple(rows), total=total)


@get("/devices/{name:str}", summary="One device, by id or name.")
async def device(hub: Hub, caller: Caller, name: str) -> DeviceDetail:
    await hub.allow(caller)
    device_id = known(hub, name)
    found = await hub.device(device_id)
    return DeviceDetail(row=hub.table.devices_by_id([device_id])[0], device=found)


@get("/devices/{name:str}/interfaces", summary="The interfaces of a device.")
async def interfaces(hub: Hub, caller: Caller, name: str) -> tuple[InterfaceRow, ...]:
    await hub.allow(caller)
    return await hub.interfaces(known(hub, name))


@get("/alerts", summary="Alerts: open ones first, newest first.")
async def alerts(
    hub: Hub, caller: Caller, open: bool = True, device_id: str = "", severity: str = "", offset: Number = 0,  # noqa: A002
    limit: Number = 200,
) -> AlertPage:
    await hub.allow(caller)
    where = {field: value for field, value in (("device_id", device_id), ("severity", severity)) if value}
    rows, total = hub.table.alerts(Filter(where=where, sort="-raised_at", offset=offset, limit=limit), open_only=open)
    return AlertPage(rows=tuple(rows), total=total)


@get("/stream", summary="Server-sent events of one window; Last-Event-ID resumes.", media_type="text/event-stream")
async def stream(hub: Hub, caller: Caller, request: AnyRequest) -> Stream:
    query = parse(request.query_params, ViewQuery)
    await hub.allow(caller)
    if query.view == "interfaces":
        query = query.replace(device_id=known(hub, query.device_id))
        await hub.show_interfaces(query.device_id)
    events: AsyncIterator[bytes] = hub.streams.follow(query, request.headers.get("last-event-id", "")[:128])
    return Stream(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


def known(hub: Hub, name: str) -> str:
    """The id of a device named by id or name."""
    device_id = hub.table.id_of(name)
    if not device_id:
        raise NotFoundError(tr("There is no device {name}.", name=name[:128]))
    return device_id


router = Router("/api/v1", route_handlers=[overview, devices, device, interfaces, alerts, stream], tags=["views"])
