"""A running hub: who sees which devices' figures, and a remote write that survives the hub's death."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from agents import launch
from agents.hub.export.mark import Kept, Mark, Place
from agents.hub.identity.hashing import digest
from agents.places import owner, prepare, settled
from client import connect
from core.errors import NotFoundError, YunwangError
from core.identity import EVERYWHERE, Account, AccountSecret, Actor, Grant, Scope, Session
from core.measured import MeasuredNow, Sensor
from core.messages import LiveDevice, LiveDevices
from core.nouns import new_id
from core.objects import Device, Site, Unit
from core.sections import Accounts, Export, General, Samples
from core.settings import Settings
from core.signals import SampleBlock, SeriesKey
from links.bus import SocketBus
from stores.records import open_records
from stores.samples import open_samples
from stores.samples.arrivals import Arrival

SCOPES = {"all": EVERYWHERE, "finance": Scope(units=("财政局",)), "people": Scope(units=("人社局",))}
DEVICES = {"CE-财政": "财政局", "CE-人社": "人社局"}
STEP_MS = 100


class Node(NamedTuple):
    """A hub that can be killed and started again. times: of the samples of each series."""

    settings: Settings
    times: list[int]

    def start(self) -> None:
        launch.start(self.settings, kinds=("hub",), die_with_us=True)

    def kill(self) -> None:
        """The parent and the hub, at once."""
        parent = owner(self.settings)
        assert parent
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
        for pid in (parent, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        _until(lambda: not owner(self.settings) and not any(_runs(int(pid)) for pid in children))

    def get(self, path: str, who: str) -> str:
        async def ask() -> bytes:
            hub = connect(self.settings)
            hub.identify(f"yws_test-{who}")
            async with hub:
                return await hub._wire.raw("GET", path)

        return asyncio.run(ask()).decode()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline, "this never happens"
        time.sleep(0.02)


def _seed(settings: Settings, now: int) -> list[int]:
    prepare(settings)
    folder = Path(settings.general.data_dir)
    store = open_records(folder / "records.db")
    ids = {name: new_id(now) for name in DEVICES}
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for name, unit in DEVICES.items():
            write.put("seed", Unit(id=new_id(now), name=unit, level="city"))
            write.put("seed", Site(id=new_id(now), name=f"{unit}机房", level="city"))
            write.put("seed", Device(id=ids[name], name=name, address=f"10.0.0.{len(unit)}", role="CE", unit=unit, site=f"{unit}机房"))
        for name, scope in SCOPES.items():
            account = new_id(now)
            write.put("seed", Account(id=account, name=name, created_at=now))
            write.put("seed", AccountSecret(id=account, secret_at=now))
            write.put("seed", Grant(id=new_id(now), account=account, role="viewer", scope=scope))
            write.put("seed", Session(
                id=new_id(now), account=account, secret_digest=digest(f"yws_test-{name}"), created_at=now, expires_at=now + 36_000_000,
            ))
    store.close()
    times = list(range(now - 110_000, now - 20_000, STEP_MS))
    samples = open_samples(folder / "samples", Samples())
    numbers = samples.series_ids([SeriesKey(device, "yw_up") for device in ids.values()])
    samples.append(SampleBlock(
        np.repeat(numbers, len(times)), np.tile(np.array(times, np.int64), len(numbers)), np.ones(len(times) * len(numbers)),
    ))
    samples.close()
    return times


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Not started. Its receiver has everything until two minutes ago."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody")))
    made = Node(settings, _seed(settings, time.time_ns() // 1_000_000))
    try:
        yield made
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


def test_nothing_stored_is_missed_when_the_hub_is_killed_while_it_sends(node: Node, receiver: Any) -> None:
    pushed = node._replace(settings=node.settings.replace(export=Export(remote_write_url=receiver.url, remote_write_s=5)))
    mark = Mark(Path(node.settings.general.data_dir) / "export", receiver.url)
    mark.write(Kept(Place(Arrival(1, 0), Arrival(1, 0), node.times[0] - 10_000), np.zeros(0, np.int64)))
    receiver.status = 503
    pushed.start()
    _until(lambda: receiver.refused > 0)
    receiver.held, receiver.status = 0, 204
    _until(lambda: receiver.waiting > 0)
    pushed.kill()
    assert (kept := mark.read())
    assert kept.place.at == Arrival(1, 0), "nothing was taken"
    receiver.held = -1
    pushed.start()
    _until(lambda: (now := mark.read()) is not None and now.place.at > Arrival(1, 0))
    found = {dict(labels)["device"]: [at for at, _ in values] for labels, values in receiver.series().items()
             if ("__name__", "yunwang_device_up") in labels}
    assert found == dict.fromkeys(DEVICES, node.times)
    assert "yunwang_remote_write_ok" in pushed.get("/metrics", "all")


async def _polled(settings: Settings, names: dict[str, str], seen: Callable[[], bool]) -> None:
    """As senses would tell: both devices answered just now, and what they measure is told on demand."""
    now = time.time_ns() // 1_000_000
    bus = SocketBus(Path(settings.general.run_dir) / "bus.sock", "senses")
    await bus.start()
    await bus.wait_connected()

    async def measured(body: bytes) -> bytes:
        device = msgspec.msgpack.decode(body, type=str)
        return msgspec.msgpack.encode(MeasuredNow(device_id=device, sensors=(Sensor(kind="temperature", name="in", value=30.0),)))

    await bus.subscribe("senses.measured", measured)
    rows = tuple(LiveDevice(id=one, status="up", since=now, polled_at=now, in_bps=5.0) for one in names.values())
    await bus.publish("live.devices", msgspec.msgpack.encode(LiveDevices(at_ms=now, rows=rows)))
    await asyncio.to_thread(_until, seen)
    await bus.close()


def test_a_scope_sees_its_own_devices_and_no_others(node: Node) -> None:
    if not owner(node.settings):
        node.start()
    shown: dict[str, str] = {}

    def seen() -> bool:
        if "yunwang_device_in_bps{" not in node.get("/metrics/devices", "all"):
            return False
        shown.update({who: node.get("/metrics/devices", who) for who in SCOPES})
        shown["one"] = node.get("/metrics/devices?device=CE-财政", "finance")
        return True

    store = open_records(Path(node.settings.general.data_dir) / "records.db", readonly=True)
    names = {device.name: device.id for device in store.all("device")}
    store.close()
    asyncio.run(_polled(node.settings, names, seen))
    for who, unit in (("finance", "财政局"), ("people", "人社局")):
        for name, owned in DEVICES.items():
            assert (f'yunwang_device_up{{device="{name}"' in shown[who]) == (owned == unit)
            if owned != unit:
                assert owned not in shown[who]
                with pytest.raises(NotFoundError):
                    node.get(f"/metrics/devices?device={name}", who)
    assert all(f'device="{name}"' in shown["all"] for name in DEVICES)
    assert 'yw_temperature{device="CE-财政"' in shown["one"]
