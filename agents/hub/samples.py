"""The samples as the hub reads them. The store is opened at the first question: its libraries take longer to load than the hub to start."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from core import sections
from core.errors import StorageError
from core.ports import SampleStore
from core.signals import SeriesFrame, SeriesKey

T = TypeVar("T")


class Samples:
    """Reads in one thread of its own, so that a long chart delays only other charts."""

    def __init__(self, folder: Path, how: sections.Samples) -> None:
        self._folder, self._how = folder, how
        self._thread = ThreadPoolExecutor(1, "samples")
        self._store: SampleStore | None = None

    async def series_of(self, device_id: str) -> Sequence[SeriesKey]:
        return await self._ask(lambda store: store.series_of(device_id), [])

    async def read(self, key: SeriesKey, start_ms: int, end_ms: int, points: int) -> SeriesFrame:
        return await self._ask(lambda store: store.read(key, start_ms, end_ms, points), _empty())

    async def close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, question: Callable[[SampleStore], T], nothing: T) -> T:
        """`nothing` while the poller has not made its store yet."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, question, nothing)

    def _answer(self, question: Callable[[SampleStore], T], nothing: T) -> T:
        if self._store is None:
            if not self._folder.is_dir():
                return nothing
            from stores.samples import open_samples

            self._store = open_samples(self._folder, self._how, readonly=True)
        try:
            return question(self._store)
        except StorageError:
            self._store.close()
            self._store = None
            raise


def _empty() -> SeriesFrame:
    import numpy as np

    return SeriesFrame(np.zeros(0, np.int64), *(np.zeros(0) for _ in range(3)))
