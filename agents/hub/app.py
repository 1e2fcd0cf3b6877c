"""The ASGI application: routes, who asks, in which language, and errors as one shape."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, Receive, Scope, Send

from agents.hub import routes_records, routes_views
from agents.hub.authorize import caller_of
from agents.hub.hub import Hub
from agents.hub.node import routes as routes_node
from agents.hub.peer import NOBODY
from agents.hub.queries import language
from core import __version__, errors, i18n
from core.errors import YunwangError
from core.failure import Failure
from core.i18n import tr
from core.identity import Actor, Caller

ROUTERS = (routes_node.router, routes_views.router, routes_records.router)
"""Every part of the hub adds its router here."""
MAX_BODY = 1024 * 1024
STATUS: tuple[tuple[type[YunwangError], int], ...] = (
    (errors.UsageError, 400), (errors.InvalidInputError, 400), (errors.SettingsError, 400), (errors.ProtocolError, 400),
    (errors.ForbiddenError, 403), (errors.NotFoundError, 404), (errors.ConflictError, 409), (errors.DiskFullError, 507),
    (errors.StorageError, 503), (errors.UnavailableError, 503), (errors.NoAnswerError, 504),
)
CODES = {400: "invalid-input", 401: "forbidden", 403: "forbidden", 404: "not-found", 405: "usage", 413: "invalid-input"}

log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, Any]


def make_app(hub: Hub) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The application of one hub."""

    async def the_hub() -> Hub:
        return hub

    app = Litestar(
        route_handlers=ROUTERS,
        dependencies={"hub": Provide(the_hub), "caller": Provide(_caller)},
        exception_handlers={YunwangError: _ours, HTTPException: _http, Exception: _unexpected},
        openapi_config=OpenAPIConfig(title="Yunwang", version=__version__, path="/api/v1/schema"),
        request_max_body_size=MAX_BODY,
        logging_config=None,
    )
    return hub.node.traffic.around(_speaking(app))


async def _caller(request: AnyRequest) -> Caller:
    actor: Actor = request.scope["state"].get("actor", NOBODY)
    return caller_of(actor)


def _speaking(app: ASGIApp) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Each request in the language it asks for."""

    async def speak(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # type: ignore[comparison-overlap]
            await app(scope, receive, send)
            return
        header = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
        wish = _lang_parameter(scope["query_string"])
        with i18n.speaking(language(header.decode("latin-1"), wish)):
            await app(scope, receive, send)

    return speak


def _lang_parameter(query: bytes) -> str:
    at = (b"&" + query).find(b"&lang=")
    return query[at + 5 : at + 7].decode("latin-1") if at >= 0 else ""


def _ours(_request: AnyRequest, error: YunwangError) -> Response[Any]:
    status = next((number for kind, number in STATUS if isinstance(error, kind)), 500)
    return _answer(status, Failure(code=error.code, message=tr(error.message), way_out=tr(error.way_out)))


def _http(_request: AnyRequest, error: HTTPException) -> Response[Any]:
    code = CODES.get(error.status_code, "error")
    message = {
        404: tr("There is no such address."), 405: tr("This address takes another method."), 413: tr("The content is too large."),
    }.get(error.status_code) or tr("The request was not understood: {reason}.", reason=_reason(error))
    way_out = tr("Split it into smaller files.") if error.status_code == 413 else ""
    return _answer(error.status_code, Failure(code=code, message=message, way_out=way_out))


def _reason(error: HTTPException) -> str:
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    named = f"{first.get('key', '')}: {first.get('message', '')}".strip(": ") if isinstance(first, dict) else ""
    return (named or error.detail)[:300].rstrip(".")


def _unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    way_out = tr("Its log tells more: {file}.", file="log/hub.log")
    return _answer(500, Failure(code="error", message=tr("The hub failed inside."), way_out=way_out))


def _answer(status: int, failure: Failure) -> Response[Any]:
    return Response({"error": failure}, status_code=status, media_type="application/json")
