"""What is particular to records in a file: other processes, damage, full disks, versions, and the ban on `with db.conn:`."""

import random
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import stores
from core.errors import DiskFullError, StorageError, YunwangError
from core.identity import Actor
from core.objects import Site
from core.ports import ListQuery, LogQuery
from core.sections import Logs, Samples
from core.signals import RawLine, SampleBlock, SeriesKey
from stores.logs import open_logs
from stores.records import Records, open_records, schema
from stores.records.sqlite import GUARDS, SqliteConnection
from stores.samples import open_samples

WHO = Actor(name="system:test")


def site(number: int, **changes: Any) -> Site:
    return Site(**{"id": f"{number:032x}", "name": f"机房{number}", "level": "county", **changes})


def raw(store: Records) -> sqlite3.Connection:
    """The connection that writes, as SQLite has it."""
    assert isinstance(store._writer, SqliteConnection)
    return store._writer.raw


def fill(path: Path, rows: int) -> None:
    store = open_records(path)
    for number in range(rows):
        with store.write(WHO, number) as write:
            write.put("site.add", site(number, address="x" * 200))
    store.close()


def test_a_reader_sees_each_write_at_once_and_cannot_write(tmp_path: Path) -> None:
    writer = open_records(tmp_path / "r.db")
    reader = open_records(tmp_path / "r.db", readonly=True)
    for number in range(3):
        with writer.write(WHO, 1) as write:
            write.put("site.add", site(number))
        assert reader.revision() == number + 1
    with pytest.raises(StorageError, match="reading only"), reader.write(WHO, 1):
        pass
    writer.close()
    reader.close()


def test_a_reader_without_a_file_is_told_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as error:
        open_records(tmp_path / "none.db", readonly=True)
    assert error.value.way_out
    assert not (tmp_path / "none.db").exists()


def test_the_file_is_for_its_owner_only_and_synced_fully(tmp_path: Path) -> None:
    store = open_records(tmp_path / "sub" / "r.db")
    assert (tmp_path / "sub" / "r.db").stat().st_mode & 0o777 == 0o600
    assert raw(store).execute("PRAGMA synchronous").fetchone()[0] == 2
    assert raw(store).execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    store.close()


def test_a_file_from_the_future_is_refused_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path / "r.db", 2)
    with sqlite3.connect(tmp_path / "r.db") as db:
        db.execute("INSERT INTO migration (number, name) VALUES (?, 'later')", (schema.NEWEST + 1,))
    db.close()
    for readonly in (False, True):
        with pytest.raises(StorageError, match="newer"):
            open_records(tmp_path / "r.db", readonly=readonly)


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path / "r.db", 2)

    def half(db: Any) -> None:
        db.run("CREATE TABLE half (x INTEGER)")
        db.run("SELECT cut_off()")

    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, (schema.NEWEST + 1, "half", half)))
    monkeypatch.setattr(schema, "NEWEST", schema.NEWEST + 1)
    with pytest.raises(StorageError):
        open_records(tmp_path / "r.db")
    monkeypatch.undo()
    store = open_records(tmp_path / "r.db")
    assert store.revision() == 2
    assert not raw(store).execute("SELECT name FROM sqlite_master WHERE name = 'half'").fetchall()
    store.close()


@pytest.mark.parametrize(
    ("statement", "bad"),
    [
        ("UPDATE journal SET actor = 'nobody' WHERE seq = 3", 3),
        ("UPDATE journal SET after = replace(after, 'county', 'city') WHERE seq = 4", 4),
        ("UPDATE journal SET after = 'x' WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 5", 5),
        ("UPDATE journal SET seq = 100 WHERE seq = 2", 2),
        ("UPDATE journal SET digest = previous WHERE seq = 6", 6),
        ("UPDATE journal SET seq = -seq WHERE seq IN (3, 4); UPDATE journal SET seq = 7 + seq WHERE seq < 0", 3),
        ("UPDATE journal SET at_ms = 9 WHERE seq = 1", 1),
        (("INSERT OR REPLACE INTO journal SELECT 7, at_ms, zone_s, request, 'x', origin, action, kind, object_id, before, after,"
         " previous, digest FROM journal WHERE seq = 7"), 7),
    ],
)
def test_the_chain_names_the_first_row_that_was_touched(tmp_path: Path, statement: str, bad: int) -> None:
    fill(tmp_path / "r.db", 8)
    db = sqlite3.connect(tmp_path / "r.db")
    with suppress(sqlite3.IntegrityError):
        db.execute(statement.partition(";")[0])
        pytest.fail("a trigger must refuse this")
    for guard in GUARDS:
        db.execute(f"DROP TRIGGER {guard}")
    db.executescript(statement)
    db.close()
    store = open_records(tmp_path / "r.db", readonly=True)
    verdict = store.verify()
    assert (verdict.bad_seq, verdict.rows) == (bad, bad - 1)
    assert str(bad) in verdict.reason
    store.close()


