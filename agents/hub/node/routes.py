"""Routes of the node itself: its health, its figures."""

from litestar import Response, Router, get

from agents.hub.hub import Hub
from agents.hub.node import metrics
from agents.hub.node.health import worst
from core import __version__
from core.identity import Caller
from core.views import Health


@get("/healthz", summary="How the hub is doing; 503 when it has failed. Whoever is not known is told the status only.")
async def health(hub: Hub, caller: Caller) -> Response[Health]:
    from agents.supervisor import read_status

    reasons = hub.node.reasons()
    status = worst(reasons)
    answer = Health(status=status)
    if caller.grants:
        answer = Health(
            status=status, reasons=reasons, version=__version__, revision=hub.store.revision() if status != "failed" else 0,
            devices=hub.table.count(), clients=hub.connections, streams=hub.streams.consoles, processes=read_status(hub.run_dir),
        )
    return Response(answer, status_code=503 if status == "failed" else 200, headers={"cache-control": "no-store"})


@get("/metrics", summary="The hub's own figures, for Prometheus.", media_type="text/plain")
async def figures(hub: Hub, caller: Caller) -> Response[bytes]:
    from agents.supervisor import read_status

    await hub.allow(caller, "node.metrics")
    node = hub.node
    families = [
        *metrics.of_node(node.facts, node.status(), hub.store.revision()), *metrics.of_traffic(node.traffic),
        *metrics.of_children(read_status(hub.run_dir)), *metrics.of_polling(hub.polling),
        metrics.gauge("yunwang_hub_connections", "Open connections of clients.", hub.connections),
        metrics.gauge("yunwang_hub_streams", "Consoles that follow the live stream.", hub.streams.consoles),
        metrics.gauge("yunwang_devices", "Devices in the inventory.", hub.table.count()),
        metrics.gauge("yunwang_heartbeat_ok", "Whether the last heartbeat arrived.", float(not node.heartbeat_error)),
        metrics.counter("yunwang_heartbeats_total", "Heartbeats posted.", node.beats),
    ]
    return Response(metrics.render(families), media_type=metrics.CONTENT_TYPE)


router = Router("/", route_handlers=[health, figures], tags=["node"])
