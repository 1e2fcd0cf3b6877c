"""Readings of many devices become samples and live figures: arrays over the whole arena, a plan's meaning worked out once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.polling import PollStatus, Readings
from core.signals import SampleBlock, SeriesKey
from monitors.layout import ADMIN, IN_OCTETS, NOTHING_ADJUSTED, OPER, OUT_OCTETS, PHYSICAL, Adjusted, Layout, layout_of
from monitors.meaning import Polled
from monitors.rates import NONE, Meaning, Meter, Progress

NOT_STORED = 0xFFFF_FFFF
"""In series numbers: this variable is not stored."""
_UP = 1
DEVICE_METRICS = ("yw_up", "yw_rtt_ms")
"""Ours, of each device: 1 or 0; milliseconds."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
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
    """What every variable of one arena means, and its last values. Made anew when the arena is; `carry` keeps the memory.

    series: uint32 by variable, device_series by device; `NOT_STORED` where there is none. value: float32 by variable, NaN: not known.
    at_ms: by device, when these were read; 0: never.
    """

    def __init__(self, readings: Readings, work: Sequence[Polled], series: Sequence[Numbers | None]) -> None:
        """series: for each device the numbers of `keys_of`, `NOT_STORED` where there is no key; None: not known yet."""
        size = int(readings.offset[-1])
        self.series = np.full(size, NOT_STORED, np.uint32)
        self.device_series = np.full((len(work), len(DEVICE_METRICS)), NOT_STORED, np.uint32)
        self.numbered = np.zeros(len(work), np.bool_)
        self.role = np.zeros(size, np.uint8)
        self._offset = readings.offset
        self.value: Singles = np.full(size, np.nan, np.float32)
        self.at_ms: Ints = np.zeros(len(work), np.int64)
        meaning = Meaning(np.zeros(size, np.uint8), np.zeros(size, np.float32), np.full(size, NONE, np.int32))
        layouts: dict[int, Layout] = {}
        adjusted: list[Adjusted] = [NOTHING_ADJUSTED]
        less: list[tuple[Ints, Ints, Floats]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
        for number, (polled, numbers) in enumerate(zip(work, series, strict=True)):
            here = readings.span(number)
            layout = layouts.get(id(polled))
            if layout is None:
                layout = layouts[id(polled)] = layout_of(polled)
            self.role[here], meaning.counter[here] = layout.role, layout.counter
            meaning.limit[here.start + layout.limited] = layout.limit
            meaning.discontinuity[here.start + layout.marked] = here.start + layout.mark
            if len(layout.adjusted.at):
                adjusted.append(layout.adjusted._replace(at=layout.adjusted.at + here.start))
            if len(layout.less[0]):
                less.append((layout.less[0] + here.start, layout.less[1] + here.start, layout.less[2]))
            if numbers is not None:
                self.enter(number, numbers)
        self._less: tuple[Ints, Ints, Floats] = tuple(map(np.concatenate, zip(*less, strict=True)))  # type: ignore[assignment]
        self._adjusted = Adjusted(*(np.concatenate(parts) for parts in zip(*adjusted, strict=True)))
        self.meter = Meter(readings, meaning)

    def _span(self, number: int) -> slice:
        return slice(int(self._offset[number]), int(self._offset[number + 1]))

    def enter(self, number: int, numbers: Numbers) -> None:
        """Series numbers of a device, in the order of `keys_of`."""
        plural = len(DEVICE_METRICS)
        self.series[self._span(number)], self.device_series[number] = numbers[:-plural], numbers[-plural:]
        self.numbered[number] = True

    def numbers(self, number: int) -> Numbers | None:
        """What was entered for a device."""
        if not self.numbered[number]:
            return None
        return np.concatenate([self.series[self._span(number)], self.device_series[number]])

    def carry(self, old: "Ledger", pairs: Sequence[tuple[int, int]]) -> None:
        """Takes over the memory of devices whose plan stayed: (number here, number in `old`)."""
        self.meter.carry(old.meter, pairs)
        for new, was in pairs:
            self.value[self._span(new)] = old.value[old._span(was)]  # noqa: SLF001 - the same class
            self.at_ms[new] = old.at_ms[was]

    def carry_time(self, old: "Ledger", pairs: Sequence[tuple[int, int]]) -> None:
        """Takes over when devices were read and their sysUpTime, whatever is polled of them now: a reboot in between is still seen."""
        if pairs:
            new, was = np.asarray(pairs, np.int64).T
            self.meter.clock[new], self.meter.uptime[new] = old.meter.clock[was], old.meter.uptime[was]

    def advance(self, readings: Readings, devices: npt.ArrayLike, now_ms: int) -> tuple[SampleBlock, Live]:
        """Samples and live figures of devices whose polls finished. Those without an answer have a `yw_up` of 0 at `now_ms`, no more."""
        finished = np.asarray(devices, np.int64)
        progress = self.meter.advance(readings, finished)
        self._adjust(progress)
        self.value[progress.variable] = progress.value
        self.at_ms[progress.device] = readings.at[progress.device] * 1000
        return self._block(readings, finished, progress, now_ms), self._live(progress)

    def _adjust(self, progress: Progress) -> None:
        """Scales and bounds of the few variables that have any."""
        odd = self._adjusted
        _, mine, theirs = np.intersect1d(odd.at, progress.variable, assume_unique=True, return_indices=True)
        if len(mine):
            raw = progress.value[theirs]
            raw[(raw[:, None] == odd.skip[mine]).any(axis=1)] = np.nan
            wrap = odd.wrap[mine]
            value = np.where((wrap > 0) & (raw >= wrap / 2), raw - wrap, raw) * odd.scale[mine]
            value += odd.offset[mine] - self._less_of(progress, odd.at[mine])
            decibels = odd.milliwatts[mine]
            if decibels.any():
                positive = decibels & (value > 0)
                value[positive] = 10 * np.log10(value[positive])
                value[decibels & ~positive] = np.nan
            value[(value < odd.low[mine]) | (value > odd.high[mine])] = np.nan
            progress.value[theirs] = value

    def _less_of(self, progress: Progress, wanted: Ints) -> Floats:
        """What is taken off each of the wanted variables: NaN where that is not known."""
        out = np.zeros(len(wanted))
        one, other, factor = self._less
        if not len(one) or not len(wanted):
            return out
        order = np.argsort(progress.variable, kind="stable")
        known = progress.variable[order]
        place = np.minimum(np.searchsorted(known, other), len(known) - 1)
        value = np.where(known[place] == other, progress.value[order[place]], np.nan) * factor
        target = np.minimum(np.searchsorted(wanted, one), len(wanted) - 1)
        hit = wanted[target] == one
        np.add.at(out, target[hit], value[hit])
        return out

    def _block(self, readings: Readings, finished: Ints, progress: Progress, now_ms: int) -> SampleBlock:
        series, value = self.series[progress.variable], progress.value
        counts = self.meter.offset[progress.device + 1] - self.meter.offset[progress.device]
        at_ms = np.repeat((readings.at[progress.device] * 1000).astype(np.int64), counts)
        status = readings.status[finished]
        up = np.isin(status, (PollStatus.COMPLETE, PollStatus.PARTIAL, PollStatus.REINDEXED, PollStatus.ALIVE)).astype(np.float64)
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
        role, value = self.role[progress.variable], progress.value
        port = role == OPER | PHYSICAL
        moved = progress.changed & np.isin(role & ~np.uint8(PHYSICAL), (OPER, ADMIN))
        return Live(
            progress.device,
            _summed(owner, many, value, role == IN_OCTETS | PHYSICAL),
            _summed(owner, many, value, role == OUT_OCTETS | PHYSICAL),
            np.bincount(owner[port & (value == _UP)], minlength=many),
            np.bincount(owner[port], minlength=many),
            np.bincount(owner[moved], minlength=many) > 0,
            progress.rebooted,
        )


def _summed(owner: Ints, many: int, value: Floats, mask: npt.NDArray[np.bool_]) -> Floats:
    """Bits per second of each device; NaN where no port has a rate."""
    known = mask & ~np.isnan(value)
    total = np.bincount(owner[known], weights=value[known], minlength=many) * 8.0
    return np.where(np.bincount(owner[known], minlength=many) > 0, total, np.nan)
