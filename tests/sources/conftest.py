"""What the tests of sources share: a node of its own with hub and workers, the lab's cloud, and servers that misbehave on purpose."""

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest

from agents import launch
from agents.places import owner, settled
from client import Client, connect
from core import i18n, jobs
from core.errors import YunwangError
from core.sections import General
from core.settings import Settings
from core.sources import IntakeReport, NewSource, SyncWish
from core.work import Job
from lab.city import City
from lab.cloud import Cloud
from lab.openstack import Served, serve

T = TypeVar("T")
SECRET = "lab-cloud-secret"
DEADLINE_S = 60.0


class Node(NamedTuple):
    """A running hub with workers, on its first day: whoever asks on its socket is the administrator."""

    settings: Settings

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        async def run() -> T:
            async with connect(self.settings) as hub:
                return await question(hub)

        return asyncio.run(run())

    def add(self, **fields: Any) -> None:
        """A source."""
        self.ask(lambda hub: hub.sources.add(NewSource(**fields)))

    def job(self, name: str, **wish: Any) -> Job:
        """A sync that has ended."""

        async def question(hub: Client) -> Job:
            begun = await hub.sources.sync(name, SyncWish(**wish))
            return await ended(hub, begun.id)

        return self.ask(question)

    def sync(self, name: str, **wish: Any) -> IntakeReport:
        """What came of a sync that went well."""
        job = self.job(name, **wish)
        assert job.state == "done", job.message
        return msgspec.convert(job.result, IntakeReport)

    def records(self, kind: str) -> list[dict[str, Any]]:
        """All records of a kind."""

        async def question(hub: Client) -> list[dict[str, Any]]:
            from core.ports import ListQuery

            items: list[dict[str, Any]] = []
            cursor = ""
            while True:
                page = await hub.page(kind, ListQuery(limit=500, cursor=cursor))
                items += page.items
                cursor = page.cursor
                if not cursor:
                    return items

        return self.ask(question)

    def revision(self) -> int:
        return self.ask(lambda hub: hub.health()).revision


async def ended(hub: Client, job_id: str) -> Job:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            job = await hub.work.job(job_id)
            if job.state in jobs.ENDED:
                return job
            await asyncio.sleep(0.05)


@contextlib.contextmanager
def running() -> Iterator[Node]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")))
    try:
        launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
        yield Node(settings)
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as found:
        yield found


@pytest.fixture(scope="module")
def cloud() -> Cloud:
    """Of a dozen systems: what a cloud is asked once for each project adds up."""
    city = City(3, 120)
    systems = city.systems()[:12]
    city.systems = lambda: systems  # type: ignore[method-assign]
    return Cloud(city, vms=5000)


@pytest.fixture(scope="module")
def served(cloud: Cloud) -> Iterator[Served]:
    with serve(cloud, SECRET) as found:
        yield found


class Heard(NamedTuple):
    """One request as a double heard it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Double:
    """A server of HTTP that answers what it is told to, and remembers what it was asked."""

    def __init__(self, behave: Callable[[Any, Heard], None]) -> None:
        heard: list[Heard] = []

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                one = Heard(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
                heard.append(one)
                with contextlib.suppress(OSError):
                    behave(self, one)

            do_GET = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815 -- what the standard library calls them

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        self.heard = heard
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def say(handler: Any, status: int, body: bytes | str | Any, **headers: str) -> None:
    """Answers; what is no bytes and no text goes out as JSON."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else msgspec.json.encode(body)
    handler.send_response(status)
    for name, value in {"content-type": "application/json", "content-length": str(len(content)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def double() -> Iterator[Callable[[Callable[[Any, Heard], None]], Double]]:
    """`double(behave)`: a server that does `behave(handler, heard)` with each request."""
    made: list[Double] = []

    def make(behave: Callable[[Any, Heard], None]) -> Double:
        made.append(Double(behave))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def answering() -> Callable[..., None]:
    """`answering(handler, status, body)`."""
    return say


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


class Between:
    """Stands before the lab's cloud: passes on what is asked in small pages, and does what a test tells it to at a page of servers."""

    def __init__(self, served: Served, make: Callable[..., Double]) -> None:
        self._port = int(served.auth_url.split(":")[2].split("/")[0])
        self.pages = 0
        self.at_page: Callable[[int], int] = lambda _number: 0
        """Told which page of servers is asked for; the status to answer instead, 0: the cloud's own."""
        self.change: Callable[[str, Any], None] = lambda _path, _body: None
        """Changes what the cloud said."""
        self.url = make(self._pass_on).url + "/identity/v3"

    def _pass_on(self, handler: Any, heard: Heard) -> None:
        if "/servers/detail" in heard.path:
            self.pages += 1
            if status := self.at_page(self.pages):
                say(handler, status, {"error": {"message": "a fault of the test"}})
                return
        wire = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        wire.request(heard.method, heard.path.replace("limit=1000", "limit=20"), heard.body or None, heard.headers)
        answer = wire.getresponse()
        content = answer.read()
        if content.startswith(b"{"):
            body = json.loads(content)
            self.change(heard.path, body)
            content = json.dumps(body).encode()
        headers = {k: v for k, v in answer.getheaders() if k.lower() not in ("content-length", "transfer-encoding", "server", "date")}
        say(handler, answer.status, content, **headers)
        wire.close()


@pytest.fixture
def between(served: Served, double: Callable[..., Double]) -> Between:
    return Between(served, double)
