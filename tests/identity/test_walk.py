"""The whole API against the whole table: every route as nobody, without a role, in every role, and for some places only.

Routes come from the hub's own document. Which action a route asks for is found out by asking it without a role: the refusal names it.
What each role may then do is decided by the table alone. A route that lets somebody through answers anything but 401 and 403: what is
asked for does not exist, so mostly 404.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from core.identity import Actor, Caller, Grant
from core.permissions import OWN, PERMISSIONS, ROLES
from core.scopes import refusal

NAMED = re.compile(r"may not do this(?: there)?: ([a-z.-]+)")
OPEN = {"/healthz", "/api/v1/login"}
CAREFUL = {"/api/v1/node/stop", "/api/v1/node/backups", "/api/v1/credential-rotations", "/api/v1/audit/archive", "/api/v1/audit/verify",
           "/api/v1/jobs", "/api/v1/imports", "/api/v1/imports/diff", "/api/v1/source-files"}
"""What would really happen: asked only by those who may not."""
SCOPED = ("operator-there", "unit-contact-there")
BODIES = {"/api/v1/jobs": {"kind": "backup"}}
"""Where any text is not enough: each kind of job has an action of its own."""
PARAMETERS = {"kind": "device", "view": "jobs", "metric": "ifHCInOctets"}


class Route(NamedTuple):
    """One way to ask, with a body that is understood."""

    method: str
    path: str
    template: str
    params: dict[str, Any]
    body: Any


class Api:
    """A hub as one of its people sees it, without the client's help."""

    def __init__(self, node: Any) -> None:
        self._node = node
        socket = Path(node.settings.general.run_dir) / "hub.sock"
        self._http = httpx.Client(transport=httpx.HTTPTransport(uds=str(socket), verify=False), base_url="http://hub", timeout=60)

    def ask(self, route: Route, name: str = "") -> tuple[int, str]:
        """Status, and the error's message."""
        who = {"authorization": f"Bearer {self._node.people[name].bearer}"} if name else {}
        request = self._http.build_request(
            route.method, route.path, params=route.params, headers={"accept-language": "en", **who},
            **({"json": route.body} if route.body is not None else {}),
        )
        answer = self._http.send(request, stream=True)
        try:
            if answer.status_code < 400:
                if not route.path.endswith("/stream"):
                    answer.read()
                return answer.status_code, ""
            return answer.status_code, str(httpx.Response(200, content=answer.read()).json()["error"]["message"])
        finally:
            answer.close()

    def document(self) -> dict[str, Any]:
        who = {"authorization": f"Bearer {self._node.people['viewer'].bearer}"}
        found: dict[str, Any] = self._http.get("/api/v1/schema/openapi.json", headers=who).json()
        return found

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def api(node: Any) -> Iterator[Api]:
    found = Api(node)
    yield found
    found.close()


@pytest.fixture(scope="module")
def routes(api: Api) -> list[Route]:
    """Every route of the document."""
    document = api.document()
    return [
        _route(method.upper(), path, operation, document)
        for path, methods in document["paths"].items() for method, operation in methods.items() if method != "options"
    ]


def _route(method: str, template: str, operation: dict[str, Any], document: dict[str, Any]) -> Route:
    path, params = template, {}
    for parameter in operation.get("parameters", ()):
        value = PARAMETERS.get(parameter["name"], _example(parameter.get("schema", {}), document))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(value))
        elif parameter["in"] == "query" and parameter.get("required"):
            params[parameter["name"]] = value
    if template.endswith("/stream"):
        params["view"] = "devices"
    contents = operation.get("requestBody", {}).get("content", {})
    body = _example(contents["application/json"]["schema"], document) if "application/json" in contents else None
    return Route(method, path, template, params, BODIES.get(template, body) if method == "POST" else body)


