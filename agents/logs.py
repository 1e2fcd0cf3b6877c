"""The form of our own log lines: text for people, or one JSON object a line for machines."""

import logging
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec

from core.settings import Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
MAX_TEXT = 16 * 1024
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the request that this task works on; its log lines carry it."""


class JsonLines(logging.Formatter):
    """`{"at": RFC 3339, "level", "logger", "process", "request"?, "message", "error"?}`."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname.lower(),
            "logger": record.name, "process": self._process, "message": record.getMessage()[:MAX_TEXT],
        }
        if number := request_id.get():
            line["request"] = number
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-MAX_TEXT:]
        return msgspec.json.encode(line).decode()


class TextLines(logging.Formatter):
    """`2026-11-23T13:45:00.123Z INFO logger: message [request]`, UTC like the journal."""

    converter = staticmethod(time.gmtime)
    default_time_format, default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(TEXT)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's signature
        number = request_id.get()
        return super().formatMessage(record) + (f" [{number}]" if number else "")


def set_up(settings: Settings, process: str, handler: logging.Handler | None = None) -> None:
    """All log lines of this process go to standard error, which the parent keeps in a file, or to `handler`."""
    chosen = handler or logging.StreamHandler(sys.stderr)
    chosen.setFormatter(JsonLines(process) if settings.service.log_format == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [chosen]
    root.setLevel(logging.INFO)
