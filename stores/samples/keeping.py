"""Housekeeping: seals, merges, rolls up and forgets. One small step at a time; each can be cut off anywhere and is then done again.

    write-ahead n -> raw hour segments `n-n` -> (hour over) 5-minute and 1-hour roll-ups, then one raw segment `a-b` of the hour
    roll-ups of hours -> of a day -> (1 h only) of a week

What keeps this whole: a write-ahead hides the segments that were made from it until it is gone; a merged segment hides its parts by
its name; roll-ups of an hour are always made from all its samples, so making them again gives the same rows, and the later wins.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from core.i18n import tr
from core.sections import Samples
from stores.files import set_aside, storage_errors, sync_folder
from stores.samples.columns import HOUR_MS, Rows, join, ordered
from stores.samples.merge import merged
from stores.samples.rollup import roll_up
from stores.samples.segment import MORE, STEP_MS, DamagedError, Segment, SegmentReader, SegmentWriter
from stores.samples.shelf import Shelves
from stores.samples.wal import WalView, read_piece
from stores.samples.writer import WalWriter

SPANS = (("5m", 24), ("1h", 24), ("1h", 168))
"""Tier and hours of the merged roll-ups."""
LATE_SEALS = 6
"""An hour that was rolled up and got late samples is done again when so many write-aheads were sealed after."""
GRACE_MS = 300_000
IDLE_MS = 10_000
FORGET_MS = 60_000

Trace = Callable[[str], None]


def _silent(_: str) -> None:
    """Tests put a crash here."""


class Keeper:
    """All of the writer's housekeeping. Never run two steps at once; appends may go on beside them."""

    def __init__(self, root: Path, settings: Samples, shelves: Shelves, writer: WalWriter, trace: Trace = _silent) -> None:
        self._root, self._settings, self._shelves, self._writer = root, settings, shelves, writer
        self.trace = trace
        self._sealing: _Sealing | None = None
        self._idle_until, self._forget_at = -(2**62), -(2**62)

    def step(self, now_ms: int) -> bool:
        """One piece of work (a shard of a write-ahead, an hour of a shard, ...); False when there was nothing to do."""
        with storage_errors(self._root):
            self._set_aside()
            self._writer.close_when_due(now_ms, self._settings.seal_s)
            if self._writer.closed:
                self._idle_until = now_ms
                return self._seal()
            if self._forget_at <= now_ms or now_ms < self._forget_at - FORGET_MS:
                self._forget_at = now_ms + FORGET_MS
                self._forget(now_ms)
            if self._idle_until - IDLE_MS <= now_ms < self._idle_until:
                return False
            if self._merge_hour(now_ms) or self._merge_span(now_ms):
                return True
            self._idle_until = now_ms + IDLE_MS
            return False

    # sealing

    def _seal(self) -> bool:
        seq = self._writer.closed[0]
        if self._sealing is None or self._sealing.seq != seq:
            self._sealing = _Sealing(self._root, self._writer.path(seq))
        if self._sealing.step(self.trace):
            return True
        self.trace("sealed")
        if self._sealing.damage:
            set_aside(self._writer.path(seq), self._root / "damaged", "; ".join(self._sealing.damage))
            self._writer.closed.remove(seq)
        else:
            self._writer.drop(seq)
        self._sealing.close()
        self._sealing = None
        self.trace("dropped")
        return True

    # merging

    def _merge_hour(self, now_ms: int) -> bool:
        over = (now_ms - GRACE_MS - self._settings.seal_s * 1000) // HOUR_MS
        for shard in self._shelves.shards("raw"):
            hours: dict[int, list[Segment]] = defaultdict(list)
            for segment in self._shelves.live("raw", shard):
                hours[segment.window].append(segment)
            for window, parts in hours.items():
                if window < over and self._hour_is_due(shard, window, parts):
                    self._do_hour(shard, window, parts)
                    return True
        return False

    def _hour_is_due(self, shard: int, window: int, parts: list[Segment]) -> bool:
        rolled = self._rolled_until(shard, window)
        last = max(part.last for part in parts)
        if rolled < 0:
            return True
        return (len(parts) > 1 or (rolled < last and parts[0].first <= rolled)) and last <= self._writer.next_seq - LATE_SEALS

    def _rolled_until(self, shard: int, window: int) -> int:
        """The last write-ahead whose samples are in the roll-ups of an hour; -1: it has none."""
        last = (
            max((s.last for s in self._shelves.live(tier, shard) if s.window <= window < s.window + s.hours), default=-1)
            for tier in ("5m", "1h")
        )
        return min(last)

    def _do_hour(self, shard: int, window: int, parts: list[Segment]) -> None:
        """Roll-ups first: once the raw hour is whole, nothing would ask for them any more."""
        parts = sorted(parts, key=lambda s: s.last)
        seqs = min(p.first for p in parts), max(p.last for p in parts)
        rolled = self._rolled_until(shard, window)
        tiers = ["5m", "1h"] if rolled < 0 or min(p.first for p in parts) <= rolled else []
        writers = [SegmentWriter(self._root, tier, shard, window, 1, seqs) for tier in tiers]
        if len(parts) > 1:
            writers.append(SegmentWriter(self._root, "raw", shard, window, 1, seqs))
        self._write_merged(parts, writers, lambda rows: [*_roll_ups(rows, tiers), rows])

    def _merge_span(self, now_ms: int) -> bool:
        for tier, hours in SPANS:
            over = (now_ms - 2 * HOUR_MS) // HOUR_MS // hours
            for shard in self._shelves.shards(tier):
                windows: dict[int, list[Segment]] = defaultdict(list)
                for segment in self._shelves.live(tier, shard):
                    if segment.hours <= hours:
                        windows[segment.window // hours].append(segment)
                for number, parts in windows.items():
                    if number < over and any(p.hours < hours for p in parts) and len(parts) > 1 and self._is_settled(parts, hours):
                        self._do_span(tier, shard, number * hours, hours, parts)
                        return True
        return False

    def _is_settled(self, parts: list[Segment], hours: int) -> bool:
        done_before = any(p.hours == hours for p in parts)
        return not done_before or max(p.last for p in parts) <= self._writer.next_seq - LATE_SEALS

    def _do_span(self, tier: str, shard: int, window: int, hours: int, parts: list[Segment]) -> None:
        parts = sorted(parts, key=lambda s: s.last)
        seqs = min(p.first for p in parts), max(p.last for p in parts)
        self._write_merged(parts, [SegmentWriter(self._root, tier, shard, window, hours, seqs)], lambda rows: [rows])

    def _write_merged(self, parts: list[Segment], writers: list[SegmentWriter], columns: Callable[[Rows], Iterable[Rows]]) -> None:
        """Reads the parts in order and hands to each writer its rows; a damaged part is remembered and the step ends there."""
        readers: list[SegmentReader] = []
        born: list[Segment | None] = []
        try:
            readers.extend(_Noticing(self._root, part, self._shelves) for part in parts)
            for rows in merged(readers, len(MORE[parts[0].tier])):
                for writer, out in zip(writers, columns(rows), strict=False):
                    writer.write(out)
            for writer in writers:
                self.trace("before segment")
                born.append(writer.close())
        except DamagedError:
            return
        finally:
            for reader in readers:
                reader.close()
            for writer in writers[len(born) :]:
                writer.abandon()
        self.trace("merged")
        whole = born[-1]
        if whole is not None and whole.tier == parts[0].tier:
            self._remove(part for part in parts if whole.replaces(part))

    def _remove(self, segments: Iterable[Segment]) -> None:
        folders = set()
        for segment in segments:
            path = segment.path(self._root)
            path.unlink(missing_ok=True)
            self.trace("unlinked")
            folders.add(path.parent)
        for folder in folders:
            sync_folder(folder)

    # forgetting

    def _set_aside(self) -> None:
        for segment, reason in list(self._shelves.bad.items()):
            set_aside(segment.path(self._root), self._root / "damaged" / f"{segment.tier}-s{segment.shard:05d}", reason)
            del self._shelves.bad[segment]

    def _forget(self, now_ms: int) -> None:
        days = {"raw": self._settings.raw_days, "5m": self._settings.five_minute_days, "1h": self._settings.hour_days}
        kept = []
        for segment in self._shelves.everything():
            if (segment.window + segment.hours) * HOUR_MS <= now_ms - days[segment.tier] * 24 * HOUR_MS:
                self._remove([segment])
            else:
                kept.append(segment)
        self._forget_by_share(kept)

    def _forget_by_share(self, segments: list[Segment]) -> None:
        """Oldest first, raw before 5 minutes before hours, until samples take no more than their share of the file system."""
        sizes = {segment: _size(segment.path(self._root)) for segment in segments}
        total = sum(sizes.values()) + sum(_size(path) for path in self._writer.folder.glob("*.wal"))
        surplus = total - shutil.disk_usage(self._root).total * self._settings.disk_share
        for segment in sorted(segments, key=lambda s: (STEP_MS[s.tier], s.window)):
            if surplus <= 0:
                return
            self._remove([segment])
            surplus -= sizes[segment]


class _Noticing(SegmentReader):
    """A reader that remembers what it finds damaged, so that the keeper sets it aside at its next step."""

    def __init__(self, root: Path, segment: Segment, shelves: Shelves) -> None:
        self._shelves = shelves
        try:
            super().__init__(root, segment)
        except DamagedError as error:
            shelves.bad[segment] = str(error)
            raise

    def group(self, number: int, bare: bool = False) -> Rows:
        try:
            return super().group(number, bare)
        except DamagedError as error:
            self._shelves.bad[self.segment] = str(error)
            raise


class _Sealing:
    """One write-ahead on its way to segments, a shard at a time."""

    def __init__(self, root: Path, path: Path) -> None:
        self._root, self.seq = root, int(path.stem)
        self._view = WalView(path)
        self._pieces = self._view.pieces()
        self._shards = sorted(set(self._pieces["shard"].tolist()))
        self.damage = [tr("bytes {a} to {b} are damaged", a=a, b=b) for a, b in self._view.gaps]

    def step(self, trace: Trace) -> bool:
        """Seals the next shard; False when all are done."""
        if not self._shards:
            return False
        shard = self._shards[0]
        rows = self._rows(shard)
        if rows is not None:
            hours = rows.at // HOUR_MS
            windows = [int(hours[0])] if hours.min() == hours.max() else np.unique(hours).tolist()
            for window in windows:
                trace("before segment")
                writer = SegmentWriter(self._root, "raw", shard, window, 1, (self.seq, self.seq))
                try:
                    writer.write(rows if len(windows) == 1 else rows.take(hours == window))
                    writer.close()
                except BaseException:
                    writer.abandon()
                    raise
        self._shards.pop(0)
        return True

    def _rows(self, shard: int) -> Rows | None:
        parts = []
        for piece in self._pieces[self._pieces["shard"] == shard]:
            rows = read_piece(self._view.fd, piece)
            if rows is None:
                self.damage.append(tr("{rows} samples of series {a} and above are damaged", rows=int(piece["rows"]), a=shard << 16))
            else:
                parts.append(rows)
        return ordered(join(parts)) if parts else None

    def close(self) -> None:
        self._view.close()


def _roll_ups(rows: Rows, tiers: list[str]) -> list[Rows]:
    """The roll-ups of raw rows for each of `tiers`; the coarser from the finer."""
    out = []
    for tier in tiers:
        rows = roll_up(rows, STEP_MS[tier])
        out.append(rows)
    return out


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
