"""The bounds of a connection, on a server in this process whose clocks are short."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from agents.hub import front, wire
from agents.hub.front import Front
from agents.hub.listening import Server
from agents.hub.peer import PeerProtocol
from links.unixsocket import bind

DEADLINE_S = 60


class App:
    """Answers what it was sent, when it is let."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.asked = 0
        self.large = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        if who := dict(scope["headers"]).get(b"who"):
            scope["state"]["front"].take_place(scope, who.decode())
        await self.go.wait()
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body, more = body + message["body"], message["more_body"]
        body = body or b" " * self.large
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[App, str]]:
    for name in ("HEAD_S", "BODY_S", "STALL_S"):
        monkeypatch.setattr(wire, name, 0.3)
    app, path = App(), tmp_path / "s"
    config = uvicorn.Config(
        Front(app), http=PeerProtocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=5,
        interface="asgi3",
    )
    server = Server(config, None, lambda: None)
    task = asyncio.create_task(server.serve([bind(path, 0o600)]))
    async with asyncio.timeout(DEADLINE_S):
        while not server.started:  # noqa: ASYNC110 -- uvicorn has no event for it
            await asyncio.sleep(0.01)
    yield app, str(path)
    app.go.set()
    server.should_exit = True
    await task


async def opened(path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_unix_connection(path)


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    """Status and error of the last word; (0, {}) when the connection just ended."""
    data = await asyncio.wait_for(reader.read(), DEADLINE_S)
    if not data:
        return 0, {}
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]


@pytest.mark.parametrize("beginning", [
    b"", b"G", b"GET / HTTP/1.1\r\nhost: h\r\n", b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc",
    b"POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
])
async def test_who_does_not_go_on_is_let_go(served: tuple[App, str], beginning: bytes) -> None:
    reader, writer = await opened(served[1])
    writer.write(beginning)
    assert (await answer(reader))[0] == 408
    writer.close()


async def test_who_drips_is_let_go(served: tuple[App, str]) -> None:
    """A stream of asyncio drops what it was sent once it cannot write: a bare socket does not."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX) as line:
        line.setblocking(False)
        await loop.sock_connect(line, served[1])
        await loop.sock_sendall(line, b"GET / HTTP/1.1\r\n")
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(DEADLINE_S):
                while True:
                    await loop.sock_sendall(line, b"a: b\r\n")
                    await asyncio.sleep(0.02)
        said = await asyncio.wait_for(loop.sock_recv(line, 65536), DEADLINE_S)
    assert said.split()[1] == b"408"
    assert served[0].asked == 0


@pytest.mark.parametrize("head", [
    b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\na: " + b"x" * 40_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10_000, b"GET / HTTP/1.1\r\n" + b"x" * 300_000,
])
async def test_a_head_is_bounded(served: tuple[App, str], head: bytes) -> None:
    reader, writer = await opened(served[1])
    writer.write(head)
    with contextlib.suppress(ConnectionError):  # let go before all of it was sent
        assert (await answer(reader))[0] in (431, 400)
    assert served[0].asked == 0


async def test_a_slow_answer_is_no_slow_question(served: tuple[App, str]) -> None:
    """The clocks are for who asks: a route may take longer, and the connection stays for the next question."""
    app, path = served
    reader, writer = await opened(path)
    app.go.clear()
    for _ in range(2):
        writer.write(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi")
        await asyncio.sleep(3 * wire.HEAD_S)
        app.go.set()
        got = await asyncio.wait_for(reader.readuntil(b"hi"), DEADLINE_S)
        assert got.startswith(b"HTTP/1.1 200")
    writer.close()


async def test_who_does_not_read_is_let_go(served: tuple[App, str]) -> None:
    app, path = served
    app.large = 32 * 1024 * 1024
    reader, writer = await opened(path)
    writer.transport.pause_reading()
    writer.write(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
    async with asyncio.timeout(DEADLINE_S):
        while not app.asked:  # noqa: ASYNC110 -- the application has no event for it
            await asyncio.sleep(0.01)
    await asyncio.sleep(3 * wire.STALL_S)
    writer.transport.resume_reading()
    got = 0
    with contextlib.suppress(ConnectionError):
        while piece := await asyncio.wait_for(reader.read(1 << 20), DEADLINE_S):
            got += len(piece)
    assert got < app.large


async def test_places_are_bounded(served: tuple[App, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_CONNECTIONS", 3)
    _app, path = served
    kept = [await opened(path) for _ in range(3)]
    for _, writer in kept:
        writer.write(b"POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nhi")
    for reader, _ in kept:
        await asyncio.wait_for(reader.readuntil(b"hi"), DEADLINE_S)
    reader, _writer = await opened(path)
    status, error = await answer(reader)
    assert (status, error["code"]) == (503, "busy")
    for _, writer in kept:
        writer.close()


async def test_requests_at_one_time_are_bounded(served: tuple[App, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MAX_BUSY", 2)
    app, path = served
    app.go.clear()
    first, second = await opened(path), await opened(path)
    for _, writer in (first, second):
        writer.write(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
    async with asyncio.timeout(DEADLINE_S):
        while app.asked < 2:  # noqa: ASYNC110 -- the application has no event for it
            await asyncio.sleep(0.01)
    reader, writer = await opened(path)
    writer.write(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
    status, error = await answer(reader)
    assert (status, error["code"]) == (503, "busy")
    app.go.set()
    for reader, _ in (first, second):
        assert (await asyncio.wait_for(reader.read(), DEADLINE_S)).startswith(b"HTTP/1.1 200")


async def test_one_caller_takes_no_more_than_a_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MAX_BUSY_EACH", 2)
    made, scopes = Front(App()), [{"path": "/x", "state": {}} for _ in range(4)]
    for scope in scopes[:2]:
        made.take_place(scope, "somebody")
    with pytest.raises(front.TooManyError):
        made.take_place(scopes[2], "somebody")
    made.take_place(scopes[3], "another")
