"""A running hub with two systems, redundant and not, and with three hours of samples in its store."""

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

import numpy as np
import pytest

from agents import launch
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from cli.main import main
from client import Client, connect
from core import cloud, i18n
from core.errors import YunwangError
from core.extranet import AccessPoint, Circuit
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Role, Scope, Session
from core.messages import Observed
from core.network import Cable
from core.nouns import new_id
from core.objects import BusinessSystem, Device, Interface, Site, Unit
from core.organisation import Component
from core.sections import Accounts, General, Samples
from core.settings import Settings
from core.signals import SampleBlock, SeriesKey
from core.work import Window
from stores.records import open_records
from stores.samples import open_samples

T = TypeVar("T")
HOUR_MS, STEP_MS = 3_600_000, 300_000
CITY, COUNTY, OTHER = "市大数据局", "云和县大数据局", "市财政局"
PEOPLE: dict[str, tuple[Role, Scope]] = {
    "administrator": ("system-administrator", EVERYWHERE), "viewer": ("viewer", EVERYWHERE),
    "there": ("operator", Scope(units=(OTHER,))),
}
CORE, LEFT, RIGHT, EDGE = "CORE-1", "TOR-A", "TOR-B", "CE-1"
STEPS = 36
"""Of five minutes, the last of them over."""
DOWN_STEPS = {LEFT: range(6, 12), RIGHT: range(20, 22), EDGE: range(30, 33)}
PLANNED = range(20, 24)
UNKNOWN = {EDGE: range(3)}


class Node(NamedTuple):
    """A running hub. start_ms: of the first step; ids: by name."""

    settings: Settings
    start_ms: int
    ids: dict[str, str]

    @property
    def end_ms(self) -> int:
        return self.start_ms + STEPS * STEP_MS

    def ask(self, name: str, question: Callable[[Client], Awaitable[T]]) -> T:
        """One question as one of the people."""

        async def run() -> T:
            made = connect(self.settings)
            made.identify(f"yws_test-{name}")
            async with made as hub:
                return await question(hub)

        return asyncio.run(run())


def town(start_ms: int) -> list[Any]:
    """A core, two switches that stand in for each other, one behind a single line; systems on both, and on one of them."""
    device = {"site": "机房", "snmp_port": 161}
    return [
        Unit(id="", name=CITY, level="city"), Unit(id="", name=COUNTY, level="county", parent=CITY), Unit(id="", name=OTHER, level="city"),
        Site(id="", name="机房", level="city"), Site(id="", name="县机房", level="county"),
        Device(id="", name=CORE, address="10.0.0.1", role="P", unit=CITY, **device),
        Device(id="", name=LEFT, address="10.0.0.2", role="ToR", unit=CITY, **device),
        Device(id="", name=RIGHT, address="10.0.0.3", role="ToR", unit=CITY, **device),
        Device(id="", name=EDGE, address="10.0.0.4", role="CE", unit=OTHER, site="县机房"),
        Device(id="", name="=SILENT", address="10.0.0.5", role="access", unit=CITY, polled=False, **device),
        Circuit(id="", name="LX-1", bandwidth_bps=100_000_000), Circuit(id="", name="LX-2", bandwidth_bps=1_000_000),
        Cable(id="", name="c1", device_a=CORE, port_a="p1", device_b=LEFT, port_b="u1"),
        Cable(id="", name="c2", device_a=CORE, port_a="p2", device_b=RIGHT, port_b="u1"),
        Cable(id="", name="c3", device_a=CORE, port_a="p3", device_b=EDGE, port_b="u1", circuit="LX-1"),
        AccessPoint(id="", name="财政接入", unit=OTHER, device=EDGE, port="a1", circuit="LX-1"),
        AccessPoint(id="", name="错报接入", unit=OTHER, device=EDGE, port="a2", circuit="LX-2"),
        BusinessSystem(id="", name="双活系统", unit=CITY, protection_level=3),
        BusinessSystem(id="", name="单点系统", unit=CITY, protection_level=2, cii=True),
        BusinessSystem(id="", name="自测系统", unit=OTHER, protection_level=1),
        BusinessSystem(id="", name="无依赖系统", unit=OTHER, protection_level=1),
        Component(id="", name="双活系统/web", system="双活系统", devices=(LEFT, RIGHT), needed=1),
        Component(id="", name="单点系统/web", system="单点系统", devices=(LEFT,)),
        cloud.CloudPlatform(id="", name="政务云", site="机房"),
        cloud.Project(id="", key="prj", name="prj-财政", platform="政务云", unit=OTHER),
        cloud.Host(id="", key="h1", name="compute-1", platform="政务云"),
        Window(id="", name="割接", kind="maintenance", starts_at=start_ms + PLANNED.start * STEP_MS, devices=(RIGHT,),
               ends_at=start_ms + PLANNED.stop * STEP_MS, reason="换板", author="test"),
    ]


