"""The OpenAPI document: what Litestar knows of the routes, and what all of them have in common: errors, headers, ways to prove who asks."""

from typing import Any, get_args

import msgspec
from litestar import Request
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from agents.hub.audit import exporting
from agents.hub.exports import MEDIA
from agents.hub.filtering import ALERT_WHERE, DEVICE_FIELDS
from agents.hub.finding import publishing
from agents.hub.queries import MAX_OFFSET, MAX_PAGE, MAX_WINDOW
from core import __version__
from core.audit import MAX_PAGE as MAX_TRAIL
from core.kinds import KEPT
from core.objects import KINDS
from core.permissions import READ_ACTION
from core.views import View

API = "/api/v1"
PATH = f"{API}/schema"
ERRORS = {
    400: "The request was not understood, or its content cannot be accepted.", 401: "Nobody is logged in.",
    403: "This caller may not do that.", 404: "There is no such thing.", 429: "This caller asks for too much at once.",
    500: "The hub failed inside.", 503: "The hub is full, or its store cannot be used.",
    504: "A process of the hub did not answer in time.",
}
WRITE_ERRORS = {
    409: "It contradicts what is there, or the idempotency key was used for another request.", 412: "It is not any more as it was read.",
    413: "The content is too large.", 415: "The content is of another type.", 507: "The disk is full.",
}
_FAILURE = {
    "type": "object", "required": ["error"],
    "properties": {"error": {
        "type": "object", "required": ["code", "message"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "way_out": {"type": "string"}},
    }},
}
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    "description": "A repetition with the same key and content gets the first answer and changes nothing.",
}
_ID = {
    "name": "X-Request-Id", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 64},
    "description": "Comes back in the answer; stands in the logs and in the audit trail.",
}
_TAG = {
    "name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"},
    "description": "ETag of an answer that is known already: 304 when it still holds.",
}
_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A session (POST /api/v1/login) or a personal token."},
    "certificate": {"type": "mutualTLS", "description": "A client certificate whose subject belongs to an account."},
}
_TEXT, _FIELD = {"type": "string", "maxLength": 4096}, {"type": "string", "maxLength": 64}
_WINDOW = {
    "text": (_TEXT, "Every word must occur somewhere in the row."),
    "sort": (_FIELD, "Field to sort by; a leading - turns the order."),
    "offset": ({"type": "integer", "minimum": 0, "maximum": MAX_OFFSET}, "Row that the window begins with."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": MAX_WINDOW}, "Most rows of the window."),
    "device_id": (_FIELD, "Only of this device, by id or name."),
}
_PAGE = {
    "text": (_TEXT, "Every word must occur in one of the kind's text fields."),
    "sort": (_FIELD, "Field to sort by; a leading - turns the order."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": MAX_PAGE}, "Most rows of the page."),
    "cursor": ({"type": "string", "maxLength": 4096}, "Continues a list: stable while records come and go."),
}
_MS = {"type": "integer", "minimum": -(2**62), "maximum": 2**62}
_TRAIL = {
    "actor": (_TEXT, "Only what this account or process did."),
    "action": (_TEXT, "Only this action, or all that begin with these words: user, user.add."),
    "kind": (_FIELD, "Only what was done to objects of this kind."),
    "object_id": (_TEXT, "Only what was done to this object."),
    "origin": (_TEXT, "Only from where begins so."),
    "request": (_TEXT, "Only this request."),
    "word": (_TEXT, "Every word must occur in the object, the action, before or after."),
    "refused": ({"type": "boolean"}, "Only what was refused or failed."),
    "people": ({"type": "boolean"}, "Only what people did, not the processes of the hub."),
    "start_ms": (_MS, "From this moment on."),
    "end_ms": (_MS, "Before this moment; 0: no bound."),
}
_TRAIL_PAGE = {
    **_TRAIL,
    "oldest_first": ({"type": "boolean"}, "The other way round."),
    "limit": ({"type": "integer", "minimum": 1, "maximum": MAX_TRAIL}, "Most rows of the page."),
    "cursor": ({"type": "string", "maxLength": 4096}, "Continues a list, also after a page that is short or empty."),
}
_ARCHIVES = {"archives": ({"type": "boolean"}, "Archived rows too.")}
_OPEN = {"open": ({"type": "boolean"}, "Only alerts that are not cleared; true unless said otherwise.")}
QUERIES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    f"{API}/views/devices": (_WINDOW, DEVICE_FIELDS),
    f"{API}/alerts": ({**_WINDOW, **_OPEN}, ALERT_WHERE),
    f"{API}/views/{{view}}": (_WINDOW, ()),
    f"{API}/stream": ({"view": ({"type": "string", "enum": list(get_args(View))}, "Which view."), **_WINDOW}, ()),
    f"{API}/records/{{kind}}": (_PAGE, ()),
    f"{API}/audit": (_TRAIL_PAGE, ()),
    f"{API}/audit/export": ({**_TRAIL, **_ARCHIVES}, ()),
}
"""Parameters that a route reads as one noun, and the fields that `where.FIELD` takes there; none: those of the kind or the view."""
FILES = {
    f"{API}/export/{{kind}}": list(MEDIA.values()), f"{API}/audit/export": list(exporting.MEDIA.values()),
    f"{API}/audit/verify": ["application/x-ndjson"], f"{API}/publish/topology": list(publishing.MEDIA.values()),
}
"""What a route answers that is not always JSON."""
BODIES = {f"{API}/records/{{kind}}/{{name}}": {"type": "object", "description": "All fields of the kind without id and name."}}
"""Of routes that read their JSON themselves."""
CHOICES: dict[str, list[str]] = {
    f"{API}/records/{{kind}}": [kind for kind in READ_ACTION if kind in KEPT], f"{API}/records/{{kind}}/{{name}}": list(KINDS),
    f"{API}/export/{{kind}}": [*KINDS, "all"], f"{API}/views/{{view}}": list(get_args(View)),
}
"""What the first part of such an address may be."""
PUBLIC = frozenset({"/healthz", "/api/v1/login"})
"""What is answered to whoever asks."""


class Document(JsonRenderPlugin):
    """The document as the hub serves it, made at the first question."""

    def __init__(self) -> None:
        super().__init__(path=("/", "/openapi.json"), media_type="application/json")  # type: ignore[arg-type]
        self._bytes = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        if not self._bytes:
            self._bytes = msgspec.json.encode(completed(openapi_schema))
        return self._bytes


def must_be_there(path: str) -> None:
    """Raises status 404 for another page below the document's: Litestar would answer with HTML."""
    if path.rstrip("/") not in (PATH, f"{PATH}/openapi.json"):
        raise NotFoundException


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Yunwang", version=__version__, path=PATH, render_plugins=(Document(),),
        description="The hub of a city's cloud and network. Times are milliseconds since 1970, UTC. Lists give `cursor` to continue them.",
    )


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """The document with what every operation has."""
    parts = {**schema.get("components", {})}
    parts["schemas"] = {**parts.get("schemas", {}), "Failure": _FAILURE}
    parts["securitySchemes"] = _SCHEMES
    paths = {path: {method: _operation(path, method, one) for method, one in item.items()} for path, item in schema["paths"].items()}
    return {**schema, "paths": paths, "components": parts, "security": [{"bearer": []}, {"certificate": []}, {}]}


