"""Binding a Unix socket that nobody else can open in between, with sentences where it cannot be done."""

import contextlib
import errno
import os
import socket
from pathlib import Path

from core.errors import DiskFullError, SettingsError, SocketInUseError, StorageError, YunwangError
from core.i18n import reason, tr

MAX_PATH = 107
"""Bytes of `sun_path` on Linux, without its NUL (unix(7))."""


def bind(path: Path, mode: int) -> socket.socket:
    """A listening stream socket at `path` with exactly `mode`. A dead socket file is replaced, a living one is left alone."""
    check_length(path)
    if path.is_socket() and answers(path):
        raise SocketInUseError(
            tr("Another process answers at {path}.", path=path), way_out=tr("Stop it, or choose another general.run_dir."),
        )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        before = os.umask(0o777 & ~mode)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(128)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise explain(error, path) from None
    return listener


def check_length(path: Path) -> None:
    """Raises `SettingsError` for a path that the kernel would refuse."""
    if len(os.fsencode(path)) > MAX_PATH:
        raise SettingsError(
            tr("The path of the socket {path} is too long: the system takes {limit} bytes.", path=path, limit=MAX_PATH),
            way_out=tr("Set general.run_dir to a shorter path."),
        )


def answers(path: Path) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def explain(error: OSError, path: Path) -> YunwangError:
    """The sentence for a folder or a file that cannot be used."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(tr("The disk is full at {path}.", path=path), way_out=tr("Make room there and start again."))
    if error.errno in (errno.EACCES, errno.EPERM):
        return StorageError(
            tr("This account may not write to {path}.", path=path),
            way_out=tr("Give it the folder (chown), or choose others with general.data_dir and general.run_dir."),
        )
    if error.errno == errno.EROFS:
        return StorageError(
            tr("{path} lies on a file system that is mounted read-only.", path=path),
            way_out=tr("Mount it for writing, or choose others with general.data_dir and general.run_dir."),
        )
    return StorageError(
        tr("{path} cannot be used: {reason}.", path=path, reason=reason(error)),
        way_out=tr("Choose others with general.data_dir and general.run_dir."),
    )
