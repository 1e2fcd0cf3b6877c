"""Folders with short paths, and nodes of their own."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents import launch
from agents.places import owner, settled
from core import i18n
from core.errors import YunwangError
from core.sections import General, Service
from core.settings import Settings

KINDS = ("hub", "workers")


@pytest.fixture
def place() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def settings_in() -> Callable[..., Settings]:
    def make(path: Path, **service: object) -> Settings:
        general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
        return settled(Settings(general=general, service=Service(**service)))  # type: ignore[arg-type]

    return make


@contextlib.contextmanager
def running(settings: Settings, kinds: tuple[str, ...] = KINDS) -> Iterator[Settings]:
    launch.start(settings, kinds=kinds, die_with_us=True)
    try:
        yield settings
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def run() -> Callable[..., contextlib.AbstractContextManager[Settings]]:
    """`with run(settings):` a hub of one's own."""
    return running


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
