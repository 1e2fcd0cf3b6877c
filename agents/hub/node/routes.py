"""Routes of the node itself: its health, its figures, its disk, its backups, its settings, its end."""

import asyncio

from litestar import Response, Router, get, post

from agents import lifeline
from agents.hub.hub import Hub
from agents.hub.node import metrics
from agents.hub.node.health import worst
from agents.hub.records import in_thread, now_ms
from core import __version__
from core.identity import Caller
from core.node import Backup, Exported, StorageReport
from core.paths import data_dir
from core.views import Health
from core.work import Job

STOP_AFTER_S = 0.2


@get("/healthz", summary="How the hub is doing; 503 when it has failed. Whoever is not known is told the status only.")
async def health(hub: Hub, caller: Caller) -> Response[Health]:
    from agents.supervisor import read_status

    hub.node.asked()
    reasons = hub.node.reasons()
    status = worst(reasons)
    answer = Health(status=status)
    if caller.grants:
        answer = Health(
            status=status, reasons=reasons, version=__version__, revision=hub.node.revision(),
            devices=hub.table.count(), clients=hub.connections, streams=hub.streams.consoles, processes=read_status(hub.run_dir),
        )
    return Response(answer, status_code=503 if status == "failed" else 200, headers={"cache-control": "no-store"})


@get("/metrics", summary="The hub's own figures, for Prometheus.", media_type="text/plain")
async def figures(hub: Hub, caller: Caller) -> Response[bytes]:
    from agents.supervisor import read_status

    await hub.allow(caller, "node.metrics")
    node = hub.node
    families = [
        *metrics.of_node(node.facts, node.status(), node.revision()), *metrics.of_traffic(node.traffic),
        *metrics.of_children(read_status(hub.run_dir)), *metrics.of_polling(hub.polling), *hub.export.metrics(),
        metrics.gauge("yunwang_hub_connections", "Open connections of clients.", hub.connections),
        metrics.gauge("yunwang_hub_streams", "Consoles that follow the live stream.", hub.streams.consoles),
        metrics.gauge("yunwang_devices", "Devices in the inventory.", hub.table.count()),
        metrics.gauge("yunwang_heartbeat_ok", "Whether the last heartbeat arrived.", float(not node.heartbeat_error)),
        metrics.counter("yunwang_heartbeats_total", "Heartbeats posted.", node.beats),
    ]
    return Response(metrics.render(families), media_type=metrics.CONTENT_TYPE)


@get("/api/v1/node/storage", summary="What fills the disk.")
async def storage(hub: Hub, caller: Caller) -> StorageReport:
    from agents.node.backup import backups_folder
    from agents.node.storage import report

    await hub.allow(caller, "node.storage")
    return await in_thread(report, hub.settings, data_dir(hub.settings), backups_folder(hub.settings), now_ms())


@get("/api/v1/node/backups", summary="The backups, newest first.")
async def backups(hub: Hub, caller: Caller) -> list[Backup]:
    from agents.node.backup import backups_folder, listed

    await hub.allow(caller, "node.backup")
    return await in_thread(listed, backups_folder(hub.settings))


@post("/api/v1/node/backups", summary="Asks for a backup now: a job to follow.", status_code=202)
async def backup(hub: Hub, caller: Caller, with_key: bool = False) -> Job:
    return await hub.work.submit("backup", {"with_key": with_key, "kept": True}, caller)


@get("/api/v1/node/export", summary="Settings, rules and schedules as text, without anything secret.")
async def export(hub: Hub, caller: Caller) -> Exported:
    from agents.node.export import collect

    await hub.allow(caller, "node.export")
    found = await in_thread(collect, hub.settings, hub.store)
    await hub.note(caller.actor, "node.export", {"files": sorted(found.files), "revision": found.revision})
    return found


@post("/api/v1/node/stop", summary="Stops the hub in order, after this answer.", status_code=202)
async def stop(hub: Hub, caller: Caller) -> None:
    await hub.allow(caller, "hub.stop")
    await hub.note(caller.actor, "hub.stop", {})
    asyncio.get_running_loop().call_later(STOP_AFTER_S, lifeline.ask_stop, f"{caller.actor.name} asked for it")


router = Router("/", route_handlers=[health, figures, storage, backups, backup, export, stop], tags=["node"])
