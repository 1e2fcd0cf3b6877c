"""Settings of a folder that is short enough for sockets."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import i18n
from core.sections import General
from core.settings import Settings


@pytest.fixture
def private() -> Iterator[Settings]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield Settings(general=General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en"))
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
