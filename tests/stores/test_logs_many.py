"""Half a week of a city's lines: a device's day and ten minutes of all devices are found among all of them.

Shortened in `make test`; the soak writes 50 million lines (about 3 GB raw) and prints what it measured.
"""

import os
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.ports import LogQuery
from core.sections import Logs
from stores.logs import open_logs
from stores.logs.block import Block
from stores.logs.segment import SegmentReader

T0 = 1_700_000_000_000
RATE, DEVICES, BATCH = 300, 3_000, 20_000
COUNT = 50_000_000 if os.environ.get("YUNWANG_SOAK") else 600_000
FORM = b"<189>LD-ACC-0000 %%01IFNET/4/IF_STATE(l)[00000000]:Interface GE1/0/00 of unit 0000 turned DOWN, 0000 times"
FREE = [(found.start(), len(found[0])) for found in re.finditer(rb"0{2,}", FORM)]
"""Places of the numbers in the form, and how many digits they have."""
NAMES = tuple(f"10.1.{n >> 8}.{n & 255}" for n in range(DEVICES))
DAY_MS = 86_400_000


def batch(number: int, rng: Any) -> Block:
    """Lines as devices send them: each from any device, every number in them another one."""
    source = rng.integers(0, DEVICES, BATCH).astype(np.uint32)
    raw = np.tile(np.frombuffer(FORM, np.uint8), (BATCH, 1))
    values = [source, number * BATCH + np.arange(BATCH), rng.integers(0, 48, BATCH), *rng.integers(0, 10_000, (2, BATCH))]
    for (at, digits), value in zip(FREE, values, strict=True):
        for digit in range(digits):
            raw[:, at + digits - 1 - digit] = 48 + value // 10**digit % 10
    at_ms = T0 + (number * BATCH + np.arange(BATCH, dtype=np.int64)) * 1000 // RATE
    return Block(at_ms, source, np.ones(BATCH, np.uint8), np.arange(BATCH + 1, dtype=np.int64) * len(FORM), NAMES, raw.tobytes())


@pytest.mark.soak
def test_a_devices_day_and_ten_minutes_of_all_among_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    store, of_device = open_logs(tmp_path, Logs()), list[int]()
    begun, chosen = time.process_time(), NAMES.index("10.1.3.7")
    for step in range(COUNT // BATCH):
        part = batch(step, rng)
        of_device += part.at[part.source == chosen].tolist()
        store._append(part)
        store.maintain(int(part.at[-1]))
    while any((tmp_path / "open").iterdir()) and store._closed:
        store.maintain(T0)
    store.close()
    spent = time.process_time() - begun
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    end = T0 + COUNT * 1000 // RATE
    reader, blocks = open_logs(tmp_path, Logs(), readonly=True), list[int]()
    real = SegmentReader.block
    monkeypatch.setattr(SegmentReader, "block", lambda self, entry: (blocks.append(entry.unpacked), real(self, entry))[1])

    def took(**asked: Any) -> tuple[float, list[Any]]:
        blocks.clear()
        a = time.perf_counter()
        found = list(reader.search(LogQuery(**asked)))
        return (time.perf_counter() - a) * 1000, found

    day_from = max(T0, (T0 + end) // 2 - DAY_MS // 2)
    day_ms, day = took(start_ms=day_from, end_ms=day_from + DAY_MS, sources=(NAMES[chosen],), limit=100_000)
    day_blocks, segments = len(blocks), len(list((tmp_path / "sealed").iterdir()))
    assert [line.at_ms for line in day] == [at for at in reversed(of_device) if day_from <= at < day_from + DAY_MS]
    assert {line.source for line in day} == {NAMES[chosen]}
    in_day = min(segments, DAY_MS // 1000 * RATE // 200_000 + 2)
    assert day_blocks <= 2 * in_day, "of each segment only the blocks that hold the device"

    ten_from = (T0 + end) // 2
    ten_ms, ten = took(start_ms=ten_from, end_ms=ten_from + 600_000, limit=10_000)
    assert len(ten) == 10_000
    last = min(ten_from + 600_000, end) - 1
    assert last - 1000 < ten[0].at_ms <= last
    assert [line.at_ms for line in ten] == sorted((line.at_ms for line in ten), reverse=True)
    assert sum(blocks) < 3 * 200_000 * (len(FORM) + 20), "no more than the segments of these minutes"
    absent_ms, absent = took(start_ms=T0, end_ms=T0 + 600_000, word="nowhere to be found", limit=1000)
    assert absent == []
    print(  # noqa: T201  soak prints what it measured
        f"\nlogs: {COUNT:,} lines of {len(FORM)} bytes in {segments} segments, {size / COUNT:.1f} bytes a line, "
        f"{COUNT / spent:,.0f} a CPU second\n"
        f"  a device's day: {day_ms:.0f} ms, {len(day):,} lines, {day_blocks} blocks\n"
        f"  ten minutes of all devices, newest 10,000: {ten_ms:.0f} ms\n"
        f"  a word that is nowhere in ten minutes: {absent_ms:.0f} ms"
    )
