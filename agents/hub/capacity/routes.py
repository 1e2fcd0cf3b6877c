"""Routes of capacity and availability."""

from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.params import Parameter

from agents.hub.hub import Hub
from agents.hub.leaving import leaving
from core.capacity import (
    REPORT_JOB,
    AvailabilityAnswer,
    AvailabilityQuery,
    By,
    CapacityAnswer,
    CapacityKind,
    CapacityQuery,
    CapacityReport,
    Measured,
)
from core.identity import Caller

AnyRequest = Request[Any, Any, Any]
Text = Annotated[str, Parameter(max_length=256)]
Moment = Annotated[int, Parameter(ge=0, le=1 << 53, description="Milliseconds since 1970.")]
Until = Annotated[int, Parameter(ge=0, le=1 << 53, description="Milliseconds since 1970; 0: now.")]
Limit = Annotated[int, Parameter(ge=1, le=5000)]


@get("/capacity", summary="The fullest lines, pools, processors, memory or volumes of a period, with how much of it was measured.")
async def capacity(
    hub: Hub, caller: Caller, request: AnyRequest, start_ms: Moment, end_ms: Until = 0, kind: CapacityKind = "line", by: By = "p95",
    site: Text = "", unit: Text = "", limit: Limit = 20,
) -> CapacityAnswer:
    await hub.allow(caller)
    query = CapacityQuery(kind=kind, by=by, start_ms=start_ms, end_ms=end_ms, site=site, unit=unit, limit=limit)
    with leaving(request) as gone:
        return await hub.capacity.top(query, hub.sight(caller), gone)


@get("/availability", summary="How long devices, hosts, systems or units worked in a period, against what was promised.")
async def availability(
    hub: Hub, caller: Caller, request: AnyRequest, start_ms: Moment, end_ms: Until = 0, kind: Measured = "system", name: Text = "",
    site: Text = "", unit: Text = "", limit: Limit = 100,
) -> AvailabilityAnswer:
    await hub.allow(caller)
    query = AvailabilityQuery(kind=kind, name=name, start_ms=start_ms, end_ms=end_ms, site=site, unit=unit, limit=limit)
    with leaving(request) as gone:
        return await hub.capacity.availability(query, hub.sight(caller), gone)


@get("/capacity/reports/{job_id:str}", summary="What a job `capacity.report` left: groups by unit and site, the fullest of each kind.")
async def report(hub: Hub, caller: Caller, job_id: Text) -> CapacityReport:
    await hub.allow(caller, REPORT_JOB, job_id)
    return await hub.capacity.report(job_id)


router = Router("/api/v1", route_handlers=[capacity, availability, report], tags=["capacity"])
