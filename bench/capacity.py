"""What a month of a city's lines costs: utilisation, 95th percentile and growth of one line of each of 3,000 devices, out of the roll-ups.

Beside it, in the same run: DuckDB over the same files, and a plain loop over one series after the other (a part of it, scaled up).
"""

import shutil
import tempfile
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np

from agents.hub.capacity.measuring import batches, rows_of
from agents.hub.capacity.targets import Target
from core.capacity import CapacityRow
from core.sections import Samples
from core.signals import SeriesKey
from inventory.graph import joining
from inventory.graph.belonging import Place
from inventory.graph.deriving import derive
from inventory.graph.frozen import FrozenGraph
from inventory.graph.impact import damage
from lab.records import records
from monitors.capacity.availability import Bools, follow
from monitors.capacity.figures import DAY_MS
from monitors.capacity.tables import FIVE_MINUTES_MS, Period
from stores.samples import ParquetSamples, open_samples
from stores.samples.columns import HOUR_MS, Rows
from stores.samples.segment import SegmentWriter
from stores.samples.tabling import THREADS

NAME = "capacity"
IN, OUT = "ifHCInOctets", "ifHCOutOctets"
METRICS = (IN, OUT, "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards", "ifOperStatus", "ifAdminStatus")
"""What lies between the series that are wanted: six of eight are not."""
STEPS = DAY_MS // FIVE_MINUTES_MS
START = 20_000 * DAY_MS
SPEED = 1e9
LOOPED = 60
MOMENTS = 200


def run(quick: bool) -> Iterator[tuple[str, str]]:
    """A store of roll-ups is written, then asked three ways."""
    devices, days = (300, 7) if quick else (3000, 30)
    folder = Path(tempfile.mkdtemp(prefix="yw-bench-"))
    try:
        keys, numbers = _made(folder, devices, days)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        yield f"{devices} devices, {days} days", f"{len(keys) * days * STEPS / 1e6:.0f} M roll-ups, {size / 1e6:.0f} MB"
        wanted = [number for key, number in zip(keys, numbers, strict=True) if key.metric in (IN, OUT)]
        for threads in (1, THREADS):
            with_duckdb = _duckdb(folder, wanted, threads)
            yield f"DuckDB, threads: {threads}, percentile and mean", with_duckdb[0]
        store = open_samples(folder, Samples(), readonly=True)
        took, rows = _ours(store, devices, days)
        yield f"figures of all lines, threads: {THREADS}", took
        looped, plain = _loop(store, devices, days)
        yield f"a plain loop, {LOOPED} lines scaled up", f"{looped * devices / LOOPED:.0f} s"
        yield "all three agree", str(_agree(rows, plain, with_duckdb[1], dict(zip(keys, numbers, strict=True))))
        store.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    yield _followed(devices)


def _followed(devices: int) -> tuple[str, str]:
    """Systems and units through the graph of the lab's city, in moments in which a hundredth of the devices are down."""
    found, links = records(devices)
    view = FrozenGraph(1, START, found, derive(found, joining.Seen(links=links)))
    ids = [node.id for node in view.of_kind("device")]
    wanted = [node.id for kind in ("system", "unit") for node in view.of_kind(kind)]
    codes = (np.random.default_rng(1).random((len(ids), MOMENTS)) < 0.01).astype(np.uint8)

    def harm(rows: Collection[int]) -> tuple[Bools, Bools]:
        impact = damage(view, [ids[row] for row in rows])
        down = np.array([one in impact and impact.is_down(one) for one in wanted])
        return down, np.array([one in impact for one in wanted]) & ~down

    began = time.perf_counter()
    moments = follow(codes, harm, len(wanted)).moments
    return f"{len(wanted)} systems and units, {moments} moments", f"{(time.perf_counter() - began) / moments * 1000:.1f} ms each"


