"""What each device can take: how long to wait for it, and how large an answer to ask for. Pure; times are arguments."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.polling import Target

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
SMALLEST = 400
"""Bytes of an answer that any agent can send (RFC 3417: 484 with headers)."""
LARGEST = 5600
_GROW_AFTER = 2
_GROW_AT_ONCE = 64
"""Devices that are tried with larger answers together: a trial costs a hundred times a usual poll."""
_LEAST_TIMEOUT_S = 0.25
_GAIN, _VARIANCE_GAIN, _VARIANCES = 0.125, 0.25, 4.0
"""RFC 6298."""


class Adapt:
    """Arrays by device: `budget` (bytes of answer to ask for), `grown` (it may be asked for more), `srtt` (seconds, NaN: unknown)."""

    def __init__(self, targets: Sequence[Target], first_budget: int) -> None:
        count = len(targets)
        self._first = first_budget
        self.timeout = np.array([t.timeout_s for t in targets], np.float64)
        self.retries = np.array([t.retries for t in targets], np.int64)
        self.budget: Ints = np.full(count, first_budget, np.int64)
        self._ceiling: Ints = np.full(count, LARGEST, np.int64)
        self._good: Ints = np.zeros(count, np.int64)
        self.srtt: Floats = np.full(count, np.nan)
        self._rttvar: Floats = np.zeros(count)

    def keep(self, old: "Adapt", pairs: Sequence[tuple[int, int]]) -> None:
        """Devices that stayed, (number here, number in `old`), keep what was learnt of them."""
        for new, was in pairs:
            for mine, theirs in zip(self._learnt(), old._learnt(), strict=True):  # noqa: SLF001 - the same class
                mine[new] = theirs[was]

    def _learnt(self) -> tuple[npt.NDArray[np.generic], ...]:
        return (self.budget, self._ceiling, self._good, self.srtt, self._rttvar)

    def heard(self, devices: Ints, rtt: Floats) -> None:
        """Round-trip times of requests that were sent once (Karn)."""
        fresh = np.isnan(self.srtt[devices])
        smooth = np.where(fresh, rtt, self.srtt[devices])
        vary = np.where(fresh, rtt / 2, self._rttvar[devices])
        self._rttvar[devices] = np.where(fresh, vary, vary + _VARIANCE_GAIN * (np.abs(rtt - smooth) - vary))
        self.srtt[devices] = smooth + _GAIN * (rtt - smooth)

    def wait(self, devices: Ints, tries: Ints) -> Floats:
        """Seconds to wait for an answer. The last try has the device's whole time-out, those before what it usually needs."""
        whole = self.timeout[devices]
        usual = self.srtt[devices] + _VARIANCES * self._rttvar[devices]
        short = np.clip(usual * 2.0 ** np.minimum(tries, 16), _LEAST_TIMEOUT_S, None)
        last = (tries >= self.retries[devices]) | np.isnan(usual)
        out: Floats = np.where(last, whole, np.minimum(short, whole))
        return out

    def cut(self, device: int, weight: int) -> None:
        """An answer did not fit or did not come: ask for less than `weight` bytes from now on."""
        size = max(SMALLEST, min(weight, int(self.budget[device]) - 1))
        if self.budget[device] > self._first >= size:
            size = max(size, min(self._first, weight))
        self.budget[device] = size
        self._ceiling[device] = size
        self._good[device] = 0

    def complete(self, devices: Ints) -> Ints:
        """Whole polls without trouble; returns the devices that are to be asked for larger answers from now on."""
        self._good[devices] += 1
        room = np.minimum(self._ceiling[devices], LARGEST) >= self.budget[devices] * 2
        more: Ints = devices[(self._good[devices] >= _GROW_AFTER) & room][:_GROW_AT_ONCE]
        self.budget[more] *= 2
        self._good[more] = 0
        return more
