"""Utilisation of many lines and pools out of the samples: batch by batch, so that a month of a city never lies in memory. In threads."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from agents.hub.capacity.targets import Target
from core.capacity import HOT_PERCENT, By, CapacityGroup, CapacityRow
from core.ports import SampleStore
from monitors.capacity.doubts import believed
from monitors.capacity.figures import F64, Figures, figures
from monitors.capacity.groups import Sums
from monitors.capacity.tables import Period

CELLS = 4_000_000
"""Of the tables of one batch."""
Told = Callable[[int, int], None]
"""How many of how many; raises to stop."""


class Batch(NamedTuple):
    """tables: of lines in and out in bits per second; of everything else one, in percent."""

    targets: Sequence[Target]
    tables: tuple[F64, ...]


def batches(store: SampleStore, targets: Sequence[Target], when: Period, told: Told) -> Iterator[Batch]:
    """All targets of one kind with what was measured of them; while one is worked on, the next is read."""
    size = max(1, CELLS // max(1, when.columns * len(targets[0].keys))) if targets else 1

    def read(first: int) -> Batch:
        some = targets[first : first + size]
        ways = len(some[0].keys)
        values = store.table([target.keys[way] for way in range(ways) for target in some], when.start_ms, when.step_ms, when.columns)
        if ways == 2:
            values *= 8.0
        return Batch(some, tuple(np.split(values, ways)))

    with ThreadPoolExecutor(1) as ahead:
        following = ahead.submit(read, 0) if targets else None
        for first in range(0, len(targets), size):
            told(first, len(targets))
            batch = following.result() if following else read(first)
            following = ahead.submit(read, first + size) if first + size < len(targets) else None
            yield batch


def rows_of(batch: Batch, when: Period) -> Iterator[CapacityRow]:
    """One row for each target."""
    found = [figures(one, when.start_ms, when.step_ms) for one in batch.tables]
    for number, target in enumerate(batch.targets):
        yield _line(target, number, found[0], found[1]) if len(found) == 2 else _share(target, number, found[0])


def _share(target: Target, n: int, found: Figures) -> CapacityRow:
    return _row(target).replace(
        mean_percent=known(found.mean[n]), p95_percent=known(found.p95[n]), peak_percent=known(found.peak[n]),
        growth=known(found.growth[n]), completeness=round(float(found.completeness[n]), 6),
    )


def _line(target: Target, n: int, inward: Figures, outward: Figures) -> CapacityRow:
    in_p95, out_p95 = known(inward.p95[n]), known(outward.p95[n])
    fuller = outward if (out_p95 or 0) > (in_p95 or 0) else inward
    billed = max((one for one in (in_p95, out_p95) if one is not None), default=None)
    width = believed(target.declared_bps, target.port_bps, billed)
    row = _row(target).replace(
        in_p95_bps=in_p95, out_p95_bps=out_p95, billed_bps=billed, capacity_bps=width.capacity_bps, declared_bps=target.declared_bps,
        port_bps=target.port_bps, doubt=width.doubt,
        completeness=round(float(min(inward.completeness[n], outward.completeness[n])), 6),
    )
    if not width.capacity_bps:
        return row
    share = 100 / width.capacity_bps
    return row.replace(
        mean_percent=known(max(inward.mean[n], outward.mean[n]) * share), p95_percent=known(fuller.p95[n] * share),
        peak_percent=known(max(inward.peak[n], outward.peak[n]) * share), growth=known(fuller.growth[n] * share),
    )


def _row(target: Target) -> CapacityRow:
    place = target.places[0]
    return CapacityRow(
        kind=target.kind, object_id=target.object_id, object=target.object, instance=target.instance, label=target.label, unit=place.unit,
        site=place.site,
    )


def known(value: float) -> float | None:
    """None for what is not a number."""
    return float(value) if math.isfinite(value) else None


def fullest(rows: Iterable[CapacityRow], by: By, limit: int) -> tuple[CapacityRow, ...]:
    """By what is asked for; what has no such figure comes last, and of lines without a capacity the busiest of them first."""
    field = {"utilisation": "mean_percent", "p95": "p95_percent", "growth": "growth"}[by]

    def key(row: CapacityRow) -> tuple[bool, float, float, str, str]:
        value = getattr(row, field)
        return value is None, -(value or 0.0), -(row.billed_bps or 0.0), row.object, row.instance

    return tuple(sorted(rows, key=key)[:limit])


class Grouping:
    """Groups of one kind by unit or site, filled batch by batch."""

    def __init__(self, what: str, when: Period) -> None:
        self._what, self._when = what, when
        self._inward, self._outward = Sums(when.columns), Sums(when.columns)
        self._rows: dict[str, list[CapacityRow]] = {}

    def add(self, batch: Batch, rows: Sequence[CapacityRow]) -> None:
        names = [row.unit if self._what == "unit" else row.site for row in rows]
        for name, row in zip(names, rows, strict=True):
            self._rows.setdefault(name, []).append(row)
        counted = np.array([row.completeness > 0 and (row.kind != "line" or row.capacity_bps > 0) for row in rows], bool)
        some = [name for name, one in zip(names, counted.tolist(), strict=True) if one]
        self._inward.add(some, batch.tables[0][counted])
        if len(batch.tables) == 2:
            self._outward.add(some, batch.tables[1][counted])

    def groups(self) -> Iterator[CapacityGroup]:
        for name in sorted(self._rows):
            yield self._lines(name) if self._rows[name][0].kind == "line" else self._shares(name)

    def _lines(self, name: str) -> CapacityGroup:
        ways = [figures(sums.table(name), self._when.start_ms, self._when.step_ms) for sums in (self._inward, self._outward)]
        p95 = [known(one.p95[0]) for one in ways]
        capacity = sum(row.capacity_bps for row in self._rows[name] if row.completeness > 0)
        share = 100 / capacity if capacity else math.nan
        return self._group(name).replace(
            capacity_bps=capacity, in_p95_bps=p95[0], out_p95_bps=p95[1], mean_percent=known(max(one.mean[0] for one in ways) * share),
            p95_percent=known(max(one.p95[0] for one in ways) * share),
        )

    def _shares(self, name: str) -> CapacityGroup:
        found = figures(self._inward.average(name), self._when.start_ms, self._when.step_ms)
        return self._group(name).replace(mean_percent=known(found.mean[0]), p95_percent=known(found.p95[0]))

    def _group(self, name: str) -> CapacityGroup:
        rows = self._rows[name]
        return CapacityGroup(
            what="unit" if self._what == "unit" else "site", name=name, kind=rows[0].kind, count=len(rows),
            measured=sum(row.completeness > 0 for row in rows),
            hot=sum(row.p95_percent is not None and row.p95_percent >= HOT_PERCENT for row in rows),
            completeness=round(sum(row.completeness for row in rows) / len(rows), 6),
        )
