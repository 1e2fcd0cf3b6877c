"""Samples on their way into the store, in threads of their own: a slow, full or broken disk never stops the polling."""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.errors import StorageError
from core.i18n import tr
from core.ports import SampleStore
from core.signals import SampleBlock, SeriesKey
from monitors.samples import NOT_STORED

MOST_WAITING = 4_000_000
"""Samples that wait at most (20 bytes each); beyond that the oldest are given up and counted."""
GATHER_S = 0.25
PAUSE_S = 2.0
log = logging.getLogger(__name__)


class SampleWriter:
    """Appends blocks in order. `error` says why nothing is being stored right now; `lost` counts samples that were given up."""

    def __init__(self, store: SampleStore, pause_s: float = PAUSE_S) -> None:
        self.error = ""
        self.lost = 0
        self._store = store
        self._pause_s = pause_s
        self._blocks: deque[SampleBlock] = deque()
        self._waiting = 0
        self._lock = threading.Lock()
        self._news, self._stop = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=f, name=n) for f, n in ((self._append_all, "append"), (self._maintain, "maintain"))]

    def start(self) -> "SampleWriter":
        for thread in self._threads:
            thread.start()
        return self

    def submit(self, block: SampleBlock) -> None:
        """Queues a block; never waits."""
        if not len(block.series):
            return
        with self._lock:
            self._blocks.append(block)
            self._waiting += len(block.series)
            while self._waiting > MOST_WAITING and len(self._blocks) > 1:
                gone = self._blocks.popleft()
                self._waiting -= len(gone.series)
                self.lost += len(gone.series)
        self._news.set()

    def numbers(self, keys: Sequence[SeriesKey | None]) -> npt.NDArray[np.uint32] | None:
        """The series numbers of keys, `NOT_STORED` for None; None altogether while the store cannot give any."""
        out = np.full(len(keys), NOT_STORED, np.uint32)
        at = [n for n, key in enumerate(keys) if key is not None]
        try:
            out[at] = self._store.series_ids([key for key in keys if key is not None])
        except (StorageError, OSError) as error:
            self._fail(error)
            return None
        return out

    def stop(self) -> None:
        """Writes what waits (once), then closes the store."""
        self._stop.set()
        self._news.set()
        for thread in self._threads:
            thread.join()
        self._store.close()

    def _append_all(self) -> None:
        while not self._stop.is_set():
            self._news.wait()
            self._stop.wait(GATHER_S)
            self._news.clear()
            if not self._flush():
                self._news.set()
                self._stop.wait(self._pause_s)
        self._flush()

    def _flush(self) -> bool:
        with self._lock:
            blocks, self._waiting = list(self._blocks), 0
            self._blocks.clear()
        if not blocks:
            return True
        block = blocks[0] if len(blocks) == 1 else SampleBlock(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))
        try:
            self._store.append(block)
        except (StorageError, OSError) as error:
            self._fail(error)
            with self._lock:
                self._blocks.appendleft(block)
                self._waiting += len(block.series)
            return False
        if self.error:
            log.info("Samples are stored again.")
        self.error = ""
        return True

    def _fail(self, error: Exception) -> None:
        text = str(error) or tr("The samples cannot be stored.")
        if text != self.error:
            log.warning("%s", text)
        self.error = text

    def _maintain(self) -> None:
        while not self._stop.wait(1.0):
            try:
                self._store.maintain(time.time_ns() // 1_000_000)
            except (StorageError, OSError) as error:
                self._fail(error)
