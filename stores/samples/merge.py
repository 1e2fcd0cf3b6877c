"""Sorted segments of one shard, merged a range of series at a time, so that an hour of a shard needs no more memory than a slice."""

from collections.abc import Iterator, Sequence

import numpy as np

from stores.samples.columns import Rows, empty, interleaved, join
from stores.samples.segment import SegmentReader

SLICE_ROWS = 500_000


class _Cursor:
    """One segment, read from the front."""

    def __init__(self, reader: SegmentReader, width: int) -> None:
        self._groups = reader.each_group()
        self._rest = empty(width)
        self._width, self._ended = width, False

    def below(self, bound: int) -> Rows:
        """The rows of all series below `bound` that were not taken yet."""
        parts = [self._rest]
        while not self._ended and (not len(parts[-1].series) or int(parts[-1].series[-1]) < bound):
            following = next(self._groups, None)
            if following is None:
                self._ended = True
            else:
                parts.append(following)
        rows = join([part for part in parts if len(part.series)] or [empty(self._width)])
        cut = int(np.searchsorted(rows.series, bound))
        self._rest = rows.take(slice(cut, None))
        return rows.take(slice(0, cut))


def bounds(readers: Sequence[SegmentReader]) -> list[int]:
    """Numbers of series that cut the whole into slices of about `SLICE_ROWS`."""
    firsts = np.concatenate([r.groups["first"] for r in readers]).astype(np.int64)
    rows = np.concatenate([r.groups["rows"] for r in readers]).astype(np.int64)
    order = np.argsort(firsts, kind="stable")
    slices = np.cumsum(rows[order]) // SLICE_ROWS
    cuts = firsts[order][1:][slices[1:] != slices[:-1]]
    return [*sorted(set(cuts.tolist())), 2**32]


def merged(readers: Sequence[SegmentReader], width: int) -> Iterator[Rows]:
    """All rows in order of series and time; of duplicates the one of the later reader. width: columns of a roll-up beyond the mean."""
    cursors = [_Cursor(reader, width) for reader in readers]
    for bound in bounds(readers):
        parts = [part for part in (cursor.below(bound) for cursor in cursors) if len(part.series)]
        if parts:
            yield interleaved(parts)
