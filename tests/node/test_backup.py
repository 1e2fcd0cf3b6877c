"""Backups of a node that goes on working, their proof, and the way back after everything is gone."""

import asyncio
import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
import numpy as np
import pytest

from agents import launch
from agents.node import backup, proof, restore, snapshot
from agents.node.records import source, target
from agents.places import UNFINISHED
from client import connect
from core.errors import ConflictError, DiskFullError, InvalidInputError, StorageError, YunwangError
from core.identity import Actor
from core.node import Backup, Manifest
from core.objects import Site
from core.sections import Logs, Samples
from core.settings import Settings
from core.signals import RawLine, SampleBlock, SeriesKey
from stores.logs import open_logs
from stores.records import open_records
from stores.samples import open_samples
from stores.secrets import Keyring

Run = Callable[..., AbstractContextManager[Settings]]
Make = Callable[..., Settings]
T0 = 1_700_000_000_000 // 3_600_000 * 3_600_000
STEP = 30_000
COUNT = 20
KEYS = [SeriesKey("d", "m", str(n)) for n in range(COUNT)]
ME = Actor(name="test", origin="process")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def make(settings: Settings, **wish: object) -> Backup:
    wish = {"to": backup.backups_folder(settings), **wish}
    with source(settings) as records:
        return backup.make(settings, records, backup.Wish(**wish), now_ms)  # type: ignore[arg-type]


def data_of(settings: Settings) -> Path:
    return Path(settings.general.data_dir)


def a_node(settings: Settings, sites: int = 3) -> Settings:
    """Records, a sealed log segment, a key and files of its own, without any process."""
    data = data_of(settings)
    data.mkdir(parents=True, mode=0o700)
    store = open_records(data / "records.db")
    with store.write(ME, now_ms()) as write:
        for number in range(sites):
            write.put("site.add", Site(id=f"s{number}", name=f"S-{number}", level="city"))
    store.close()
    logs = open_logs(data / "logs", Logs())
    logs.append([RawLine(at_ms=T0 + n, source="10.0.0.1", kind="syslog", raw=b"line %d" % n) for n in range(100)])
    logs.close()
    Keyring.open(settings)
    (data / "trial.json").write_text("{}")
    (data / "log").mkdir()
    (data / "log" / "hub.log").write_text("own words\n")
    return settings


