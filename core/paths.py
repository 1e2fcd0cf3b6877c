"""Where the stores and the sockets of a node lie."""

import os
from pathlib import Path

from core.settings import Settings


def data_dir(settings: Settings) -> Path:
    """Folder of all stores."""
    if settings.general.data_dir:
        return Path(settings.general.data_dir).expanduser()
    if os.geteuid() == 0:
        return Path("/var/lib/yunwang")
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "yunwang"


def cache_dir() -> Path:
    """Folder of what can be made anew at any time."""
    if os.geteuid() == 0:
        return Path("/var/cache/yunwang")
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "yunwang"


def make_private(folder: Path) -> None:
    """Makes a folder that only its owner can enter, and so each missing one above it. Raises `OSError`."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def run_dir(settings: Settings) -> Path:
    """Folder of sockets and the lock; owner-only."""
    if settings.general.run_dir:
        return Path(settings.general.run_dir).expanduser()
    if os.geteuid() == 0:
        return Path("/run/yunwang")
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base) / "yunwang" if base else data_dir(settings) / "run"
