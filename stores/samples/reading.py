"""One series over time, put together from sealed segments and the write-ahead."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import StorageError
from core.i18n import tr
from core.signals import SeriesFrame
from stores.samples.columns import F64, HOUR_MS, U32, Rows, empty, join, ordered
from stores.samples.rollup import roll_up
from stores.samples.segment import MORE, STEP_MS, TIERS, DamagedError, Segment, SegmentReader, shard_of
from stores.samples.shelf import Shelves
from stores.samples.tabling import Table
from stores.samples.wal import WalView

_OPEN_SEGMENTS = 96
_ATTEMPTS = 20
_PREFERENCE = {"raw": (0, 1, 2), "5m": (1, 0, 2), "1h": (2, 1, 0)}
"""For what is wanted, the tiers (numbers in TIERS) in the order in which an hour is looked for in them."""


class Reader:
    """Reads what is acknowledged, in the writer's process or any other. Safe to use from many threads, one at a time."""

    def __init__(self, root: Path, shelves: Shelves) -> None:
        self._root, self._shelves = root, shelves
        self._lock = threading.Lock()
        self._views: dict[str, WalView] = {}
        self._segments: OrderedDict[Segment, SegmentReader] = OrderedDict()

    def read(self, series: int, start_ms: int, end_ms: int, points: int) -> SeriesFrame:
        """Starts again when a file was sealed or merged away between listing and opening it."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    return self._read(series, start_ms, end_ms, points)
                except FileNotFoundError:
                    continue
        raise StorageError(tr("The samples in {path} change faster than they can be read.", path=self._root))

    def _read(self, series: int, start_ms: int, end_ms: int, points: int) -> SeriesFrame:
        views = self._wal()
        if points <= 0:
            rows = self._raw(views, series, start_ms, end_ms)
            return SeriesFrame(rows.at, rows.value, rows.value, rows.value)
        wanted = _tier(start_ms, end_ms, points)
        parts = [
            self._raw(views, series, a, b) if tier == "raw" else self._rolled(tier, series, a, b)
            for tier, a, b in self._plan(views, shard_of(series), wanted, start_ms, end_ms)
        ]
        return _thin([part for part in parts if len(part.at)], start_ms, end_ms, points, STEP_MS[wanted])

    def read_many(self, series: U32, start_ms: int, end_ms: int, points: int, bare: bool = False) -> dict[int, SeriesFrame]:
        """The same of many series of one shard, given in ascending order: each row group is decoded once for all of them.

        bare: only the means; low and high are the same.
        """
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    return self._read_many(series, start_ms, end_ms, points, bare)
                except FileNotFoundError:
                    continue
        raise StorageError(tr("The samples in {path} change faster than they can be read.", path=self._root))

    def _read_many(self, series: U32, start_ms: int, end_ms: int, points: int, bare: bool) -> dict[int, SeriesFrame]:
        views, shard = self._wal(), shard_of(int(series[0]))
        wanted = _tier(start_ms, end_ms, points)
        parts: list[Rows] = []
        for tier, a, b in self._plan(views, shard, wanted, start_ms, end_ms):
            found = [rows for segment in self._sealed(tier, shard, a, b) for rows in self._rows_of(segment, series, a, b, bare)]
            if tier == "raw":
                found += [_picked(rows, series, a, b) for view in views for rows in view.rows(shard, a, b)]
            found = [rows for rows in found if len(rows.series)]
            if not found:
                continue
            rows = ordered(join(found))
            if tier == "raw":
                rows = roll_up(rows, STEP_MS[wanted]) if STEP_MS[wanted] else rows._replace(more=_alone(rows))
            parts.append(rows._replace(more=()) if bare else rows)
        rows = parts[0] if len(parts) == 1 else ordered(join(parts)) if parts else empty(0 if bare else 3)
        low, high = (rows.value, rows.value) if bare else rows.more[:2]
        cuts = np.searchsorted(rows.series, [series, series + np.uint32(1)])
        return {
            number: SeriesFrame(rows.at[a:b], rows.value[a:b], low[a:b], high[a:b])
            for number, a, b in zip(series.tolist(), *cuts.tolist(), strict=True) if b > a
        }

    def table(self, table: Table, start_ms: int, step_ms: int) -> None:
        """Fills in the mean of each step; series of one shard, in ascending order."""
        with self._lock:
            for _ in range(_ATTEMPTS):
                try:
                    return self._table(table, start_ms, step_ms)
                except FileNotFoundError:
                    continue
        raise StorageError(tr("The samples in {path} change faster than they can be read.", path=self._root))

    def _table(self, table: Table, start_ms: int, step_ms: int) -> None:
        series, columns = table.series, table.values.shape[1]
        views, shard, end_ms = self._wal(), shard_of(int(series[0])), start_ms + columns * step_ms
        for tier, a, b in self._plan(views, shard, _tier(start_ms, end_ms, columns), start_ms, end_ms):
            segments = self._sealed(tier, shard, a, b)
            if STEP_MS[tier] >= step_ms:
                table.put_segments(segments, self._open, self._shelves.bad, a, b)
                continue
            found = [rows for segment in segments for rows in self._rows_of(segment, series, a, b, bare=False)]
            if tier == "raw":
                found += [_picked(rows, series, a, b) for view in views for rows in view.rows(shard, a, b)]
            if found := [rows for rows in found if len(rows.series)]:
                table.put(roll_up(ordered(join(found)), step_ms), a, b)

    def _rows_of(self, segment: Segment, series: U32, start_ms: int, end_ms: int, bare: bool) -> Iterator[Rows]:
        """What a segment has of them, in its row groups that hold any."""
        reader = self._open(segment)
        begin = np.searchsorted(series, reader.groups["first"])
        end = np.searchsorted(series, reader.groups["last"], "right")
        try:
            for group in np.flatnonzero(end > begin).tolist():
                yield _cut_out(reader.group(group, bare), series[begin[group] : end[group]], start_ms, end_ms)
        except DamagedError as error:
            self._shelves.bad[segment] = str(error)

    def _wal(self) -> list[WalView]:
        """Views of the write-aheads there are now, oldest first."""
        folder = self._root / "wal"
        names = sorted(entry.name for entry in folder.glob("*.wal")) if folder.is_dir() else []
        for gone in self._views.keys() - set(names):
            self._views.pop(gone).close()
        for name in names:
            if name in self._views:
                self._views[name].refresh()
            else:
                self._views[name] = WalView(folder / name)
        return [self._views[name] for name in names]

    def _sealed(self, tier: str, shard: int, start_ms: int, end_ms: int) -> list[Segment]:
        """Segments that touch [start, end), in order of arrival; not those of a write-ahead that is still there."""
        unsealed = [int(Path(name).stem) for name in self._views] if tier == "raw" else []
        return sorted(
            (
                s
                for s in self._shelves.live(tier, shard)
                if s.window * HOUR_MS < end_ms
                and (s.window + s.hours) * HOUR_MS > start_ms
                and not any(s.first <= seq <= s.last for seq in unsealed)
            ),
            key=lambda s: s.last,
        )

    def _rows(self, segments: list[Segment], series: int, start_ms: int, end_ms: int) -> Iterator[Rows]:
        for segment in segments:
            try:
                rows = self._open(segment).series(series)
            except DamagedError as error:
                self._shelves.bad[segment] = str(error)
                continue
            yield rows.take((rows.at >= start_ms) & (rows.at < end_ms))

    def _open(self, segment: Segment) -> SegmentReader:
        reader = self._segments.pop(segment, None) or SegmentReader(self._root, segment)
        self._segments[segment] = reader
        while len(self._segments) > _OPEN_SEGMENTS:
            self._segments.popitem(last=False)[1].close()
        return reader

    def _raw(self, views: list[WalView], series: int, start_ms: int, end_ms: int) -> Rows:
        shard = shard_of(series)
        parts = list(self._rows(self._sealed("raw", shard, start_ms, end_ms), series, start_ms, end_ms))
        for view in views:
            pieces = view.rows(shard, start_ms, end_ms)
            parts += [rows.take((rows.series == series) & (rows.at >= start_ms) & (rows.at < end_ms)) for rows in pieces]
        return _last_wins(join(parts) if parts else empty())

    def _rolled(self, tier: str, series: int, start_ms: int, end_ms: int) -> Rows:
        segments = self._sealed(tier, shard_of(series), start_ms, end_ms)
        parts = list(self._rows(segments, series, start_ms, end_ms))
        return _last_wins(join(parts) if parts else empty(len(MORE[tier])))

    def _plan(self, views: list[WalView], shard: int, wanted: str, start_ms: int, end_ms: int) -> Iterator[tuple[str, int, int]]:
        """Runs of hours (tier, from, to): each hour from the first tier of the preference that has it."""
        first, last = start_ms // HOUR_MS, -(-end_ms // HOUR_MS)
        chosen = np.full(max(last - first, 0), -1)
        for number in _PREFERENCE[wanted]:
            chosen[(chosen < 0) & self._hours(views, TIERS[number], shard, first, last)] = number
        cuts = [0, *(np.flatnonzero(np.diff(chosen)) + 1).tolist(), len(chosen)]
        for a, b in pairwise(cuts):
            if b > a and chosen[a] >= 0:
                yield TIERS[int(chosen[a])], max(start_ms, (first + a) * HOUR_MS), min(end_ms, (first + b) * HOUR_MS)

    def _hours(self, views: list[WalView], tier: str, shard: int, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Which hours from `first` to `last` a tier has anything of."""
        has = np.zeros(max(last - first, 0), np.bool_)
        for s in self._sealed(tier, shard, first * HOUR_MS, last * HOUR_MS):
            has[max(s.window - first, 0) : max(s.window + s.hours - first, 0)] = True
        if tier == "raw":
            for view in views:
                pieces = view.pieces()
                for piece in pieces[pieces["shard"] == shard]:
                    low, high = int(piece["low"]) // HOUR_MS - first, int(piece["high"]) // HOUR_MS - first
                    has[max(low, 0) : max(high + 1, 0)] = True
        return has

    def close(self) -> None:
        with self._lock:
            for view in self._views.values():
                view.close()
            for reader in self._segments.values():
                reader.close()
            self._views.clear()
            self._segments.clear()


