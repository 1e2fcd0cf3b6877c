"""The API over HTTP, in a thread of its own on a port of loopback."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from urllib.parse import urlencode

import uvicorn

from core.errors import NoAnswerError
from core.i18n import tr
from lab.netbox.store import Json, RefusedError, Store, schema
from lab.openstack.web import Answer, Ask, Web

START_S = 30.0


class Served(NamedTuple):
    """Where it answers, with a token that may write and one that may not."""

    url: str
    token: str
    reader: str
    store: Store


class Api:
    """Routes of one store."""

    def __init__(self, store: Store, token: str, reader: str) -> None:
        self._store, self._token, self._reader = store, token, reader

    def routes(self, web: Web) -> None:
        web.add("GET", "/api/status", self._status)
        for kind in self._store.kinds.values():
            for method, pattern in (("GET", ""), ("POST", ""), ("GET", "/{number}"), ("PATCH", "/{number}"), ("DELETE", "/{number}")):
                web.add(method, f"/api/{kind['path']}{pattern}", self._object if pattern else self._list)

    def _status(self, ask: Ask) -> Answer:
        return self._refused(ask) or Answer(200, {"netbox-version": schema()["version"], "python-version": "3.12.3", "plugins": {}})

    def _refused(self, ask: Ask) -> Answer | None:
        """403 for who shows no token, a wrong one, or one that may only read."""
        scheme, _, shown = ask.headers.get("authorization", "").partition(" ")
        if not shown or scheme not in ("Token", "Bearer"):
            return Answer(403, {"detail": "Authentication credentials were not provided."})
        if shown not in (self._token, self._reader):
            return Answer(403, {"detail": "Invalid token"})
        if ask.method != "GET" and shown == self._reader:
            return Answer(403, {"detail": "You do not have permission to perform this action."})
        return None

    def _kind(self, ask: Ask) -> str:
        kind: str = self._store.by_path["/".join(ask.path.removeprefix("/api/").split("/")[:2])]
        return kind

    def _list(self, ask: Ask) -> Answer:
        if refused := self._refused(ask):
            return refused
        kind = self._kind(ask)
        return self._create(kind, ask.body) if ask.method == "POST" else self._page(kind, ask)

    def _create(self, kind: str, body: Json) -> Answer:
        try:
            return Answer(201, self._store.create(kind, body))
        except RefusedError as error:
            return Answer(400, error.problems)

    def _page(self, kind: str, ask: Ask) -> Answer:
        wishes = {name: value for name, value in ask.query.items() if name in self._store.kinds[kind]["fields"]}
        page = schema()["page"]
        limit = min(int(ask.query.get("limit") or page["usual"]), page["most"])
        start = int(ask.query.get("offset") or 0)
        numbers = [n for n, one in self._store.objects[kind].items() if all(str(one.get(k)) == v for k, v in wishes.items())]
        results = [self._store.shown(kind, n, brief=bool(ask.query.get("brief"))) for n in numbers[start : start + limit]]
        return Answer(200, {
            "count": len(numbers), "next": self._link(ask, start + limit, limit) if start + limit < len(numbers) else None,
            "previous": self._link(ask, max(0, start - limit), limit) if start else None, "results": results,
        })

    def _link(self, ask: Ask, offset: int, limit: int) -> str:
        return f"{ask.base}{ask.path}?{urlencode({**ask.query, 'limit': limit, 'offset': offset})}"

    def _object(self, ask: Ask) -> Answer:
        if refused := self._refused(ask):
            return refused
        kind, number = self._kind(ask), int(ask.args["number"]) if ask.args["number"].isdigit() else 0
        if number not in self._store.objects[kind]:
            return Answer(404, {"detail": "No object matches the given query."})
        if ask.method == "DELETE":
            del self._store.objects[kind][number]
            return Answer(204)
        try:
            return Answer(200, self._store.update(kind, number, ask.body) if ask.method == "PATCH" else self._store.shown(kind, number))
        except RefusedError as error:
            return Answer(400, error.problems)


@contextmanager
def serve(store: Store, token: str, reader: str = "", address: str = "127.0.0.1") -> Iterator[Served]:
    """Serves a store until left. reader: a token that may not write."""
    web = Web(lambda _ask: None)
    Api(store, token, reader or token).routes(web)
    listener = socket.create_server((address, 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    store.base = f"http://{address}:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(web, log_level="error", lifespan="off", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise NoAnswerError(tr("The lab's NetBox did not start."), way_out=tr("Is the port free?"))
        time.sleep(0.01)
    try:
        yield Served(store.base, token, reader or token, store)
    finally:
        server.should_exit = True
        thread.join(10)
