"""Accidents of the disk: a clear sentence, nothing acknowledged lost, and the way back that the docs tell."""

import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from core.edges import Edge
from core.errors import DiskFullError, StorageError
from core.identity import Actor
from core.objects import Site
from stores.records import Records, open_records
from stores.records.portable import records_backup, records_restore
from stores.records.sqlite import SqliteConnection

WHO = Actor(name="li")


def add(store: Records, number: int, size: int = 200, joined: bool = False) -> None:
    with store.write(WHO, number) as write:
        write.put("site.add", Site(id=f"{number:032x}", name=f"机房{number}", level="county", address="x" * size))
        if joined:
            write.edges([Edge(id=f"e{number}", kind="within", a=f"{number:032x}", b="x", source="declared", valid_from=number)], [])


def remount(folder: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(folder)], check=True)


def test_a_disk_that_becomes_read_only_while_the_hub_runs(tmp_path: Path) -> None:
    store = open_records(tmp_path / "records.db")
    add(store, 1)
    assert isinstance(store._writer, SqliteConnection)
    store._writer.raw.execute("PRAGMA query_only = ON")  # SQLite meets the same error as on a disk that was mounted anew, read-only
    for number in (2, 3):
        with pytest.raises(StorageError, match=r"records\.db") as error:
            add(store, number)
        assert error.value.way_out
    assert store.revision() == 1
    store._writer.raw.execute("PRAGMA query_only = OFF")
    add(store, 4)
    assert [site.name for site in store.all("site")] == ["机房1", "机房4"]
    assert store.verify().good
    store.close()


@pytest.mark.real
def test_a_hub_that_starts_on_a_read_only_disk_says_so(small_disk: Path) -> None:
    path = small_disk / "records.db"
    store = open_records(path)
    add(store, 1)
    store.close()
    remount(small_disk, "ro")
    with pytest.raises(StorageError) as error:
        open_records(path)
    assert f"The disk of {small_disk}" in str(error.value)
    assert "read-only" in str(error.value)
    assert error.value.way_out
    remount(small_disk, "rw")
    store = open_records(path)
    assert store.revision() == 1
    store.close()


@pytest.mark.real
def test_a_copy_on_a_medium_that_takes_no_writes_is_read(small_disk: Path) -> None:
    store = open_records(small_disk / "records.db")
    add(store, 1)
    store.close()
    remount(small_disk, "ro")
    reader = open_records(small_disk / "records.db", readonly=True)
    assert reader.verify().rows == 1
    reader.close()
    remount(small_disk, "rw")


@pytest.mark.real
def test_a_full_disk_takes_back_all_that_share_a_commit(small_disk: Path) -> None:
    """Nobody is told that a write is durable whose neighbour took it back: not even when the neighbour's error was caught."""
    store = open_records(small_disk / "records.db")
    add(store, 0, joined=True)
    assert isinstance(store._writer, SqliteConnection)
    store._writer.raw.execute("PRAGMA cache_size = 10")  # pages go to the disk before the commit
    before = store.revision()

    def together() -> None:
        with store.together():
            add(store, 1, joined=True)
            with pytest.raises(DiskFullError):
                add_many(store)
            add(store, 1000, joined=True)

    with pytest.raises(StorageError):
        together()
    assert store.revision() == before
    add(store, 2000, joined=True)
    assert [site.id for site in store.all("site")] == [f"{number:032x}" for number in (0, 2000)]
    assert [hit.id for hit in store.lookup("机房", kinds=("site",))] == [f"{number:032x}" for number in (0, 2000)]
    assert [edge.id for edge in store.edges_at(0)] == ["e0", "e2000"]
    assert store.verify().good
    store.close()


def add_many(store: Records) -> None:
    for number in range(2, 1000):
        add(store, number, 60_000, joined=True)


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[[str], Path]:
    """A file in which one page of a table was overwritten, and a backup from before."""

    def make(table: str) -> Path:
        path = tmp_path / "records.db"
        store = open_records(path)
        with store.together():
            for number in range(200):
                add(store, number)
        records_backup(store, tmp_path / "backup")
        store.close()
        db = sqlite3.connect(path)
        page = db.execute("SELECT max(pageno) FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)).fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
        db.close()
        with path.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(b"\x5a" * size)
        return path

    return make


@pytest.mark.parametrize("table", ["site", "journal"])
def test_a_damaged_page_is_named_and_a_backup_is_the_way_back(damaged: Callable[[str], Path], table: str, tmp_path: Path) -> None:
    path = damaged(table)
    store = open_records(path)
    question = (lambda: list(store.all("site"))) if table == "site" else store.verify
    with pytest.raises(StorageError, match=r"records\.db are damaged") as error:
        question()
    assert "restore" in error.value.way_out
    assert store.problems()
    with pytest.raises(StorageError, match="damaged"):
        records_backup(store, tmp_path / "second")  # a backup of damage would push the good ones out
    store.close()
    path.rename(tmp_path / "evidence.db")
    records_restore(str(path), tmp_path / "backup")
    store = open_records(path)
    assert len(list(store.all("site"))) == 200
    assert store.verify().good
    add(store, 500)
    store.close()


def test_other_records_are_read_while_one_table_is_damaged(damaged: Callable[[str], Path]) -> None:
    store = open_records(damaged("site"))
    assert store.revision() == 200
    assert store.verify().good
    with store.write(WHO, 1) as write:
        write.note("test", {})
    assert store.revision() == 201
    store.close()


def test_two_writers_of_one_file_are_refused(tmp_path: Path) -> None:
    store = open_records(tmp_path / "records.db")
    with pytest.raises(StorageError, match="already"):
        open_records(tmp_path / "records.db")
    store.close()
    open_records(tmp_path / "records.db").close()


def test_the_clock_may_step_as_it_likes(tmp_path: Path) -> None:
    """Rows keep the order in which they came; nothing depends on the time that they show."""
    store = open_records(tmp_path / "records.db")
    year = 365 * 86_400_000
    for number, at in enumerate((10 * year, 11 * year, 9 * year, 0, -5, 10 * year)):
        with store.write(WHO, at, f"k{number}") as write:
            write.note("test", {"n": number})
    assert [row.after["n"] for row in store.journal()] == list(range(6))
    assert [row.seq for row in store.journal()] == list(range(1, 7))
    assert store.verify().good
    store.close()
