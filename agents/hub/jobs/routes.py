"""Routes of jobs, schedules and windows. The queue and the windows are lists of `/views`."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.params import Parameter

from agents.hub.hub import Hub
from agents.hub.jobs import planner
from agents.hub.records import now_ms
from core.identity import Caller, Scope
from core.work import Job, JobWish, KindRow, Schedule, ScheduleChange, ScheduleWish, Window, WindowAdded, WindowWish
from stores.records.masking import masked

Name = Annotated[str, Parameter(max_length=128)]


@get("/job-kinds", summary="What kinds of jobs there are.")
async def kinds(hub: Hub, caller: Caller) -> tuple[KindRow, ...]:
    await hub.allow(caller, "job.list")
    found = hub.work.kinds.all()
    return tuple(KindRow(name=one.name, summary=one.summary, resumable=one.resumable, action=one.action) for one in found)


@get("/jobs/{job_id:str}", summary="One job, with how far it is.")
async def job(hub: Hub, caller: Caller, job_id: Name) -> Job:
    await hub.allow(caller, "job.list")
    return _shown(hub.work.as_seen(await hub.work.get(job_id), caller))


@post("/jobs", summary="Puts a job into the queue.")
async def run(hub: Hub, caller: Caller, data: JobWish) -> Job:
    return _shown(await hub.work.submit(data.kind, data.arguments, caller))


@post("/jobs/{job_id:str}/cancel", summary="Ends a job that waits, asks one that runs to end.", status_code=200)
async def cancel(hub: Hub, caller: Caller, job_id: Name) -> Job:
    await hub.allow(caller, "job.list")
    return _shown(await hub.work.cancel(caller, job_id))


@post("/jobs/{job_id:str}/resume", summary="Puts a job that did not end well into the queue again.", status_code=200)
async def resume(hub: Hub, caller: Caller, job_id: Name) -> Job:
    await hub.allow(caller, "job.list")
    return _shown(await hub.work.resume(caller, job_id))


def _shown(job: Job) -> Job:
    """What is named like a secret is for the job alone."""
    return job.replace(arguments=masked(job.arguments), result=masked(job.result), checkpoint={})


@get("/schedules", summary="All schedules, by name.")
async def schedules(hub: Hub, caller: Caller) -> tuple[Schedule, ...]:
    await hub.allow(caller, "schedule.list")
    return tuple(sorted(hub.work.schedules.known.values(), key=lambda one: one.name))


@post("/schedules", summary="A new schedule.")
async def add_schedule(hub: Hub, caller: Caller, data: ScheduleWish) -> Schedule:
    return await hub.work.schedules.add(caller, Schedule(id="", **msgspec.structs.asdict(data)))


@patch("/schedules/{name:str}", summary="Changes a schedule, turns it on or off.")
async def change_schedule(hub: Hub, caller: Caller, name: Name, data: ScheduleChange) -> Schedule:
    changes = {field: value for field, value in msgspec.structs.asdict(data).items() if value is not None}
    return await hub.work.schedules.change(caller, name, changes)


@delete("/schedules/{name:str}", summary="Removes a schedule.")
async def remove_schedule(hub: Hub, caller: Caller, name: Name) -> None:
    await hub.work.schedules.remove(caller, name)


@get("/schedules/{name:str}/next", summary="The next times at which it runs, milliseconds since 1970.")
async def upcoming(
    hub: Hub, caller: Caller, name: Name, count: Annotated[int, Parameter(ge=1, le=planner.MOST_SHOWN)] = 5,
) -> tuple[int, ...]:
    await hub.allow(caller, "schedule.list", name)
    return planner.upcoming(hub.work.schedules.named(name), now_ms(), count)


@post("/windows", summary="A new window: maintenance, freeze, silence, heightened protection.")
async def add_window(hub: Hub, caller: Caller, data: WindowWish) -> WindowAdded:
    window = Window(
        id="", name=data.name, kind=data.kind, starts_at=data.starts_at, ends_at=data.ends_at,
        scope=Scope(units=data.units, sites=data.sites), devices=data.devices, rules=data.rules, instances=data.instances,
        reason=data.reason, author="",
    )
    return await hub.windows.add(caller, window)


@post("/windows/{name:str}/end", summary="Ends a window now.", status_code=200)
async def end_window(hub: Hub, caller: Caller, name: Name) -> Window:
    await hub.allow(caller, "window.list", name)
    return await hub.windows.end(caller, name)


router = Router(
    "/api/v1",
    route_handlers=[
        kinds, job, run, cancel, resume, schedules, add_schedule, change_schedule, remove_schedule, upcoming, add_window, end_window,
    ],
    tags=["work"],
)
