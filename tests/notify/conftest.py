"""Sinks that are real servers on loopback, and hubs whose messages go there."""

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.hub.hub import Hub
from core import i18n
from core.identity import Account, Actor, Caller, Grant, Role
from core.messages import AlertTransitions, Done, Observed
from core.nouns import new_id
from core.objects import Device, Link, Site, Unit
from core.sections import General
from core.settings import Settings
from core.signals import Alert
from links.broker import Broker
from links.bus import SocketBus
from stores.records import open_records

DEADLINE_S = 60.0


class MailSink:
    """An SMTP server that keeps what it gets. refuse: the first so many mails get 451."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.commands: list[str] = []
        self.refuse = 0
        self.port = 0

    async def start(self) -> "MailSink":
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := (await reader.readline()).decode("ascii", "replace").strip():
            self.commands.append(line)
            word = line.split(" ")[0].upper()
            if word == "EHLO":
                writer.write(b"250-sink\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n")
            elif word == "AUTH":
                writer.write(b"235 ok\r\n" if "AGRldnRlc3QAcGFzcw==" not in line else b"535 no\r\n")
            elif word == "MAIL" and self.refuse > 0:
                self.refuse -= 1
                writer.write(b"451 later\r\n")
            elif word == "DATA":
                writer.write(b"354 go\r\n")
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                writer.write(b"250 kept\r\n")
            elif word == "QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()
        writer.close()

    async def close(self) -> None:
        self._server.close()


class WebSink:
    """An HTTP server that keeps what it gets. answer: what it says; status: with which number; hold: it waits until that is set."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status, self.answer = 200, b'{"errcode":0,"code":"0"}'
        self.headers: dict[str, str] = {}
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                heads = {name.lower(): value for name, value in self.headers.items()}
                sink.requests.append((self.command, self.path, heads, body))
                self.send_response(sink.status)
                for name, value in sink.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(sink.answer)))
                self.end_headers()
                self.wfile.write(sink.answer)

            do_POST = do_GET = _take  # noqa: N815 -- http.server names them so

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _caller(name: str, *roles: Role) -> Caller:
    grants = tuple(Grant(id=f"{name}-{role}", account=f"id-{name}", role=role) for role in roles)
    return Caller(actor=Actor(name=name, origin="test"), account=f"id-{name}", grants=grants)


class City:
    """A data folder with a bus; hubs come and go on it. Three devices in a row: core - hub1 - leaf; leaf belongs to Office."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"))
        self.hub: Hub = None  # type: ignore[assignment]
        self.caller = staticmethod(_caller)

    async def open(self) -> "City":
        for name in ("run", "data"):
            (self.folder / name).mkdir()
        self._broker = Broker(self.folder / "run" / "bus.sock")
        await self._broker.start()
        self._senses = await self._bus("senses")
        store = open_records(self.folder / "data" / "records.db")
        with store.write(Actor(name="test"), 1) as write:
            write.put("add", Unit(id="u1", name="County", level="county"))
            write.put("add", Unit(id="u2", name="Office", level="township", parent="County"))
            write.put("add", Site(id="s1", name="S1", level="county"))
            names = {"core": "core", "hub1": "aggregation", "leaf": "access"}
            for number, (name, role) in enumerate(names.items(), 1):
                write.put("add", Device(
                    id=name, name=name, address=f"127.0.0.{number}", site="S1", role=role, interval_s=30,  # type: ignore[arg-type]
                    unit="Office" if name == "leaf" else "",
                ))
            for a, b in (("core", "hub1"), ("hub1", "leaf")):
                link = Link(device_a=a, port_a="down", device_b=b, port_b="up", source="lldp", confidence=0.95, valid_from=1)
                write.observe("device.observe", Observed(device_id=a, at_ms=1, interfaces=(), facts=(), links=(link,)))
            for name, role in {"admin": "system-administrator", "boss": "security-officer"}.items():
                write.put("user.add", Account(id=f"id-{name}", name=name))
                write.put("grant.add", Grant(id=f"g-{name}", account=f"id-{name}", role=role))  # type: ignore[arg-type]
        store.close()
        await self.start()
        return self

    async def _bus(self, name: str) -> SocketBus:
        bus = await SocketBus(self.folder / "run" / "bus.sock", name).start()
        await bus.wait_connected()
        return bus

    async def start(self) -> Hub:
        self._hub_bus = await self._bus("hub")
        path = self.folder / "data" / "records.db"
        self.hub = Hub(self.settings, open_records(path), str(path), self._hub_bus)
        await self.hub.start()
        return self.hub

    async def stop(self) -> None:
        await self.hub.close()
        await self._hub_bus.close()
        self.hub.store.close()

    async def close(self) -> None:
        await self.stop()
        await self._senses.close()
        await self._broker.close()

    async def say(self, *alerts: Alert) -> None:
        """As senses tell them: acknowledged when they are kept."""
        body = msgspec.msgpack.encode(AlertTransitions(key=new_id(1), alerts=alerts))
        assert not msgspec.msgpack.decode(await self._senses.request("hub.alerts", body, 30), type=Done).error

    def stored(self, alert: Alert) -> Alert:
        found: Alert = self.hub.store.get("alert", alert.id)
        return found

    def messages(self, **where: str) -> list[Any]:
        return [one for one in self.hub.notify.recent if all(getattr(one, name) == value for name, value in where.items())]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _alert(rule: str, device: str, *, ago_s: float = 100, **more: Any) -> Alert:
    """Raised long enough ago that nothing is waited for."""
    at = more.pop("raised_at", now_ms() - int(ago_s * 1000))
    severity = more.pop("severity", "critical")
    return Alert(id=new_id(at), rule=rule, device_id=device, severity=severity, raised_at=at, **more)


@pytest.fixture
def alert() -> Callable[..., Alert]:
    return _alert


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The house waits seconds to gather what comes together: tests do not."""
    for place, value in {"part.GATHER_MS": 150, "part.LOOK_S": 0.05, "part.APPROVALS_S": 0.1, "delivery.LOOK_S": 0.05}.items():
        monkeypatch.setattr(f"agents.hub.notify.{place}", value)
    monkeypatch.setattr("agents.hub.suppress.part.LOOK_S", 0.1)
    monkeypatch.setattr("monitors.suppress.waiting.LONGEST_MS", 200)


@pytest.fixture
async def city() -> AsyncIterator[City]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    made = await City(folder).open()
    yield made
    await made.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    sink = await MailSink().start()
    yield sink
    await sink.close()


@pytest.fixture
def web() -> Iterator[WebSink]:
    sink = WebSink()
    yield sink
    sink.close()


Until = Callable[[Callable[[], bool | Awaitable[bool]]], Awaitable[None]]


async def _until(condition: Callable[[], bool]) -> None:
    """Waits for something that must come."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.02)


@pytest.fixture(scope="session")
def until() -> Any:
    return _until


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
