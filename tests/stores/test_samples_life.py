"""What becomes of samples in files: sealing, merging, roll-ups, forgetting, and all of that with crashes in between."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import StorageError
from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import ParquetSamples, open_samples
from stores.samples.columns import HOUR_MS

CRASHING = 20 if os.environ.get("YUNWANG_SOAK") == "1" else 1
T0 = 1_700_000_000_000 // (168 * HOUR_MS) * 168 * HOUR_MS
STEP = 30_000
DAY_MS = 24 * HOUR_MS
SETTINGS = Samples(seal_s=300)
KEYS = [SeriesKey(f"d{n // 10:05d}", f"m{n % 10}") for n in range(65_536 + 4)]
"""Enough series for a second shard; samples are given to the first and the last four."""
USED = [*range(4), *range(65_536, 65_540)]


def sweep(ids: Any, number: int) -> SampleBlock:
    return SampleBlock(ids, np.full(len(ids), T0 + number * STEP, np.int64), ids * 1000.0 + number)


def expected(series: int, sweeps: int) -> list[float]:
    return [series * 1000.0 + k for k in range(sweeps)]


def settle(store: ParquetSamples, now_ms: int, steps: int = 10_000) -> None:
    """Runs the housekeeping of one moment to its end."""
    for _ in range(steps):
        if not store._keeper.step(now_ms):
            break


def check_all(store: ParquetSamples, sweeps: int) -> None:
    for series in USED:
        frame = store.read(KEYS[series], T0, T0 + sweeps * STEP)
        assert frame.mean.tolist() == expected(series, sweeps)
        assert frame.at_ms.tolist() == [T0 + k * STEP for k in range(sweeps)]


def check_rolled(store: ParquetSamples, hours: int, tier: str = "5m", step: int = 300_000) -> None:
    """Each bucket of the first hours is there once, made of all its samples."""
    each = step // STEP
    for series in USED:
        rows = store._reader._rolled(tier, series, T0, T0 + hours * HOUR_MS)
        low, high, count = rows.more
        assert rows.at.tolist() == list(range(T0, T0 + hours * HOUR_MS, step))
        assert set(count.tolist()) == {each}
        first = series * 1000.0 + np.arange(len(rows.at)) * each
        assert low.tolist() == first.tolist()
        assert high.tolist() == (first + each - 1).tolist()
        assert np.allclose(rows.value, first + (each - 1) / 2)


def files(folder: Path, tier: str) -> list[str]:
    return sorted(path.name for path in folder.glob(f"{tier}/*/*"))


def run(store: ParquetSamples, sweeps: range, ids: Any) -> None:
    for number in sweeps:
        store.append(sweep(ids, number))
        settle(store, T0 + number * STEP)


def test_hours_are_sealed_merged_and_rolled_up_once(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)[USED]
    run(store, range(360), ids)
    check_all(store, 360)
    now = T0 + 3 * HOUR_MS + 900_000
    store.append(sweep(ids, 360))
    settle(store, now)
    settle(store, now + 20_000)
    assert [name.split("-")[0] for name in files(tmp_path, "raw")] == sorted(
        str(T0 // HOUR_MS + hour).zfill(7) for hour in (0, 1, 2, 3) for _ in "ab"
    )
    check_all(store, 361)
    check_rolled(store, 3)
    check_rolled(store, 3, "1h", HOUR_MS)
    assert store.damaged() == []
    store.close()


def test_roll_ups_are_merged_by_day_and_week_and_forgotten_in_their_time(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)[USED]
    run(store, range(240), ids)
    settle(store, T0 + 27 * HOUR_MS)
    settle(store, T0 + 28 * HOUR_MS)
    assert [name.split("-")[1] for name in files(tmp_path, "5m")] == ["024"] * 2
    check_rolled(store, 2)
    check_all(store, 240)
    late = T0 + 8 * DAY_MS
    settle(store, late)
    assert files(tmp_path, "raw") == []
    check_rolled(store, 2)
    frame = store.read(KEYS[2], T0, T0 + 2 * HOUR_MS, points=24)
    assert (len(frame.at_ms), frame.low[0], frame.high[-1]) == (24, 2000.0, 2239.0)
    assert len(store.read(KEYS[2], T0, T0 + 2 * HOUR_MS, points=2000).at_ms) == 24
    settle(store, T0 + 91 * DAY_MS)
    assert files(tmp_path, "5m") == []
    frame = store.read(KEYS[2], T0, T0 + 2 * HOUR_MS, points=1000)
    assert frame.mean.tolist() == [2059.5, 2179.5]
    settle(store, T0 + 1097 * DAY_MS)
    assert files(tmp_path, "1h") == []
    store.close()


def test_late_samples_are_merged_in_and_their_hour_rolled_up_again(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)[USED]
    run(store, range(60, 120), ids)
    settle(store, T0 + 2 * HOUR_MS)
    run(store, range(60), ids)
    for number in range(240, 320):
        store.append(sweep(ids, number))
        settle(store, T0 + number * STEP)
    settle(store, T0 + 4 * HOUR_MS)
    for series in USED:
        assert store.read(KEYS[series], T0, T0 + HOUR_MS).mean.tolist() == expected(series, 120)
    check_rolled(store, 1)
    store.close()


def test_what_is_written_again_replaces_and_counts_once(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)[USED]
    for number in range(120):
        store.append(SampleBlock(ids, np.full(len(ids), T0 + number * STEP, np.int64), np.full(len(ids), -1.0)))
        store.append(sweep(ids, number))
        settle(store, T0 + number * STEP)
    check_all(store, 120)
    settle(store, T0 + 2 * HOUR_MS)
    check_all(store, 120)
    check_rolled(store, 1)
    store.close()


def test_the_disk_share_takes_the_oldest_raw_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)[USED]
    run(store, range(480), ids)
    settle(store, T0 + 6 * HOUR_MS)
    hours = sorted({name.split("-")[0] for name in files(tmp_path, "raw")})
    raw_bytes = sum(path.stat().st_size for path in tmp_path.glob("raw/*/*"))
    all_bytes = raw_bytes + sum(path.stat().st_size for tier in ("5m", "1h") for path in tmp_path.glob(f"{tier}/*/*"))
    allowed = (all_bytes - raw_bytes // 2) / SETTINGS.disk_share
    monkeypatch.setattr("stores.samples.keeping.shutil.disk_usage", lambda _: type("U", (), {"total": allowed}))
    settle(store, T0 + 7 * HOUR_MS)
    left = {name.split("-")[0] for name in files(tmp_path, "raw")}
    assert left == set(hours[-len(left) :])
    assert 0 < len(left) < len(hours)
    check_rolled(store, 4)
    store.close()


def test_housekeeping_in_a_thread_beside_appends(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    reader = open_samples(tmp_path, SETTINGS, readonly=True)
    ids = store.series_ids(KEYS)[USED]
    problems: list[BaseException] = []
    reached, done = [0], threading.Event()

    def keep_house() -> None:
        try:
            while not done.is_set():
                store.maintain(T0 + reached[0] * STEP)
        except BaseException as error:  # noqa: BLE001  handed to the test
            problems.append(error)

    thread = threading.Thread(target=keep_house)
    thread.start()
    for number in range(400):
        store.append(sweep(ids, number))
        reached[0] = number + 1
        if number % 10 == 0:
            frame = reader.read(KEYS[65_538], T0, T0 + (number + 1) * STEP)
            assert frame.mean.tolist() == expected(65_538, number + 1)
    done.set()
    thread.join()
    assert problems == []
    check_all(reader, 400)
    store.close()
    reader.close()


def test_only_one_process_writes(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    with pytest.raises(StorageError, match="Another process"):
        open_samples(tmp_path, SETTINGS)
    store.close()
    open_samples(tmp_path, SETTINGS).close()


class Crash(BaseException):
    """The process ends here."""


def crash_after(events: int) -> Callable[[str], None]:
    left = [events]

    def trace(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Crash

    return trace


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(CRASHING))
def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    crashes = 0

    def reopened() -> ParquetSamples:
        opened = open_samples(tmp_path, SETTINGS)
        opened._keeper.trace = crash_after(choose.randrange(12))
        return opened

    store = reopened()
    ids = store.series_ids(KEYS)[USED]
    moments = [T0 + number * STEP for number in range(260)] + [T0 + 4 * HOUR_MS] * 200 + [T0 + 30 * HOUR_MS] * 200
    for number, now in enumerate(moments):
        if number < 260:
            store.append(sweep(ids, number))
        try:
            settle(store, now, 3)
        except Crash:
            crashes += 1
            store._only.release()
            store = reopened()
            if crashes % 8 == 0:
                check_all(store, min(number + 1, 260))
    store.close()
    assert crashes > 20
    reader = open_samples(tmp_path, SETTINGS, readonly=True)
    check_all(reader, 260)
    check_rolled(reader, 2)
    check_rolled(reader, 2, "1h", HOUR_MS)
    assert reader.damaged() == []
    assert not list(tmp_path.rglob("*.tmp"))
    assert {name.split("-")[1] for name in files(tmp_path, "5m")} == {"024"}
    reader.close()


@pytest.mark.soak
def test_kill_9_of_the_writer_loses_no_acknowledged_sweep(tmp_path: Path, rounds: int) -> None:
    choose = random.Random(9)
    program = Path(__file__).with_name("sweeper.py")
    acknowledged = -1
    for _ in range(rounds):
        child = subprocess.Popen(
            [sys.executable, program, tmp_path, str(acknowledged + 1), "100000"], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        for _ in range(choose.randrange(1, 120)):
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines():
            if line.isdigit():
                acknowledged = int(line)
        child.wait()
        child.stdout.close()
        reader = open_samples(tmp_path, SETTINGS, readonly=True)
        start = 1_700_000_000_000 // HOUR_MS * HOUR_MS
        for series in (0, 17, 49):
            frame = reader.read(SeriesKey("d", "m", str(series)), start, start + (acknowledged + 1) * STEP)
            assert frame.mean.tolist() == expected(series, acknowledged + 1)
        assert reader.damaged() == []
        reader.close()
    print(f"\nsamples: {rounds} kill -9, {acknowledged + 1} acknowledged sweeps, none lost")  # noqa: T201  soak prints its counts


def test_a_reader_in_step_with_the_writer_never_misses_or_repeats(tmp_path: Path) -> None:
    """A reader between any two steps of sealing and merging sees every acknowledged sweep once."""
    store = open_samples(tmp_path, SETTINGS)
    reader = open_samples(tmp_path, SETTINGS, readonly=True)
    ids = store.series_ids(KEYS)[USED]
    seen = [0]

    def look(_: str) -> None:
        frame = reader.read(KEYS[65_537], T0, T0 + seen[0] * STEP)
        assert frame.mean.tolist() == expected(65_537, seen[0])

    store._keeper.trace = look
    for number in range(300):
        store.append(sweep(ids, number))
        seen[0] = number + 1
        settle(store, T0 + number * STEP)
    settle(store, T0 + 30 * HOUR_MS)
    check_all(reader, 300)
    store.close()
    reader.close()


def test_appending_needs_neither_pyarrow_nor_duckdb(tmp_path: Path) -> None:
    """They cost a third of a second at start; the first seal or read of a segment pays it."""
    program = f"""
import sys, numpy as np
from pathlib import Path
from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import open_samples
store = open_samples(Path({str(tmp_path)!r}), Samples())
ids = store.series_ids([SeriesKey("d", "m")])
store.append(SampleBlock(ids, np.array([5]), np.array([1.0])))
assert store.read(SeriesKey("d", "m"), 0, 10).mean.tolist() == [1.0]
store.maintain(1)
store.close()
assert not {{"pyarrow", "duckdb"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path.cwd())
