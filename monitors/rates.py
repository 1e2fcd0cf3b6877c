"""Two readings of the same devices become rates, levels and changes of state: whole arrays at a time, and never a false spike.

A reboot, a discontinuity (ifCounterDiscontinuityTime, RFC 2863) or a counter that ran backwards gives NaN for one interval. A
Counter32 that wrapped once counts on where that is plausible; so does sysUpTime, which wraps after 497 days.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.polling import Kind, PollStatus, Readings

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]

NONE = -1
"""In `Meaning.discontinuity`: this row has no discontinuity time."""
_MOST_SIGNED = np.uint64((1 << 63) - 1)
_ONE = np.float64(1.0).view(np.uint64)
_WRAP32 = np.uint64(1 << 32)
_HALF32 = np.uint64(1 << 31)


def _table(kinds: tuple[int, ...]) -> Bools:
    """Membership of a kind in a set, by its tag."""
    table = np.zeros(256, np.bool_)
    table[list(kinds)] = True
    return table


_COUNTER = _table((Kind.COUNTER32, Kind.COUNTER64))
_NUMBER = _table((Kind.INTEGER, Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, Kind.COUNTER64))
_ANSWERED = _table((PollStatus.COMPLETE, PollStatus.PARTIAL, PollStatus.REINDEXED))
_AT_ONCE = 16384
"""Variables worked on together, so that all arrays of one step stay in the processor's cache."""
_SLACK_S = 2.0
_DRIFT = 0.02
"""A device's sysUpTime may differ from our clock by two seconds and two percent: agents cache it, and cheap clocks run away."""


class Meaning(NamedTuple):
    """What the variables of an arena mean; arrays of one entry a variable."""

    counter: Bytes
    """0: a level, passed through. `Kind.COUNTER32` or `Kind.COUNTER64`: a counter of that width, unless the wire says another."""
    limit: npt.NDArray[np.floating]
    """Largest plausible rate per second (ifSpeed / 8 for octets); 0 where nobody knows."""
    discontinuity: npt.NDArray[np.integer]
    """Number of the variable that holds this row's discontinuity time, or `NONE`."""


class Progress(NamedTuple):
    """What two readings say about some devices. `variable`, `value`, `changed`: one entry a variable; the rest: one a device."""

    variable: Ints
    """Numbers of the variables in the arena."""
    value: Floats
    """Rate per second of a counter, level of anything else; NaN: unknown."""
    changed: Bools
    """Both readings are known and differ; of use for states."""
    device: Ints
    rebooted: Bools
    seconds: Floats
    """Between the two readings; NaN at the first."""


def plain_meaning(size: int) -> Meaning:
    """All variables are what the wire says; nothing is bounded."""
    return Meaning(np.zeros(size, np.uint8), np.zeros(size, np.float32), np.full(size, NONE, np.int32))