def _operation(path: str, method: str, operation: Any) -> Any:
    if not isinstance(operation, dict):
        return operation
    reading = method == "get"
    responses = {str(status): _error(text) for status, text in (ERRORS if reading else {**ERRORS, **WRITE_ERRORS}).items()}
    own = {status: answer for status, answer in operation.get("responses", {}).items() if not status.startswith(("4", "5"))}
    if reading:
        responses["304"] = {"description": "It is still as If-None-Match says."}
    given = [one for one in operation.get("parameters", ()) if one["name"].lower() not in ("idempotency-key", "x-request-id")]
    given = [{**one, "schema": {"type": "string", "enum": CHOICES[path]}} if _is_choice(path, one) else one for one in given]
    if path in FILES:
        own = {status: {**answer, "content": {kind: {} for kind in FILES[path]}} for status, answer in own.items()}
    more = {"parameters": [*given, *_query(path), _TAG if reading else _KEY, _ID], "responses": {**own, **responses}}
    if path in BODIES and not reading:
        more["requestBody"] = {"required": True, "content": {"application/json": {"schema": BODIES[path]}}}
    return {**operation, **more, **({"security": [{}]} if path in PUBLIC else {})}


def _is_choice(path: str, parameter: dict[str, Any]) -> bool:
    return path in CHOICES and parameter["in"] == "path" and parameter["name"] in ("kind", "view")


def _query(path: str) -> list[dict[str, Any]]:
    fixed, fields = QUERIES.get(path, ({}, ()))
    found = {**fixed, **{f"where.{field}": (_TEXT, f"Only rows whose {field} is this.") for field in fields}}
    return [
        {"name": name, "in": "query", "required": name == "view", "schema": schema, "description": text}
        for name, (schema, text) in found.items()
    ]


def _error(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Failure"}}}}
