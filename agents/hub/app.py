"""The ASGI application: the routes of all parts, who asks, and what every request passes."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Litestar, Request, Response
from litestar.di import Provide

from agents.hub import document, routes_records, routes_views
from agents.hub.alerting import routes as routes_alerting
from agents.hub.approvals import routes as routes_approvals
from agents.hub.asking import asked
from agents.hub.audit import routes as routes_audit
from agents.hub.capacity import routes as routes_capacity
from agents.hub.checking import routes as routes_checking
from agents.hub.custody import routes as routes_custody
from agents.hub.events import routes as routes_events
from agents.hub.export import routes as routes_export
from agents.hub.failures import HANDLERS
from agents.hub.finding import publishing
from agents.hub.finding import routes as routes_finding
from agents.hub.front import SLASH, Front
from agents.hub.graph import routes as routes_graph
from agents.hub.history import routes as routes_history
from agents.hub.hub import Hub
from agents.hub.identity import routes as routes_identity
from agents.hub.jobs import routes as routes_work
from agents.hub.keys import Keys, must_be_json
from agents.hub.node import routes as routes_node
from agents.hub.notify import routes as routes_notify
from agents.hub.objects import routes as routes_objects
from agents.hub.peer import NOBODY
from agents.hub.probes import routes as routes_probes
from agents.hub.queue import routes as routes_queue
from agents.hub.ruling import routes as routes_ruling
from agents.hub.sources import routes as routes_sources
from core.identity import Actor, Caller

ROUTERS = (
    routes_node.router, routes_export.router, routes_identity.router, routes_custody.router, routes_checking.router,
    routes_approvals.router, routes_work.router, routes_audit.router,
    routes_graph.router, routes_queue.router, routes_sources.router, routes_finding.router, publishing.router, routes_objects.router,
    routes_probes.router, routes_events.router, routes_alerting.router, routes_ruling.router, routes_notify.router,
    routes_history.router, routes_views.router,
    routes_records.router, routes_capacity.router,
)
"""Every part of the hub adds its router here."""
MAX_BODY = 1024 * 1024
AnyRequest = Request[Any, Any, Any]


def make_app(hub: Hub) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The application of one hub."""
    keys = Keys(hub.store)

    async def before(request: AnyRequest) -> Response[bytes] | None:
        """Who asks is known before anything else; a repetition is answered at once."""
        if SLASH in request.scope["path"]:
            params = request.scope["path_params"]
            request.scope["path_params"] = {
                name: value.replace(SLASH, "/") if isinstance(value, str) else value for name, value in params.items()
            }
            request.scope["path"] = request.scope["path"].replace(SLASH, "/")
        caller = await _caller(hub, request)
        if not caller.account and request.scope["path"] not in routes_identity.OPEN:
            await hub.allow(caller)
        if request.scope["path"].startswith(document.PATH):
            await hub.allow(caller)
            document.must_be_there(request.scope["path"])
        must_be_json(request)
        return await keys.repeated(request, caller)

    async def after(response: Any) -> Any:
        """The key of a write that did not keep its answer: it is known that this was carried out."""
        current = asked.get()
        if current and (response.status_code or 200) < 300 and (key := current.take_key()):
            await hub.commits.write(NOBODY, lambda _write: None, key)
        return response

    app = Litestar(
        route_handlers=ROUTERS,
        dependencies={"hub": Provide(lambda: hub, sync_to_thread=False), "caller": Provide(_caller)},
        before_request=before,
        after_request=after,
        exception_handlers=HANDLERS,
        openapi_config=document.config(),
        request_max_body_size=MAX_BODY,
        logging_config=None,
    )

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        finally:
            keys.done(scope)

    return hub.node.traffic.around(Front(answer))


async def _caller(hub: Hub, request: AnyRequest) -> Caller:
    """Resolved once for each request; from then on the request has a place among those of this caller."""
    state = request.scope["state"]
    known: Caller | None = state.get("caller")
    if known is None:
        actor: Actor = state.get("actor", NOBODY)
        known = state["caller"] = routes_identity.caller_of(hub, request, actor.replace(request=state["request"]))
        state["front"].take_place(request.scope, known.account or known.actor.origin)
    return known
