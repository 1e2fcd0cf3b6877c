"""schemathesis on the OpenAPI document, as several callers: no fault of the hub, no undocumented answer, no way round a role."""

import contextlib
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

EXAMPLES = 120 if os.environ.get("YUNWANG_SOAK") == "1" else 2
"""Of each operation, for each caller."""
CALLERS = ("", "viewer", "contact", "administrator")
CHECKED = [status_code_conformance, content_type_conformance, response_schema_conformance]
LEFT_OUT = {
    ("GET", "/api/v1/stream"), ("POST", "/api/v1/logout"), ("POST", "/api/v1/node/stop"), ("POST", "/api/v1/node/backups"),
    ("POST", "/api/v1/audit/verify"), ("POST", "/api/v1/found"),
}
"""What never ends, what ends the session or the hub, what copies the whole node: each has tests of its own."""
OTHERS_NEEDED = {
    "/api/v1/credentials/{name}/test", "/api/v1/credential-tests", "/api/v1/devices/{name}/measured", "/api/v1/devices/{name}/cost",
}
"""What asks a process that does not run here."""
SECRETS = ("argon2", "secret_hash", "totp_secret", "secret_digest", '"sealed"', "Traceback")


@pytest.fixture(scope="module")
def document(node: Any) -> Any:
    with node.http("viewer") as http:
        return http.get("/api/v1/schema").json()


def test_the_document_is_complete(document: Any, node: Any) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            said = f"{method} {path}"
            assert operation["summary"].endswith((".", "...")), said
            assert {"400", "401", "403"} <= operation["responses"].keys(), said
            names = {parameter["name"] for parameter in operation["parameters"]}
            assert ("If-None-Match" if method == "get" else "Idempotency-Key") in names, said
    assert document["components"]["securitySchemes"].keys() == {"bearer", "certificate"}
    assert len({operation["operationId"] for item in document["paths"].values() for operation in item.values()}) > 50


def operations(document: Any) -> Iterator[Any]:
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = result.ok()
        if (operation.method.upper(), operation.path) not in LEFT_OUT:
            yield operation


def test_no_question_ends_in_a_fault_and_none_goes_round_a_role(document: Any, node: Any) -> None:
    load_all_checks()
    found: list[str] = []
    with contextlib.ExitStack() as opened:
        callers = {name: opened.enter_context(node.http(name)) for name in CALLERS}
        asked = [_ask(operation, callers, found) for operation in operations(document)]
    assert not found, "\n".join(found[:20])
    assert len(asked) > 60
    assert sum(asked) >= len(asked) * len(CALLERS)


def _ask(operation: Any, callers: dict[str, httpx.Client], found: list[str]) -> int:
    """How many answers were looked at."""
    count = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(case=operation.as_strategy(), real=st.booleans())
    def ask(case: Any, real: bool) -> None:
        nonlocal count
        if real and operation.method.upper() == "GET":
            case.path_parameters = {**(case.path_parameters or {}), **_what_exists(operation.path)}
        for name, http in callers.items():
            answer = _send(case, http)
            if answer is not None:
                count += 1
                said = f"{name or 'nobody'}: {operation.method.upper()} {answer.url.path} -> {answer.status_code} {answer.text[:300]}"
                found.extend(f"{said}: {why}" for why in _faults(operation, case, name, answer))

    ask()
    return count


def _faults(operation: Any, case: Any, name: str, answer: httpx.Response) -> Iterator[str]:
    if answer.status_code >= 500 and not (operation.path in OTHERS_NEEDED and answer.status_code in (503, 504)):
        yield "a fault of the hub"
    if not name and answer.status_code < 400 and operation.path not in ("/healthz", "/api/v1/login"):
        yield "nobody is let in"
    if name in ("viewer", "contact") and answer.status_code < 300 and _changes(operation):
        yield "somebody who may only look changed something"
    if any(secret in answer.text for secret in SECRETS):
        yield "tells too much"
    if name == "contact" and "LD-ACC" in answer.text and answer.status_code < 300:
        yield "shows another unit's device"
    try:
        case.validate_response(answer, checks=CHECKED)
    except FailureGroup as error:
        yield "; ".join(str(one)[:300] for one in error.exceptions)


def _what_exists(path: str) -> dict[str, str]:
    names = {"/api/v1/devices/": "LD-DIV", "/api/v1/records/": "LD-DIV", "/api/v1/schedules/": "backup"}
    return next(({"name": name} for beginning, name in names.items() if path.startswith(beginning) and "{name}" in path), {})


def _send(case: Any, http: httpx.Client) -> httpx.Response | None:
    wanted = case.as_transport_kwargs(base_url="http://hub")
    headers = {key: str(value) for key, value in (wanted.get("headers") or {}).items() if key.lower() != "authorization"}
    body = {key: wanted[key] for key in ("json", "data") if wanted.get(key) is not None}
    try:
        request = http.build_request(
            wanted["method"], wanted["url"], params=wanted.get("params"), headers=headers, json=body.get("json"), content=body.get("data"),
        )
    except (UnicodeError, TypeError, ValueError, httpx.InvalidURL):
        return None
    return http.send(request)


def _changes(operation: Any) -> bool:
    """Whether this route changes more than one's own account."""
    own = ("/api/v1/oneself", "/api/v1/tokens", "/api/v1/sessions", "/api/v1/login")
    return operation.method.upper() != "GET" and not operation.path.startswith(own)

