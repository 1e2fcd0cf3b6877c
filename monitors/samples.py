"""Readings of many devices become samples and live figures: arrays over the whole arena, a plan's meaning worked out once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.polling import Kind, PollStatus, Readings
from core.signals import SampleBlock, SeriesKey
from monitors.meaning import ColumnMeaning, Polled, TableMeaning
from monitors.rates import NONE, Meaning, Meter, Progress

NOT_STORED = 0xFFFF_FFFF
"""In series numbers: this variable is not stored."""
IN_OCTETS, OUT_OCTETS, OPER, ADMIN = 1, 2, 3, 4
_PHYSICAL = 8
_ROLES = {"ifHCInOctets": IN_OCTETS, "ifHCOutOctets": OUT_OCTETS, "ifOperStatus": OPER, "ifAdminStatus": ADMIN}
_UP = 1
DEVICE_METRICS = ("yw_up", "yw_rtt_ms")
"""Ours, of each device: 1 or 0; milliseconds."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]


class Live(NamedTuple):
    """Figures of finished polls, one entry a device. Rates are sums over physical ports, NaN where nothing is known."""

    device: Ints
    in_bps: Floats
    out_bps: Floats
    ports_up: Ints
    ports: Ints
    moved: npt.NDArray[np.bool_]
    """An interface changed its state."""
    rebooted: npt.NDArray[np.bool_]


def keys_of(device_id: str, polled: Polled) -> list[SeriesKey | None]:
    """The series of a device: its variables in order, then `DEVICE_METRICS`."""
    return [*polled.meaning.keys(device_id), *(SeriesKey(device_id, metric) for metric in DEVICE_METRICS)]


