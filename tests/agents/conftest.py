"""Real nodes for tests: a supervisor with its children in a folder of its own, and a stand-in for senses where none shall poll."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from agents import launch
from agents.places import owner, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.messages import Assign, Done, Watch
from core.sections import Ears, General
from core.settings import Settings
from links.bus import SocketBus

KINDS = ("hub", "workers", "ears")

SITES = b"name,level,county\nLD-1,county,Liandu\nQT-1,county,Qingtian\n"
DEVICES = (
    b"name,address,site,role,platform\n"
    b"LD-ACC-1,10.1.0.1,LD-1,access,huawei_vrp\nLD-ACC-2,10.1.0.2,LD-1,access,huawei_vrp\nQT-PE-1,10.2.0.1,QT-1,PE,h3c_comware\n"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def settings_in() -> Callable[..., Settings]:
    def make(path: Path, **ears: int) -> Settings:
        general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
        return settled(Settings(general=general, ears=Ears(**ears)))

    return make


@pytest.fixture(scope="module")
def node(folder: Path, settings_in: Callable[..., Settings]) -> Iterator[Settings]:
    """A running node, shared by the tests of a module."""
    settings = settings_in(folder)
    launch.start(settings, kinds=KINDS, die_with_us=True)
    yield settings
    _stop(settings)


@pytest.fixture
def own_node(tmp_path_factory: pytest.TempPathFactory, settings_in: Callable[..., Settings]) -> Iterator[Settings]:
    """A running node that one test may ruin."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settings_in(path)
    launch.start(settings, kinds=KINDS, die_with_us=True)
    yield settings
    _stop(settings)
    shutil.rmtree(path, ignore_errors=True)


def _stop(settings: Settings) -> None:
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
async def hub(node: Settings) -> AsyncIterator[Client]:
    async with connect(node) as client:
        yield client


class FakeSenses:
    """The bus's side of senses: remembers what it was told."""

    def __init__(self, bus: SocketBus) -> None:
        self.bus = bus
        self.assigned: list[Assign] = []
        self.watched: list[Watch] = []

    async def start(self) -> "FakeSenses":
        await self.bus.start()
        await self.bus.subscribe("senses.assign", self._assign)
        await self.bus.subscribe("senses.watch", self._watch)
        await self.bus.wait_connected()
        return self

    async def _assign(self, body: bytes) -> bytes:
        self.assigned.append(msgspec.msgpack.decode(body, type=Assign))
        return msgspec.msgpack.encode(Done())

    async def _watch(self, body: bytes) -> bytes:
        self.watched.append(msgspec.msgpack.decode(body, type=Watch))
        return msgspec.msgpack.encode(Done())


@pytest.fixture
async def senses(node: Settings) -> AsyncIterator[FakeSenses]:
    fake = await FakeSenses(SocketBus(Path(node.general.run_dir) / "bus.sock", "senses")).start()
    yield fake
    await fake.bus.close()


@pytest.fixture
def sheets() -> tuple[bytes, bytes]:
    """Sites and devices as csv."""
    return SITES, DEVICES


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
