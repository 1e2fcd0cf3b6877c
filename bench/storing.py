"""What samples cost: `python bench/storing.py [--quick] [many|day]`. Each part runs in a process of its own.

Not named samples.py or stores.py: a program's folder comes first on its path and would hide the package."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from _stores import HOUR_MS, T0, Figures, folder, main, peak_mb, run_parts

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import open_samples

NAME = "storing"
PORTS, METRICS = 48, 10
"""Ten variables a port: octets and packets of both directions are noise, errors and discards nearly always 0, states constant."""


class Poller:
    """Rates of noisy counters, as a poller computes them: a whole number of octets divided by the seconds between two answers."""

    def __init__(self, devices: int, all_noisy: bool = False) -> None:
        self.random = np.random.default_rng(1)
        self.devices, self.size = devices, devices * PORTS * METRICS
        metric = np.tile(np.arange(METRICS), devices * PORTS)
        self.noisy = (metric < 4) | all_noisy
        self.level = 10 ** self.random.uniform(2, 8, self.size)
        self.constant = np.where(metric < 8, 0.0, 1.0)
        self.at = T0 + self.random.integers(0, 30_000, devices)

    def keys(self) -> list[SeriesKey]:
        names = [f"GigabitEthernet0/0/{port}" for port in range(PORTS)]
        metrics = [f"ifMetric{number}" for number in range(METRICS)]
        return [SeriesKey(f"{device:032x}", metric, name) for device in range(self.devices) for name in names for metric in metrics]

    def sweep(self, ids: Any) -> SampleBlock:
        seconds = 30 + self.random.integers(-20, 20, self.devices) / 1000
        self.at = self.at + (seconds * 1000).astype(np.int64)
        each = PORTS * METRICS
        octets = np.floor(self.level * 30 * np.clip(1 + 0.3 * self.random.standard_normal(self.size), 0, None))
        value = np.where(self.noisy, octets / np.repeat(seconds, each), self.constant)
        return SampleBlock(ids, np.repeat(self.at, each), value)


def drain(store: Any, now_ms: int) -> None:
    for _ in range(10_000):
        if not store._keeper.step(now_ms):  # noqa: SLF001  a step at a time is what is measured
            return


def folder_bytes(root: Path, tier: str) -> int:
    return sum(path.stat().st_size for path in (root / tier).rglob("*") if path.is_file())


def fill(store: Any, poller: Poller, ids: Any, sweeps: int, pieces: int) -> tuple[float, float]:
    """CPU seconds of appending and of housekeeping. pieces: partial blocks of each sweep."""
    append = keep = 0.0
    for number in range(sweeps):
        block = poller.sweep(ids)
        for part in range(pieces):
            cut = slice(part * len(ids) // pieces, (part + 1) * len(ids) // pieces)
            a = time.process_time()
            store.append(SampleBlock(*(column[cut] for column in block)))
            b = time.process_time()
            store.maintain(T0 + number * 30_000 + part * 30_000 // pieces)
            append, keep = append + b - a, keep + time.process_time() - b
    a = time.process_time()
    end = T0 + sweeps * 30_000
    for later in (0, 700_000, 2 * HOUR_MS):
        drain(store, end + later)
    return append, keep + time.process_time() - a


def many(quick: bool) -> Figures:
    """The whole city: 1.44 M series every 30 s in partial blocks of one second."""
    poller, sweeps = Poller(300 if quick else 3000), 24
    with folder() as root:
        store = open_samples(root, Samples())
        a = time.process_time()
        store.series_ids(poller.keys())
        catalogue = time.process_time() - a
        store.close()
        child = subprocess.run(
            [sys.executable, __file__, "--writer", str(root), str(poller.devices), str(sweeps)], capture_output=True, check=True
        )
        figures = json.loads(child.stdout)
        size = poller.size * sweeps / 1e6
        raw = folder_bytes(root, "raw") / size / 1e6
        rolled = (folder_bytes(root, "5m") + folder_bytes(root, "1h")) / size / 1e6
    return [
        ("series", f"{poller.size:,} ({catalogue / poller.size * 1e6:.2f} CPU s per M to number them)"),
        ("append, CPU s per M samples", f"{figures['append'] / size:.3f}"),
        ("seal + merge + roll up, CPU s per M samples", f"{figures['keep'] / size:.3f}"),
        ("all of storing, CPU s per M samples", f"{(figures['append'] + figures['keep']) / size:.3f}"),
        ("only writing them once as Parquet, CPU s per M", f"{figures['bare']:.3f}"),
        ("longest append of a second's block", f"{figures['longest_append_ms']:.0f} ms"),
        ("longest step of housekeeping", f"{figures['longest_step_ms']:.0f} ms"),
        ("memory above the generator's, pyarrow's 60 MB included", f"{figures['rss']:.0f} MB"),
        ("bytes per sample, 4 of 10 series noise", f"{raw:.2f} raw, {rolled:.2f} roll-ups"),
    ]


def writer(root: Path, devices: int, sweeps: int) -> None:
    """The writer alone, so that its memory is its own; the load is made in blocks of a second, as the poller does."""
    poller = Poller(devices)
    store = open_samples(root, Samples())
    ids = np.arange(poller.size, dtype=np.uint32)
    block = poller.sweep(ids)
    base, peak = peak_mb(reset=True), 0.0
    bare = bare_parquet(block)
    longest_append = longest_step = append = keep = 0.0
    for number in range(sweeps):
        block = poller.sweep(ids) if number else block
        peak_mb(reset=True)
        for second in range(30):
            cut = slice(second * len(ids) // 30, (second + 1) * len(ids) // 30)
            part = SampleBlock(*(column[cut] for column in block))
            w, a = time.perf_counter(), time.process_time()
            store.append(part)
            x, b = time.perf_counter(), time.process_time()
            store.maintain(T0 + number * 30_000 + second * 1000)
            longest_append, longest_step = max(longest_append, x - w), max(longest_step, time.perf_counter() - x)
            append, keep = append + b - a, keep + time.process_time() - b
        peak = max(peak, peak_mb())
    a = time.process_time()
    for later in (0, 700_000, 2 * HOUR_MS):
        drain(store, T0 + sweeps * 30_000 + later)
    keep += time.process_time() - a
    print(
        json.dumps(
            {
                "append": append,
                "keep": keep,
                "bare": bare,
                "longest_append_ms": longest_append * 1000,
                "longest_step_ms": longest_step * 1000,
                "rss": max(peak, peak_mb()) - base,
            }
        )
    )


def bare_parquet(block: SampleBlock) -> float:
    """CPU seconds per M samples of only writing them once, unsorted, as the segments that last are packed. Imports pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = min(len(block.series), 500_000)
    table = pa.table([pa.array(column[:count]) for column in block], names=["series", "at_ms", "value"])
    best = 1e9
    for _ in range(3):
        a = time.process_time()
        encoding = {"series": "DELTA_BINARY_PACKED", "at_ms": "PLAIN", "value": "BYTE_STREAM_SPLIT"}
        pq.write_table(
            table, pa.BufferOutputStream(), compression="zstd", use_dictionary=False, column_encoding=encoding, row_group_size=32_768
        )
        best = min(best, time.process_time() - a)
    return best / count * 1e6


