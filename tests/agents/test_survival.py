"""kill -9 under load, a disk that fills up while the hub runs: whatever was acknowledged is there afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agents import keeper, launch
from agents.lifeline import Orders
from agents.places import Lock, prepare
from client import Client, connect
from core import i18n
from core.errors import ConflictError, DiskFullError, NoAnswerError, NotFoundError, ProtocolError, StorageError, UnavailableError
from core.settings import Settings
from core.work import WindowAdded, WindowWish
from stores.records import open_records

ROUNDS = 200 if os.environ.get("YUNWANG_SOAK") == "1" else 3
WRITERS = 3
NODE = ("hub", "workers")
LOST = (UnavailableError, NoAnswerError, ProtocolError)
HOUR_MS = 3_600_000


class Writer:
    """A client that writes one audited record after another, for ever, and remembers what was acknowledged; the others it repeats."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.settings, self.name = settings, name
        self.acknowledged: set[str] = set()
        self.broken_off = 0
        self.begun, self.open = time.time_ns() // 1_000_000, ""
        self.news = asyncio.Condition()

    async def run(self) -> None:
        while True:
            with contextlib.suppress(*LOST):
                async with connect(self.settings) as hub:
                    await self._write(hub)
            await asyncio.sleep(0.02)

    async def _write(self, hub: Client) -> None:
        """A window is added, and ended again so that there are never too many."""
        while True:
            try:
                if not self.open:
                    self.open = await self._add(hub)
                with contextlib.suppress(ConflictError, NotFoundError):  # ended already, by a request whose answer was lost
                    await hub.work.end_window(self.open)
                self.open = ""
            except LOST:
                self.broken_off += 1
                raise

    async def _add(self, hub: Client) -> str:
        name = f"{self.name}-{len(self.acknowledged)}"
        starts = self.begun + HOUR_MS
        wish = WindowWish(name=name, kind="silence", starts_at=starts, ends_at=starts + HOUR_MS, reason="test")
        added = await hub.work._wire.send("POST", "/api/v1/windows", WindowAdded, wish, key=name)
        assert added.window.name == name
        async with self.news:
            self.acknowledged.add(name)
            self.news.notify_all()
        return added.window.id

    async def wait_for(self, more: int) -> None:
        enough = len(self.acknowledged) + more
        async with asyncio.timeout(120), self.news:
            await self.news.wait_for(lambda: len(self.acknowledged) >= enough)


@pytest.mark.soak
async def test_kill_9_of_the_hub_under_write_load_loses_nothing_acknowledged(
    tmp_path: Path, settings_in: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The hub starts by itself each time; afterwards every acknowledged write is there once, and the chain of the journal holds."""
    monkeypatch.setattr(keeper, "LAST_PAUSE_S", 0.2)  # who dies often is started again ever later; not here
    place = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settings_in(place)
    prepare(settings)
    lock = Lock(settings)
    lock.take()
    orders = Orders(settings=settings, language="en", kinds=("hub",), parent=os.getpid())
    hub = keeper.Keeper("hub", orders, place / "data" / "log", lock.fd, lambda: None)
    life = asyncio.create_task(hub.run())
    assert await asyncio.wait_for(hub.first_word, 60) is None
    writers = [Writer(settings, f"W{number}") for number in range(WRITERS)]
    work = [asyncio.create_task(writer.run()) for writer in writers]
    try:
        for number in range(ROUNDS):
            waiting = asyncio.create_task(writers[0].wait_for(1 + number % 3))
            done, _ = await asyncio.wait([waiting, *work], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await asyncio.sleep(0.0013 * (number % 7))  # another moment of the transaction each time
            os.kill(hub.pid, signal.SIGKILL)
            assert not life.done()
        await writers[0].wait_for(1)
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await hub.stop(30)
        await life
        lock.release()
    acknowledged = {name for writer in writers for name in writer.acknowledged}
    store = open_records(place / "data" / "records.db", readonly=True)
    try:
        kept, verdict = [window.name for window in store.all("time_window")], store.verify()
    finally:
        store.close()
    shutil.rmtree(place)
    broken_off = sum(writer.broken_off for writer in writers)
    counts = f"{ROUNDS} kill -9, {hub.restarts} starts by itself, {len(acknowledged)} acknowledged writes, {broken_off} broken off"
    print(f"\nhub: {counts}, {len(kept)} kept, {verdict.rows} rows of the journal")  # noqa: T201  soak prints its counts
    assert hub.restarts >= ROUNDS
    assert acknowledged <= set(kept)
    assert len(kept) == len(set(kept)) <= len(acknowledged) + WRITERS
    assert (verdict.bad_seq, verdict.rows >= len(kept)) == (0, True)


async def test_a_disk_that_fills_up_under_a_running_hub(disk_of: Callable[[str], Path], settings_in: Callable[..., Settings]) -> None:
    small_disk = disk_of("6m")
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
            assert (await hub.health()).revision >= 1
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