class Meter:
    """Remembers the reading before. One for each arena; `carry` keeps what a new arena has in common with the old."""

    def __init__(self, readings: Readings, meaning: Meaning | None = None) -> None:
        size = int(readings.offset[-1])
        self.meaning = plain_meaning(size) if meaning is None else meaning
        self.offset = readings.offset
        self.raw: Words = np.zeros(size, np.uint64)
        self.kind: Bytes = np.zeros(size, np.uint8)
        self.clock: Floats = np.full(len(readings), np.nan)
        self.uptime: Words = np.zeros(len(readings), np.uint64)
        self._counter: npt.NDArray[np.int8] = np.zeros(size, np.int8)
        self._is_odd: Bools = np.ones(size, np.bool_)
        self._limited = bool(self.meaning.limit.any())
        self._is_mark: Bools = np.zeros(size, np.bool_)
        self._is_mark[self.meaning.discontinuity[self.meaning.discontinuity != NONE]] = True
        self._marked = bool(self._is_mark.any())

    def advance(self, readings: Readings, devices: npt.ArrayLike) -> Progress:
        """Compares the devices' readings with those before, then remembers them. Devices that did not answer are left as they are."""
        device = np.asarray(devices, np.int64)
        device = device[_ANSWERED[readings.status[device]]]
        seconds = readings.clock[device] - self.clock[device]
        seconds[~(seconds > 0)] = np.nan
        rebooted = restarted(self.uptime[device], readings.uptime[device], seconds)
        steady = np.where(rebooted, np.nan, seconds).view(np.uint64) ^ _ONE
        variable = variables(self.offset, device)
        value, changed = np.empty(len(variable)), np.empty(len(variable), np.bool_)
        counts = self.offset[device + 1] - self.offset[device]
        stop = np.cumsum(counts)
        broken: list[Ints] = []
        for first, last in _groups(stop):
            part = slice(int(stop[first] - counts[first]), int(stop[last - 1]))
            where = self._where(device[first:last], variable[part])
            span = np.repeat(steady[first:last], counts[first:last])
            broken += self._values(readings, where, span, (value[part], changed[part]))
        if broken:
            self._break(np.concatenate(broken), variable, value)
        self.clock[device] = readings.clock[device]
        self.uptime[device] = readings.uptime[device]
        return Progress(variable, value, changed, device, rebooted, seconds)

    def _where(self, device: Ints, variable: Ints) -> slice | Ints:
        """The variables of these devices, as a slice where they are one: a whole sweep then copies nothing."""
        if (device[1:] - device[:-1] == 1).all():
            return slice(int(self.offset[device[0]]), int(self.offset[device[-1] + 1]))
        return variable

    def _values(self, readings: Readings, where: slice | Ints, seconds: Words, out: tuple[Floats, Bools]) -> list[Ints]:
        """Writes values and changes of some variables and remembers their readings; returns the discontinuity times that changed.

        seconds: the bits of a float64, `_ONE` taken away by exclusive or, so that one mask turns those of levels into 1.
        """
        value, changed = out
        raw, kind, old, was = readings.raw[where], readings.kind[where], self.raw[where], self.kind[where]
        same = kind.tobytes() == was.tobytes()
        if not same:
            self._classify(kind, where)
        counter = self._counter[where].astype(np.int64).view(np.uint64)
        before = old & counter
        seconds &= counter
        seconds ^= _ONE
        divisor = seconds.view(np.float64)
        np.divide(raw - before, divisor, out=value)
        np.not_equal(raw, old, out=changed)
        unusual = raw < before
        unusual |= self._is_odd[where]
        if self._limited:
            limit = self.meaning.limit[where]
            unusual |= (limit > 0) & (value > limit)
        if not same:
            unusual |= kind != was
        if raw.max(initial=0) > _MOST_SIGNED:
            unusual |= raw > _MOST_SIGNED
        broken = self._changed_marks(where, changed, None if same else kind != was)
        if unusual.any():
            at = np.nonzero(unusual)[0]
            now, then = (raw[at], kind[at]), (old[at], was[at])
            here = at + where.start if isinstance(where, slice) else where[at]
            value[at], changed[at] = self._exactly(now, then, here, divisor[at])
        self.raw[where] = raw
        if not same:
            self.kind[where] = kind
        return broken

    def _classify(self, kind: Bytes, where: slice | Ints) -> None:
        """Variables of these kinds: which are counters, and which are looked at one by one."""
        declared = self.meaning.counter[where]
        counter = np.where(_COUNTER[kind], kind, declared)
        self._counter[where] = np.where(counter != 0, -1, 0)
        self._is_odd[where] = ~_NUMBER[kind] | ((kind == Kind.INTEGER) & (counter != 0))

    def _changed_marks(self, where: slice | Ints, changed: Bools, other_kind: Bools | None) -> list[Ints]:
        if not self._marked:
            return []
        mark = self._is_mark[where] & (changed if other_kind is None else changed | other_kind)
        if not mark.any():
            return []
        at = np.nonzero(mark)[0]
        return [at + where.start if isinstance(where, slice) else where[at]]

    def _exactly(self, now: tuple[Words, Bytes], then: tuple[Words, Bytes], here: Ints, seconds: Floats) -> tuple[Floats, Bools]:
        """(values, changes) of unusual variables: by the letter. seconds: of counters."""
        (raw, kind), (old, was) = now, then
        same = kind == was
        counter = np.where(_COUNTER[kind], kind, self.meaning.counter[here])
        value = np.where(_NUMBER[kind], levels(raw, kind), np.nan)
        limit = self.meaning.limit[here].astype(np.float64)
        rate = rates((old, raw), counter, seconds, np.where(limit > 0, limit, np.inf))
        rate[~(same & _NUMBER[kind])] = np.nan
        np.copyto(value, rate, where=counter != 0)
        return value, same & (kind != Kind.NONE) & (raw != old)

    def _break(self, marks: Ints, variable: Ints, value: Floats) -> None:
        """No rates for the rows whose discontinuity time changed."""
        hit = np.zeros(len(self._is_mark) + 1, np.bool_)
        hit[marks] = True
        value[hit[self.meaning.discontinuity[variable]] & (self._counter[variable] != 0)] = np.nan

    def carry(self, old: "Meter", pairs: npt.ArrayLike) -> None:
        """Takes over the memory of devices that stayed: pairs of (number here, number in `old`) with the same plan."""
        for new, was in np.asarray(pairs, np.int64).reshape(-1, 2):
            here = slice(self.offset[new], self.offset[new + 1])
            there = slice(old.offset[was], old.offset[was + 1])
            self.raw[here], self.kind[here] = old.raw[there], old.kind[there]
            self._classify(self.kind[here], here)
            self.clock[new], self.uptime[new] = old.clock[was], old.uptime[was]


