"""Trails to tamper with."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core import i18n
from stores.records import Records, open_records
from stores.records.sqlite import GUARDS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


@pytest.fixture
def store(path: Path) -> Iterator[Records]:
    opened = open_records(path)
    yield opened
    opened.close()


@pytest.fixture
def as_root(path: Path) -> Callable[..., None]:
    """Changes the journal as somebody who owns the file can."""

    def change(*statements: str) -> None:
        db = sqlite3.connect(path, isolation_level=None)
        for guard in GUARDS:
            db.execute(f"DROP TRIGGER IF EXISTS {guard}")
        for statement in statements:
            db.execute(statement)
        db.close()

    return change


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
