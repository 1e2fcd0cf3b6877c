"""Hubs for the tests of the intake and the queue: one inside the test, one as its own process after a source has told its part."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents import launch
from agents.hub.hub import Hub
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Caller, Grant, Role, Scope, Session
from core.nouns import new_id
from core.objects import Device, Site, Unit
from core.sections import Accounts, General
from core.settings import Settings
from core.sources import Told
from links.broker import Broker
from links.bus import SocketBus
from stores.records import open_records

PEOPLE: dict[str, tuple[Role, Scope]] = {
    "administrator": ("system-administrator", EVERYWHERE), "viewer": ("viewer", EVERYWHERE),
    "there": ("operator", Scope(units=("Bureau",))),
}


def _sheet() -> Told:
    """What people declared."""
    return Told(origin="declared", source="declared", records={
        "unit": (Unit(id="", name="Bureau", level="city"), Unit(id="", name="Office", level="city")),
        "site": (Site(id="", name="Room", level="city"),),
        "device": (
            Device(id="", name="SW1", address="192.0.2.1", site="Room", role="access", model="S5735", unit="Bureau", polled=False),
            Device(id="", name="SW2", address="192.0.2.2", site="Room", role="access", serial="B2", polled=False),
        ),
    })


def _netbox(*devices: Device, whole: tuple[str, ...] = ()) -> Told:
    """What a NetBox says of devices."""
    return Told(
        origin="netbox:nb", source="observed", records={"device": devices}, whole=whole,
        fields={"device": ("address", "serial", "model", "site", "role")},
    )


class Inside:
    """A hub inside the test, on a data folder."""

    def __init__(self, folder: Path) -> None:
        general = General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")
        self.settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
        self.folder = folder
        grants = (Grant(id="g", account="id-admin", role="system-administrator"),)
        self.admin = Caller(actor=Actor(name="admin", origin="test"), account="id-admin", grants=grants)

    async def open(self) -> "Inside":
        prepare(self.settings)
        self.broker = Broker(self.folder / "run" / "test.sock")
        await self.broker.start()
        self.bus = await SocketBus(self.folder / "run" / "test.sock", "hub").start()
        await self.bus.wait_connected()
        path = self.folder / "data" / "records.db"
        self.hub = Hub(self.settings, open_records(path), str(path), self.bus)
        await self.hub.start()
        return self

    async def close(self) -> None:
        await self.hub.close()
        await self.bus.close()
        self.hub.store.close()
        await self.broker.close()

    def all(self, kind: str) -> dict[str, Any]:
        """Records by name."""
        return {getattr(one, "name", one.id): one for one in self.hub.store.all(kind)}

    def lines(self, state: str = "open", **where: str) -> list[Any]:
        """Lines of the queue."""
        return [
            one for one in self.hub.store.all("difference")
            if one.state == state and all(getattr(one, field) == value for field, value in where.items())
        ]


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    opened = await Inside(folder).open()
    yield opened
    await opened.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sheet() -> Callable[[], Told]:
    return _sheet


@pytest.fixture(scope="session")
def netbox() -> Callable[..., Told]:
    return _netbox


class Node(NamedTuple):
    """A hub as its own process, and how its people prove who they are."""

    settings: Settings
    bearers: dict[str, str]

    def client(self, name: str) -> Client:
        made = connect(self.settings)
        made.identify(self.bearers[name])
        return made


def _people(settings: Settings) -> dict[str, str]:
    now, bearers = time.time_ns() // 1_000_000, {}
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for name, (role, scope) in PEOPLE.items():
            account, bearers[name] = new_id(now), f"yws_test-{name}"
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(bearers[name]), created_at=now, expires_at=now + 36_000_000,
            ))
            write.put("seed", Grant(id=new_id(now), account=account, role=role, scope=scope))
    store.close()
    return bearers


async def _told(folder: Path) -> Settings:
    opened = await Inside(folder).open()
    await opened.hub.intake.take(opened.admin, _sheet())
    await opened.hub.intake.take(opened.admin, _netbox(
        Device(id="", name="SW1", address="192.0.2.1", site="Room", role="access", model="S6730", serial="A1"),
        Device(id="", name="SW9", address="192.0.2.9", site="Room", role="PE"),
        *(Device(id="", name=f"N{n}", address=f"192.0.2.{100 + n}", site="Room", role="CE") for n in range(4)),
    ))
    await opened.close()
    return opened.settings


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """With a line of each of some classes in the queue."""
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = asyncio.run(_told(folder))
    made = Node(settings, _people(settings))
    launch.start(settings, kinds=("hub",), die_with_us=True)
    yield made
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
