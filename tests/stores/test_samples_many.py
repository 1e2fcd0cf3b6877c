"""Many series at once: the same as one by one, whatever has become of the samples meanwhile."""

from typing import Any

import numpy as np
import pytest

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.memory import MemorySamples
from stores.samples import open_samples

HOUR_MS = 3_600_000
T0 = 1_700_000_000_000 // (168 * HOUR_MS) * 168 * HOUR_MS
STEP, SWEEPS = 30_000, 600
KEYS = [SeriesKey(f"d{n // 10:05d}", f"m{n % 10}") for n in range(65_536 + 4)]
USED = [*range(0, 6000, 3), *range(65_536, 65_540)]
"""Of two shards, and more than are read at once."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = open_samples(tmp_path_factory.mktemp("many") / "samples", Samples(seal_s=300))
    ids = opened.series_ids(KEYS)[USED]
    for number in range(0, SWEEPS, 2):
        at = np.full(len(ids), T0 + number * STEP, np.int64)
        opened.append(SampleBlock(ids, at, ids * 1000.0 + number))
        if number % 100 == 0:
            for _ in range(50):
                opened.maintain(T0 + number * STEP)
    opened.append(SampleBlock(ids[:5], np.full(5, T0, np.int64), np.full(5, -1.0)))
    yield opened
    opened.close()


@pytest.mark.parametrize(("end", "points"), [(SWEEPS, SWEEPS * 4), (SWEEPS, 60), (90, 45)])
def test_many_are_read_as_each_is(store: Any, end: int, points: int) -> None:
    wanted = [KEYS[n] for n in (*USED, 1, 2)]
    found = dict(store.read_many([*wanted, SeriesKey("nobody", "m")], T0, T0 + end * STEP, points))
    assert set(found) == {KEYS[n] for n in USED}
    for n in (*USED[:8], *USED[-5:], USED[700]):
        one, other = found[KEYS[n]], store.read(KEYS[n], T0, T0 + end * STEP, points)
        for mine, theirs in zip(one, other, strict=True):
            assert mine.tolist() == pytest.approx(theirs.tolist())
    means = dict(store.read_many(wanted, T0, T0 + end * STEP, points, bare=True))
    assert {key: (frame.at_ms.tolist(), frame.mean.tolist()) for key, frame in means.items()} == {
        key: (frame.at_ms.tolist(), frame.mean.tolist()) for key, frame in found.items()
    }


def test_nothing_is_read_where_nothing_is() -> None:
    assert list(MemorySamples().read_many(KEYS[:3], 0, 10, 5)) == []


def test_the_twin_in_memory_reads_the_same() -> None:
    twin = MemorySamples()
    ids = twin.series_ids(KEYS[:3])
    twin.append(SampleBlock(ids[:2], np.full(2, T0, np.int64), np.array([1.0, 2.0])))
    found = dict(twin.read_many(KEYS[:3], T0, T0 + 10, 5))
    assert {key: frame.mean.tolist() for key, frame in found.items()} == {KEYS[0]: [1.0], KEYS[1]: [2.0]}
