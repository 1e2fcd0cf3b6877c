"""Routes of sources. No answer holds a secret."""

from typing import Annotated, Any

from litestar import Request, Router, delete, get, patch, post
from litestar.params import Parameter

from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from agents.hub.sources import keeping
from agents.hub.sources.checking import AUTHORITY
from core.identity import Caller
from core.sources import (
    IntakeReport,
    NewSource,
    SourceChange,
    SourceConfig,
    SourceKind,
    SourceRow,
    SourceTest,
    SyncWish,
)
from core.work import Job

Named = Annotated[str, Parameter(max_length=64)]
MOST_FILE = 16 * 1024 * 1024


@get("/sources", summary="All sources of the inventory, each with its newest sync.")
async def list_sources(hub: Hub, caller: Caller) -> list[SourceRow]:
    await hub.allow(caller, "source.list")
    return [row.replace(source=_brief(row.source)) for row in await hub.sources.rows()]


@post("/sources", summary="A new source, its secret sealed.")
async def add_source(hub: Hub, caller: Caller, data: NewSource) -> SourceConfig:
    await hub.allow(caller, "source.add", data.name)
    return _brief(await keeping.add(hub, caller, data))


@patch("/sources/{name:str}", summary="Changes a source, turns it on or off.")
async def set_source(hub: Hub, caller: Caller, name: Named, data: SourceChange) -> SourceConfig:
    await hub.allow(caller, "source.set", name)
    return _brief(await keeping.change(hub, caller, name, data))


@delete("/sources/{name:str}", summary="Removes a source; what it told stays.")
async def remove_source(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, "source.remove", name)
    await keeping.remove(hub, caller, name)


@post("/sources/{name:str}/test", summary="Says whether a source can be read, and what is wrong.", status_code=200)
async def test_source(hub: Hub, caller: Caller, name: Named) -> SourceTest:
    await hub.allow(caller, "source.test", name)
    return await hub.sources.test(caller.actor, name)


@post("/sources/{name:str}/sync", summary="Asks a source now, as a job.")
async def sync_source(hub: Hub, caller: Caller, name: Named, data: SyncWish) -> Job:
    await hub.allow(caller, "inventory.import" if data.accept_new else "inventory.sync", name)
    return await hub.sources.sync(caller, name, data)


@post("/sources/{name:str}/push", summary="Writes to a NetBox what it lacks, as a job.")
async def push_source(hub: Hub, caller: Caller, name: Named, data: SyncWish) -> Job:
    await hub.allow(caller, "source.push", name)
    return await hub.sources.push(caller, name, dry_run=data.dry_run)


@post(
    "/source-files", summary="Imports a file of another system: router.db of Oxidized, a csv of LibreNMS or Zabbix.",
    request_max_body_size=MOST_FILE, status_code=200,
)
async def import_source_file(
    hub: Hub, caller: Caller, request: Request[Any, Any, Any], kind: SourceKind, filename: Annotated[str, Parameter(max_length=255)],
    site: Annotated[str, Parameter(max_length=255)] = "", dry_run: bool = False,
) -> IntakeReport:
    await hub.allow(caller, "inventory.import", filename)
    if dry_run:
        forget_key()
    config = SourceConfig(id="", name=filename, kind=kind, options={"site": site} if site else {})
    return await hub.sources.import_file(caller, config, filename, await request.body(), dry_run=dry_run)


def _brief(config: SourceConfig) -> SourceConfig:
    """Without the text of the certificate: that it is there is enough."""
    return config.replace(options={name: "PEM" if name == AUTHORITY else value for name, value in config.options.items()})


router = Router(
    "/api/v1",
    route_handlers=[
        list_sources, add_source, set_source, remove_source, test_source, sync_source, push_source, import_source_file,
    ],
    tags=["sources"],
)
