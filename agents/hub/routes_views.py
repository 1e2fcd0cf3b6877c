"""Routes of the living picture: overview, devices, alerts, the stream."""

import time
from collections.abc import Callable, Hashable
from typing import Annotated, TypeVar

from litestar import Request, Response, Router, get
from litestar.params import Parameter
from litestar.response import Stream

from agents.hub.hub import Hub
from agents.hub.lists import action_of
from agents.hub.queries import parse, truth
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from agents.hub.windows import filter_of
from core.errors import NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.measured import MeasuredNow, PollCost
from core.views import AlertPage, DeviceDetail, DevicePage, InterfaceRow, Overview, TrafficHistory, ViewPage, ViewQuery

T = TypeVar("T")
LOOK_S = 1.0
AnyRequest = Request[None, None, None]  # type: ignore[type-var]
LastEvent = Annotated[str, Parameter(header="last-event-id", max_length=200, description="Id of the last event that was received.")]


@get("/overview", summary="The first screen.")
async def overview(hub: Hub, caller: Caller) -> Response[Overview]:
    await hub.allow(caller)
    sight = hub.sight(caller)
    return _kept(hub, ("overview", sight, hub.banner), lambda: hub.overview(sight))


@get("/overview/traffic", summary="The traffic of the city over the last hour.")
async def traffic(hub: Hub, caller: Caller) -> TrafficHistory:
    await hub.allow(caller)
    return hub.trend.history() if hub.sight(caller).everything else TrafficHistory()


@get("/views/devices", summary="A window on the device list.")
async def devices(hub: Hub, caller: Caller, request: AnyRequest) -> Response[DevicePage]:
    await hub.allow(caller)
    sight = hub.sight(caller)

    def page() -> DevicePage:
        rows, total = hub.table.devices(filter_of(parse(request.query_params, ViewQuery, view="devices")), sight)
        return DevicePage(rows=tuple(rows), total=total)

    return _kept(hub, ("devices", request.scope["query_string"], sight), page)


@get("/devices/{name:str}", summary="One device, by id or name.")
async def device(hub: Hub, caller: Caller, name: str) -> DeviceDetail:
    await hub.allow(caller)
    device_id = known(hub, caller, name)
    found = await hub.device(device_id)
    return DeviceDetail(row=hub.table.devices_by_id([device_id])[0], device=found)


@get("/devices/{name:str}/interfaces", summary="The interfaces of a device.")
async def interfaces(hub: Hub, caller: Caller, name: str) -> tuple[InterfaceRow, ...]:
    await hub.allow(caller)
    return await hub.interfaces(known(hub, caller, name))


@get("/devices/{name:str}/measured", summary="Processors, memory, storage, sensors and peers of a device, as polled last.")
async def measured(hub: Hub, caller: Caller, name: str) -> MeasuredNow:
    await hub.allow(caller)
    return await hub.measured(known(hub, caller, name))


@get("/devices/{name:str}/cost", summary="What one poll asks of a device: tables, rows, variables, requests, octets.")
async def cost(hub: Hub, caller: Caller, name: str) -> PollCost:
    await hub.allow(caller)
    return await hub.cost(known(hub, caller, name))


@get("/alerts", summary="Alerts: open ones first, newest first.")
async def alerts(hub: Hub, caller: Caller, request: AnyRequest) -> Response[AlertPage]:
    await hub.allow(caller)
    sight = hub.sight(caller)

    def page() -> AlertPage:
        given = dict(request.query_params)
        open_only = truth(given.pop("open", "true"))
        query = filter_of(parse(given, ViewQuery, view="alerts"))
        rows, total = hub.table.alerts(query, sight, open_only=open_only)
        return AlertPage(rows=tuple(rows), total=total)

    return _kept(hub, ("alerts", request.scope["query_string"], sight), page)


@get("/views/{view:str}", summary="A window on a view, as the stream shows it: jobs, approvals, windows, audit, ...")
async def view(hub: Hub, caller: Caller, request: AnyRequest, view: str) -> ViewPage:
    query = parse(request.query_params, ViewQuery, view=view)
    action = action_of(query.view)
    await hub.allow(caller, action)
    query, sight = await _prepared(hub, caller, query), hub.sight(caller, action)
    window = await in_thread(hub.views.window, query, sight)
    return ViewPage(rows=tuple(window.rows.values()), total=window.total)


@get("/stream", summary="Server-sent events of one window; Last-Event-ID resumes.", media_type="text/event-stream")
async def stream(hub: Hub, caller: Caller, request: AnyRequest, last_event_id: LastEvent = "") -> Stream:
    query = parse(request.query_params, ViewQuery)
    action = action_of(query.view)
    await hub.allow(caller, action)
    query = await _prepared(hub, caller, query)

    events = await hub.streams.follow(query, last_event_id, _look(hub, request, caller, action))
    return Stream(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


def _kept(hub: Hub, question: Hashable, make: Callable[[], T]) -> Response[T]:
    """The answer about the living picture, made once between two changes of it."""
    version = hub.table.version
    return hub.answers.known(question, version) or hub.answers.keep(question, version, make())


def _look(hub: Hub, request: AnyRequest, caller: Caller, action: str) -> Callable[[], Sight]:
    """What this caller sees by now: found anew when anything changed who may do what, and each second (sessions end, grants expire)."""
    known = hub.sight(caller, action), hub.identity.generation, time.monotonic()

    def look() -> Sight:
        nonlocal known
        if hub.identity.generation != known[1] or time.monotonic() - known[2] > LOOK_S:
            known = hub.sight(hub.still(request, caller, action), action), hub.identity.generation, time.monotonic()
        return known[0]

    return look


async def _prepared(hub: Hub, caller: Caller, query: ViewQuery) -> ViewQuery:
    if query.view != "interfaces":
        return query
    query = query.replace(device_id=known(hub, caller, query.device_id))
    await hub.show_interfaces(query.device_id)
    return query


def known(hub: Hub, caller: Caller, name: str) -> str:
    """The id of a device named by id or name. One that this caller does not see is not there."""
    device_id = hub.table.id_of(name)
    if not device_id or not hub.table.sees(hub.sight(caller), device_id):
        raise NotFoundError(tr("There is no device {name}.", name=name[:128]))
    return device_id


router = Router(
    "/api/v1", route_handlers=[overview, traffic, devices, device, interfaces, measured, cost, alerts, view, stream], tags=["views"],
)
