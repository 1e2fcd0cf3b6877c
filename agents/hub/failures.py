"""Errors as the API tells them: one shape, `{"error": {code, message, way_out}}`, and the right status."""

import logging
import re
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from core.errors import YunwangError
from core.failure import Failure
from core.i18n import tr

STATUS: dict[str, int] = {
    "usage": 400, "invalid-input": 400, "settings": 400, "protocol": 400, "login-needed": 401, "forbidden": 403, "not-found": 404,
    "conflict": 409, "changed": 412, "too-many": 429, "storage": 503, "unavailable": 503, "busy": 503, "no-answer": 504, "disk-full": 507,
}
"""By the code of an error, or of the nearest class above it."""
CODES = {401: "login-needed", 403: "forbidden", 404: "not-found", 405: "usage", 406: "usage", 413: "invalid-input", 415: "usage"}
RETRY_AFTER = {429: "5", 503: "5"}

log = logging.getLogger(__name__)
AnyRequest = Request[Any, Any, Any]


def ours(_request: AnyRequest, error: YunwangError) -> Response[Any]:
    status = next((STATUS[kind.code] for kind in type(error).__mro__ if issubclass(kind, YunwangError) and kind.code in STATUS), 500)
    return answer(status, Failure(code=error.code, message=tr(error.message), way_out=tr(error.way_out)))


def of_http(_request: AnyRequest, error: HTTPException) -> Response[Any]:
    """What Litestar refused before a route was asked."""
    status = error.status_code
    message, way_out = {
        404: (tr("There is no such address."), tr("The document of all addresses is at {path}.", path="/api/v1/schema")),
        405: (tr("This address takes another method."), tr("The document of all addresses is at {path}.", path="/api/v1/schema")),
        415: (tr("This address takes JSON."), tr("Send it with content-type: application/json.")),
        413: (tr("The content is too large."), tr("Split it into smaller files.")),
    }.get(status) or (tr("The request was not understood: {reason}.", reason=_reason(error)), "")
    found = answer(status, Failure(code=CODES.get(status, "invalid-input" if status < 500 else "error"), message=message, way_out=way_out))
    found.headers.update({name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"})
    return found


_VALUE = re.compile(r"(Invalid enum value) '.*'", re.DOTALL)
"""What stands in a wrong field may be a secret, so it is not repeated."""


def _reason(error: HTTPException) -> str:
    first = error.extra[0] if isinstance(error.extra, list) and error.extra else {}
    named = f"{first.get('key', '')}: {first.get('message', '')}".strip(": ") if isinstance(first, dict) else ""
    return _VALUE.sub(r"\1", named or error.detail)[:300].rstrip(".")


def unexpected(request: AnyRequest, error: Exception) -> Response[Any]:
    log.error("%s %s failed.", request.method, request.url.path, exc_info=error)
    return answer(500, inside())


def nested(_request: AnyRequest, _error: RecursionError) -> Response[Any]:
    """A body of a hundred thousand brackets."""
    return answer(400, Failure(code="invalid-input", message=tr("The content is too deeply nested.")))


def inside() -> Failure:
    return Failure(code="error", message=tr("The hub failed inside."), way_out=tr("Its log tells more: {file}.", file="log/hub.log"))


def answer(status: int, failure: Failure) -> Response[Any]:
    headers = {"cache-control": "no-store"}
    if status in RETRY_AFTER:
        headers["retry-after"] = RETRY_AFTER[status]
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response({"error": failure}, status_code=status, media_type="application/json", headers=headers)


HANDLERS: dict[Any, Any] = {YunwangError: ours, HTTPException: of_http, RecursionError: nested, Exception: unexpected}
