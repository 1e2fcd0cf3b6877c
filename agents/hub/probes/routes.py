"""Routes of probes. No answer holds a secret."""

from typing import Annotated

from litestar import Router, delete, get, patch, post
from litestar.params import Parameter

from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from agents.hub.probes import keeping
from agents.hub.probes.objects import about
from agents.hub.queries import Number
from agents.hub.records import in_thread
from agents.hub.routes_records import SamplesAnswer, answer_of
from core.identity import Caller
from core.permissions import READ
from core.probes import NewProbes, Outcome, Probe, ProbeChange, ProbeRow, ProbesReport
from core.signals import SeriesKey

Named = Annotated[str, Parameter(max_length=64)]


@get("/probes", summary="Probes about what one sees, each with what it found last.")
async def list_probes(hub: Hub, caller: Caller) -> list[ProbeRow]:
    await hub.allow(caller, READ)
    return await hub.probing.rows(hub.sight(caller))


@post("/probes", summary="New probes: all or none.", status_code=200)
async def add_probes(hub: Hub, caller: Caller, data: NewProbes) -> ProbesReport:
    await hub.allow(caller, keeping.ADD, data.probes[0].name)
    if data.dry_run:
        forget_key()
    return await keeping.add(hub, caller, data)


@patch("/probes/{name:str}", summary="Changes a probe, turns it on or off.")
async def set_probe(hub: Hub, caller: Caller, name: Named, data: ProbeChange) -> Probe:
    await hub.allow(caller, keeping.SET, name)
    return await keeping.change(hub, caller, name, data)


@delete("/probes/{name:str}", summary="Removes a probe; what it measured stays.")
async def remove_probe(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, keeping.REMOVE, name)
    await keeping.remove(hub, caller, name)
    hub.probing.forget(name)


@get("/probes/{name:str}/samples", summary="What a probe measured over [start, end), milliseconds since 1970.")
async def probe_samples(
    hub: Hub, caller: Caller, name: Named, metric: str, start: Number, end: Number, part: str = "", points: Number = 0,
) -> SamplesAnswer:
    await hub.allow(caller, READ)
    probe = await keeping.named(hub, name)
    where = await hub.probing.place(name)
    if not hub.sight(caller).sees(*where):
        await hub.allow(caller, READ, name, *where)
    object_id = (await in_thread(about, hub.store, probe)).object_id
    return await answer_of(hub, SeriesKey(object_id, metric, f"{name}:{part}" if part else name), start, end, points)


@post("/probes/{name:str}/test", summary="Runs a probe now.", status_code=200)
async def test_probe(hub: Hub, caller: Caller, name: Named) -> Outcome:
    await hub.allow(caller, "probe.test", name, *await hub.probing.place(name))
    forget_key()
    return await hub.probing.test(name)


router = Router("/api/v1", route_handlers=[list_probes, add_probes, set_probe, remove_probe, test_probe, probe_samples], tags=["probes"])
