"""kill -9 under load, a disk that fills up while the hub runs: whatever was acknowledged is there afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents import launch
from agents.supervisor import read_status
from client import Client, connect
from core import i18n
from core.errors import DiskFullError, NoAnswerError, ProtocolError, StorageError, UnavailableError
from core.settings import Settings
from stores.records import open_records

ROUNDS = 100 if os.environ.get("YUNWANG_SOAK") == "1" else 6
NODE = ("hub", "workers")
LOST = (UnavailableError, NoAnswerError, ProtocolError)


def pid_of(settings: Settings, kind: str) -> int:
    return next((row.pid for row in read_status(Path(settings.general.run_dir)) if row.kind == kind), 0)


def kill(pid: int) -> None:
    assert pid > 0
    os.kill(pid, signal.SIGKILL)


def restart(settings: Settings) -> None:
    launch.stop(settings)
    launch.start(settings, kinds=NODE, die_with_us=True)


class Importer:
    """A client that imports one site after another, for ever, and remembers what was acknowledged; the others it repeats."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.acknowledged: set[str] = set()
        self.broken_off = 0
        self.news = asyncio.Condition()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(*LOST):
                async with connect(self.settings) as hub:
                    await self._import(hub)
            await asyncio.sleep(0.05)

    async def _import(self, hub: Client) -> None:
        while True:
            name = f"S-{len(self.acknowledged)}"
            try:
                report = await hub.import_file("sites.csv", f"name,level\n{name},city\n".encode(), key=name)
            except LOST:
                self.broken_off += 1
                raise
            assert report.added == {"site": 1}
            async with self.news:
                self.acknowledged.add(name)
                self.news.notify_all()

    async def wait_for(self, more: int) -> None:
        enough = len(self.acknowledged) + more
        async with asyncio.timeout(60), self.news:
            await self.news.wait_for(lambda: len(self.acknowledged) >= enough)


@pytest.mark.soak
async def test_kill_9_of_the_hub_loses_no_acknowledged_import(own_node: Settings) -> None:
    importer = Importer(own_node)
    work = asyncio.create_task(importer.run())
    for number in range(ROUNDS):
        await importer.wait_for(1 + number % 3)
        await asyncio.sleep(0.013 * (number % 7))  # another moment of the transaction each time
        kill(pid_of(own_node, "hub"))
        assert not work.done()
        if number % 3 == 2:  # who dies often is started again ever later; a new supervisor has forgotten that
            await asyncio.to_thread(restart, own_node)
    await importer.wait_for(1)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await asyncio.to_thread(launch.stop, own_node)
    store = open_records(Path(own_node.general.data_dir) / "records.db", readonly=True)
    try:
        kept, verdict = {site.name for site in store.all("site")}, store.verify()
    finally:
        store.close()
    counts = f"{ROUNDS} kill -9, {len(importer.acknowledged)} acknowledged imports, {importer.broken_off} broken off, {len(kept)} kept"
    print(f"\nhub: {counts}")  # noqa: T201  soak prints its counts
    assert importer.acknowledged <= kept
    assert len(kept) <= len(importer.acknowledged) + 1
    assert (verdict.bad_seq, verdict.rows >= len(kept)) == (0, True)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 6 MiB."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "yw", str(path)], check=False).returncode:
        shutil.rmtree(path)
        pytest.skip("this account may not mount a small file system")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)
    shutil.rmtree(path)


async def test_a_disk_that_fills_up_under_a_running_hub(small_disk: Path, settings_in: Callable[..., Settings]) -> None:
    settings = settings_in(small_disk)
    await asyncio.to_thread(launch.start, settings, kinds=NODE, die_with_us=True)
    try:
        async with connect(settings) as hub:
            assert (await hub.import_file("sites.csv", b"name,level\nA,city\n")).added == {"site": 1}
            fill(small_disk / "fill")
            told = [await refusal(hub, language) for language in ("en", "zh")]
            assert "full" in told[0].message
            assert "满" in told[1].message
            assert all(error.way_out for error in told)
            assert (await hub.page("site")).total == 1
            assert (await hub.health()).revision == 1
            (small_disk / "fill").unlink()
            assert (await hub.import_file("sites.csv", b"name,level\nB,city\n")).added == {"site": 1}
            assert sorted(item["name"] for item in (await hub.page("site")).items) == ["A", "B"]
    finally:
        await asyncio.to_thread(launch.stop, settings)


def fill(file: Path) -> None:
    """Takes all the room that is left."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as out:
        while out.write(bytes(4096)):
            pass


async def refusal(hub: Client, language: str) -> StorageError:
    """What an import of many sites is told while there is no room."""
    sheet = "name,level\n" + "".join(f"B-{number},city\n" for number in range(3000))
    i18n.use(language)
    try:
        with pytest.raises(DiskFullError) as found:
            await hub.import_file("sites.csv", sheet.encode())
    finally:
        i18n.use("en")
    return found.value
