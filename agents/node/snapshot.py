"""All files of a data folder as they were at one moment, while their writers go on.

Samples and logs are written once and renamed into place, merged files replace their parts, and only a few files grow at their end. So a
set of hard links during whose making no name changed is a consistent picture, and the bytes that a growing file had by then are whole
frames and at most one torn one, which the stores forget when they open it.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import StorageError
from core.i18n import tr
from stores.files import storage_errors

ATTEMPTS = 50
STAGING = ".snapshot-"
ONCE_WRITTEN = frozenset({".parquet", ".lines", ".zst"})
"""Files with these endings never change: a hard link to one is as good as a copy on the same disk."""
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS)
"""File systems without hard links get copies."""
_LEFT_OUT = ("log", "crashes", "backups", "replaced")
_RECORDS = ("records.db", "records.db-wal", "records.db-shm")
_SECRET = (".key", ".pem")


class Staged(NamedTuple):
    """One file of the snapshot."""

    path: str
    """Relative to the data folder."""
    at: Path
    """Where it lies in the staging folder."""
    size: int
    """Bytes it had at that moment; it may have grown since."""
    inode: tuple[int, int]


def is_data(path: str) -> bool:
    """Whether a file of the data folder belongs into every backup: keys, locks, records and what is still being written do not."""
    first, _, _ = path.partition("/")
    name = path.rpartition("/")[2]
    if first in _LEFT_OUT or first.startswith((".", *(f"{word}-" for word in _LEFT_OUT))) or path in _RECORDS:
        return False
    return not (is_key(path) or name.startswith(".") or name.endswith((".tmp", ".new", ".lock", ".room", ".sock")))


def is_key(path: str) -> bool:
    """Whether a file holds a private key of this node."""
    name = path.rpartition("/")[2]
    return any(name.endswith(ending) or f"{ending}." in name for ending in _SECRET)


def take(data: Path, staging: Path) -> list[Staged]:
    """Links all data into `staging`, a new folder on the same file system. Raises `StorageError` when the folder never keeps still."""
    with storage_errors(data):
        for _ in range(ATTEMPTS):
            before = dict(_names(data))
            _link_all(data, staging, list(before))
            if before == dict(_names(data)):
                return [_staged(staging, path) for path in sorted(before)]
            shutil.rmtree(staging)
    raise StorageError(
        tr("The files in {path} change faster than they can be listed.", path=data), way_out=tr("Try again in a minute."),
    )


def _names(data: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Relative path and inode of each file that belongs into a backup. Symbolic links are not followed."""
    for folder, folders, names in os.walk(data):
        below = Path(folder).relative_to(data)
        prefix = "" if below == Path() else f"{below.as_posix()}/"
        folders[:] = [name for name in folders if is_data(f"{prefix}{name}/x")]
        for name in names:
            if is_data(f"{prefix}{name}"):
                try:
                    about = (Path(folder) / name).lstat()
                except FileNotFoundError:
                    yield f"{prefix}{name}", (0, 0)
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield f"{prefix}{name}", (about.st_dev, about.st_ino)


def _link_all(data: Path, staging: Path, paths: list[str]) -> None:
    staging.mkdir(mode=0o700, parents=True)
    for path in paths:
        target = staging / path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _link(data / path, target)
        except FileNotFoundError:
            return  # it was replaced meanwhile: the second listing will say so


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target, follow_symlinks=False)


def _staged(staging: Path, path: str) -> Staged:
    about = (staging / path).stat()
    return Staged(path, staging / path, about.st_size, (about.st_dev, about.st_ino))
