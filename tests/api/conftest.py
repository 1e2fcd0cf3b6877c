"""A running hub with one person for each role that the API is asked as, and plain HTTP to its socket."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Role, Scope, Session
from core.nouns import new_id
from core.objects import Device, Site, Unit
from core.sections import Accounts, Api, General
from core.settings import Settings
from stores.records import open_records

HOUR_MS = 3_600_000
PEOPLE: dict[str, tuple[Role, Scope]] = {
    "administrator": ("system-administrator", EVERYWHERE), "security": ("security-officer", EVERYWHERE), "auditor": ("auditor", EVERYWHERE),
    "operator": ("operator", EVERYWHERE), "viewer": ("viewer", EVERYWHERE), "contact": ("unit-contact", Scope(units=("Bureau",))),
}


class Node(NamedTuple):
    """A running hub and how its people prove who they are."""

    settings: Settings
    bearers: dict[str, str]
    ids: dict[str, str]

    @property
    def socket(self) -> str:
        return str(Path(self.settings.general.run_dir) / "hub.sock")

    def http(self, name: str = "", **more: Any) -> httpx.Client:
        """Plain HTTP as this person; as nobody without a name."""
        who = {"authorization": f"Bearer {self.bearers[name]}"} if name else {"authorization": ""}
        headers = {"accept-language": "en", **{key: value for key, value in who.items() if value}}
        transport = httpx.HTTPTransport(uds=self.socket, verify=False)
        return httpx.Client(transport=transport, base_url="http://hub", headers=headers, timeout=60, **more)

    def client(self, name: str) -> Client:
        made = connect(self.settings)
        made.identify(self.bearers[name])
        return made


def seeded(settings: Settings) -> Node:
    """People, units, sites and devices, before the hub starts. No account is that of the system's user: the socket is nobody."""
    prepare(settings)
    now = time.time_ns() // 1_000_000
    store = open_records(Path(settings.general.data_dir) / "records.db")
    bearers, ids = {}, {}
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for name, parent in (("Office", ""), ("Bureau", ""), ("Bureau/Division", "Bureau")):
            write.put("seed", Unit(id=new_id(now), name=name, level="city", parent=parent))
        for name in ("LD-1", "QT-1"):
            write.put("seed", Site(id=new_id(now), name=name, level="county", county="Seeded"))
        devices = (("LD-ACC", "LD-1", "Office"), ("QT-ACC", "QT-1", "Office"), ("LD-DIV", "LD-1", "Bureau/Division"))
        for number, (name, site, unit) in enumerate(devices, 1):
            address = f"127.0.0.{number}"
            write.put("seed", Device(id=new_id(now), name=name, address=address, site=site, role="access", unit=unit, polled=False))
        for name, (role, scope) in PEOPLE.items():
            ids[name], bearers[name] = new_id(now), f"yws_test-{name}"
            write.put("seed", Account(id=ids[name], name=name, created_at=now))
            write.put("seed", AccountSecret(id=ids[name], secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=ids[name], secret_digest=digest(bearers[name]), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            write.put("seed", Grant(id=new_id(now), account=ids[name], role=role, scope=scope))
    store.close()
    return Node(settings, bearers, ids)


@contextlib.contextmanager
def running(**api: Any) -> Iterator[Node]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    node = seeded(settled(Settings(general=general, api=Api(**api), accounts=Accounts(second_factor="nobody"))))
    launch.start(node.settings, kinds=("hub", "workers"), die_with_us=True)
    try:
        yield node
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(node.settings)
        if pid := owner(node.settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def run_node() -> Any:
    """A context manager that runs a hub of one's own: `with run_node(**api) as node`."""
    return running


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
