"""A log file that keeps itself in bounds, under whatever bytes or lines come."""

import contextlib
import logging
import logging.handlers
from pathlib import Path

LOG_BYTES, LOG_FILES = 2 * 1024 * 1024, 3


class LogFile(logging.handlers.RotatingFileHandler):
    """The rotation of the standard library under text that comes in pieces; its folder is owner-only."""

    def __init__(self, path: Path, largest: int = LOG_BYTES, kept: int = LOG_FILES) -> None:
        super().__init__(path, maxBytes=largest, backupCount=kept - 1, encoding="utf-8", errors="replace", delay=True)

    def put(self, text: str) -> None:
        """Appends whole lines."""
        if text := text.rstrip("\n"):
            with contextlib.suppress(OSError):
                self.emit(logging.makeLogRecord({"msg": text}))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- the library's signature
        """A full disk costs the line, nothing else."""
