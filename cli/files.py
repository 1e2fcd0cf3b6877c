"""Files that a person names on the command line."""

import contextlib
import errno
import os
import sys
import tempfile
from pathlib import Path

from core.errors import ConflictError, DiskFullError, InvalidInputError, StorageError
from core.i18n import reason, tr

LIMIT = 64 << 20


def read(name: str) -> bytes:
    """The content of a file, or of standard input for `-`; at most `LIMIT` bytes."""
    if name == "-":
        return _bounded(sys.stdin.buffer.read(LIMIT + 1), name)
    try:
        with Path(name).open("rb") as file:
            return _bounded(file.read(LIMIT + 1), name)
    except OSError as error:
        raise InvalidInputError(tr("The file {file} cannot be read: {reason}.", file=name, reason=reason(error)),
                                way_out=tr("Check the name and its mode.")) from None


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > LIMIT:
        raise InvalidInputError(tr("The file {file} is larger than {limit} MiB.", file=name, limit=LIMIT >> 20), way_out=tr("Split it."))
    return content


def write(name: str, content: bytes, *, replace: bool = True) -> None:
    """Writes a file as a whole or not at all."""
    path = Path(name)
    if not replace and path.exists():
        raise ConflictError(tr("There is a file {file} already.", file=name), way_out=tr("Choose another name with -o."))
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        kind = DiskFullError if error.errno in (errno.ENOSPC, errno.EDQUOT) else StorageError
        raise kind(tr("The file {file} cannot be written: {reason}.", file=name, reason=reason(error)),
                   way_out=tr("Choose another folder, or make room.")) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