def _example(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """The smallest value that a schema allows."""
    if "$ref" in schema:
        return _example(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return _example(schema[several][0], document)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            return {name: _example(schema["properties"][name], document) for name in schema.get("required", ())}
        case "array":
            return [_example(schema["items"], document)] * schema.get("minItems", 0)
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "boolean":
            return False
    return "nothing-such".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 100)]


@pytest.fixture(scope="module")
def asked(api: Api, routes: list[Route]) -> list[tuple[Route, str]]:
    """The action that each route asks for, but for those that are everybody's own affair."""
    found, silent = [], []
    for route in routes:
        if route.path in OPEN or (route.template, route.method) in OWN_ROUTES:
            continue
        status, message = api.ask(route, "plain")
        if status == 403 and (named := NAMED.search(message)):
            found.append((route, named[1]))
        else:
            silent.append((route, status, message))
    assert not silent, "these routes do not ask first"
    return found


OWN_ROUTES = {
    ("/api/v1/whoami", "GET"), ("/api/v1/logout", "POST"), ("/api/v1/oneself/secret", "POST"), ("/api/v1/oneself/totp", "POST"),
    ("/api/v1/oneself/totp/confirm", "POST"), ("/api/v1/tokens", "GET"), ("/api/v1/tokens", "POST"),
    ("/api/v1/tokens/{token_id}", "DELETE"), ("/api/v1/sessions", "GET"), ("/api/v1/sessions/{session_id}", "DELETE"),
}
"""One's own affairs: everybody who is logged in."""


def test_nobody_gets_in_anywhere(api: Api, routes: list[Route]) -> None:
    assert len(routes) > 60
    for route in routes:
        status, _ = api.ask(route)
        assert status == (401 if route.path not in OPEN or route.path == "/api/v1/login" else 200), route


def test_every_route_asks_for_an_action_of_the_table(asked: list[tuple[Route, str]]) -> None:
    assert {action for _, action in asked} <= PERMISSIONS.keys()
    assert not [route for route, action in asked if action in OWN]


def test_no_route_writes_the_audit(routes: list[Route]) -> None:
    """Whoever asks: what there is for the audit reads, proves, or moves it to signed archives."""
    assert not [route for route in routes if "audit" in route.path and route.method in ("PUT", "PATCH", "DELETE")]
    assert {route.path for route in routes if "audit" in route.path and route.method == "POST"} <= {
        "/api/v1/audit/verify", "/api/v1/audit/archive",
    }
    assert not [route for route in routes if "journal" in route.path and route.method != "GET"]


@pytest.mark.parametrize("name", [*ROLES, *SCOPED])
def test_every_route_in_every_role(api: Api, node: Any, asked: list[tuple[Route, str]], name: str) -> None:
    person = node.people[name]
    caller = Caller(
        actor=Actor(name=name), account=person.id, how="session", grants=(Grant(id="", account="", role=person.role, scope=person.scope),),
    )
    wrong = []
    for route, action in asked:
        expected = refusal(caller, action)
        if not expected and route.template in CAREFUL:
            continue
        status, message = api.ask(route, name)
        refused = status in (401, 403) if expected else bool(NAMED.search(message))
        if refused is not bool(expected) or status >= 500:
            wrong.append((route.method, route.template, action, expected, status, message))
    assert not wrong


def test_a_token_is_no_way_round(api: Api, node: Any, asked: list[tuple[Route, str]]) -> None:
    """A token that may only list jobs, of somebody who may nearly everything."""
    import asyncio

    from core.identity import NewToken

    async def made() -> str:
        async with node.client("system-administrator") as hub:
            return (await hub.accounts.add_token(NewToken(name="walk", actions=("job.list",), days=1))).token

    bearer = asyncio.run(made())
    people = {**node.people, "token": node.people["plain"]._replace(bearer=bearer)}
    narrow = Api(node._replace(people=people))
    through = {action for route, action in asked if route.template not in CAREFUL and narrow.ask(route, "token")[0] not in (401, 403)}
    narrow.close()
    assert through == {"job.list"}
