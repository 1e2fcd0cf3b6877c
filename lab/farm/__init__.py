"""The C farm: compiled at first use, kept by the hash of its source."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib import resources
from pathlib import Path

_FLAGS = ("-O2", "-Wall", "-Wextra")
_COMPILE_S = 60


def compiler() -> str | None:
    """The C compiler of this machine, or None."""
    return shutil.which(os.environ.get("CC") or "cc")


def cache_dir() -> Path:
    """Where binaries are kept; owner-only."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "yunwang"


def binary() -> Path | None:
    """The farm's binary, compiled where it is not there yet; None without a compiler that can do it."""
    source = (resources.files("lab.farm") / "farm.c").read_bytes()
    kept = cache_dir() / f"farm-{hashlib.sha256(source + ' '.join(_FLAGS).encode()).hexdigest()[:16]}"
    if _ours(kept):
        return kept
    cc = compiler()
    if cc is None:
        return None
    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent) as work:
            text, fresh = Path(work, "farm.c"), Path(work, "farm")
            text.write_bytes(source)
            done = subprocess.run([cc, *_FLAGS, "-o", fresh, text, "-lpthread"], capture_output=True, timeout=_COMPILE_S, check=False)
            if done.returncode:
                return None
            fresh.replace(kept)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return kept


def _ours(path: Path) -> bool:
    """Whether the binary is there and nobody else can have written it."""
    try:
        stat = path.stat()
    except OSError:
        return False
    return stat.st_uid == os.geteuid() and not stat.st_mode & 0o022 and os.access(path, os.X_OK)
