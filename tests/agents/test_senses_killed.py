"""The poller is killed while it polls a city: its parent starts it again, the hub tells it what to poll, polling goes on."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import lab.run
from agents import launch
from agents.supervisor import read_status
from client import Client, connect
from core.settings import Settings
from core.views import DeviceRow, ProcessRow, ViewQuery

DEVICES = 8


@pytest.fixture
def polled_node(folder: Path, settings_in: Callable[..., Settings]) -> Iterator[Settings]:
    """A node with a real poller."""
    settings = settings_in(folder)
    launch.start(settings, kinds=("hub", "workers", "senses"), die_with_us=True)
    yield settings
    launch.stop(settings)


async def rows_when(hub: Client, condition: Callable[[tuple[DeviceRow, ...]], bool]) -> tuple[DeviceRow, ...]:
    async with asyncio.timeout(60):
        while True:
            rows = (await hub.devices(ViewQuery(view="devices"))).rows
            if condition(rows):
                return rows
            await asyncio.sleep(0.2)


async def every_device_is_discovered(hub: Client) -> None:
    """Whole, also the first ones and in a small city."""
    rows = (await hub.devices(ViewQuery(view="devices"))).rows
    async with asyncio.timeout(60):
        while not all([await hub.facts(row.id) for row in rows]):  # noqa: ASYNC110 - the hub is asked
            await asyncio.sleep(0.2)


def senses(settings: Settings) -> ProcessRow:
    return next(row for row in read_status(Path(settings.general.run_dir)) if row.kind == "senses")


async def test_polling_goes_on_after_the_poller_was_killed(polled_node: Settings) -> None:
    with lab.run.start(DEVICES, base=lab.run.random_base(), shape="mixed", events=False) as city:
        book = city.city.workbook(city.port, 2, f"file:{city.credential_file}")
        async with connect(polled_node) as hub:
            assert (await hub.import_file("city.xlsx", book)).added["device"] == DEVICES
            await rows_when(hub, lambda rows: all(row.status == "up" for row in rows))
            await every_device_is_discovered(hub)
            before = senses(polled_node)
            assert before.pid > 0
            os.kill(before.pid, signal.SIGKILL)
            killed_at = time.time_ns() // 1_000_000
            rows = await rows_when(hub, lambda rows: all(row.polled_at > killed_at for row in rows))
            assert {row.status for row in rows} == {"up"}
            assert (senses(polled_node).pid != before.pid, senses(polled_node).restarts) == (True, 1)
            overview = await hub.overview()
            assert (overview.devices, overview.up) == (DEVICES, DEVICES)