def _made(folder: Path, devices: int, days: int) -> tuple[list[SeriesKey], list[int]]:
    keys = [SeriesKey(f"{device:032x}", metric, "GE0/0/1") for device in range(devices) for metric in METRICS]
    store = open_samples(folder, Samples())
    numbers = store.series_ids(keys)
    store.close()
    random = np.random.default_rng(1)
    traffic = np.isin([key.metric for key in keys], (IN, OUT))
    level = np.where(traffic, 10 ** random.uniform(3, 8, len(keys)), 0.0)
    for shard in np.unique(numbers >> 16).tolist():
        mine = numbers >> 16 == shard
        for day in range(days):
            _day(folder, shard, day, numbers[mine], level[mine], random)
    return keys, numbers.tolist()


def _day(folder: Path, shard: int, day: int, numbers: "np.ndarray", level: "np.ndarray", random: "np.random.Generator") -> None:  # type: ignore[type-arg]
    """Traffic as noise on a wave of the day, the rest constant."""
    at = START + day * DAY_MS + np.arange(STEPS, dtype=np.int64) * FIVE_MINUTES_MS
    wave = 1 + 0.5 * np.sin(np.arange(STEPS) / STEPS * 2 * np.pi)
    writer = SegmentWriter(folder, "5m", shard, (START + day * DAY_MS) // HOUR_MS, 24, (day + 1, day + 1))
    for first in range(0, len(numbers), 2000):
        part = slice(first, first + 2000)
        mean = np.floor(level[part, None] * wave * random.uniform(0.7, 1.3, (len(numbers[part]), STEPS))).ravel()
        series = np.repeat(numbers[part], STEPS)
        writer.write(Rows(series, np.tile(at, len(numbers[part])), mean, (mean * 0.9, mean * 1.1, np.full(len(mean), 5.0))))
    writer.close()


class _Clock:
    """Seconds by the wall and of the processor: on a machine that is busy with other things only the second can be compared."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def says(self) -> str:
        return f"{time.perf_counter() - self._wall:.1f} s, {time.process_time() - self._cpu:.1f} s of CPU"


def _ours(store: ParquetSamples, devices: int, days: int) -> tuple[str, list[CapacityRow]]:
    targets = [
        Target("line", f"{device:032x}", f"d{device}", "GE0/0/1", "", (Place(),), 0, SPEED,
               tuple(SeriesKey(f"{device:032x}", metric, "GE0/0/1") for metric in (IN, OUT)))
        for device in range(devices)
    ]
    when = Period(START, FIVE_MINUTES_MS, days * STEPS)
    clock = _Clock()
    rows = [row for batch in batches(store, targets, when, lambda _done, _of: None) for row in rows_of(batch, when)]
    return clock.says(), rows


def _duckdb(folder: Path, wanted: list[int], threads: int) -> tuple[str, dict[int, float]]:
    import duckdb
    import pyarrow as pa

    ours = duckdb.connect()
    ours.execute(f"SET threads = {threads}")
    ours.register("wanted", pa.table({"series": pa.array(wanted, pa.uint32())}))
    clock = _Clock()
    found = ours.execute(
        f"SELECT series, quantile_disc(value, 0.95), avg(value) FROM read_parquet('{folder}/5m/*/*.parquet') "  # noqa: S608 - our own folder
        "SEMI JOIN wanted USING (series) GROUP BY series",
    ).fetchall()
    return clock.says(), {series: p95 * 8 for series, p95, _ in found}


def _loop(store: ParquetSamples, devices: int, days: int) -> tuple[float, dict[tuple[int, str], float]]:
    """One series after the other; sorted as lists."""
    out = {}
    began = time.perf_counter()
    for device in range(0, devices, devices // LOOPED)[:LOOPED]:
        for metric in (IN, OUT):
            frame = store.read(SeriesKey(f"{device:032x}", metric, "GE0/0/1"), START, START + days * DAY_MS, days * STEPS)
            values = sorted(frame.mean.tolist(), reverse=True)
            out[device, metric] = values[len(values) // 20] * 8
    return time.perf_counter() - began, out


def _agree(rows: list[CapacityRow], plain: dict[tuple[int, str], float], duck: dict[int, float], numbers: dict[SeriesKey, int]) -> bool:
    return all(
        np.isclose([(rows[device].in_p95_bps if metric == IN else rows[device].out_p95_bps) or 0.0] * 2,
                   [value, duck[numbers[SeriesKey(f"{device:032x}", metric, "GE0/0/1")]]]).all()
        for (device, metric), value in plain.items()
    )