def variables(offset: Ints, device: Ints) -> Ints:
    """Numbers of all variables of these devices, device by device."""
    if len(device) == len(offset) - 1 and (device[1:] - device[:-1] == 1).all():
        return np.arange(int(offset[-1]))
    count = offset[device + 1] - offset[device]
    start = offset[device] - (np.cumsum(count) - count)
    out: Ints = np.arange(int(count.sum())) + np.repeat(start, count)
    return out


def _groups(stop: Ints) -> list[tuple[int, int]]:
    """Runs of devices (first, behind the last) of about `_AT_ONCE` variables together. stop: variables up to and with each device."""
    cuts = (np.nonzero(np.diff(stop // _AT_ONCE))[0] + 1).tolist()
    return list(zip([0, *cuts], [*cuts, len(stop)], strict=True)) if len(stop) else []


def restarted(before: Words, after: Words, seconds: Floats) -> Bools:
    """Whether each device restarted between two readings of sysUpTime (1/100 s, modulo 2**32) that lie `seconds` apart.

    A device that did not has aged by just that time; one whose clock stands still tells nothing.
    """
    aged = ((after - before) % _WRAP32).astype(np.float64) / 100.0
    out: Bools = (after != before) & (np.abs(aged - seconds) > _SLACK_S + _DRIFT * seconds)
    return out


def levels(raw: Words, kind: Bytes) -> Floats:
    """Values that are no counters as numbers; INTEGER is signed."""
    out = raw.astype(np.float64)
    np.copyto(out, raw.view(np.int64), where=kind == Kind.INTEGER)
    return out


def rates(raw: tuple[Words, Words], counter: Bytes, seconds: Floats, limit: Floats) -> Floats:
    """Rates per second of counters (before, after). NaN where a counter ran backwards without a plausible wrap, or beyond `limit`.

    Without a limit a Counter32 may wrap by less than half its range, and a Counter64 never: in a lifetime it does not.
    """
    before, after = raw
    narrow = counter == Kind.COUNTER32
    delta = after - before
    np.bitwise_and(delta, _WRAP32 - np.uint64(1), out=delta, where=narrow)
    rate = delta / seconds
    backwards = (after < before) & np.isinf(limit)
    backwards[backwards] = ~narrow[backwards] | (delta[backwards] >= _HALF32)
    rate[backwards | (rate > limit)] = np.nan
    return rate
