"""Accidents of a whole node, and the ways back that docs/operations.md names."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from agents import launch
from agents.node import backup, restore
from agents.node.records import source, target
from client import connect
from core.errors import StorageError, YunwangError
from core.settings import Settings
from core.views import Health
from stores.records import open_records

Run = Callable[..., AbstractContextManager[Settings]]
Make = Callable[..., Settings]


def mount(path: Path, option: str) -> None:
    """Again while a process that is on its way out still holds a file."""
    deadline = time.monotonic() + 60
    while subprocess.run(["mount", "-o", f"remount,{option}", str(path)], check=False, capture_output=True).returncode:
        assert time.monotonic() < deadline
        time.sleep(0.1)


async def add_site(settings: Settings, name: str) -> None:
    async with connect(settings) as hub:
        await hub.import_file("sites.csv", f"name,level\n{name},city\n".encode(), key=name)


async def sites(settings: Settings) -> set[str]:
    async with connect(settings) as hub:
        return {str(item["name"]) for item in (await hub.page("site")).items}


async def health(settings: Settings) -> Health:
    async with connect(settings) as hub:
        return await hub.health()


def test_a_disk_that_is_read_only_at_the_start(small_disk: Path, settings_in: Make, run: Run) -> None:
    settings = settings_in(small_disk)
    with run(settings):
        asyncio.run(add_site(settings, "before"))
    mount(small_disk, "ro")
    with pytest.raises(StorageError, match="read-only") as found:
        launch.start(settings, kinds=("hub",))
    assert found.value.way_out
    mount(small_disk, "rw")
    with run(settings):
        assert asyncio.run(sites(settings)) == {"before"}


def damage(file: Path) -> None:
    """Every page but the first: the disk, or a hand."""
    content = bytearray(file.read_bytes())
    for at in range(4096, len(content), 4096):
        content[at : at + 64] = os.urandom(64)
    file.write_bytes(content)


def test_a_damaged_database_is_named_and_the_last_backup_brings_it_back(place: Path, settings_in: Make, run: Run) -> None:
    settings = settings_in(place)
    with run(settings):
        asyncio.run(add_site(settings, "before"))
        with source(settings) as records:
            made = backup.make(settings, records, backup.Wish(backup.backups_folder(settings)), lambda: 1_800_000_000_000)
    file = place / "data" / "records.db"
    damage(file)
    with pytest.raises(YunwangError, match=r"records\.db.*damaged") as found:
        launch.start(settings, kinds=("hub",))
    assert "backup" in found.value.way_out
    _, aside = restore.restore(settings, Path(made.path), target(settings), now_ms=1_800_000_001_000, replace=True)
    assert aside is not None
    assert (aside / "records.db").exists(), "the damaged file is evidence"
    with run(settings):
        assert asyncio.run(sites(settings)) == {"before"}
        assert asyncio.run(health(settings)).status == "ok"
    store = open_records(file, readonly=True)
    assert store.verify().bad_seq == 0
    store.close()
