"""The hub settles what it hears: before it stores, again when others come, after a crash, and for a whole city at once."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.hub.hub import Hub
from core.events import Event
from core.identity import Actor
from core.messages import LiveDevice, Observed
from core.nouns import new_id
from core.objects import Device, Link, Site
from core.sections import General
from core.settings import Settings
from core.signals import Alert
from lab.records import records
from links.broker import Broker
from links.bus import SocketBus
from stores.records import open_records

DEADLINE_S = 60.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def alert(rule: str, device: str, instance: str = "", at: int = 0) -> Alert:
    at = at or now_ms() - 1000
    return Alert(id=new_id(at), rule=rule, device_id=device, instance=instance, severity="critical", raised_at=at)


class Node:
    """A hub inside the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"))
        self.hub: Hub = None  # type: ignore[assignment]

    async def open(self, devices: list[Device], links: list[Link]) -> "Node":
        for name in ("run", "data"):
            (self.folder / name).mkdir()
        self._broker = Broker(self.folder / "run" / "bus.sock")
        await self._broker.start()
        store = open_records(self.folder / "data" / "records.db")
        ends: dict[str, list[Link]] = {}
        for link in links:
            ends.setdefault(link.device_a, []).append(link)
        with store.write(Actor(name="test"), 1) as write:
            for name in {device.site for device in devices}:
                write.put("add", Site(id=f"s-{name}", name=name, level="county"))
            for device in devices:
                write.put("add", device)
                mine = tuple(ends.get(device.id, ()))
                write.observe("device.observe", Observed(device_id=device.id, at_ms=1, interfaces=(), facts=(), links=mine))
        store.close()
        await self.start()
        return self

    async def start(self) -> None:
        self._bus = await SocketBus(self.folder / "run" / "bus.sock", "hub").start()
        await self._bus.wait_connected()
        path = self.folder / "data" / "records.db"
        self.hub = Hub(self.settings, open_records(path), str(path), self._bus)
        await self.hub.start()

    async def stop(self) -> None:
        await self.hub.close()
        await self._bus.close()
        self.hub.store.close()

    async def close(self) -> None:
        await self.stop()
        await self._broker.close()

    async def hear(self, *alerts: Alert) -> None:
        """As whoever stores alerts does it."""
        settled = await self.hub.suppress.settle(alerts, now_ms())
        async with self.hub.alerting.one:
            with self.hub.store.write(Actor(name="test"), now_ms()) as write:
                for one in settled:
                    write.put("alert.raise", one)
            self.hub.table.put_alerts(settled)

    def stored(self, one: Alert) -> Alert:
        found: Alert = self.hub.store.get("alert", one.id)
        return found


async def until(condition: Any) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.02)


@pytest.fixture
async def node(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    monkeypatch.setattr("agents.hub.suppress.part.LOOK_S", 0.1)
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    made = Node(folder)
    yield made
    await made.close()
    shutil.rmtree(folder, ignore_errors=True)


def row_of_three() -> tuple[list[Device], list[Link]]:
    roles: dict[str, Any] = {"core": "core", "mid": "aggregation", "leaf": "access"}
    devices = [Device(id=name, name=name, address=f"127.0.0.{n}", site="S", role=role) for n, (name, role) in enumerate(roles.items(), 1)]
    pairs = (("core", "mid"), ("mid", "leaf"))
    return devices, [
        Link(device_a=a, port_a="down", device_b=b, port_b="up", source="lldp", confidence=0.95, valid_from=1) for a, b in pairs
    ]


async def test_a_child_that_came_first_is_suppressed_when_its_root_comes_and_freed_when_it_goes(node: Node) -> None:
    await node.open(*row_of_three())
    leaf, root = alert("device-unreachable", "leaf"), alert("device-unreachable", "mid")
    await node.hear(leaf)
    assert not node.stored(leaf).suppressed_by
    await node.hear(root)
    await until(lambda: node.stored(leaf).suppressed_by == root.id)
    assert node.stored(root).suppressed == 1
    await node.hear(root.replace(cleared_at=now_ms()))
    await until(lambda: not node.stored(leaf).suppressed_by)
    await until(lambda: (row := node.hub.table.alert(leaf.id)) is not None and not row.suppressed_by)


async def test_what_was_not_written_before_a_crash_is_found_again(node: Node) -> None:
    await node.open(*row_of_three())
    leaf, root = alert("device-unreachable", "leaf"), alert("device-unreachable", "mid")
    with node.hub.store.write(Actor(name="test"), now_ms()) as write:
        for one in (leaf, root):
            write.put("alert.raise", one)
    await node.stop()
    await node.start()
    await until(lambda: node.stored(leaf).suppressed_by == root.id)
    assert not node.stored(leaf).cleared_at


async def test_somebody_who_takes_an_alert_on_meanwhile_is_not_forgotten(node: Node) -> None:
    await node.open(*row_of_three())
    leaf = alert("device-unreachable", "leaf")
    await node.hear(leaf)
    with node.hub.store.write(Actor(name="test"), now_ms()) as write:
        write.put("alert.ack", node.stored(leaf).replace(acked_at=5, acked_by="me"))
    await node.hear(alert("device-unreachable", "mid"))
    await until(lambda: bool(node.stored(leaf).suppressed_by))
    assert node.stored(leaf).acked_by == "me"


async def test_a_last_gasp_and_the_time_it_runs_tell_power_from_line(node: Node) -> None:
    await node.open(*row_of_three())
    root = alert("device-unreachable", "mid")
    await node.hub.suppress.heard([Event(
        at_ms=now_ms(), source="127.0.0.2", device_id="mid", kind="trap", mnemonic="hwEfmDyingGasp", text="dying gasp",
    )])
    await node.hear(root)
    assert node.stored(root).cause == "power"
    ran_on = alert("device-unreachable", "leaf", at=now_ms() - 1_200_000)
    await node.hear(ran_on)
    await node.hear(root.replace(cleared_at=now_ms()), ran_on.replace(cleared_at=now_ms()))
    node.hub.table.apply_live([LiveDevice(id="leaf", status="up", since=1, polled_at=now_ms() + 1000, uptime_s=3_000)])
    await until(lambda: node.stored(ran_on).cause == "line")


async def test_a_port_that_comes_and_goes_flaps(node: Node) -> None:
    await node.open(*row_of_three())
    for number in range(4):
        one = alert("interface-down", "core", "down", at=now_ms() - 1000 + number)
        await node.hear(one)
        if number < 3:
            await node.hear(one.replace(cleared_at=one.raised_at + 1))
    await until(lambda: node.stored(one).flapping)


async def test_a_city_that_falls_silent_at_once_has_few_roots_and_all_are_kept(node: Node) -> None:
    found, links = records(400)
    devices = [one.replace(address=f"127.1.{n // 250}.{n % 250 + 1}") for n, one in enumerate(found["device"])]
    await node.open(devices, links)
    silent = [alert("device-unreachable", one.id) for one in devices if one.role not in ("P", "core")]
    for start in range(0, len(silent), 100):
        await node.hear(*silent[start : start + 100])
    rows = {one.id: one for one in silent}

    def settled() -> bool:
        stored = [one for one in node.hub.store.open_alerts() if one.id in rows]
        roots = {one.id: one for one in stored if not one.suppressed_by}
        counts = sum(one.suppressed for one in roots.values())
        return len(stored) == len(silent) and len(roots) + counts == len(silent) and all(
            one.suppressed_by in roots for one in stored if one.suppressed_by
        )

    await until(settled)
    assert sum(not one.suppressed_by for one in node.hub.store.open_alerts()) < len(silent) / 10
