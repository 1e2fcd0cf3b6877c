"""Raw traps and syslog: zstd blocks, found again by source and time. One writer (ears), readers in other processes."""

from pathlib import Path

from core.sections import Logs
from stores.logs.store import ZstdLogs

__all__ = ["ZstdLogs", "open_logs"]


def open_logs(directory: Path, settings: Logs, readonly: bool = False) -> ZstdLogs:
    """The log store in one folder; created unless `readonly`. A reader may open it before the writer has ever started."""
    return ZstdLogs(directory, settings, readonly=readonly)
