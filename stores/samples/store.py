"""The sample store in one folder: `wal/`, `raw/`, `5m/`, `1h/`, `series.catalogue`, `damaged/`."""

import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import StorageError
from core.i18n import tr
from core.sections import Samples
from core.signals import SampleBlock, SeriesFrame, SeriesKey
from stores.files import OnlyWriter, make_folder, set_aside_list, storage_errors
from stores.samples.arrivals import Arrival, Arrivals
from stores.samples.catalogue import Catalogue
from stores.samples.columns import SHARD_BITS
from stores.samples.keeping import Keeper
from stores.samples.reading import Reader
from stores.samples.segment import TIERS, parse, shelf
from stores.samples.shelf import Shelves
from stores.samples.tabling import Table
from stores.samples.writer import WalWriter

_TOGETHER = 2048
"""Series that are read at once: of a day of five minutes 600,000 rows."""


class ParquetSamples:
    """Every method may be called from any thread.

    `append` holds a lock only while it writes; `maintain` works on closed files, so a thread of its own may call it each second
    beside appends. It does one bounded step at each call (about a million rows), most calls none. pyarrow is imported at the first
    seal or read of a segment, not before.
    """

    def __init__(self, directory: Path, settings: Samples, readonly: bool = False) -> None:
        self._root = directory
        self._catalogue_lock, self._maintenance = threading.Lock(), threading.Lock()
        if not readonly:
            make_folder(directory)
            self._only = OnlyWriter(directory)
        self._shelves = Shelves(directory)
        self._reader = Reader(directory, self._shelves)
        self._catalogue = Catalogue(directory / "series.catalogue", readonly)
        self._writer: WalWriter | None = None
        if not readonly:
            with storage_errors(directory):
                self._open_writer(settings)

    def _open_writer(self, settings: Samples) -> None:
        sealed = max((segment.last for segment in self._shelves.everything()), default=0)
        self._writer = WalWriter(self._root, sealed + 1)
        self._sweep(set(self._writer.closed))
        self._keeper = Keeper(self._root, settings, self._shelves, self._writer)

    def _sweep(self, unsealed: set[int]) -> None:
        """Removes what a crash left: half-made segments, which will be made again, and the parts of merged ones."""
        for tier in TIERS:
            for shard in self._shelves.shards(tier):
                live = set(self._shelves.live(tier, shard))
                for path in shelf(self._root, tier, shard).iterdir():
                    segment = parse(tier, shard, path.name)
                    half_sealed = tier == "raw" and segment and unsealed & set(range(segment.first, segment.last + 1))
                    if path.suffix == ".tmp" or half_sealed or (segment and segment not in live):
                        path.unlink()

    def series_ids(self, keys: Sequence[SeriesKey]) -> npt.NDArray[np.uint32]:
        with self._catalogue_lock:
            return self._catalogue.ids(keys)

    def append(self, block: SampleBlock) -> None:
        if self._writer is None:
            raise StorageError(tr("These samples were opened for reading only."), way_out=tr("Only the poller writes samples."))
        self._writer.append(block)

    def read(self, key: SeriesKey, start_ms: int, end_ms: int, points: int = 0) -> SeriesFrame:
        with self._catalogue_lock:
            self._catalogue.refresh()
            number = self._catalogue.known(key.device_id).get((key.metric, key.instance))
        if number is None or end_ms <= start_ms:
            nothing = np.empty(0)
            return SeriesFrame(np.empty(0, np.int64), nothing, nothing, nothing)
        with storage_errors(self._root):
            return self._reader.read(number, max(start_ms, 0), end_ms, points)

    def read_many(
        self, keys: Sequence[SeriesKey], start_ms: int, end_ms: int, points: int, bare: bool = False,
    ) -> Iterator[tuple[SeriesKey, SeriesFrame]]:
        numbered: dict[int, SeriesKey] = {}
        with self._catalogue_lock:
            self._catalogue.refresh()
            for device_id, group in groupby(sorted(keys, key=lambda key: key.device_id), key=lambda key: key.device_id):
                known = self._catalogue.known(device_id)
                numbered |= {number: key for key in group if (number := known.get((key.metric, key.instance))) is not None}
        series = np.array(sorted(numbered), np.uint32)
        for shard in np.split(series, np.flatnonzero(np.diff(series >> SHARD_BITS)) + 1) if len(series) and end_ms > start_ms else ():
            for at in range(0, len(shard), _TOGETHER):
                with storage_errors(self._root):
                    found = self._reader.read_many(shard[at : at + _TOGETHER], max(start_ms, 0), end_ms, points, bare)
                for number, frame in found.items():
                    yield numbered[number], frame

    def table(self, keys: Sequence[SeriesKey], start_ms: int, step_ms: int, columns: int) -> npt.NDArray[np.float64]:
        out = np.full((len(keys), columns), np.nan)
        numbered: dict[int, list[int]] = {}
        with self._catalogue_lock:
            self._catalogue.refresh()
            for row, key in sorted(enumerate(keys), key=lambda one: one[1].device_id):
                number = self._catalogue.known(key.device_id).get((key.metric, key.instance))
                if number is not None:
                    numbered.setdefault(number, []).append(row)
        series = np.array(sorted(numbered), np.uint32)
        for shard in np.split(series, np.flatnonzero(np.diff(series >> SHARD_BITS)) + 1) if len(series) and columns else ():
            rows = np.array([numbered[number][0] for number in shard.tolist()], np.int64)
            with storage_errors(self._root):
                self._reader.table(Table(shard, rows, out, start_ms, step_ms), start_ms, step_ms)
        for first, *others in numbered.values():
            out[others] = out[first]
        out[np.isinf(out)] = np.nan
        return out

    def series_of(self, device_id: str) -> Sequence[SeriesKey]:
        with self._catalogue_lock:
            self._catalogue.refresh()
            return [SeriesKey(device_id, metric, instance) for metric, instance in self._catalogue.known(device_id)]

    def keys_of(self, numbers: npt.NDArray[np.uint32]) -> dict[int, SeriesKey]:
        """What numbers of series stand for; unknown ones are left out."""
        with self._catalogue_lock:
            self._catalogue.refresh()
            return self._catalogue.keys(numbers.tolist())

    def arrivals(self, at: Arrival | None = None) -> Arrivals:
        """A reader of what arrives, from there on; None: from now on. Its owner closes it."""
        return Arrivals(self._root, self._shelves, at)

    def maintain(self, now_ms: int) -> None:
        """One step of housekeeping; nothing when another thread is at it."""
        if self._writer is None or not self._maintenance.acquire(blocking=False):
            return
        try:
            self._keeper.step(now_ms)
        finally:
            self._maintenance.release()

    def damaged(self) -> Sequence[str]:
        folder = self._root / "damaged"
        aside = set_aside_list(folder)
        for sub in sorted(folder.iterdir()) if folder.is_dir() else []:
            aside += [f"{sub.name}/{line}" for line in set_aside_list(sub)]
        return [*aside, *self._catalogue.damage, *(f"{s.tier}/{s.name}: {why}" for s, why in self._shelves.bad.items())]

    def close(self) -> None:
        self._reader.close()
        with self._maintenance:
            if self._writer is not None:
                self._writer.close()
                self._only.release()
        self._catalogue.close()