class Sweeper(threading.Thread):
    """Appends sweeps and keeps house as fast as it can: files are sealed, merged and replaced all the time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.acknowledged = 0
        self.enough = threading.Event()
        self._ended = threading.Event()
        self._store = open_samples(folder, Samples(seal_s=60))

    def run(self) -> None:
        ids = self._store.series_ids(KEYS)
        number = 0
        while not self._ended.is_set():
            at = T0 + number * STEP
            self._store.append(SampleBlock(ids, np.full(COUNT, at, np.int64), np.arange(COUNT) * 100_000.0 + number))
            number += 1
            self.acknowledged = number
            for _ in range(3):
                self._store.maintain(at)
            if number >= 120:
                self.enough.set()
            time.sleep(0.002)  # the test and its loop want to run as well

    def end(self) -> None:
        self._ended.set()
        self.join(60)
        self._store.close()


def sweeps_in(folder: Path) -> int:
    """How many whole sweeps a copy of a store has; every one of them must be right."""
    store = open_samples(folder, Samples(seal_s=60))
    try:
        frames = [store.read(key, T0, T0 + 10**12) for key in KEYS]
    finally:
        store.close()
    counts = {len(frame.mean) for frame in frames}
    assert len(counts) == 1
    for number, frame in enumerate(frames):
        assert frame.mean.tolist() == [number * 100_000.0 + k for k in range(len(frame.mean))]
        assert frame.at_ms.tolist() == [T0 + k * STEP for k in range(len(frame.mean))]
    return counts.pop()


def test_a_picture_taken_while_files_are_sealed_and_merged_is_whole(place: Path) -> None:
    data = place / "data"
    sweeper = Sweeper(data / "samples")
    sweeper.start()
    assert sweeper.enough.wait(120)
    try:
        for number in range(5):
            acknowledged = sweeper.acknowledged
            staging = data / f"{snapshot.STAGING}{number}"
            staged = snapshot.take(data, staging)
            copied = place / f"copy{number}"
            for file in staged:
                target_file = copied / file.path
                target_file.parent.mkdir(parents=True, exist_ok=True)
                target_file.write_bytes(file.at.read_bytes()[: file.size])
            assert any(file.path.endswith(".parquet") for file in staged)
            assert sweeps_in(copied / "samples") >= acknowledged
    finally:
        sweeper.end()


def test_a_picture_during_which_a_name_changed_is_taken_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = place / "data"
    (data / "samples").mkdir(parents=True)
    for name in ("a", "b"):
        (data / "samples" / name).write_text(name)
    links: list[Path] = []

    def link(from_: Path, to: Path) -> None:
        if not links:
            (data / "samples" / "merged").write_text("ab")
            for name in ("a", "b"):
                (data / "samples" / name).unlink()
        links.append(from_)
        os.link(from_, to)

    monkeypatch.setattr(snapshot, "_link", link)
    staged = snapshot.take(data, data / f"{snapshot.STAGING}1")
    assert [file.path for file in staged] == ["samples/merged"]


async def test_everything_acknowledged_before_a_backup_under_load_is_there_after_all_was_lost(
    place: Path, settings_in: Make, run: Run,
) -> None:
    settings = settings_in(place, backup_dir=str(place / "backups"))
    acknowledged: list[str] = []
    some = asyncio.Event()

    async def write() -> None:
        async with connect(settings) as hub:
            while True:
                name = f"S-{len(acknowledged)}"
                await hub.import_file("sites.csv", f"name,level\n{name},city\n".encode(), key=name)
                acknowledged.append(name)
                if len(acknowledged) == 3:
                    some.set()

    with run(settings):
        sweeper = Sweeper(data_of(settings) / "samples")
        sweeper.start()
        writing = asyncio.create_task(write())
        try:
            assert await asyncio.to_thread(sweeper.enough.wait, 120)
            async with connect(settings) as hub:
                await asyncio.wait_for(some.wait(), 60)
                before, sweeps = list(acknowledged), sweeper.acknowledged
                job = await hub.node.backup()
                async with asyncio.timeout(120):
                    while job.state in ("waiting", "running"):
                        await asyncio.sleep(0.1)
                        job = await hub.work.job(job.id)
            assert job.state == "done", job.message
            made = msgspec.convert(job.result, Backup)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            await asyncio.to_thread(sweeper.end)
    assert len(acknowledged) > len(before)
    shutil.rmtree(data_of(settings))

    manifest = proof.prove(Path(made.path))
    restore.restore(settings, Path(made.path), target(settings), now_ms=now_ms())
    assert manifest.revision == made.revision
    assert sweeps_in(data_of(settings) / "samples") >= sweeps
    with run(settings):
        async with connect(settings) as hub:
            assert set(before) <= {item["name"] for item in (await hub.page("site")).items}
            assert [one.path for one in await hub.node.backups()] == [made.path]
    store = open_records(data_of(settings) / "records.db", readonly=True)
    try:
        assert store.verify().bad_seq == 0
        row = store.journal(manifest.revision - 1, 1)[0]
        assert row.digest == manifest.tip
        assert "node.restore" in {row.action for row in store.journal(manifest.revision)}
    finally:
        store.close()


def test_the_key_stays_out_unless_asked_for(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    key = (data_of(settings) / "secret.key").read_bytes()
    without, with_key = make(settings), make(settings, with_key=True)
    assert (without.with_key, with_key.with_key) == (False, True)
    for made, there in ((without, False), (with_key, True)):
        content = b"".join(path.read_bytes() for path in Path(made.path).rglob("*") if path.is_file())
        assert (key in content) is there
        assert Path(made.path).stat().st_mode & 0o077 == 0
    shutil.rmtree(data_of(settings) / "logs")
    (data_of(settings) / "secret.key").unlink()
    restore.restore(settings, Path(with_key.path), target(settings), now_ms=now_ms(), replace=True)
    assert (data_of(settings) / "secret.key").read_bytes() == key


def test_what_never_changes_is_not_copied_again(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    logs = open_logs(data_of(settings) / "logs", Logs())
    while not list((data_of(settings) / "logs" / "sealed").glob("*.lines")):
        logs.maintain(T0 + 10**9)
    logs.close()
    first, second = make(settings), make(settings)
    name = next(path for path in proof.prove(Path(first.path)).files if path.path.endswith(".lines")).path
    assert (Path(first.path) / name).stat().st_ino == (Path(second.path) / name).stat().st_ino
    shutil.rmtree(first.path)
    proof.prove(Path(second.path))


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()  # the file may be shared with the data folder
    file.write_bytes(content)


def spoil(kind: str, folder: Path) -> str:
    """Damages a backup; what its proof must name."""
    lines = folder / "data" / "trial.json"
    if kind == "flipped":
        flip(folder / "records" / "records.jsonl.zst")
        return r"records\.jsonl\.zst: its SHA-256"
    if kind == "missing":
        lines.unlink()
        return r"trial\.json: it is missing"
    if kind == "longer":
        lines.write_text("{}  ")
        return r"trial\.json: it has 4 bytes"
    if kind == "foreign":
        (folder / "data" / "evil").write_text("x")
        return "evil: it is not of this backup"
    if kind == "link":
        lines.unlink()
        lines.symlink_to("/etc/passwd")
        return r"trial\.json: it is missing"
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    files = (manifest.files[0].replace(path="data/../../evil"), *manifest.files[1:])
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest.replace(files=files)))
    return "it names a file"


@pytest.mark.parametrize("kind", ["flipped", "missing", "longer", "foreign", "link", "outside"])
def test_a_damaged_backup_is_named_and_never_restored(kind: str, place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    folder = Path(make(settings).path)
    named = spoil(kind, folder)
    other = settings_in(place / "other")
    with pytest.raises(StorageError, match=named) as found:
        restore.restore(other, folder, target(other), now_ms=now_ms())
    assert found.value.way_out
    assert {path.name for path in data_of(other).iterdir()} <= {"log", "yunwang.lock"}


def test_a_folder_without_a_manifest_is_no_backup(place: Path, settings_in: Make) -> None:
    with pytest.raises(YunwangError, match="is no backup"):
        proof.prove(place)
    (place / "manifest.json").write_text("{")
    with pytest.raises(StorageError, match="manifest"):
        proof.prove(place)


def test_a_backup_of_a_newer_version_is_refused(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    folder = Path(make(settings).path)
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest.replace(schema=99, version="9.0")))
    other = settings_in(place / "other")
    with pytest.raises(InvalidInputError, match=r"9\.0.*newer"):
        restore.plan(other, folder, target(other), replace=False)


def test_data_that_are_there_are_set_aside_only_when_told_and_never_deleted(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    folder = Path(make(settings).path)
    store = open_records(data_of(settings) / "records.db")
    with store.write(ME, now_ms()) as write:
        write.put("site.add", Site(id="later", name="later", level="city"))
    store.close()
    with pytest.raises(ConflictError, match="data in"):
        restore.restore(settings, folder, target(settings), now_ms=now_ms())
    _, aside = restore.restore(settings, folder, target(settings), now_ms=now_ms(), replace=True)
    assert aside is not None
    old, new = open_records(aside / "records.db", readonly=True), open_records(data_of(settings) / "records.db", readonly=True)
    assert len(list(old.all("site"))) == len(list(new.all("site"))) + 1
    old.close()
    new.close()
    assert (data_of(settings) / "secret.key").exists()


def test_a_restore_that_is_cut_off_keeps_the_hub_from_starting_and_is_finished_by_the_same_command(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place, backup_dir=str(place / "backups")))
    folder = Path(make(settings).path)
    whole = target(settings)
    shutil.rmtree(data_of(settings))

    class CutOffError(BaseException):
        """What kill -9 is, as far as the files can tell: nothing is put in order."""

    def cut(_data: Path, _manifest: Manifest) -> None:
        raise CutOffError

    with pytest.raises(CutOffError):
        restore.restore(settings, folder, whole._replace(note=cut), now_ms=now_ms())
    assert (data_of(settings) / UNFINISHED).exists()
    with pytest.raises(StorageError, match="did not finish") as found:
        launch.start(settings, kinds=("hub",))
    assert "yunwang restore" in found.value.way_out
    restore.restore(settings, folder, whole, now_ms=now_ms())
    assert not (data_of(settings) / UNFINISHED).exists()
    store = open_records(data_of(settings) / "records.db", readonly=True)
    assert [site.name for site in store.all("site")] == ["S-0", "S-1", "S-2"]
    store.close()


def test_nothing_is_restored_under_a_running_hub(place: Path, settings_in: Make, run: Run) -> None:
    settings = settings_in(place)
    with run(settings, kinds=("hub",)):
        made = make(settings)
        with pytest.raises(ConflictError, match="already runs"):
            restore.restore(settings, Path(made.path), target(settings), now_ms=now_ms(), replace=True)


def test_a_full_disk_leaves_no_half_backup(place: Path, settings_in: Make, small_disk: Path) -> None:
    settings = a_node(settings_in(place, backup_dir=str(small_disk / "backups")))
    (data_of(settings) / "samples").mkdir()
    (data_of(settings) / "samples" / "large").write_bytes(os.urandom(4 << 20))
    with pytest.raises(DiskFullError) as found:
        make(settings)
    assert found.value.way_out
    assert list((small_disk / "backups").iterdir()) == []
    assert not list(data_of(settings).glob(f"{snapshot.STAGING}*"))
    (data_of(settings) / "samples" / "large").unlink()
    proof.prove(Path(make(settings).path))


def test_cancelling_and_crashing_leave_nothing_that_looks_like_a_backup(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    folder = backup.backups_folder(settings)

    class StoppedError(BaseException):
        """As a job that is cancelled."""

    def stop(_done: int, total: int, _what: str) -> None:
        if total:
            raise StoppedError

    with source(settings) as records, pytest.raises(StoppedError):
        backup.make(settings, records, backup.Wish(folder), now_ms, stop)
    assert list(folder.iterdir()) == []
    (folder / f"{backup.MAKING}123").mkdir()  # what kill -9 leaves
    (data_of(settings) / f"{snapshot.STAGING}123").mkdir()
    made = make(settings)
    assert [path.name for path in folder.iterdir()] == [Path(made.path).name]
    assert not (data_of(settings) / f"{snapshot.STAGING}123").exists()


def test_only_scheduled_backups_are_removed_in_their_time(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place, backups_kept=2))
    by_hand = make(settings)
    scheduled = [make(settings, scheduled=True) for _ in range(4)]
    left = {one.path for one in backup.listed(backup.backups_folder(settings))}
    assert left == {by_hand.path, scheduled[2].path, scheduled[3].path}


def test_one_backup_at_a_time(place: Path, settings_in: Make) -> None:
    settings = a_node(settings_in(place))
    caught: list[Exception] = []

    def second(_done: int, _total: int, _what: str) -> None:
        if not caught:
            with contextlib.suppress(AssertionError):
                try:
                    make(settings)
                except ConflictError as error:
                    caught.append(error)

    with source(settings) as records:
        backup.make(settings, records, backup.Wish(backup.backups_folder(settings)), now_ms, second)
    assert caught
