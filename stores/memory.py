"""The twins of the stores in memory: tiny, correct, gone with the process. For tests of everything that takes a store."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from core.ports import LogQuery
from core.signals import RawLine, SampleBlock, SeriesFrame, SeriesKey
from stores.memory_records import MemoryRecords

__all__ = ["MemoryLogs", "MemoryRecords", "MemorySamples"]


class MemorySamples:
    """Samples as dicts."""

    def __init__(self) -> None:
        self._keys: list[SeriesKey] = []
        self._ids: dict[SeriesKey, int] = {}
        self._values: dict[int, dict[int, float]] = {}

    def series_ids(self, keys: Sequence[SeriesKey]) -> npt.NDArray[np.uint32]:
        for key in keys:
            if key not in self._ids:
                self._ids[key] = len(self._keys)
                self._keys.append(key)
        return np.array([self._ids[key] for key in keys], np.uint32)

    def append(self, block: SampleBlock) -> None:
        for series, at, value in zip(*(column.tolist() for column in block), strict=True):
            if value == value:
                self._values.setdefault(series, {})[at] = value

    def read(self, key: SeriesKey, start_ms: int, end_ms: int, points: int = 0) -> SeriesFrame:
        samples = sorted(self._values.get(self._ids.get(key, -1), {}).items())
        found = [(at, value) for at, value in samples if start_ms <= at < end_ms]
        width = -(-(end_ms - start_ms) // points) if points > 0 and len(found) > points else 0
        buckets: dict[int, list[float]] = {}
        for at, value in found:
            buckets.setdefault(max(at // width * width, start_ms) if width else at, []).append(value)
        return SeriesFrame(
            np.array(list(buckets), np.int64),
            np.array([sum(values) / len(values) for values in buckets.values()], np.float64),
            np.array([min(values) for values in buckets.values()], np.float64),
            np.array([max(values) for values in buckets.values()], np.float64),
        )

    def read_many(
        self, keys: Sequence[SeriesKey], start_ms: int, end_ms: int, points: int, bare: bool = False,  # noqa: ARG002 - the port's
    ) -> Iterator[tuple[SeriesKey, SeriesFrame]]:
        for key in dict.fromkeys(keys):
            frame = self.read(key, start_ms, end_ms, points)
            if len(frame.at_ms):
                yield key, frame

    def table(self, keys: Sequence[SeriesKey], start_ms: int, step_ms: int, columns: int) -> npt.NDArray[np.float64]:
        out = np.full((len(keys), columns), np.nan)
        for row, key in enumerate(keys):
            steps: dict[int, list[float]] = {}
            for at, value in self._values.get(self._ids.get(key, -1), {}).items():
                if 0 <= at - start_ms < columns * step_ms and math.isfinite(value):
                    steps.setdefault((at - start_ms) // step_ms, []).append(value)
            for column, values in steps.items():
                out[row, column] = sum(values) / len(values)
        return out

    def series_of(self, device_id: str) -> Sequence[SeriesKey]:
        return [key for key in self._keys if key.device_id == device_id]

    def maintain(self, now_ms: int) -> None:
        """Nothing to keep house of."""

    def damaged(self) -> Sequence[str]:
        return []

    def close(self) -> None:
        self._values.clear()


class MemoryLogs:
    """Raw lines as a list."""

    def __init__(self) -> None:
        self._lines: list[RawLine] = []

    def append(self, lines: Iterable[RawLine]) -> int:
        before = len(self._lines)
        self._lines.extend(lines)
        return len(self._lines) - before

    def search(self, query: LogQuery) -> Iterator[RawLine]:
        needles = {one.lower() for one in (*(query.word.encode(code, "replace") for code in ("utf-8", "gb18030")), *query.octets)}
        found = [
            (line.at_ms, number, line)
            for number, line in enumerate(self._lines)
            if query.start_ms <= line.at_ms < query.end_ms
            and (not query.sources or line.source in query.sources)
            and query.kind in ("", line.kind)
            and any(needle in line.raw.lower() for needle in needles)
        ]
        found.sort(key=lambda item: item[:2], reverse=True)
        return iter([line for _, _, line in found[: query.limit]])

    def maintain(self, now_ms: int) -> None:
        """Nothing to keep house of."""

    def damaged(self) -> Sequence[str]:
        return []

    def close(self) -> None:
        self._lines.clear()
