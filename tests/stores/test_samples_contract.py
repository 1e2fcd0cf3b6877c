"""The contract of the sample store. Every store is put under it by one more line in `STORES`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.memory import MemorySamples
from stores.samples import open_samples

STORES: dict[str, Callable[[Path], Any]] = {
    "parquet": lambda folder: open_samples(folder / "samples", Samples()),
    "memory": lambda folder: MemorySamples(),
}
T0 = 1_700_000_000_000 // 3_600_000 * 3_600_000
STEP = 30_000


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


def keys(devices: int, ports: int) -> list[SeriesKey]:
    return [
        SeriesKey(f"{d:032x}", metric, f"GE0/0/{p}")
        for d in range(devices)
        for p in range(ports)
        for metric in ("ifHCInOctets", "ifHCOutOctets")
    ]


def block(ids: Any, at: Any, value: Any) -> SampleBlock:
    ids = np.asarray(ids, np.uint32)
    return SampleBlock(ids, np.broadcast_to(np.asarray(at, np.int64), ids.shape), np.broadcast_to(np.asarray(value, float), ids.shape))


def test_a_series_keeps_its_number(store: Any) -> None:
    some = keys(5, 4)
    first = store.series_ids(some)
    assert len(set(first.tolist())) == len(some)
    assert store.series_ids(some[::-1]).tolist() == first.tolist()[::-1]
    more = store.series_ids([*some, SeriesKey("new", "m"), some[0], SeriesKey("new", "m")])
    assert more[: len(some)].tolist() == first.tolist()
    assert more[-1] == more[-3]
    assert more[-2] == first[0]
    assert store.series_ids([]).tolist() == []


def test_keys_of_devices_that_alternate_each_get_one_number(store: Any) -> None:
    mixed = [SeriesKey(f"d{n % 3}", f"m{n // 3 % 4}", str(n // 12)) for n in range(120)]
    ids = store.series_ids(mixed)
    assert len(set(ids.tolist())) == len(set(mixed)) == 120
    assert store.series_ids(mixed).tolist() == ids.tolist()
    assert {key.device_id for key in store.series_of("d1")} == {"d1"}


def test_series_of_a_device(store: Any) -> None:
    some = keys(3, 2)
    store.series_ids(some)
    assert sorted(store.series_of(some[0].device_id)) == sorted(key for key in some if key.device_id == some[0].device_id)
    assert list(store.series_of("nobody")) == []


def test_odd_names_are_only_data(store: Any) -> None:
    odd = [SeriesKey("d", "m", name) for name in ("", "接口 1", "a\x00b", "'; --", "{x}", "\n", "x" * 5000)]
    store.series_ids(odd)
    assert list(store.series_of("d")) == odd


def test_what_was_appended_is_read_in_order_of_time(store: Any) -> None:
    some = keys(2, 2)
    ids = store.series_ids(some)
    for sweep in (0, 2, 1):
        store.append(block(ids, T0 + sweep * STEP, ids + sweep / 10))
    frame = store.read(some[3], T0, T0 + 3 * STEP)
    assert frame.at_ms.tolist() == [T0, T0 + STEP, T0 + 2 * STEP]
    assert frame.mean.tolist() == [ids[3] + 0.0, ids[3] + 0.1, ids[3] + 0.2]
    assert frame.low.tolist() == frame.high.tolist() == frame.mean.tolist()
    assert store.read(some[3], T0 + 1, T0 + 2 * STEP).at_ms.tolist() == [T0 + STEP]


def test_of_two_samples_at_one_time_the_later_append_wins(store: Any) -> None:
    (key,) = some = [SeriesKey("d", "m")]
    ids = store.series_ids(some)
    for value in (1.0, 3.0, 2.0):
        store.append(block(ids, T0, value))
    assert store.read(key, T0, T0 + 1).mean.tolist() == [2.0]


def test_no_value_is_not_stored_and_extremes_are(store: Any) -> None:
    (key,) = some = [SeriesKey("d", "m")]
    ids = store.series_ids(some)
    values = [np.nan, 0.0, -0.0, 5e-324, 1.7e308, np.inf, 2.0**63, np.nan]
    store.append(block(np.repeat(ids, len(values)), T0 + np.arange(len(values)), values))
    frame = store.read(key, T0, T0 + 100)
    assert frame.mean.tolist() == values[1:-1]
    store.append(block(ids, T0 + 50, np.nan))
    store.append(block([], [], []))
    assert len(store.read(key, T0, T0 + 100).at_ms) == len(values) - 2


def test_unknown_series_and_empty_spans_have_no_samples(store: Any) -> None:
    (key,) = some = [SeriesKey("d", "m")]
    store.append(block(store.series_ids(some), T0, 1.0))
    for frame in (store.read(SeriesKey("x", "m"), 0, T0 * 2), store.read(key, T0, T0), store.read(key, T0 + 1, T0), store.read(key, 0, T0)):
        assert [len(column) for column in frame] == [0, 0, 0, 0]


def test_points_bound_the_frame_and_keep_its_extremes(store: Any) -> None:
    (key,) = some = [SeriesKey("d", "m")]
    ids = store.series_ids(some)
    values = np.sin(np.arange(240) / 7) * 100
    store.append(block(np.repeat(ids, 240), T0 + np.arange(240) * STEP, values))
    frame = store.read(key, T0, T0 + 240 * STEP, points=24)
    assert len(frame.at_ms) <= 25
    assert (frame.low.min(), frame.high.max()) == (values.min(), values.max())
    assert np.all(frame.low <= frame.mean)
    assert np.all(frame.mean <= frame.high)
    assert np.all(np.diff(frame.at_ms) > 0)
    assert frame.at_ms[0] >= T0
    few = store.read(key, T0, T0 + 10 * STEP, points=100)
    assert few.mean.tolist() == values[:10].tolist()
