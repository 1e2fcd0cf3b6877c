"""A small city of the lab as records, and a running hub that holds it, with people who see all of it or one unit."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import Client, connect
from core import i18n
from core.cloud import Project, Quota
from core.errors import YunwangError
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Role, Scope, Session
from core.messages import Observed
from core.nouns import new_id
from core.objects import BusinessSystem, Link
from core.organisation import Component, DataLine
from core.sections import Accounts, General
from core.settings import Settings
from lab.records import records as city_records
from stores.records import open_records

HOUR_MS = 3_600_000
SYSTEMS = 30
SEEDER = Actor(name="seed", origin="test")


class Node(NamedTuple):
    """A running hub, how its people prove who they are, and what was put into it."""

    settings: Settings
    bearers: dict[str, str]
    records: dict[str, list[Any]]
    unit: str
    """Of which the contact sees everything."""

    def client(self, name: str = "administrator") -> Client:
        made = connect(self.settings)
        made.identify(self.bearers[name])
        return made


@pytest.fixture(scope="session")
def small_city() -> tuple[dict[str, list[Any]], list[Link]]:
    """Sixty devices, and the first systems with all that is theirs in the cloud."""
    records, links = city_records(60)
    systems = {one.name for one in records["system"][:SYSTEMS]}
    projects = {one.key for one in records["project"] if one.system in systems}
    networks = {one.key for one in records["vpc"] if one.project in projects}
    return {kind: [one for one in some if _is_theirs(one, systems, projects, networks)] for kind, some in records.items()}, links


def _is_theirs(noun: Any, systems: set[str], projects: set[str], networks: set[str]) -> bool:
    match noun:
        case BusinessSystem():
            return noun.name in systems
        case Project() | Component():
            return noun.system in systems
        case Quota():
            return noun.key in projects
        case DataLine():
            return {noun.source_system, noun.target_system} <= systems
    return getattr(noun, "project", next(iter(projects))) in projects and getattr(noun, "network", next(iter(networks))) in networks


def _seed(settings: Settings, records: dict[str, list[Any]], links: list[Link], unit: str) -> dict[str, str]:
    prepare(settings)
    now = time.time_ns() // 1_000_000
    people: dict[str, tuple[Role, Scope]] = {
        "administrator": ("system-administrator", EVERYWHERE), "contact": ("unit-contact", Scope(units=(unit,))),
    }
    bearers = {}
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(SEEDER, now) as write:
        for noun in (noun for some in records.values() for noun in some):
            write.put("seed", noun)
        for device in records["device"]:
            mine = tuple(link for link in links if link.device_a == device.id)
            write.observe("device.observe", Observed(device_id=device.id, at_ms=now, interfaces=(), facts=(), links=mine))
        for name, (role, scope) in people.items():
            account, bearers[name] = new_id(now), f"yws_test-{name}"
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(bearers[name]), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            write.put("seed", Grant(id=new_id(now), account=account, role=role, scope=scope))
    store.close()
    return bearers


@pytest.fixture(scope="session")
def node(small_city: tuple[dict[str, list[Any]], list[Link]]) -> Iterator[Node]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
    records, links = small_city
    unit = records["access_point"][0].unit
    bearers = _seed(settings, records, links, unit)
    launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    try:
        yield Node(settings, bearers, records, unit)
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def hub(node: Node) -> AsyncIterator[Client]:
    async with node.client() as client:
        yield client


@pytest.fixture
async def contact(node: Node) -> AsyncIterator[Client]:
    async with node.client("contact") as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