def _tier(start_ms: int, end_ms: int, points: int) -> str:
    """The coarsest tier that still gives about `points` points."""
    step = (end_ms - start_ms) / points
    return next((tier for tier in ("1h", "5m") if step * 1.5 >= STEP_MS[tier]), "raw")


def _picked(rows: Rows, series: U32, start_ms: int, end_ms: int) -> Rows:
    """Rows of these series (ascending) in [start, end)."""
    place = np.minimum(np.searchsorted(series, rows.series), len(series) - 1)
    return rows.take((series[place] == rows.series) & (rows.at >= start_ms) & (rows.at < end_ms))


def _cut_out(rows: Rows, series: U32, start_ms: int, end_ms: int) -> Rows:
    """The same of rows that are sorted by series: a look for each series, not for each row."""
    begin, end = np.searchsorted(rows.series, series), np.searchsorted(rows.series, series, "right")
    counts = end - begin
    if counts.sum() == len(rows.series):
        found = rows
    else:
        found = rows.take(np.repeat(begin - np.cumsum(counts) + counts, counts) + np.arange(counts.sum()))
    inside = (found.at >= start_ms) & (found.at < end_ms)
    return found if inside.all() else found.take(inside)


def _alone(rows: Rows) -> tuple[F64, ...]:
    return rows.value, rows.value, np.ones(len(rows.at))


def _last_wins(rows: Rows) -> Rows:
    """One series in order of time; of the same time the one that arrived last."""
    if len(rows.at) < 2 or bool(np.all(rows.at[1:] > rows.at[:-1])):
        return rows
    rows = rows.take(np.argsort(rows.at, kind="stable"))
    return rows.take(np.append(rows.at[1:] != rows.at[:-1], True))


def _thin(parts: list[Rows], start_ms: int, end_ms: int, points: int, step_ms: int) -> SeriesFrame:
    """The parts as one frame of at most about `points` points, in buckets that do not move while time goes on."""
    weighed = [part if part.more else part._replace(more=(part.value, part.value, np.ones(len(part.at)))) for part in parts]
    rows = join(weighed) if weighed else empty(3)
    if len(rows.at) > points:
        width = -(-(end_ms - start_ms) // points)
        rows = roll_up(rows, -(-width // step_ms) * step_ms if step_ms else width)
        rows = rows._replace(at=np.maximum(rows.at, start_ms))
    return SeriesFrame(rows.at, rows.value, rows.more[0], rows.more[1])
