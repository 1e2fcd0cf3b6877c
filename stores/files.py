"""What every store needs of the file system: durable steps, and its errors said in one sentence with a way out."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DiskFullError, StorageError
from core.i18n import tr

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns errors of the file system into `DiskFullError` and `StorageError` that name `path`."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise explain(error, path) from error


def explain(error: OSError, path: Path) -> StorageError:
    if error.errno in FULL:
        return disk_full(path)
    if error.errno == errno.EROFS:
        return read_only(path)
    if error.errno in (errno.EACCES, errno.EPERM):
        return StorageError(
            tr("{path} may not be written or read: {reason}.", path=path, reason=error.strerror),
            way_out=tr("Give this account the right, or name another folder in general.data_dir."),
        )
    return StorageError(
        tr("{path} cannot be used: {reason}.", path=path, reason=error.strerror or str(error)),
        way_out=tr("Look at the disk and its messages, then start again."),
    )


def is_read_only(folder: Path) -> bool:
    """Whether the file system of a folder takes no writes at all."""
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def read_only(path: Path) -> StorageError:
    return StorageError(
        tr("The disk of {path} is read-only.", path=path),
        way_out=tr("A faulty disk is often made so by the system: look at its messages, then mount it for writing again."),
    )


def disk_full(path: Path) -> DiskFullError:
    return DiskFullError(
        tr("The disk of {path} is full.", path=path),
        way_out=tr("Free some space or shorten what is kept; writing goes on by itself then."),
    )


def make_folder(path: Path) -> None:
    """Creates an owner-only folder that survives a power loss."""
    with storage_errors(path):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def sync_folder(path: Path) -> None:
    """Makes the names in a folder durable."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def publish(temporary: Path, final: Path) -> None:
    """Gives a complete, synced file its name: either the whole file is there afterwards, or none."""
    temporary.rename(final)
    sync_folder(final.parent)


def write_all(fd: int, data: bytes, at: int) -> None:
    """Writes everything at an offset or raises; a short write is what a disk does just before it is full."""
    view = memoryview(data)
    while view:
        written = os.pwrite(fd, view, at)
        view, at = view[written:], at + written


class OnlyWriter:
    """The right to write in a folder, held by one process at a time; the system takes it back when that process ends, however it does."""

    def __init__(self, folder: Path, name: str = "writer.lock") -> None:
        with storage_errors(folder):
            self._fd = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.release()
                raise StorageError(
                    tr("Another process writes in {path} already.", path=folder),
                    way_out=tr("Stop it first; one writer is all there may be."),
                ) from None

    def release(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def set_aside(path: Path, folder: Path, reason: str) -> None:
    """Moves a damaged file away, with the reason beside it. A reader that may not move it leaves it where it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{path.name}.txt").write_text(reason + "\n", "utf-8")
        path.rename(folder / path.name)
        sync_folder(path.parent)
    except OSError:
        return


def set_aside_list(folder: Path) -> list[str]:
    """`name: reason` of every file that was set aside."""
    if not folder.is_dir():
        return []
    return [f"{note.name[:-4]}: {note.read_text('utf-8', 'replace').strip()}" for note in sorted(folder.glob("*.txt"))]
