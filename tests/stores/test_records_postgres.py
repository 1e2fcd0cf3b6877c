"""What is particular to records in PostgreSQL: who is let in, a server that goes away, one writer, the guard of the journal."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.errors import ConflictError, SettingsError, StorageError
from core.identity import Actor
from core.objects import Site
from stores.records import open_records, postgres
from stores.records.postgres import shown

pytestmark = pytest.mark.real
WHO = Actor(name="system:test")
SECRET = "Open-Sesame-4711"


def site(number: int) -> Site:
    return Site(id=f"s{number}", name=f"机房{number}", level="county")


def add(store: Any, number: int) -> None:
    with store.write(WHO, number) as write:
        write.put("site.add", site(number))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "LOCK_WAIT_S", 0.0)


@contextmanager
def root(url: str) -> Iterator[psycopg.Connection[Any]]:
    session = psycopg.connect(url, autocommit=True)
    yield session
    session.close()


def test_there_is_one_writer_and_any_number_of_readers(database: Callable[..., str]) -> None:
    url = database()
    store = open_records(url)
    add(store, 1)
    with pytest.raises(StorageError, match="already"):
        open_records(url)
    reader = open_records(url, readonly=True)
    assert reader.revision() == 1
    with pytest.raises(StorageError, match="reading only"):
        add(reader, 2)
    store.close()
    again = open_records(url)
    add(again, 2)
    assert reader.revision() == 2
    again.close()
    reader.close()


def test_sessions_that_were_cut_off_are_made_anew(database: Callable[..., str]) -> None:
    """A server that was started again: what was under way fails in a sentence, the next goes through, nothing is half done."""
    url = database()
    store = open_records(url)
    add(store, 1)
    assert store.revision() == 1

    def cut_off() -> None:
        with root(url) as session:
            ours = "FROM pg_stat_activity WHERE application_name = 'yunwang'"
            session.execute(f"SELECT pg_terminate_backend(pid) {ours}")  # type: ignore[arg-type]
            deadline = time.monotonic() + 60
            while session.execute(f"SELECT count(*) {ours}").fetchone() != (0,):  # type: ignore[arg-type]
                assert time.monotonic() < deadline
                time.sleep(0.01)

    cut_off()
    assert store.revision() == 1
    add(store, 2)

    def interrupted() -> None:
        with store.write(WHO, 3) as write:
            write.put("site.add", site(3))
            cut_off()
            write.put("site.add", site(4))

    with pytest.raises(StorageError) as error:
        interrupted()
    assert error.value.way_out
    add(store, 5)
    assert [found.id for found in store.all("site")] == ["s1", "s2", "s5"]
    assert (store.verify().rows, store.verify().good) == (3, True)
    store.close()


@pytest.mark.parametrize("readonly", [False, True])
def test_a_server_that_is_not_there(readonly: bool) -> None:
    with pytest.raises(StorageError, match=r"postgresql://127\.0\.0\.1:1/x cannot be reached") as error:
        open_records(f"postgresql://somebody@127.0.0.1:1/x?sslpassword={SECRET}", readonly=readonly)
    assert error.value.way_out
    assert SECRET not in str(error.value)


def test_a_database_that_is_not_there(database: Callable[..., str]) -> None:
    with pytest.raises(StorageError, match="did not let us in") as error:
        open_records(database().replace("/postgres?", "/nowhere?"))
    assert "nowhere" in str(error.value)


def test_a_database_without_tables_is_not_made_by_a_reader(database: Callable[..., str]) -> None:
    with pytest.raises(StorageError, match="older schema"):
        open_records(database(fresh=True), readonly=True)


def test_a_password_in_the_settings_is_refused() -> None:
    with pytest.raises(SettingsError) as error:
        open_records(f"postgresql://yunwang:{SECRET}@127.0.0.1/yunwang")
    assert SECRET not in str(error.value)
    assert shown(f"postgresql://yunwang:{SECRET}@host:5433/city?password={SECRET}") == "postgresql://host:5433/city"


def test_a_wrong_password_is_refused_and_never_repeated(database: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = database()
    with root(url) as session:
        where = Path(session.execute("SHOW hba_file").fetchone()[0])  # type: ignore[index]
        before = where.read_text()
        session.execute("DROP ROLE IF EXISTS locked")
        session.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        where.write_text(f"local all locked scram-sha-256\n{before}")
        session.execute("SELECT pg_reload_conf()")
        monkeypatch.setenv("PGPASSWORD", SECRET)
        try:
            with pytest.raises(StorageError, match="did not let us in") as error:
                open_records(url.replace("postgres:@", "locked@"))
        finally:
            where.write_text(before)
            session.execute("SELECT pg_reload_conf()")
            session.execute("DROP ROLE locked")
    assert SECRET not in str(error.value) + str(error.value.__cause__)
    assert ".pgpass" in error.value.way_out


def test_a_role_without_rights_is_told(database: Callable[..., str]) -> None:
    url = database(fresh=True)
    with root(url) as session:
        session.execute("DROP ROLE IF EXISTS guest")
        session.execute("CREATE ROLE guest LOGIN")
        try:
            with pytest.raises(StorageError) as error:
                open_records(url.replace("postgres:@", "guest@"))
        finally:
            session.execute("DROP ROLE guest")
    assert "create a schema" in error.value.way_out


def test_a_server_that_syncs_nothing_is_refused(database: Callable[..., str]) -> None:
    """What it acknowledges would not survive a power loss."""
    url = database()
    with root(url) as session:
        session.execute("ALTER SYSTEM SET fsync = off")
        session.execute("SELECT pg_reload_conf()")
        try:
            for _ in range(1000):
                with root(url) as other:
                    if other.execute("SHOW fsync").fetchone() == ("off",):
                        break
            with pytest.raises(StorageError, match="fsync"):
                open_records(url)
        finally:
            session.execute("ALTER SYSTEM RESET fsync")
            session.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE yunwang.journal SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM yunwang.journal WHERE seq = 3",
        "TRUNCATE yunwang.journal",
        ("INSERT INTO journal SELECT seq - 1, at_ms, zone_s, request, actor, origin, action, kind, object_id, before, after, '', ''"
        " FROM journal WHERE seq = 1"),
    ],
)
def test_the_journal_takes_new_rows_only(database: Callable[..., str], statement: str) -> None:
    url = database()
    store = open_records(url)
    for number in range(4):
        add(store, number)
    with root(url) as session:
        session.execute("SET search_path = yunwang")
        with pytest.raises(psycopg.DatabaseError):
            session.execute(statement)
    assert store.verify().rows == 4
    with pytest.raises(ConflictError, match="new rows only"), store.maintenance() as db:
        db.run("UPDATE journal SET actor = ? WHERE seq = ?", ("nobody", 2))
    store.close()


def test_what_was_changed_behind_the_guard_is_found(database: Callable[..., str]) -> None:
    """A superuser can switch triggers off: the chain tells, and the guard is put up again with a word in the trail."""
    url = database()
    store = open_records(url)
    for number in range(4):
        add(store, number)
    store.close()
    with root(url) as session:
        session.execute("ALTER TABLE yunwang.journal DISABLE TRIGGER ALL")
        session.execute("UPDATE yunwang.journal SET actor = 'nobody' WHERE seq = 2")
    again = open_records(url)
    assert again.unguarded
    assert again.verify().bad_seq == 2
    with root(url) as session, pytest.raises(psycopg.DatabaseError):
        session.execute("UPDATE yunwang.journal SET actor = 'li' WHERE seq = 2")
    again.close()
    with root(url) as session:
        session.execute("DROP SCHEMA yunwang CASCADE")