def day(quick: bool) -> Figures:
    """A day of 30-second samples; then charts of 24 hours by a reader that never saw the store and by one that did."""
    poller = Poller(5 if quick else 100)
    with folder() as root:
        store = open_samples(root, Samples(seal_s=600))
        keys = poller.keys()
        ids = store.series_ids(keys)
        append, keep = fill(store, poller, ids, 2880, 1)
        size = poller.size * 2880 / 1e6
        end = T0 + 24 * HOUR_MS
        raw, rolled = folder_bytes(root, "raw") / size / 1e6, (folder_bytes(root, "5m") + folder_bytes(root, "1h")) / size / 1e6
        import duckdb
        import pyarrow.parquet  # noqa: F401  its import is not the chart's time

        def chart(points: int) -> str:
            reader = open_samples(root, Samples(), readonly=True)
            times = []
            for number in range(20):
                a = time.perf_counter()
                frame = reader.read(keys[(number * 997 + 1) % len(keys)], T0, end, points)
                times.append((time.perf_counter() - a) * 1000)
            reader.close()
            return f"{times[0]:.1f} ms first, {float(np.median(times[1:])):.1f} ms then ({len(frame.at_ms)} points)"

        duck = duckdb.connect()
        duck.execute("SET threads = 1")
        a = time.perf_counter()
        question = "SELECT at_ms, value FROM read_parquet(?) WHERE series = ? ORDER BY at_ms"
        duck.execute(question, [f"{root}/raw/*/*.parquet", 777]).fetchnumpy()
        through_duckdb = (time.perf_counter() - a) * 1000
        out = [
            ("a day of", f"{poller.size:,} series, {size:.1f} M samples, {(append + keep) / size:.3f} CPU s per M"),
            ("bytes per sample after a day, 4 of 10 noise", f"{raw:.2f} raw, {rolled:.2f} roll-ups"),
            ("24-hour chart, 300 points", chart(300)),
            ("24-hour chart, 2,000 points", chart(2000)),
            ("24 hours of raw samples", chart(0)),
            ("the same through DuckDB", f"{through_duckdb:.1f} ms"),
        ]
        store.close()
    noisy = Poller(30, all_noisy=True)
    with folder() as root:
        store = open_samples(root, Samples(seal_s=600))
        fill(store, noisy, store.series_ids(noisy.keys()), 120, 1)
        out.append(("bytes per sample, every series noise", f"{folder_bytes(root, 'raw') / noisy.size / 120:.2f} raw"))
        store.close()
    return out


PARTS = {"many": many, "day": day}


def run(quick: bool) -> Figures:
    """All parts."""
    return run_parts(__file__, PARTS, quick)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--writer"]:
        writer(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(__file__, PARTS, sys.argv[1:])
