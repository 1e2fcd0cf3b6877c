"""A running hub with a town in its records: two units, a switch with ports, stations behind them, VPNs, a cloud."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from cli.main import main
from client import Client, connect
from core import cloud, i18n
from core.errors import YunwangError
from core.extranet import AccessPoint, Circuit, Egress, VpnInstance
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Role, Scope, Session
from core.messages import Observed
from core.network import Cable, IPAddress, NATMapping, PolicyRule, Prefix, Vlan
from core.nouns import new_id
from core.objects import BusinessSystem, Device, Interface, Site, Station, Unit
from core.organisation import Component
from core.sections import Accounts, General
from core.settings import Settings
from stores.records import open_records

T = TypeVar("T")
HOUR_MS = 3_600_000
PEOPLE: dict[str, tuple[Role, Scope]] = {
    "administrator": ("system-administrator", EVERYWHERE), "operator": ("operator", EVERYWHERE), "viewer": ("viewer", EVERYWHERE),
    "operator-there": ("operator", Scope(units=("丽水市人力资源和社会保障局",))),
    "contact": ("unit-contact", Scope(units=("丽水市人力资源和社会保障局",))),
}
SOCIAL, FINANCE = "丽水市人力资源和社会保障局", "丽水市财政局"
SWITCH, CORE = "LS-DC-TOR-CE6857-01", "LS-DC-P-NE40-01"
CARD, VPORT_MAC = "00:1a:2b:3c:4d:5e", "fa:16:3e:00:00:07"


def town() -> dict[str, list[Any]]:
    """Records by kind, without ids."""
    return {
        "unit": [
            Unit(id="", name=SOCIAL, level="city", short_name="市人社局", phone="0578-2091234"), Unit(id="", name=FINANCE, level="city"),
        ],
        "site": [
            Site(id="", name="政务云机房", level="city", county="莲都区"), Site(id="", name="云和县机房", level="county", county="云和县"),
        ],
        "device": [
            Device(id="", name=SWITCH, address="10.64.0.75", site="政务云机房", role="ToR", unit=SOCIAL, serial="2102350DLS10H5000123",
                   model="CE6857", platform="huawei_vrp"),
            Device(id="", name=CORE, address="10.64.0.1", site="政务云机房", role="P", platform="huawei_vrp", note="汇聚到省"),
            Device(id="", name="YH-XZ-ACC-01", address="10.64.1.1", site="云和县机房", role="access", unit=FINANCE, polled=False),
        ],
        "system": [BusinessSystem(id="", name="社保经办", unit=SOCIAL, protection_level=3, cii=True)],
        "vpn_instance": [
            VpnInstance(id="", name="人社专网", rd="65000:100", unit=SOCIAL), VpnInstance(id="", name="公用网", rd="65000:1"),
        ],
        "circuit": [Circuit(id="", name="LX-00001", carrier="移动")],
        "egress": [Egress(id="", name="互联网出口A", device=CORE, port="GE0/0/9")],
        "vlan": [Vlan(id="", name=f"{SWITCH}/100", vid=100, domain=SWITCH, purpose="办公", vpn="人社专网")],
        "prefix": [
            Prefix(id="", name="人社专网|10.128.0.0/16", prefix="10.128.0.0/16", vpn="人社专网", unit=SOCIAL),
            Prefix(id="", name="人社专网|10.128.0.0/26", prefix="10.128.0.0/26", vpn="人社专网", unit=SOCIAL, vlan=f"{SWITCH}/100"),
            Prefix(id="", name="公用网|10.128.0.0/26", prefix="10.128.0.0/26", vpn="公用网", unit=FINANCE),
            Prefix(id="", name="人社专网|2001:db8:1::/64", prefix="2001:db8:1::/64", vpn="人社专网", unit=SOCIAL),
            Prefix(id="", name="公用网|192.0.2.0/29", prefix="192.0.2.0/29", vpn="公用网", unit=FINANCE),
        ],
        "ip_address": [
            IPAddress(id="", name="人社专网|10.128.0.1", address="10.128.0.1", vpn="人社专网", purpose="网关"),
            IPAddress(id="", name="人社专网|10.128.0.2", address="10.128.0.2", vpn="人社专网", unit=SOCIAL, purpose="终端"),
            IPAddress(id="", name="公用网|10.128.0.2", address="10.128.0.2", vpn="公用网", unit=FINANCE),
        ],
        "access_point": [
            AccessPoint(id="", name="人社@专网", unit=SOCIAL, device=SWITCH, port="10GE1/0/3", vpn="人社专网", vlan=100, circuit="LX-00001",
                        prefix="10.128.0.0/26"),
        ],
        "cable": [Cable(id="", name="上联", device_a=SWITCH, port_a="10GE1/0/1", device_b=CORE, port_b="GE0/0/1")],
        "nat_mapping": [
            NATMapping(id="", name=f"{CORE}/198.18.0.10", device=CORE, kind="static", outside="198.18.0.10", inside="10.0.0.5"),
        ],
        "policy_rule": [
            PolicyRule(id="", name=f"{CORE}/P1", device=CORE, sources=("any",), destinations=("10.0.0.0/28",), services=("tcp/443",),
                       owner=SOCIAL),
            PolicyRule(id="", name=f"{CORE}/P2", device=CORE, sources=("any",), destinations=("any",)),
        ],
        "cloud_platform": [cloud.CloudPlatform(id="", name="丽水政务云", site="政务云机房")],
        "project": [cloud.Project(id="", key="p1", name="prj-社保", platform="丽水政务云", unit=SOCIAL, system="社保经办")],
        "host": [cloud.Host(id="", key="h1", name="compute-001", platform="丽水政务云", address="10.64.2.1", macs=(CARD,), state="up")],
        "vm": [cloud.VM(id="", key="v1", name="vm-社保-web-00", project="p1", host="h1", state="ACTIVE")],
        "component": [Component(id="", name="社保经办/web", system="社保经办", tier="web", runs_on=("v1",))],
        "vpc": [cloud.VPC(id="", key="n1", name="net-社保", project="p1", vlan=1007, physical="physnet1")],
        "subnet": [cloud.Subnet(id="", key="s1", name="sub-社保", network="n1", prefix="10.0.0.0/24", gateway="10.0.0.1")],
        "vport": [cloud.VPort(id="", key="o1", name="", network="n1", mac=VPORT_MAC, addresses=("10.0.0.5",), vm="v1", host="h1")],
        "floating_ip": [cloud.FloatingIP(id="", key="f1", name="198.18.0.10", project="p1", port="o1")],
        "load_balancer": [cloud.LoadBalancer(id="", key="l1", name="lb-社保", project="p1", address="10.0.0.9", members=("10.0.0.5",))],
    }


def _observed(ids: dict[str, str], now: int) -> Observed:
    """Six ports: one linked, one plugged into the host, one entered, one described, one shut down, one free."""
    switch = ids[SWITCH]
    ports = (("10GE1/0/1", "", 1, 1), ("10GE1/0/2", "", 1, 1), ("10GE1/0/3", "", 1, 2), ("10GE1/0/4", "留给财政", 1, 2),
             ("10GE1/0/5", "", 2, 2), ("10GE1/0/6", "", 1, 2), ("Vlanif100", "", 1, 2))
    interfaces = tuple(
        Interface(device_id=switch, if_index=n, name=name, alias=alias, if_type=6 if "GE" in name else 136, speed_bps=10**10,
                  admin_status=admin, oper_status=oper)
        for n, (name, alias, admin, oper) in enumerate(ports, 1)
    )
    stations = (
        Station(device_id=switch, port="10GE1/0/2", mac=CARD, vlan=1007, valid_from=now),
        Station(device_id=switch, port="Vlanif100", mac="00:aa:00:00:00:09", address="10.128.0.9", source="arp", valid_from=now),
        Station(device_id=switch, port="10GE1/0/3", mac="00:aa:00:00:00:09", vlan=100, valid_from=now),
    )
    return Observed(device_id=switch, at_ms=now, interfaces=interfaces, facts=(), links=(), stations=stations)


class Node(NamedTuple):
    """A running hub, and the ids of its people."""

    settings: Settings

    def client(self, name: str) -> Client:
        made = connect(self.settings)
        made.identify(f"yws_test-{name}")
        return made

    def ask(self, name: str, question: Callable[[Client], Awaitable[T]]) -> T:
        """One question as one of the people."""

        async def run() -> T:
            async with self.client(name) as hub:
                return await question(hub)

        return asyncio.run(run())


def _seed(settings: Settings) -> None:
    prepare(settings)
    now = time.time_ns() // 1_000_000
    store = open_records(Path(settings.general.data_dir) / "records.db")
    ids: dict[str, str] = {}
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for nouns in town().values():
            for noun in nouns:
                ids[noun.name] = new_id(now)
                write.put("seed", noun.replace(id=ids[noun.name]))
        write.observe("seed", _observed(ids, now))
        for name, (role, scope) in PEOPLE.items():
            account = new_id(now)
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(f"yws_test-{name}"), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            write.put("seed", Grant(id=new_id(now), account=account, role=role, scope=scope))
    store.close()


@pytest.fixture(scope="package")
def node() -> Iterator[Node]:
    """One hub for all tests here: each gives back what it took."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
    _seed(settings)
    launch.start(settings, kinds=("hub",), die_with_us=True)
    try:
        yield Node(settings)
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def records() -> dict[str, list[Any]]:
    """The town as records with ids, for views."""
    number = iter(range(1, 1000))
    return {kind: [noun.replace(id=f"{next(number):032x}") for noun in nouns] for kind, nouns in town().items()}


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(node: Node, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """`run("search", "rsj", who="viewer")`: a command of that person."""
    general = node.settings.general
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", general.run_dir)

    def command(*words: str, who: str = "administrator") -> Ran:
        monkeypatch.setenv("YUNWANG_TOKEN", f"yws_test-{who}")
        before = i18n.language()
        code = main(["--lang", "en", *words])
        i18n.use(before)
        found = capsys.readouterr()
        return Ran(code, found.out, found.err)

    return command
