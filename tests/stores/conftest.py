"""How long the long tests are."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import i18n


@pytest.fixture
def rounds() -> int:
    """Rounds of a crash test: a hundred in soak."""
    return 100 if os.environ.get("YUNWANG_SOAK") == "1" else 6


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
def english() -> Iterator[None]:
    """Messages are compared in English."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
