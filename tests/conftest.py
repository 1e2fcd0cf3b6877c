"""Fixtures for all tests."""

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# Hundreds of processes are started here; none of them shall compile all of Yunwang for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
SOAK = os.environ.get("YUNWANG_SOAK") == "1"
# A busy machine is no reason to fail. `make test` tries the same few examples every time, `make soak` many new ones.
settings.register_profile("house", deadline=None, derandomize=not SOAK, max_examples=200 if SOAK else 30)
settings.load_profile("house")
gc.disable()  # until all is collected: nothing of thousands of tests is garbage
SLOW = (
    "lab/test_real_openstack.py", "senses/test_senses.py", "agents/test_processes.py", "custody/test_life.py", "agents/test_city.py",
    "stores/test_samples_life.py", "custody/test_leaks.py", "agents/test_survival.py", "crawl/test_city.py",
    "node/test_setup.py", "first/test_first.py", "cli/test_inventory.py", "cli/test_obstacles.py", "probes/test_hub.py",
    "api/test_document.py", "tui/test_work.py", "tui/test_real.py", "tui/test_real_people.py", "stores/test_records_killed.py",
    "node/test_units.py", "agents/test_hub_api.py", "sources/test_cloud.py", "finding/test_free.py", "api/test_semantics.py",
    "node/test_backup.py", "ears/test_killed.py", "rules/test_node.py", "jobs/test_killed.py", "notify/test_killed.py",
)
"""Files that take longest: they begin first, so that no process waits for one of them at the end."""
WHO = ("YUNWANG_AS", "YUNWANG_TOKEN")


def _need(program: str) -> str:
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found:
        return found
    if os.environ.get("YUNWANG_REQUIRE_REAL") == "1":
        pytest.fail(f"{program} is not installed, and YUNWANG_REQUIRE_REAL=1 asks for it")
    pytest.skip(f"{program} is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, the others as they were collected; what draws its examples is run with all of them in the soak."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("soak")
    places = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get("/".join(item.path.parts[-2:]), len(SLOW)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage looks at it again."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """The end of the process looks at everything again."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """`need("snmpd")`: the path of a program; skips where it is missing, fails with YUNWANG_REQUIRE_REAL=1."""
    return _need


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        reason = f"a small file system cannot be mounted here: {mounted.stderr.decode().strip()}"
        if os.environ.get("YUNWANG_REQUIRE_REAL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(autouse=True)
def nobody_in_particular() -> Iterator[None]:
    """What one test's command line chose (`--as`, a token) is not the next one's."""
    for name in WHO:
        os.environ.pop(name, None)
    yield
    for name in WHO:
        os.environ.pop(name, None)
