"""Appends batches of three lines to a log store until it is killed, saying each one that was acknowledged. A program of the crash tests.

Arguments: folder, first batch.
"""

import sys
from itertools import count
from pathlib import Path

from core.sections import Logs
from core.signals import RawLine
from stores.logs import open_logs

store = open_logs(Path(sys.argv[1]), Logs())
for batch in count(int(sys.argv[2])):
    store.append([RawLine(at_ms=batch, source="10.0.0.1", kind="syslog", raw=str(batch * 3 + i).encode()) for i in range(3)])
    print(batch, flush=True)  # noqa: T201  the parent reads it
    store.maintain(batch * 100_000)
