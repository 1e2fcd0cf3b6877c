"""Routes of events: out of the logs, and how much was heard."""

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from agents.hub.hub import Hub
from core.events import EarsCount, EventPage, EventQuery, SenderPage
from core.identity import Caller

Text = Annotated[str, Parameter(max_length=256)]
Moment = Annotated[int, Parameter(ge=0, le=1 << 53, description="Milliseconds since 1970.")]
Severity = Annotated[int, Parameter(ge=0, le=7, description="This severe or more: 0 emergency, 7 debugging.")]
Limit = Annotated[int, Parameter(ge=1, le=5_000)]
Kind = Annotated[str, Parameter(pattern="^(|trap|syslog)$")]


@get("/events", summary="What devices said, newest first, out of the logs: by device or address, time, severity and word.")
async def events(
    hub: Hub, caller: Caller, start_ms: Moment = 0, end_ms: Moment = 0, device: Text = "", source: Text = "", kind: Kind = "",
    grep: Text = "", priority: Severity = 7, limit: Limit = 200,
) -> EventPage:
    await hub.allow(caller)
    query = EventQuery(
        start_ms=start_ms, end_ms=end_ms, device=device, source=source, kind=kind, grep=grep, priority=priority, limit=limit,
    )
    return await hub.events.page(query, hub.sight(caller))


@get("/events/senders", summary="Every address that was heard, with its device; or those alone that no device is known to have.")
async def senders(hub: Hub, caller: Caller, unknown: bool = False, limit: Limit = 1_000) -> SenderPage:
    await hub.allow(caller)
    return await hub.events.senders(hub.sight(caller), unknown, limit)


@get("/ears", summary="How much was heard, stored, read and dropped since the ears began.")
async def ears(hub: Hub, caller: Caller) -> EarsCount:
    await hub.allow(caller, "node.storage")
    return await hub.events.counted()


router = Router("/api/v1", route_handlers=[events, senders, ears], tags=["events"])
