"""The console on a real hub that polls a real (small) city, over real sockets."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from agents import launch
from agents.places import owner, settled
from client import connect
from core.errors import NoAnswerError, YunwangError
from core.sections import General
from core.settings import Settings
from core.views import ViewQuery
from lab import run as lab
from tui import shots
from tui.app import first_screen
from tui.rows import Rows

DEVICES = 12


@pytest.fixture(scope="module")
def living():
    """Settings of a hub whose city is imported and polled every two seconds."""
    folder = Path(tempfile.mkdtemp(prefix="yw-tui-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="zh")))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        city = lab.start(DEVICES, seed=5, base="127.91.0.0")
        stack.callback(city.stop)
        stack.callback(_stop, settings)
        launch.start(settings, die_with_us=True)
        book = city.city.workbook(city.port, 2, f"file:{city.credential_file}")

        async def fill():
            async with connect(settings) as hub:
                report = await hub.import_file("city.xlsx", book)
                assert report.problems == ()

        asyncio.run(fill())
        yield settings


async def _discovered(c):
    """A device whose facts are known and whose traffic is measured."""
    for _ in range(300):
        page = await c.app.hub.devices(ViewQuery(view="devices", sort="-in_bps", where={"status": "up"}))
        for row in page.rows:
            if row.in_bps > 0 and await c.app.hub.facts(row.id):
                return row
        await asyncio.sleep(0.1)
    raise AssertionError("no device was discovered")


def _stop(settings):
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)


def test_the_first_screen_is_drawn_with_living_data(living):
    assert first_screen(living) > 0


async def test_a_person_looks_around_in_a_living_city_and_the_hub_dies_meanwhile(living, console):
    async with console(connect(living), (120, 30)) as c:
        await c.until(lambda: f"设备 {DEVICES}" in c.text())
        await c.keys("f3")
        await c.until(lambda: any(row.in_bps >= 0 for row in c.app.screen.query_one(Rows).window.rows.values()))
        await c.keys("f7")
        await c.type("in_bps")
        await c.keys("enter")
        await c.until(lambda: "排序 入 降序" in c.text())
        row = await _discovered(c)
        await c.keys("f9")
        await c.type(f"device {row.name}")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "device" and any(r.in_bps > 0 for r in c.app.screen.ports.window.rows.values()))
        ports = c.app.screen.ports.window
        for _ in range(next(i for i in range(ports.total) if ports.at(i).in_bps > 0)):
            await c.keys("down")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.query_one("TrafficChart").has_points)
        await c.keys("right")
        await c.until(lambda: any(fact.value in c.text() for fact in c.app.screen.facts.rows.values()))
        health = await c.app.hub.health()
        os.kill(next(p.pid for p in health.processes if p.kind == "hub"), signal.SIGKILL)
        await c.until(lambda: c.app.link.state == "lost")
        await c.keys("f3")
        await c.until(lambda: c.app.link.state == "live")
        await c.until(lambda: f"设备 {DEVICES} 台" in c.text())


def test_pictures_for_the_documentation(living, tmp_path):
    files = shots.save(tmp_path / "shots", living, (100, 30), settle_s=0.2)
    names = ["overview", "devices", "device", "health", "chart", "objects", "object", "xray", "impact", "search", "queue", "alerts",
             "consequences", "events", "messages", "jobs", "approvals", "windows", "identity", "capacity", "availability", "audit"]
    stems = [file.stem for file in files]
    assert [stem for stem in stems if stem not in ("alert", "said")] == names
    assert "said" not in stems or stems.index("said") == stems.index("events") + 1, "only where somebody spoke"
    assert "alert" not in stems or stems.index("alert") == stems.index("consequences") + 1, "only where there is one right now"
    for file in files:
        text = file.read_text()
        assert "<svg" in text[:200]
        assert "@font-face" not in text


def test_no_first_screen_without_a_hub_is_one_sentence(tmp_path):
    nobody = Settings(general=General(data_dir=str(tmp_path), run_dir=str(tmp_path), language="zh"))
    with pytest.raises(NoAnswerError) as caught:
        first_screen(nobody, timeout_s=1.0)
    assert "实时总览" in caught.value.message
