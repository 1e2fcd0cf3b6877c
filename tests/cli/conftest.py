"""Running `yunwang` in this process or as a person does."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import i18n

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A node of its own: no settings but the defaults, stores and sockets in a temporary folder, English."""
    for name in [name for name in os.environ if name.startswith("YUNWANG_") and name not in ("YUNWANG_REQUIRE_REAL", "YUNWANG_SOAK")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    before = i18n.language()
    yield tmp_path
    i18n.use(before)


@pytest.fixture
def yunwang(node: Path, commands: Any) -> Run:
    """`yunwang("inventory", "list", "device")` as a process of its own."""

    def run(*words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
        return commands.run(*words, stdin=stdin, env={**os.environ, **env}, timeout=60)

    return run


@pytest.fixture
def yunwang_anew(node: Path) -> Run:
    """The same by an interpreter of its own, whose start follows the environment too."""

    def run(*words: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run([sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", *words], input=stdin,
                              capture_output=True, env={**os.environ, "PYTHONIOENCODING": "utf-8", **env}, check=False, timeout=60)
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run