class Ledger:
    """What every variable of one arena means, and its last values. Made anew when the arena is; `carry` keeps the memory."""

    def __init__(self, readings: Readings, work: Sequence[Polled], series: Sequence[Numbers]) -> None:
        """series: for each device the numbers of `keys_of`, `NOT_STORED` where there is no key."""
        size, plural = int(readings.offset[-1]), len(DEVICE_METRICS)
        self.series = np.full(size, NOT_STORED, np.uint32)
        self.device_series = np.full((len(work), plural), NOT_STORED, np.uint32)
        self.role = np.zeros(size, np.uint8)
        self.value: Floats = np.full(size, np.nan)
        self._adjusted: dict[str, Floats] = {"scale": np.ones(size), "low": np.full(size, -np.inf), "high": np.full(size, np.inf)}
        meaning = Meaning(np.zeros(size, np.uint8), np.full(size, np.inf), np.full(size, NONE, np.int64))
        for number, (polled, numbers) in enumerate(zip(work, series, strict=True)):
            here = readings.span(number)
            self.series[here], self.device_series[number] = numbers[:-plural], numbers[-plural:]
            self._enter(polled, here.start, meaning)
        odd = (self._adjusted["scale"] != 1) | (self._adjusted["low"] > -np.inf) | (self._adjusted["high"] < np.inf)
        self._odd: Ints = np.nonzero(odd)[0]
        self._adjusted = {name: array[self._odd] for name, array in self._adjusted.items()}
        self.meter = Meter(readings, meaning)

    def _enter(self, polled: Polled, start: int, meaning: Meaning) -> None:
        for at, scalar in enumerate(polled.meaning.scalars, start):
            self._enter_column(slice(at, at + 1), scalar, meaning)
        start += len(polled.meaning.scalars)
        marks: dict[int, int] = {}
        rows: list[tuple[TableMeaning, int]] = []
        for table in polled.meaning.tables:
            width, height = len(table.columns), len(table.labels)
            for position, column in enumerate(table.columns):
                cells = slice(start + position, start + width * height, width)
                self._enter_column(cells, column, meaning)
                self._enter_rows(cells, position, table, meaning)
                if column.name == "ifCounterDiscontinuityTime":
                    marks |= dict(zip(table.indexes, range(cells.start, cells.stop, width), strict=True))
            rows.append((table, start))
            start += width * height
        for table, first in rows if marks else ():
            _discontinuities(table, first, marks, meaning)

    def _enter_column(self, cells: slice, column: ColumnMeaning, meaning: Meaning) -> None:
        if column.counter:
            meaning.counter[cells] = Kind.COUNTER32
        self._adjusted["scale"][cells] = column.scale
        self._adjusted["low"][cells], self._adjusted["high"][cells] = column.low, column.high

    def _enter_rows(self, cells: slice, position: int, table: TableMeaning, meaning: Meaning) -> None:
        if table.indexes:
            role = _ROLES.get(table.columns[position].metric, 0)
            self.role[cells] = np.where(table.physical, role | _PHYSICAL, role) if role else 0
        if position in table.factors:
            self._adjusted["scale"][cells] *= table.factors[position]
        if position in table.limits:
            meaning.limit[cells] = table.limits[position]

    def carry(self, old: "Ledger", pairs: Sequence[tuple[int, int]]) -> None:
        """Takes over the memory of devices whose plan stayed: (number here, number in `old`)."""
        self.meter.carry(old.meter, pairs)
        for new, was in pairs:
            here = slice(self.meter.offset[new], self.meter.offset[new + 1])
            self.value[here] = old.value[old.meter.offset[was] : old.meter.offset[was + 1]]

    def carry_time(self, old: "Ledger", pairs: Sequence[tuple[int, int]]) -> None:
        """Takes over when devices were read and their sysUpTime, whatever is polled of them now: a reboot in between is still seen."""
        if pairs:
            new, was = np.asarray(pairs, np.int64).T
            self.meter.clock[new], self.meter.uptime[new] = old.meter.clock[was], old.meter.uptime[was]

    def advance(self, readings: Readings, devices: npt.ArrayLike, now_ms: int) -> tuple[SampleBlock, Live]:
        """Samples and live figures of devices whose polls finished. Those without an answer have a `yw_up` of 0 at `now_ms`, no more."""
        finished = np.asarray(devices, np.int64)
        progress = self.meter.advance(readings, finished)
        self.value[progress.variable] = progress.value
        self._adjust(progress)
        return self._block(readings, finished, progress, now_ms), self._live(progress)

    def _adjust(self, progress: Progress) -> None:
        """Scales and bounds of the few variables that have any."""
        at, mine, _ = np.intersect1d(self._odd, progress.variable, assume_unique=True, return_indices=True)
        if len(at):
            value = self.value[at] * self._adjusted["scale"][mine]
            value[(value < self._adjusted["low"][mine]) | (value > self._adjusted["high"][mine])] = np.nan
            self.value[at] = value

    def _block(self, readings: Readings, finished: Ints, progress: Progress, now_ms: int) -> SampleBlock:
        series, value = self.series[progress.variable], self.value[progress.variable]
        counts = self.meter.offset[progress.device + 1] - self.meter.offset[progress.device]
        at_ms = np.repeat((readings.at[progress.device] * 1000).astype(np.int64), counts)
        status = readings.status[finished]
        up = np.isin(status, (PollStatus.COMPLETE, PollStatus.PARTIAL, PollStatus.REINDEXED)).astype(np.float64)
        stamps = np.where(up > 0, readings.at[finished] * 1000, now_ms).astype(np.int64)
        own = self.device_series[finished]
        series = np.concatenate([series, own[:, 0], own[:, 1]])
        value = np.concatenate([value, up, readings.rtt[finished] * 1000])
        at_ms = np.concatenate([at_ms, stamps, stamps])
        good = (series != NOT_STORED) & ~np.isnan(value) & (at_ms > 0)
        return SampleBlock(series[good], at_ms[good], value[good])

    def _live(self, progress: Progress) -> Live:
        many = len(progress.device)
        counts = self.meter.offset[progress.device + 1] - self.meter.offset[progress.device]
        owner = np.repeat(np.arange(many), counts)
        role, value = self.role[progress.variable], self.value[progress.variable]
        port = role == OPER | _PHYSICAL
        moved = progress.changed & np.isin(role & ~np.uint8(_PHYSICAL), (OPER, ADMIN))
        return Live(
            progress.device,
            _summed(owner, many, value, role == IN_OCTETS | _PHYSICAL),
            _summed(owner, many, value, role == OUT_OCTETS | _PHYSICAL),
            np.bincount(owner[port & (value == _UP)], minlength=many),
            np.bincount(owner[port], minlength=many),
            np.bincount(owner[moved], minlength=many) > 0,
            progress.rebooted,
        )


def _discontinuities(table: TableMeaning, first: int, marks: dict[int, int], meaning: Meaning) -> None:
    """Ties each counter of an interface to the variable that holds the interface's discontinuity time."""
    width = len(table.columns)
    at = np.array([marks.get(index, NONE) for index in table.indexes], np.int64)
    for position, column in enumerate(table.columns):
        if column.counter and len(at):
            meaning.discontinuity[first + position : first + width * len(at) : width] = at


def _summed(owner: Ints, many: int, value: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    """Bits per second of each device; NaN where no port has a rate."""
    known = mask & ~np.isnan(value)
    total = np.bincount(owner[known], weights=value[known], minlength=many) * 8.0
    return np.where(np.bincount(owner[known], minlength=many) > 0, total, np.nan)


