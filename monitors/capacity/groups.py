"""Many lines of one unit or site as one: their traffic added up step by step, before any percentile is taken."""

from collections.abc import Iterable

import numpy as np

from monitors.capacity.figures import F64


class Sums:
    """Adds tables up as they come, so that no more than one is in memory. Steps in which nothing of a group is known stay unknown."""

    def __init__(self, columns: int) -> None:
        self._columns = columns
        self._sums: dict[str, F64] = {}
        self._known: dict[str, F64] = {}

    def add(self, names: Iterable[str], table: F64) -> None:
        """names: the group of each row."""
        for name, row in zip(names, table, strict=True):
            if name not in self._sums:
                self._sums[name], self._known[name] = np.zeros(self._columns), np.zeros(self._columns)
            known = np.isfinite(row)
            self._sums[name][known] += row[known]
            self._known[name][known] += 1

    def table(self, name: str) -> F64:
        """float64[1, steps]."""
        if name not in self._sums:
            return np.full((1, self._columns), np.nan)
        return np.where(self._known[name] > 0, self._sums[name], np.nan)[None, :]

    def average(self, name: str) -> F64:
        """The mean of those that are known, step by step: float64[1, steps]."""
        if name not in self._sums:
            return self.table(name)
        return self.table(name) / np.maximum(self._known[name], 1)
