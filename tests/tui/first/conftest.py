"""A hub that knows no device, and a city of the lab that answers."""

import contextlib
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from agents import launch
from agents.places import owner, settled
from core.errors import YunwangError
from core.sections import General
from core.settings import Settings
from lab.run import random_base, start

COMMUNITY = "first-ten-minutes"


@pytest.fixture(scope="module")
def fresh():
    """Settings of the hub, and the city."""
    folder = Path(tempfile.mkdtemp(prefix="yw-first-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="zh")))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        city = stack.enter_context(start(8, 7, base=random_base(), events=False, community=COMMUNITY))
        stack.callback(_stop, settings)
        launch.start(settings, die_with_us=True)
        yield settings, city


def _stop(settings):
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