def series(ids: dict[str, str]) -> dict[SeriesKey, Any]:
    """Values of each step; NaN: none."""
    out: dict[SeriesKey, Any] = {}
    ramp = np.arange(STEPS) + 1.0
    for name in (CORE, LEFT, RIGHT, EDGE):
        up = np.ones(STEPS)
        up[list(DOWN_STEPS.get(name, ()))] = 0
        up[list(UNKNOWN.get(name, ()))] = np.nan
        out[SeriesKey(ids[name], "yw_up")] = up
        out[SeriesKey(ids[name], "yw_processor_percent", "0")] = ramp + (50 if name == EDGE else 0)
    for port, most in (("u1", 1_000_000.0), ("a1", 250_000.0), ("a2", 900_000.0)):
        out[SeriesKey(ids[EDGE], "ifHCInOctets", port)] = ramp / STEPS * most
        out[SeriesKey(ids[EDGE], "ifHCOutOctets", port)] = ramp / STEPS * most / 2
    probed = np.full(STEPS, np.nan)
    probed[10:] = 1
    probed[30:32] = 0
    out[SeriesKey(ids["自测系统"], "yw_probe_up", "web")] = probed
    out[SeriesKey(ids["政务云"], "yw_hypervisor_memory_percent", "cloud:compute-1")] = np.full(STEPS, 81.5)
    out[SeriesKey(ids["政务云"], "yw_quota_percent", "cloud:prj-财政:vcpus")] = np.full(STEPS, 40.0)
    hypervisor = np.ones(STEPS)
    hypervisor[5] = 0
    out[SeriesKey(ids["政务云"], "yw_hypervisor_up", "cloud:compute-1")] = hypervisor
    return out


def _seed(settings: Settings, start_ms: int) -> dict[str, str]:
    prepare(settings)
    now = time.time_ns() // 1_000_000
    store = open_records(Path(settings.general.data_dir) / "records.db")
    ids: dict[str, str] = {}
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for noun in town(start_ms):
            ids[noun.name] = new_id(now)
            write.put("seed", noun.replace(id=ids[noun.name]))
        ports = tuple(
            Interface(device_id=ids[EDGE], if_index=n, name=name, if_type=6, speed_bps=10**9, admin_status=1, oper_status=1)
            for n, name in enumerate(("u1", "a1", "a2"), 1)
        )
        write.observe("seed", Observed(device_id=ids[EDGE], at_ms=now, interfaces=ports, facts=(), links=()))
        for name, (role, scope) in PEOPLE.items():
            account = new_id(now)
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(f"yws_test-{name}"), created_at=now, expires_at=now + 10 * HOUR_MS,
            ))
            write.put("seed", Grant(id=new_id(now), account=account, role=role, scope=scope))
    store.close()
    _measure(settings, start_ms, series(ids))
    return ids


def _measure(settings: Settings, start_ms: int, values: dict[SeriesKey, Any]) -> None:
    """Five samples in each step."""
    store = open_samples(Path(settings.general.data_dir) / "samples", Samples())
    numbers = store.series_ids(list(values))
    table = np.repeat(np.array(list(values.values())), 5, axis=1)
    for column in range(table.shape[1]):
        known = np.isfinite(table[:, column])
        at = np.full(int(known.sum()), start_ms + column * (STEP_MS // 5) + 1000, np.int64)
        store.append(SampleBlock(numbers[known], at, table[known, column]))
    store.close()


@pytest.fixture(scope="package")
def node() -> Iterator[Node]:
    """One hub for all tests here; nothing changes it."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
    start_ms = (time.time_ns() // 1_000_000 // STEP_MS - STEPS) * STEP_MS
    ids = _seed(settings, start_ms)
    launch.start(settings, kinds=("hub",), die_with_us=True)
    try:
        yield Node(settings, start_ms, ids)
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(node: Node, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Ran]:
    """`run("capacity", "top", who="viewer")`: a command of that person."""
    general = node.settings.general
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", general.run_dir)

    def command(*words: str, who: str = "administrator") -> Ran:
        monkeypatch.setenv("YUNWANG_TOKEN", f"yws_test-{who}")
        before = i18n.language()
        code = main(["--lang", "en", *words])
        i18n.use(before)
        found = capfdbinary.readouterr()
        return Ran(code, found.out.decode("utf-8-sig"), found.err.decode())

    return command


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
