"""One application over HTTP, in a thread of its own on a port of loopback."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import uvicorn

from core.errors import NoAnswerError
from core.i18n import tr

START_S = 30.0
MOST_BODY = 1 << 20
App = Callable[[str, str, Mapping[str, str], Any], tuple[int, Any]]
"""Method, path, headers and the body's JSON to status and content."""


class Served(NamedTuple):
    """Where it answers."""

    url: str


def _asgi(app: App) -> Any:
    async def answer(
        scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more and len(body) < MOST_BODY:
            message = await receive()
            body, more = body + message.get("body", b""), bool(message.get("more_body"))
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        status, content = app(scope["method"], scope["path"], headers, json.loads(body) if body else None)
        data = json.dumps(content).encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": data})

    return answer


@contextmanager
def serve(app: App, address: str = "127.0.0.1") -> Iterator[Served]:
    """Serves until left."""
    listener = socket.create_server((address, 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(_asgi(app), log_level="error", lifespan="off", access_log=False))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise NoAnswerError(tr("The lab's server did not start."), way_out=tr("Is the port free?"))
        time.sleep(0.01)
    try:
        yield Served(f"http://{address}:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(10)
