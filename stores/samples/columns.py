"""Arrays of samples and of roll-ups, and the two things that are done to them everywhere: sort, and keep the last of duplicates."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

HOUR_MS = 3_600_000
SHARD_BITS = 16
"""Series that share the upper 16 bits of their number lie together: a shard is sealed, merged and read by itself."""


class Rows(NamedTuple):
    """Samples (`more` empty) or roll-ups (`more` is low, high, count as float64) of one shard: arrays of the same length."""

    series: U32
    at: I64
    value: F64
    more: tuple[F64, ...] = ()

    def take(self, picked: npt.NDArray[np.int64] | npt.NDArray[np.bool_] | slice) -> "Rows":
        return Rows(self.series[picked], self.at[picked], self.value[picked], tuple(column[picked] for column in self.more))


def join(parts: list[Rows]) -> Rows:
    """One after the other. At least one part; all of one kind."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([p.series for p in parts]),
        np.concatenate([p.at for p in parts]),
        np.concatenate([p.value for p in parts]),
        tuple(np.concatenate(columns) for columns in zip(*(p.more for p in parts), strict=True)),
    )


def empty(width: int = 0) -> Rows:
    return Rows(np.empty(0, np.uint32), np.empty(0, np.int64), np.empty(0), tuple(np.empty(0) for _ in range(width)))


def ordered(rows: Rows) -> Rows:
    """Sorted by series, then time; of rows with the same series and time the one that came last. All of one shard.

    Within a shard the lower 16 bits tell series apart, and numpy sorts 16-bit numbers by radix, stably: rows that arrived in order
    of time (nearly always) need no second sort.
    """
    if len(rows.series) < 2:
        return rows
    return _last_of_each(rows.take(np.argsort(rows.series.astype(np.uint16), kind="stable")))


def interleaved(parts: list[Rows]) -> Rows:
    """Parts of one shard, each sorted, as one, sorted; of rows with the same series and time the one of the later part.

    Every row's place is counted, not sought: for each series, how many rows come before it. That takes half the time of a sort.
    """
    if len(parts) == 1:
        return parts[0]
    lowest = min(int(part.series[0]) for part in parts)
    width = max(int(part.series[-1]) for part in parts) - lowest + 1
    counts = np.stack([np.bincount(part.series - np.uint32(lowest), minlength=width) for part in parts])
    total = counts.sum(axis=0)
    begin, before = np.cumsum(total) - total, np.cumsum(counts, axis=0) - counts
    size = int(total.sum())
    out = Rows(np.empty(size, np.uint32), np.empty(size, np.int64), np.empty(size), tuple(np.empty(size) for _ in parts[0].more))
    for part, count, earlier in zip(parts, counts, before, strict=True):
        shift = begin + earlier - (np.cumsum(count) - count)
        place = np.arange(len(part.series)) + shift[part.series - np.uint32(lowest)]
        out.series[place], out.at[place], out.value[place] = part.series, part.at, part.value
        for column, source in zip(out.more, part.more, strict=True):
            column[place] = source
    return _last_of_each(out)


def _last_of_each(rows: Rows) -> Rows:
    """Rows in order of series, each series' rows in order of arrival: put in order of time where they are not, doubles dropped."""
    same = rows.series[1:] == rows.series[:-1]
    if not np.any(same & (rows.at[1:] <= rows.at[:-1])):
        return rows
    rows = rows.take(np.lexsort((rows.at, rows.series)))
    last = np.append((rows.series[1:] != rows.series[:-1]) | (rows.at[1:] != rows.at[:-1]), True)
    return rows if bool(last.all()) else rows.take(last)
