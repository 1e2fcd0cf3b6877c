"""Files that a person asks the console to write."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import StorageError
from core.i18n import reason, tr


@contextlib.contextmanager
def new_file(file: Path) -> Iterator[Callable[[bytes], int]]:
    """Writes a new file that its owner alone reads, never over another one; what was begun and failed is taken away.

    Raises `StorageError`.
    """
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as opened:
            try:
                yield opened.write
            except BaseException:
                file.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise StorageError(tr("{file} cannot be written: {reason}.", file=file, reason=reason(error))) from None
