"""The order of arrival, read as another process does while samples are written, sealed and merged: nothing missing, nothing made up."""

import threading
from pathlib import Path

import numpy as np

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import open_samples
from stores.samples.arrivals import Arrival

T = 1_790_000_100_000
HOUR_MS = 3_600_000
FRAMES, SERIES = 90, 50
KEYS = [SeriesKey("d" * 32, "m", str(n)) for n in range(SERIES)]


def test_a_reader_sees_every_sample_while_they_are_sealed_and_merged(tmp_path: Path) -> None:
    writer, reader = open_samples(tmp_path, Samples(seal_s=1)), open_samples(tmp_path, Samples(), readonly=True)
    numbers = writer.series_ids(KEYS)
    ended = threading.Event()

    def write() -> None:
        for frame in range(FRAMES):
            at = T + frame * 150_000 - (5 * HOUR_MS if frame % 9 == 0 else 0)
            writer.append(SampleBlock(numbers, np.full(SERIES, at, np.int64), np.full(SERIES, float(frame))))
            for step in range(3):
                writer.maintain(T + frame * 150_000 + step * 20_000)
        ended.set()

    thread = threading.Thread(target=write)
    thread.start()
    arrivals, seen, before = reader.arrivals(Arrival(0, 0)), set[tuple[int, int]](), Arrival(0, 0)
    while True:
        over = ended.is_set()
        taken = arrivals.take(500)
        assert arrivals.at >= before
        before = arrivals.at
        if taken:
            seen |= set(zip(taken.rows.series.tolist(), taken.rows.value.astype(int).tolist(), strict=True))
        elif over:
            break
    thread.join()
    arrivals.close()
    assert seen == {(int(number), frame) for number in numbers for frame in range(FRAMES)}
    reader.close()
    writer.close()


def test_from_now_on_is_behind_everything_and_numbers_have_their_names(tmp_path: Path) -> None:
    writer = open_samples(tmp_path, Samples(seal_s=1))
    numbers = writer.series_ids(KEYS)
    writer.append(SampleBlock(numbers, np.full(SERIES, T, np.int64), np.zeros(SERIES)))
    from_now = writer.arrivals()
    assert from_now.take(1) is None
    writer.append(SampleBlock(numbers[:1], np.full(1, T - HOUR_MS, np.int64), np.ones(1)))
    taken = from_now.take(1)
    assert taken
    assert (taken.rows.at.tolist(), taken.rows.value.tolist(), taken.sealed) == ([T - HOUR_MS], [1.0], False)
    assert writer.keys_of(np.array([0, SERIES - 1, SERIES, 2**32 - 1], np.uint32)) == {0: KEYS[0], SERIES - 1: KEYS[-1]}
    from_now.close()
    writer.close()


def test_a_damaged_frame_costs_itself_alone(tmp_path: Path) -> None:
    writer = open_samples(tmp_path, Samples())
    numbers = writer.series_ids(KEYS)
    for frame in range(3):
        writer.append(SampleBlock(numbers, np.full(SERIES, T + frame, np.int64), np.full(SERIES, float(frame))))
    path = tmp_path / "wal" / "0000000001.wal"
    first = writer.arrivals(Arrival(1, 0))
    assert first.take(1)
    with path.open("r+b") as file:
        file.seek(first.at.offset + 30)
        file.write(b"\xff" * 8)
    taken = writer.arrivals(Arrival(1, 0)).take(10_000)
    assert taken
    assert set(taken.rows.value.tolist()) == {0.0, 2.0}
    writer.close()


def test_a_number_that_is_given_again_after_a_crash_is_read(tmp_path: Path) -> None:
    writer = open_samples(tmp_path, Samples(seal_s=1))
    numbers = writer.series_ids(KEYS)
    writer.append(SampleBlock(numbers, np.full(SERIES, T, np.int64), np.zeros(SERIES)))
    arrivals = writer.arrivals()
    assert arrivals.take(1) is None
    for step in range(9):
        writer.maintain(T + 10_000 * step)
    writer.close()
    (tmp_path / "wal" / "0000000002.wal").touch()
    assert arrivals.take(1) is None
    for start in range(2):
        again = open_samples(tmp_path, Samples(seal_s=1))
        again.maintain(T + 200_000 + start)
        again.maintain(T + 200_001 + start)
        assert arrivals.take(1) is None
        if start:
            again.append(SampleBlock(numbers, np.full(SERIES, T + 1, np.int64), np.ones(SERIES)))
        again.close()
    assert [path.name for path in (tmp_path / "wal").iterdir()] == ["0000000002.wal"]
    taken = arrivals.take(1)
    assert taken
    assert set(taken.rows.value.tolist()) == {1.0}
    arrivals.close()
