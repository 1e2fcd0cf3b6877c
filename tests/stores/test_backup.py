"""Records as one file: from either store into either store, whole or not at all."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from core.errors import StorageError
from core.identity import Actor
from core.objects import Site
from stores.audit import Verifier, archive
from stores.records import Records, open_records, portable, postgres
from stores.records.portable import FILE, records_are_empty, records_backup, records_restore

WHO = Actor(name="li")
DAY = 86_400_000


def fill(store: Records, rows: int, first: int = 0) -> None:
    with store.together():
        for number in range(first, first + rows):
            with store.write(WHO, number * DAY, f"key-{number}") as write:
                write.put("site.add", Site(id=f"{number:032x}", name=f"机房{number} '%?\n", level="county", county="莲都"))
                write.answer({"number": number})


def content(store: Records) -> Any:
    return list(store.all("site")), store.journal(limit=5000), store.answered("key-1"), store.verify()


@pytest.fixture
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str, str], str]:
    def place(kind: str, name: str) -> str:
        return str(tmp_path / f"{name}.db") if kind == "sqlite" else request.getfixturevalue("database")(fresh=True)

    return place


@pytest.mark.real
@pytest.mark.parametrize("way", ["sqlite > postgresql", "postgresql > sqlite", "postgresql > postgresql", "sqlite > sqlite"])
def test_what_was_saved_comes_back_on_either_store(
    way: str, places: Callable[[str, str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(portable, "CHUNK", 20)
    source, target = way.split(" > ")
    store = open_records(places(source, "a"))
    fill(store, 203)
    before, told = content(store), []
    tail = records_backup(store, tmp_path / "backup", lambda done, total, what: told.append((done, total, what)))
    store.close()
    assert (tail.revision, tail.tip) == (203, before[3].tip)
    assert told[-1][0] == told[-1][1] >= 609
    assert (tmp_path / "backup" / FILE).stat().st_mode & 0o077 == 0
    where = places(target, "b")
    assert records_are_empty(where)
    assert records_restore(where, tmp_path / "backup") == tail
    again = open_records(where)
    assert content(again) == before
    fill(again, 1, 2000)
    assert again.verify().rows == 204
    again.close()


def test_archives_and_restored_records_are_one_trail(tmp_path: Path) -> None:
    store = open_records(tmp_path / "a.db")
    fill(store, 30)
    archive(store, tmp_path / "audit", WHO, 211 * DAY, 190, trust_clock=True)
    records_backup(store, tmp_path / "backup")
    store.close()
    records_restore(str(tmp_path / "b.db"), tmp_path / "backup")
    again = open_records(tmp_path / "b.db")
    found = Verifier(again, tmp_path / "audit").run()
    assert (found.good, found.rows, found.archived) == (True, 31, 21)
    again.close()


def test_a_backup_is_of_one_moment_while_writes_go_on(database_store: Records, tmp_path: Path) -> None:
    fill(database_store, 50)
    done = threading.Event()

    def write_on() -> None:
        number = 100
        while not done.is_set():
            fill(database_store, 5, number)
            number += 5

    writer = threading.Thread(target=write_on)
    writer.start()
    tails = [records_backup(database_store, tmp_path / str(number)) for number in range(5)]
    done.set()
    writer.join()
    for number, tail in enumerate(tails):
        where = tmp_path / f"{number}.db"
        assert records_restore(str(where), tmp_path / str(number)) == tail
        restored = open_records(where, readonly=True)
        assert len(list(restored.all("site"))) == restored.revision() == tail.revision
        restored.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("sound")
    store = open_records(folder / "a.db")
    fill(store, 60)
    records_backup(store, folder)
    store.close()
    return (folder / FILE).read_bytes()


def _is_refused(where: str, folder: Path) -> None:
    with pytest.raises(StorageError) as error:
        records_restore(where, folder)
    assert FILE in str(error.value)
    assert error.value.way_out


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_backup_is_refused_and_leaves_nothing(tmp_path: Path, sound: bytes, seed: int) -> None:
    choose = random.Random(seed)
    broken = bytearray(sound)
    if seed % 3:
        broken[choose.randrange(len(broken))] ^= 1 << choose.randrange(8)
    else:
        del broken[choose.randrange(len(broken)) :]
    (tmp_path / FILE).write_bytes(broken)
    _is_refused(str(tmp_path / "b.db"), tmp_path)
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("b.db") and not file.name.endswith(".lock")] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"li"', '"wang"', 1),
        lambda text: text.replace('"table":"site"', '"table":"migration"'),
        lambda text: text.replace('"table":"site"', '"table":"sqlite_master"'),
        lambda text: text.replace('"table":"site","columns":["id"', '"table":"site","columns":["x"'),
        lambda text: text.replace('"columns":["id","name"', '"columns":["id; DROP TABLE site","name"', 1),
        lambda text: "\n".join(line for number, line in enumerate(text.split("\n")) if number != 40),
        lambda text: text.replace("yunwang-records-1", "yunwang-records-2"),
        lambda text: text + text,
        lambda text: "[1]\n" + text,
        lambda text: text.replace("[", "[[", 5),
        lambda text: "",
    ],
    ids=range(11),
)
def test_a_backup_that_somebody_rewrote_is_refused(tmp_path: Path, sound: bytes, change: Callable[[str], str]) -> None:
    text = zstandard.ZstdDecompressor().stream_reader(sound).read().decode()
    rewritten = change(text)
    if rewritten == text:
        pytest.fail("this changed nothing")
    (tmp_path / FILE).write_bytes(zstandard.ZstdCompressor().compress(rewritten.encode()))
    _is_refused(str(tmp_path / "b.db"), tmp_path)


def test_records_that_are_there_stay(tmp_path: Path, sound: bytes) -> None:
    (tmp_path / FILE).write_bytes(sound)
    records_restore(str(tmp_path / "b.db"), tmp_path)
    before = (tmp_path / "b.db").read_bytes()
    with pytest.raises(StorageError, match="already"):
        records_restore(str(tmp_path / "b.db"), tmp_path)
    assert (tmp_path / "b.db").read_bytes() == before


@pytest.mark.real
def test_records_of_a_database_are_set_aside_and_come_back_after_an_error(
    tmp_path: Path, sound: bytes, database: Callable[..., str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    import psycopg

    url = database(fresh=True)
    store = open_records(url)
    fill(store, 7)
    store.close()
    (tmp_path / FILE).write_bytes(sound[:-40])
    _is_refused(url, tmp_path)
    store = open_records(url)
    assert store.revision() == 7
    monkeypatch.setattr(postgres, "LOCK_WAIT_S", 0.0)
    with pytest.raises(StorageError, match="already"):
        records_restore(url, tmp_path)  # its hub runs
    store.close()
    (tmp_path / FILE).write_bytes(sound)
    records_restore(url, tmp_path, now_ms=4711)
    store = open_records(url)
    assert store.revision() == 60
    store.close()
    with psycopg.connect(url, autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM yunwang_replaced_4711.journal").fetchone() == (7,)
        session.execute("DROP SCHEMA yunwang_replaced_4711 CASCADE")
