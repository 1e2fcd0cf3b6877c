"""The folders and the lock of a node, made ready before any process starts; each obstacle is one sentence with the way out."""

import contextlib
import fcntl
import os
import time
from pathlib import Path

from core.errors import ConflictError, StorageError
from core.i18n import tr
from core.paths import data_dir, make_private, run_dir
from core.settings import Settings
from links.unixsocket import check_length, explain

LOCK = "yunwang.lock"
UNFINISHED = "restore.unfinished"
"""A folder in which this file lies is half restored: no hub starts on it."""
PROBE_BYTES = 64 * 1024
WAIT_S = 3.0


def settled(settings: Settings) -> Settings:
    """The settings with both folders absolute, so that every process means the same ones."""
    data, run = data_dir(settings).absolute(), run_dir(settings).absolute()
    changed = settings.general.replace(data_dir=str(data), run_dir=str(run))
    return settings.replace(general=changed)


def prepare(settings: Settings, *, unfinished: bool = False) -> None:
    """Makes the folders, and tries whether they can be written to and the sockets can be named.

    unfinished: also where a restore was cut off.
    """
    data, run = data_dir(settings), run_dir(settings)
    if not unfinished and os.path.exists(data / UNFINISHED):  # noqa: PTH110 -- False as well where it may not be looked at
        raise StorageError(
            tr("A restore into {folder} did not finish.", folder=data), way_out=tr("Run `yunwang restore` again with the same backup."),
        )
    for name in ("hub.sock", "bus.sock"):
        check_length(run / name)
    for folder in (data, run, data / "log"):
        try:
            make_private(folder)
        except OSError as error:
            raise explain(error, folder) from None
    for folder in (data, run):
        try_writing(folder)


def try_writing(folder: Path) -> None:
    """Writes and syncs a small file, and removes it. Raises `StorageError` or `DiskFullError`."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        with probe.open("wb") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise explain(error, folder) from None
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


class Lock:
    """One supervisor on a data folder. The children inherit it, so that it is free only when the last of them is gone."""

    def __init__(self, settings: Settings) -> None:
        self.path = data_dir(settings) / LOCK
        try:
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise explain(error, self.path) from None

    def take(self, wait_s: float = WAIT_S) -> None:
        """Raises `ConflictError`: at once when its owner is alive; after a while when only children of a dead one hold it."""
        deadline = time.monotonic() + wait_s
        while not self._try():
            self.refuse_if_owned()
            if time.monotonic() >= deadline:
                raise self._taken(self.owner())
            time.sleep(0.05)
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{os.getpid()}\n".encode(), 0)

    def refuse_if_owned(self) -> None:
        """Raises `ConflictError` when a supervisor that is alive has it."""
        pid = self.owner()
        if pid != os.getpid() and _is_alive(pid):
            raise self._taken(pid)

    def _taken(self, pid: int) -> ConflictError:
        return ConflictError(
            tr("A hub already runs on {folder} (process {pid}).", folder=self.path.parent, pid=pid or "?"),
            way_out=tr("Use it as it is, stop it with `yunwang hub stop`, or choose another general.data_dir."),
        )

    def _try(self) -> bool:
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def owner(self) -> int:
        """The process that holds it now; 0: nobody."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(self.fd, 32, 0).split()
            return int(text[0]) if text and text[0].isdigit() else 0
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        return 0

    def release(self) -> None:
        os.close(self.fd)


def _is_alive(pid: int) -> bool:
    """Whether it runs; a process that only waits for its parent to take note of its end does not."""
    if not pid:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


def owner(settings: Settings) -> int:
    """The supervisor that runs on this data folder; 0: none."""
    path = data_dir(settings) / LOCK
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return 0
    except OSError as error:
        raise explain(error, path) from None
    lock = Lock(settings)
    try:
        return lock.owner()
    finally:
        lock.release()
