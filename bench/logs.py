"""What raw lines cost: `python bench/logs.py [--quick]`."""

import sys
import time
from typing import Any

import numpy as np
from _stores import T0, Figures, folder, main, run_parts

from core.ports import LogQuery
from core.sections import Logs
from core.signals import RawLine
from stores.logs import open_logs

NAME = "logs"
LINE = "<189>LD-ACC-{:04d} %%01IFNET/4/IF_STATE(l)[{}]:Interface GE0/0/{} turned DOWN"


def logs(quick: bool) -> Figures:
    """Syslog of 3,000 devices: appended in batches of 1,000, sealed, searched."""
    count = 200_000 if quick else 5_000_000
    rng = np.random.default_rng(1)
    append = 0.0
    with folder() as root:
        store = open_logs(root, Logs())
        for batch in range(count // 1000):
            source, port = rng.integers(0, 3000, 1000).tolist(), rng.integers(0, 48, 1000).tolist()
            lines = [
                RawLine(
                    at_ms=T0 + batch * 3333 + n * 3,
                    source=f"10.1.{source[n] >> 8}.{source[n] & 255}",
                    kind="syslog",
                    raw=LINE.format(source[n], batch * 1000 + n, port[n]).encode(),
                )
                for n in range(1000)
            ]
            a = time.process_time()
            store.append(lines)
            store.maintain(T0 + batch * 3333)
            append += time.process_time() - a
        store.close()
        size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
        store = open_logs(root, Logs(), readonly=True)
        end = T0 + count * 4

        def ms(**query: Any) -> str:
            a = time.perf_counter()
            found = list(store.search(LogQuery(**{"start_ms": T0, "end_ms": end, **query})))
            return f"{(time.perf_counter() - a) * 1000:.0f} ms ({len(found):,} lines)"

        middle = T0 + count * 3 // 2
        return [
            ("lines appended and sealed, per CPU s", f"{count / append:,.0f}, {size / count:.1f} bytes a line"),
            (f"one device's lines of {count:,}", ms(sources=("10.1.3.7",), limit=100_000)),
            ("ten minutes of all devices, newest 10,000", ms(start_ms=middle, end_ms=middle + 600_000, limit=10_000)),
            ("a word over everything, newest 1,000", ms(word="ge0/0/47 turned", limit=1000)),
            ("a word that is nowhere", ms(word="nowhere to be found", limit=1000)),
        ]


PARTS = {"logs": logs}


def run(quick: bool) -> Figures:
    """All parts."""
    return run_parts(__file__, PARTS, quick)


if __name__ == "__main__":
    main(__file__, PARTS, sys.argv[1:])