def test_many_threads_read_while_one_writes(tmp_path: Path) -> None:
    store = open_records(tmp_path / "r.db")
    problems: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            last = 0
            while not done.is_set():
                seen = store.revision()
                assert seen >= last
                assert store.page("site", ListQuery(limit=5)).total >= seen
                last = seen
        except BaseException as error:  # noqa: BLE001  handed to the test
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for thread in readers:
        thread.start()
    for number in range(60):
        with store.write(WHO, number) as write:
            write.put("site.add", site(number))
    done.set()
    for thread in readers:
        thread.join()
    store.close()
    assert problems == []


def test_a_full_store_says_so_and_works_again_once_there_is_room(tmp_path: Path) -> None:
    store = open_records(tmp_path / "r.db")
    pages = raw(store).execute("PRAGMA page_count").fetchone()[0]
    raw(store).execute(f"PRAGMA max_page_count = {pages + 2}")
    acknowledged: list[int] = []

    def write_on() -> None:
        for number in range(1000):
            with store.write(WHO, number) as write:
                write.put("site.add", site(number, address="x" * 1000))
            acknowledged.append(number)

    with pytest.raises(DiskFullError) as error:
        write_on()
    assert str(tmp_path / "r.db") in str(error.value)
    assert error.value.way_out
    assert store.revision() == len(acknowledged)
    raw(store).execute("PRAGMA max_page_count = 100000")
    with store.write(WHO, 1) as write:
        write.put("site.add", site(9999))
    assert store.revision() == len(acknowledged) + 1
    assert store.verify().bad_seq == 0
    store.close()


def test_what_is_not_a_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_bytes(b"this is a letter, not a database" * 100)
    for readonly in (False, True):
        with pytest.raises(StorageError, match=r"r\.db"):
            open_records(tmp_path / "r.db", readonly=readonly)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "r.db"
    fill(path, 60)
    return path.read_bytes()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_gives_our_errors_only(tmp_path: Path, sound: bytes, data: st.DataObject) -> None:
    """Bytes of a database changed anywhere: each question is answered or refused in one sentence."""
    content = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path = tmp_path / "r.db"
    for leftover in tmp_path.iterdir():
        leftover.unlink(missing_ok=True)
    path.write_bytes(content)
    try:
        store = open_records(path)
    except YunwangError:
        return
    questions = (store.verify, store.revision, store.journal, lambda: list(store.all("site")), lambda: store.page("site", ListQuery()))
    for question in questions:
        with suppress(YunwangError):
            question()
    store.close()


def test_no_transaction_is_left_to_the_connection() -> None:
    """`with db.conn:` committed the first of two inserts after an outer failure: `db.atomic()` is the one way."""
    root = Path(stores.__file__).parent.parent
    offenders = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if not {".venv", "build", "dist"} & set(path.relative_to(root).parts) and path != Path(__file__)
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"with\s+[\w.]*\bconn\b[\w.]*\s*(:|as\b|,)", line) and "connect" not in line and "`" not in line
    ]
    assert offenders == []


@pytest.mark.real
@pytest.mark.parametrize("store", ["records", "samples", "logs"])
def test_a_disk_that_is_really_full(small_disk: Path, store: str) -> None:
    """On a file system of 4 MB: refused in one sentence, nothing acknowledged is lost, and it goes on once there is room."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    write, count = WRITERS[store](small_disk)
    acknowledged: list[int] = []

    def write_on() -> None:
        for number in range(100_000):
            write(number)
            acknowledged.append(number)

    with pytest.raises(DiskFullError) as error:
        write_on()
    assert error.value.way_out
    assert count() == len(acknowledged) > 0
    ballast.unlink()
    write(len(acknowledged))
    assert count() == len(acknowledged) + 1


def _records(folder: Path) -> tuple[Callable[[int], None], Callable[[], int]]:
    store = open_records(folder / "r.db")

    def write(number: int) -> None:
        with store.write(WHO, number) as change:
            change.put("site.add", site(number, address="x" * 2000))

    return write, lambda: store.verify().rows if not store.verify().bad_seq else -1


def _samples(folder: Path) -> tuple[Callable[[int], None], Callable[[], int]]:
    store = open_samples(folder / "samples", Samples())
    keys = [SeriesKey("d", "m", str(n)) for n in range(2000)]
    ids = store.series_ids(keys)
    values = np.random.default_rng(1).random(2000)

    def write(number: int) -> None:
        store.append(SampleBlock(ids, np.full(2000, number, np.int64), values))

    return write, lambda: len(store.read(keys[7], 0, 2**40).at_ms)


def _logs(folder: Path) -> tuple[Callable[[int], None], Callable[[], int]]:
    store = open_logs(folder / "logs", Logs())

    def write(number: int) -> None:
        store.append([RawLine(at_ms=number, source="::1", kind="syslog", raw=random.Random(number).randbytes(8000))])

    return write, lambda: len(list(store.search(LogQuery(start_ms=0, end_ms=2**40, limit=100_000))))


WRITERS = {"records": _records, "samples": _samples, "logs": _logs}
