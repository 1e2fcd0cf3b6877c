"""The same screens on a running hub that holds a small city of the lab: its net, its cloud, its business."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from agents import launch
from agents.places import owner, prepare, settled
from client import connect
from core.errors import YunwangError
from core.identity import Actor
from core.messages import Observed
from core.rows import QueueRow
from core.sections import General
from core.settings import Settings
from core.views import ViewQuery
from lab.records import records as city_records
from stores.records import open_records


def _name(c):
    return getattr(c.app.screen, "NAME", "")


@pytest.fixture(scope="module")
def holding():
    """Settings of a hub without pollers, and what it holds by kind."""
    folder = Path(tempfile.mkdtemp(prefix="yw-exists-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="zh")))
    records, links = city_records(60)
    _seed(settings, records, links)
    try:
        launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
        yield settings, records
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def _seed(settings, records, links):
    prepare(settings)
    now = time.time_ns() // 1_000_000
    store = open_records(Path(settings.general.data_dir) / "records.db")
    with store.write(Actor(name="seed", origin="test"), now) as write:
        for noun in (noun for some in records.values() for noun in some):
            write.put("seed", noun)
        write.put("seed", records["device"][0].replace(unit=""))
        for device in records["device"]:
            mine = tuple(link for link in links if link.device_a == device.id)
            write.observe("device.observe", Observed(device_id=device.id, at_ms=now, interfaces=(), facts=(), links=mine))
    store.close()


async def test_from_the_counts_over_a_list_and_an_x_ray_to_the_impact_and_back(holding, console):
    settings, records = holding
    async with console(connect(settings), (160, 45)) as c:
        await c.until(lambda: f"云主机 {len(records['vm'])}" in c.text())
        await c.keys("ctrl+o")
        await c.until(lambda: c.app.screen.NAME == "objects" and f"单位 {len(records['unit']):,}" in c.lines()[2])
        await c.keys("f9")
        await c.type("kind 业务系统")
        await c.keys("enter")
        system = records["system"][0]
        await c.keys("f6")
        await c.type(f"名称={system.name}")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.rows.window.total == 1 and c.app.screen.rows.row is not None)
        await c.keys("ctrl+x")
        await c.until(lambda: c.app.screen.NAME == "xray" and c.app.screen.found is not None)
        kinds = {line.row.thing.kind for line in c.app.screen.all_lines}
        assert {"system", "component", "vm", "host", "device"} <= kinds
        hosts = [line for line in c.app.screen.all_lines if line.row.thing.kind == "host"]
        place = c.app.screen.window.index_of(hosts[0].key)
        if place < 0:
            await c.keys("f7")
            place = c.app.screen.window.index_of(hosts[0].key)
        c.app.screen.rows.go(place)
        await c.keys("ctrl+n")
        await c.until(lambda: c.app.screen.NAME == "impact" and c.app.screen.window.known)
        assert any(row.thing.kind == "vm" and row.harm == "down" for row in c.app.screen.window.rows.values())
        await c.keys("escape")
        await c.until(lambda: c.app.screen.NAME == "xray")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.detail is not None and c.app.screen.kind == "host")
        assert any(row.edge == "hosted-by" for row in c.app.screen.neighbours.rows.values())
        await c.keys("right")
        await c.keys("right")
        await c.until(lambda: "seed" in c.text())


async def test_machines_say_the_names_of_project_and_host_and_a_name_filters_them(holding, console):
    settings, records = holding
    host = next(one for one in records["host"] if sum(vm.host == one.key for vm in records["vm"]))
    mine = [vm.name for vm in records["vm"] if vm.host == host.key]
    async with console(connect(settings), (160, 40)) as c:
        c.app.show_objects("vm", f"宿主机={host.name}")
        await c.until(lambda: c.app.screen.NAME == "objects" and c.app.screen.rows.window.total == len(mine))
        await c.until(lambda: all(name in c.text() for name in mine[:20]) and host.name in c.text())
        await c.keys("end")
        await c.until(lambda: c.app.screen.rows.row is not None and c.app.screen.rows.row.name == max(mine))


async def test_search_and_what_a_unit_looks_like(holding, console):
    settings, records = holding
    unit = records["unit"][0]
    async with console(connect(settings), (160, 40)) as c:
        await c.keys("ctrl+f")
        await c.type(unit.name)
        await c.until(lambda: "找到" in c.text() or "还有更多" in c.text())
        assert c.app.screen.window.at(0).found.name == unit.name
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.detail is not None)
        assert unit.name in c.lines()[2]
        assert any(row.edge == "owned-by" and not row.ahead for row in c.app.screen.neighbours.rows.values())


async def test_a_change_by_somebody_else_is_seen_in_the_list_and_what_nobody_owns_gets_its_unit(holding, console):
    settings, records = holding
    device, unit = records["device"][0], records["unit"][0].name
    async with connect(settings) as other, console(connect(settings), (160, 40)) as c:
        site, tag = await other.tagged("site", records["site"][0].name)
        c.app.show_objects("site", f"名称={site.name}")
        await c.until(lambda: c.app.screen.NAME == "objects" and c.app.screen.rows.window.total == 1)
        await other.put_record("site", site.replace(address="人民路一号"), tag=tag)
        await c.until(lambda: "人民路一号" in c.text())
        c.app.show_queue(f"类别=无主 {device.name}")
        await c.until(lambda: _name(c) == "queue" and isinstance(c.app.screen.rows.row, QueueRow))
        assert c.app.screen.rows.row.name == device.name
        await c.keys("f7")
        await c.type(unit)
        await c.keys("enter")
        await c.until(lambda: _name(c) == "queue" and c.app.screen.rows.window.total == 0)
        assert (await other.record("device", device.name)).unit == unit
        await c.keys("right")
        await c.until(lambda: isinstance(c.app.screen.rows.row, QueueRow) and c.app.screen.rows.row.state == "accepted")
        await c.keys("ctrl+z")
        await c.keys("enter")
        await c.until(lambda: _name(c) == "queue" and c.app.screen.rows.window.total == 0)
        assert (await other.record("device", device.name)).unit == ""


async def test_windows_on_objects_go_as_deep_as_there_are_objects(holding):
    """A window somewhere in the list is what a walk from its beginning finds there."""
    settings, records = holding
    async with connect(settings) as hub:
        names = sorted((port.mac, port.id) for port in records["vport"])
        query = ViewQuery(view="objects", where={"object_kind": "vport"}, sort="mac", offset=len(names) - 7, limit=20)
        page = await hub.view(query)
        assert page.total == len(names)
        assert [row["id"] for row in page.rows] == [one for _, one in names[-7:]]
        counts = {one.kind: one.objects for one in await hub.objects.counts()}
        assert all(counts[kind] >= len(some) for kind, some in records.items())
