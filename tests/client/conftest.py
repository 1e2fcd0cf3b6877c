"""Settings of a folder that is short enough for sockets."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import General, Settings


@pytest.fixture
def private() -> Iterator[Settings]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield Settings(general=General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en"))
    shutil.rmtree(path, ignore_errors=True)
