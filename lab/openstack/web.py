"""A small ASGI application: routes by method and pattern, JSON in and out, pages by limit and marker."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

Json = dict[str, Any]
MAX_BODY = 65_536
MOST = 1000
"""Items of a page, whatever is asked for."""


class Ask(NamedTuple):
    """One request. args: what the pattern's groups matched."""

    method: str
    path: str
    args: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json
    base: str
    """`http://HOST:PORT` as the client wrote it."""


class Answer(NamedTuple):
    """Status, content and further headers."""

    status: int
    content: Json | None = None
    headers: Mapping[str, str] = {}


Handler = Callable[[Ask], Answer]


class WebError(Exception):
    """Ends a request with a status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Web:
    """Routes are tried in the order in which they were added."""

    def __init__(self, check: Callable[[Ask], None]) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Handler, bool]] = []
        self._check = check
        self.asked = 0

    def add(self, method: str, pattern: str, handler: Handler, *, free: bool = False) -> None:
        """pattern: `/v3/projects/{id}`. free: without a token."""
        regex = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + r"/?\Z")
        self._routes.append((method, regex, handler, free))

    def answer(self, ask: Ask) -> Answer:
        self.asked += 1
        for method, regex, handler, free in self._routes:
            found = regex.match(ask.path)
            if found and method == ask.method:
                ask = ask._replace(args=found.groupdict())
                try:
                    if not free:
                        self._check(ask)
                    return handler(ask)
                except WebError as error:
                    return Answer(error.status, {"error": {"code": error.status, "message": error.message}})
        return Answer(404, {"error": {"code": 404, "message": "Not found"}})

    async def __call__(
        self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while len(body) <= MAX_BODY:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        answer = self.answer(_ask(scope, body)) if len(body) <= MAX_BODY else Answer(413)
        content = b"" if answer.content is None else json.dumps(answer.content).encode()
        headers = [(k.encode(), v.encode()) for k, v in {"content-type": "application/json", **answer.headers}.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": content if scope["method"] != "HEAD" else b""})


def _ask(scope: Mapping[str, Any], body: bytes) -> Ask:
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).items()}
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        content = {}
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    return Ask(method, scope["path"], {}, query, headers, content if isinstance(content, dict) else {}, f"http://{headers.get('host', '')}")


def page(ask: Ask, items: Sequence[Json], name: str, links: str) -> Json:
    """One page: `limit` and `marker` as OpenStack has them. links: under which name the address of the next page stands; empty: a plain
    text field `next`."""
    start = 0
    if marker := ask.query.get("marker"):
        start = next((n + 1 for n, item in enumerate(items) if item["id"] == marker), -1)
        if start < 0:
            raise WebError(400, f"marker [{marker}] not found")
    try:
        wanted = min(int(ask.query.get("limit") or MOST), MOST)
    except ValueError:
        raise WebError(400, "limit must be a number") from None
    shown = list(items[start : start + wanted])
    out: Json = {name: shown}
    if shown and start + len(shown) < len(items) and wanted > 0:
        query = urlencode({**ask.query, "marker": shown[-1]["id"], "limit": str(wanted)})
        href = f"{ask.path}?{query}"
        if links:
            out[links] = [{"rel": "next", "href": ask.base + href}]
        else:
            out["next"] = href
    return out
