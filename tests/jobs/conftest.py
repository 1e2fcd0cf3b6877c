"""Hubs for the tests of work: real ones with records, bus and parts, inside the test; nodes of their own processes; callers of any role."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.hub.hub import Hub
from core import i18n
from core.identity import Account, Actor, Caller, Grant, Role, Scope
from core.objects import Device, Site, Unit
from core.sections import General
from core.settings import Settings
from links.broker import Broker
from links.bus import SocketBus
from stores.records import open_records

DEADLINE_S = 60.0


Until = Callable[[Callable[[], bool | Awaitable[bool]]], Awaitable[None]]


async def _until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Waits for something that must come."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        found = condition()
        if (found if isinstance(found, bool) else await found):
            return
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.01)


def _caller(name: str, *roles: Role, scope: Scope | None = None) -> Caller:
    """Somebody who is logged in."""
    grants = tuple(Grant(id=f"{name}-{role}", account=f"id-{name}", role=role, scope=scope or Scope()) for role in roles)
    return Caller(actor=Actor(name=name, origin="test"), account=f"id-{name}", grants=grants)


def _put_accounts(hub: Hub, *people: Caller) -> None:
    """Makes the accounts of callers, and their grants."""
    with hub.store.write(Actor(name="test"), 1) as write:
        for one in people:
            write.put("user.add", Account(id=one.account, name=one.actor.name))
            for grant in one.grants:
                write.put("grant.add", grant)


def _put_city(hub: Hub) -> None:
    """A city with two units, one below the other, and a device at each of two sites."""
    with hub.store.write(Actor(name="test"), 1) as write:
        write.put("add", Unit(id="u1", name="County", level="county"))
        write.put("add", Unit(id="u2", name="Office", level="township", parent="County"))
        for name in ("S1", "S2"):
            write.put("add", Site(id=f"s-{name}", name=name, level="county"))
        write.put("add", Device(id="d1", name="D1", address="10.0.0.1", site="S1", role="access", unit="Office", polled=False))
        write.put("add", Device(id="d2", name="D2", address="10.0.0.2", site="S2", role="access", polled=False))


class Place:
    """One data folder with a bus; hubs come and go on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"))
        self.hubs: list[tuple[Hub, SocketBus]] = []

    async def open(self) -> "Place":
        (self.folder / "run").mkdir()
        (self.folder / "data").mkdir()
        self.broker = Broker(self.folder / "run" / "bus.sock")
        await self.broker.start()
        return self

    async def bus(self, name: str) -> SocketBus:
        bus = await SocketBus(self.folder / "run" / "bus.sock", name).start()
        await bus.wait_connected()
        return bus

    async def hub(self, prepare: Callable[[Hub], None] = lambda _hub: None) -> Hub:
        path = self.folder / "data" / "records.db"
        bus = await self.bus("hub")
        hub = Hub(self.settings, open_records(path), path, bus)
        prepare(hub)
        await hub.start()
        self.hubs.append((hub, bus))
        return hub

    def seed(self, *records: Any) -> None:
        """Puts records before a hub is there."""
        store = open_records(self.folder / "data" / "records.db")
        with store.write(Actor(name="test"), 1) as write:
            for record in records:
                write.put("test", record)
        store.close()

    async def end(self, hub: Hub) -> None:
        for one, bus in list(self.hubs):
            if one is hub:
                self.hubs.remove((one, bus))
                await hub.close()
                await bus.close()
                hub.store.close()

    async def close(self) -> None:
        for hub, _ in list(self.hubs):
            await self.end(hub)
        await self.broker.close()


@pytest.fixture(scope="session")
def until() -> Until:
    """`await until(lambda: ...)`: waits for something that must come."""
    return _until


@pytest.fixture(scope="session")
def who() -> Callable[..., Caller]:
    """`who("name", "operator")`: somebody who is logged in."""
    return _caller


@pytest.fixture(scope="session")
def admin() -> Caller:
    return _caller("admin", "system-administrator")


@pytest.fixture(scope="session")
def operator() -> Caller:
    return _caller("op", "operator")


@pytest.fixture(scope="session")
def put_accounts() -> Callable[..., None]:
    return _put_accounts


@pytest.fixture(scope="session")
def put_city() -> Callable[[Hub], None]:
    return _put_city


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    opened = await Place(folder).open()
    yield opened
    await opened.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def hub(place: Place) -> Hub:
    return await place.hub()


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


