"""Damaged and full disks under samples: what cannot be believed is set aside and named, the rest is read on, nothing is invented."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DiskFullError, StorageError
from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import open_samples
from stores.samples.columns import HOUR_MS

T0 = 1_700_000_000_000 // HOUR_MS * HOUR_MS
STEP = 30_000
EXAMPLES = 200 if os.environ.get("YUNWANG_SOAK") == "1" else 15
KEYS = [SeriesKey("d", "m", str(n)) for n in range(12)]
SETTINGS = Samples(seal_s=300)
SWEEPS = 200


def sweep(ids: Any, number: int) -> SampleBlock:
    return SampleBlock(ids, np.full(len(ids), T0 + number * STEP, np.int64), ids * 1000.0 + number)


def build(root: Path) -> None:
    """An hour merged and rolled up, some sealed pieces, a write-ahead."""
    store = open_samples(root, SETTINGS)
    ids = store.series_ids(KEYS)
    for number in range(SWEEPS):
        store.append(sweep(ids, number))
        while number < 195 and store._keeper.step(T0 + number * STEP):
            pass
    store.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    root = tmp_path_factory.mktemp("sound")
    build(root)
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size}


def copy(files: dict[str, bytes], root: Path) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def bruise(content: bytes, data: st.DataObject) -> bytes:
    out = bytearray(content)
    if data.draw(st.booleans()):
        for _ in range(data.draw(st.integers(1, 5))):
            out[data.draw(st.integers(0, len(out) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del out[data.draw(st.integers(0, len(out) - 1)) :]
    return bytes(out)


def samples(store: Any) -> dict[tuple[int, int], float]:
    """Everything that is readable: (series, sweep) -> value."""
    out = {}
    for number, key in enumerate(KEYS):
        frame = store.read(key, T0, T0 + SWEEPS * STEP)
        out |= {(number, (at - T0) // STEP): value for at, value in zip(frame.at_ms.tolist(), frame.mean.tolist(), strict=True)}
    return out


def spans(files: dict[str, bytes]) -> dict[str, set[int]]:
    """Which sweeps a raw segment or a write-ahead may hold, by reading the store without it."""
    out: dict[str, set[int]] = {}
    for name in files:
        if name.startswith(("raw", "wal")):
            with tempfile.TemporaryDirectory() as folder:
                copy({other: content for other, content in files.items() if other != name}, Path(folder))
                store = open_samples(Path(folder), SETTINGS, readonly=True)
                out[name] = set(range(SWEEPS)) - {sweep for _, sweep in samples(store)}
                store.close()
    return out


@pytest.fixture(scope="module")
def held(sound: dict[str, bytes]) -> dict[str, set[int]]:
    return spans(sound)


@pytest.mark.soak
@settings(
    max_examples=200 if os.environ.get("YUNWANG_SOAK") == "1" else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damage_is_confined_and_never_read_as_data(
    tmp_path: Path, sound: dict[str, bytes], held: dict[str, set[int]], data: st.DataObject
) -> None:
    root = Path(tempfile.mkdtemp(dir=tmp_path))
    victim = data.draw(st.sampled_from(sorted(sound)))
    copy({**sound, victim: bruise(sound[victim], data)}, root)
    spared = set(range(SWEEPS)) - held.get(victim, set())
    reader = open_samples(root, SETTINGS, readonly=True)
    writer = open_samples(root, SETTINGS)
    for store in (reader, writer, writer):
        seen = samples(store)
        assert all(value == series * 1000.0 + number for (series, number), value in seen.items())
        if not victim.startswith("series"):
            assert {(series, number) for series in range(len(KEYS)) for number in spared} <= seen.keys()
        for key in KEYS[:3]:
            frame = store.read(key, T0, T0 + SWEEPS * STEP, points=20)
            assert np.all(frame.low <= frame.mean)
            assert np.all(frame.mean <= frame.high)
        if len(seen) < SWEEPS * len(KEYS) and victim.startswith("raw"):
            assert any(Path(victim).name in line for line in store.damaged())
        for _ in range(20):
            writer._keeper.step(T0 + 3 * HOUR_MS)
    reader.close()
    writer.close()


def test_a_damaged_segment_is_moved_away_with_its_reason(tmp_path: Path, sound: dict[str, bytes]) -> None:
    name = next(name for name in sound if name.startswith("raw"))
    copy({**sound, name: sound[name][:-40]}, tmp_path)
    store = open_samples(tmp_path, SETTINGS)
    samples(store)
    store.maintain(T0)
    assert not (tmp_path / name).exists()
    assert list(tmp_path.glob("damaged/*/*.parquet"))
    assert Path(name).name in store.damaged()[0]
    store.close()


def test_numbers_of_series_behind_damage_are_not_given_again(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    batches = [[SeriesKey(f"d{batch}", "m", str(n)) for n in range(20)] for batch in range(4)]
    ids = [store.series_ids(batch).tolist() for batch in batches]
    store.close()
    path = tmp_path / "series.catalogue"
    content = bytearray(path.read_bytes())
    content[len(content) // 4 + 40 : len(content) // 4 + 50] = b"\x00" * 10
    path.write_bytes(content)
    store = open_samples(tmp_path, SETTINGS)
    assert store.damaged()
    again = [store.series_ids(batch).tolist() for batch in batches]
    used = {number for batch in ids for number in batch}
    for before, after in zip(ids, again, strict=True):
        assert after == before or not used & set(after)
    assert again[3] == ids[3]
    store.close()


def test_a_torn_tail_of_the_write_ahead_is_cut(tmp_path: Path) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)
    for number in range(5):
        store.append(sweep(ids, number))
    store.close()
    (wal,) = (tmp_path / "wal").iterdir()
    whole = wal.read_bytes()
    for cut in (1, 7, 30, 100):
        wal.write_bytes(whole[:-cut])
        store = open_samples(tmp_path, SETTINGS)
        assert {number for _, number in samples(store)} == set(range(4))
        assert store.damaged() == []
        store.close()


def test_a_full_disk_is_said_and_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)
    store.append(sweep(ids, 0))
    real = os.pwrite

    def full(fd: int, data: Any, at: int) -> int:
        if len(data) > 100:
            return real(fd, data[:100], at)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(DiskFullError) as error:
        store.append(sweep(ids, 1))
    assert error.value.way_out
    with pytest.raises(DiskFullError):
        store.series_ids([SeriesKey("new", "m")])
    monkeypatch.undo()
    store.append(sweep(ids, 2))
    assert store.series_ids([SeriesKey("new", "m")]).tolist() == [len(KEYS)]
    assert {number for _, number in samples(store)} == {0, 2}
    store.close()


def test_a_disk_that_fills_while_sealing_keeps_the_write_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_samples(tmp_path, SETTINGS)
    ids = store.series_ids(KEYS)
    for number in range(20):
        store.append(sweep(ids, number))
    store.maintain(T0)

    def full(fd: int, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DiskFullError):
        store.maintain(T0 + 600_000)
    assert len(samples(store)) == 20 * len(KEYS)
    monkeypatch.undo()
    for _ in range(10):
        store.maintain(T0 + 600_000)
    assert not list((tmp_path / "wal").iterdir())
    assert len(samples(store)) == 20 * len(KEYS)
    store.close()


def test_a_reader_before_the_writer_finds_nothing_and_may_not_write(tmp_path: Path) -> None:
    reader = open_samples(tmp_path / "none", SETTINGS, readonly=True)
    assert len(reader.read(KEYS[0], 0, T0).at_ms) == 0
    assert list(reader.series_of("d")) == []
    assert reader.damaged() == []
    reader.maintain(T0)
    with pytest.raises(StorageError, match="reading only"):
        reader.append(sweep(np.arange(3, dtype=np.uint32), 0))
    with pytest.raises(StorageError, match="reading only"):
        reader.series_ids(KEYS)
    assert not (tmp_path / "none").exists()
    writer = open_samples(tmp_path / "none", SETTINGS)
    writer.append(sweep(writer.series_ids(KEYS), 0))
    assert reader.read(KEYS[1], 0, T0 + 1).mean.tolist() == [1000.0]
    writer.close()
    reader.close()
