"""Tables out of the store against each series read by itself, and percentiles out of them against DuckDB and plain Python."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pytest

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from monitors.capacity.figures import percentile
from stores.memory import MemorySamples
from stores.samples import ParquetSamples, open_samples
from stores.samples.columns import Rows
from stores.samples.segment import SegmentWriter

DAY_MS, HOUR_MS, STEP_MS = 86_400_000, 3_600_000, 300_000
START = 20_000 * DAY_MS
STEPS = 288
KEYS = [SeriesKey(f"d{n // 4:05d}", f"m{n % 4}") for n in range(600)]


class Made(NamedTuple):
    """expected: float64[keys, three days and four hours of five minutes]."""

    store: ParquetSamples
    folder: Path
    expected: np.ndarray  # type: ignore[type-arg]


def _write(folder: Path, window: int, hours: int, seqs: tuple[int, int], numbers: "np.ndarray", values: "np.ndarray") -> None:  # type: ignore[type-arg]
    """values: [series, steps], NaN: no row."""
    writer = SegmentWriter(folder, "5m", 0, window, hours, seqs)
    known = np.isfinite(values)
    at = np.broadcast_to(window * HOUR_MS + np.arange(values.shape[1]) * STEP_MS, values.shape)[known]
    value = values[known]
    series = np.broadcast_to(numbers[:, None], values.shape)[known].astype(np.uint32)
    writer.write(Rows(series, at, value, (value, value, np.ones(len(value)))))
    writer.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Whole days, days with gaps, a late piece within a day, and four hours that are not rolled up yet."""
    folder = tmp_path_factory.mktemp("tables") / "samples"
    random = np.random.default_rng(5)
    first = open_samples(folder, Samples())
    numbers = first.series_ids(KEYS)
    first.close()
    expected = np.floor(random.uniform(0, 1e9, (len(KEYS), 3 * STEPS + 48)))
    expected[::7][random.random((len(expected[::7]), expected.shape[1])) < 0.3] = np.nan
    expected[3, :STEPS], expected[4, STEPS - 5 : STEPS + 5] = np.nan, np.nan
    hour0 = START // HOUR_MS
    for day in range(3):
        part = expected[:, day * STEPS : (day + 1) * STEPS].copy()
        if day == 1:
            part[:50, :12] = -1
        _write(folder, hour0 + day * 24, 24, (day + 1, day + 1), numbers, part)
    late = expected[:50, STEPS : STEPS + 12].copy()
    _write(folder, hour0 + 24, 1, (9, 9), numbers[:50], late)
    gone = np.isnan(late)
    expected[:50, STEPS : STEPS + 12][gone] = -1
    opened = open_samples(folder, Samples())
    for column in range(3 * STEPS, 3 * STEPS + 48):
        known = np.isfinite(expected[:, column])
        for half in (0, STEP_MS // 2):
            at = np.full(int(known.sum()), START + column * STEP_MS + half, np.int64)
            opened.append(SampleBlock(numbers[known], at, expected[known, column] + (1 if half else -1)))
    yield Made(opened, folder, expected)
    opened.close()


@pytest.mark.parametrize(("first", "columns"), [
    (0, 3 * STEPS + 48), (5, 100), (STEPS - 3, STEPS), (STEPS + 1, 1), (3 * STEPS - 7, 20), (0, 0),
])
def test_a_table_holds_what_the_series_hold(made: Made, first: int, columns: int) -> None:
    wanted = [KEYS[n] for n in (*range(0, 600, 5), 3, 4, 45, 45)]
    rows = [KEYS.index(key) for key in wanted]
    found = made.store.table([*wanted, SeriesKey("nobody", "m")], START + first * STEP_MS, STEP_MS, columns)
    assert found.shape == (len(wanted) + 1, columns)
    assert np.isnan(found[-1]).all()
    np.testing.assert_allclose(found[:-1], made.expected[rows, first : first + columns], rtol=1e-12)


def test_hours_are_the_means_of_what_is_finer(made: Made) -> None:
    found = made.store.table(KEYS[:20], START, HOUR_MS, 76)
    plain = [[np.mean(hour[np.isfinite(hour)]) if np.isfinite(hour).any() else np.nan for hour in row]
             for row in made.expected[:20].reshape(20, 76, 12)]
    np.testing.assert_allclose(found, plain, rtol=1e-12)


def test_times_outside_and_another_process_see_the_same(made: Made) -> None:
    reader = open_samples(made.folder, Samples(), readonly=True)
    before = reader.table(KEYS[:3], START - 10 * STEP_MS, STEP_MS, 20)
    assert np.isnan(before[:, :10]).all()
    np.testing.assert_allclose(before[:, 10:], made.expected[:3, :10])
    reader.close()


def test_a_damaged_segment_takes_only_its_own_time(made: Made, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "samples"
    shutil.copytree(made.folder, folder)
    path = min((folder / "5m" / "s00000").iterdir())
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    reader = open_samples(folder, Samples(), readonly=True)
    found = reader.table(KEYS, START, STEP_MS, 3 * STEPS)
    assert np.isnan(found[:, :STEPS]).any()
    np.testing.assert_allclose(found[:, STEPS:], made.expected[:, STEPS : 3 * STEPS])
    known = np.isfinite(found[:, :STEPS])
    np.testing.assert_allclose(found[:, :STEPS][known], made.expected[:, :STEPS][known])
    assert any(path.name in line for line in reader.damaged())
    reader.close()


def test_the_twin_in_memory_says_the_same() -> None:
    twin = MemorySamples()
    ids = twin.series_ids(KEYS[:2])
    for at, value in ((START, 1.0), (START + 100, 3.0), (START + STEP_MS, 5.0), (START + 3 * STEP_MS, 9.0)):
        twin.append(SampleBlock(ids[:1], np.array([at], np.int64), np.array([value])))
    found = twin.table([KEYS[1], KEYS[0]], START, STEP_MS, 3)
    np.testing.assert_array_equal(found, [[np.nan] * 3, [2.0, 5.0, np.nan]])


def test_percentiles_are_those_of_duckdb_and_of_a_sorted_list(made: Made) -> None:
    columns = 3 * STEPS
    found = percentile(made.store.table(KEYS, START, STEP_MS, columns))
    for row, mine in zip(made.expected[:, :columns].tolist(), found.tolist(), strict=True):
        known = sorted((value for value in row if value == value), reverse=True)
        assert mine == known[len(known) - -(-95 * len(known) // 100)]
    late = "0000000009-0000000009"
    rows = duckdb.sql(
        f"SELECT series, quantile_disc(value, 0.95) FROM read_parquet('{made.folder}/5m/*/*.parquet', filename = true) "  # noqa: S608
        f"WHERE filename NOT LIKE '%{late}%' AND series >= 50 GROUP BY series",
    ).fetchall()
    numbers = dict(zip(range(len(KEYS)), found.tolist(), strict=True))
    assert len(rows) == len(KEYS) - 50
    assert all(numbers[series] == p95 for series, p95 in rows)


def test_hand_made_months() -> None:
    """A month of 8,640 steps: the 432 fullest are free, the next one is billed."""
    month = np.zeros((3, 8640))
    month[0, :432] = 1e9
    month[1, :433] = 1e9
    month[2] = np.arange(8640)
    assert percentile(month).tolist() == [0, 1e9, 8207]
    assert percentile(np.array([[np.nan, 7.0, np.nan], [np.nan] * 3])).tolist()[0] == 7
