"""A running hub of a small city, people in several roles, and somebody who tells alerts as senses do."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.events import Event, EventBatch
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Role, Scope, Session
from core.messages import AlertTransitions, Done, Observed
from core.nouns import new_id
from core.objects import BusinessSystem, Device, Link, Site, Unit
from core.sections import Accounts, General
from core.settings import Settings
from core.signals import Alert
from links.bus import SocketBus
from stores.records import open_records

T = TypeVar("T")
HOUR_MS = 3_600_000
DEADLINE_S = 60.0
PEOPLE: dict[str, tuple[Role, Scope]] = {
    "administrator": ("system-administrator", EVERYWHERE), "operator": ("operator", EVERYWHERE), "auditor": ("auditor", EVERYWHERE),
    "viewer": ("viewer", EVERYWHERE), "there": ("operator", Scope(units=("Bureau",))),
    "contact": ("unit-contact", Scope(units=("Bureau",))),
}


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def _alert(rule: str, device: str, instance: str = "", *, ago_s: float = 100, **more: Any) -> Alert:
    at = now_ms() - int(ago_s * 1000)
    severity = more.pop("severity", "major")
    return Alert(id=new_id(at), rule=rule, device_id=device, instance=instance, severity=severity, raised_at=at, **more)


class Node(NamedTuple):
    """A running hub. Devices in a row: core - mid - leaf; old is not polled; Portal is a system. leaf and Portal belong to Division."""

    settings: Settings
    bearers: dict[str, str]

    def client(self, name: str = "operator") -> Client:
        made = connect(self.settings)
        made.identify(self.bearers[name])
        return made

    def ask(self, question: Callable[[Client], Awaitable[T]], name: str = "operator") -> T:
        async def run() -> T:
            async with self.client(name) as hub:
                return await question(hub)

        return asyncio.run(run())

    def say(self, *alerts: Alert) -> None:
        """As senses tell them: acknowledged when they are kept."""

        async def run() -> None:
            bus = await SocketBus(Path(self.settings.general.run_dir) / "bus.sock", "senses").start()
            await bus.wait_connected()
            body = msgspec.msgpack.encode(AlertTransitions(key=new_id(1), alerts=alerts))
            assert not msgspec.msgpack.decode(await bus.request("hub.alerts", body, 60), type=Done).error
            await bus.close()

        asyncio.run(run())

    def hear(self, *events: Event) -> None:
        """As ears tell them."""

        async def run() -> None:
            bus = await SocketBus(Path(self.settings.general.run_dir) / "bus.sock", "ears").start()
            await bus.wait_connected()
            await bus.publish("live.events", msgspec.msgpack.encode(EventBatch(at_ms=1, events=events)))
            await bus.close()

        asyncio.run(run())

    def until(self, question: Callable[[Client], Awaitable[bool]], name: str = "operator") -> None:
        """Waits for something that must come."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with contextlib.suppress(YunwangError):
                if self.ask(question, name):
                    return
            assert time.monotonic() < deadline, "it did not come"
            time.sleep(0.1)


OWN_RULES = """
rules:
  own-rule: {kind: event, mnemonic: OWN, severity: major, says: {zh: "值 {value}", en: "value {value}"}}
  own-many: {kind: event, mnemonic: MANY, severity: major, says: {zh: "很多", en: "many"}}
  own-paged: {kind: event, mnemonic: PAGED, severity: major, says: {zh: "分页", en: "paged"}}
"""


def _seed(settings: Settings) -> dict[str, str]:
    prepare(settings)
    rules = Path(settings.general.data_dir) / "rules"
    rules.mkdir()
    (rules / "own.yml").write_text(OWN_RULES, "utf-8")
    now, bearers = now_ms(), {}
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for name, parent in (("Office", ""), ("Bureau", ""), ("Division", "Bureau")):
            write.put("seed", Unit(id=new_id(now), name=name, level="city", parent=parent))
        for name in ("S-1", "S-2"):
            write.put("seed", Site(id=new_id(now), name=name, level="county"))
        roles: dict[str, tuple[Any, str, str]] = {
            "core": ("core", "S-1", ""), "mid": ("aggregation", "S-1", "Office"), "leaf": ("access", "S-2", "Division"),
            "old": ("access", "S-1", "Office"),
        }
        for number, (name, (role, site, unit)) in enumerate(roles.items(), 1):
            write.put("seed", Device(
                id=name, name=name, address=f"127.0.0.{number}", site=site, role=role, unit=unit, polled=name != "old", interval_s=30,
            ))
        for a, b in (("core", "mid"), ("mid", "leaf")):
            link = Link(device_a=a, port_a="down", device_b=b, port_b="up", source="lldp", confidence=0.95, valid_from=1)
            write.observe("device.observe", Observed(device_id=a, at_ms=1, interfaces=(), facts=(), links=(link,)))
        write.put("seed", BusinessSystem(id="portal", name="Portal", unit="Division", protection_level=3))
        for name, (role, scope) in PEOPLE.items():
            account, bearers[name] = new_id(now), f"yws_test-{name}"
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(bearers[name]), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            write.put("seed", Grant(id=new_id(now), account=account, role=role, scope=scope))
    store.close()
    return bearers


@contextlib.contextmanager
def running() -> Iterator[Node]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
    node = Node(settings, _seed(settings))
    launch.start(settings, kinds=("hub",), die_with_us=True)
    try:
        yield node
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running() as made:
        yield made


@pytest.fixture(scope="session")
def alert() -> Callable[..., Alert]:
    """`alert(RULE, DEVICE, INSTANCE)`: raised long enough ago that nothing is waited for."""
    return _alert


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
