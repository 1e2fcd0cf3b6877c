"""How the City's traffic moves: counters as pure functions of time.

A pattern is one day of weights, mean about 1 and at most `CREST`, in slots of 16 s: the office day, noise, bursts. `flow` is its
integral over time, so a counter is base + rate * (flow(now) - flow(then)): continuous, never going back, the same in every player.
Times are microseconds since 1970, UTC; the City's day is UTC+8.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SLOT_US = 16_000_000
SLOTS = 5400
DAY_US = SLOT_US * SLOTS
PATTERNS = 32
ONE = 1 << 16
"""Weight 1 in fixed point."""
CREST = 2.8
"""No slot weighs more: a line whose mean rate is its speed over this is full in its bursts and never carries more than it can."""
RATE_UNIT = 64
"""Rates are kept in units of 64 octets per second."""

Patterns = npt.NDArray[np.uint64]


def patterns(seed: int) -> Patterns:
    """uint64[PATTERNS, SLOTS + 1]: the integral of each pattern at the start of each slot, weight-seconds in 1/65536."""
    rng = np.random.default_rng(seed)
    hour = (np.arange(SLOTS) * 16 / 3600 + 8) % 24
    out = np.zeros((PATTERNS, SLOTS + 1), np.uint64)
    for number in range(PATTERNS):
        office = np.exp(-((hour - 10 - rng.normal(0, 0.4)) ** 2) / 4) + np.exp(-((hour - 15.5 - rng.normal(0, 0.4)) ** 2) / 5)
        evening = rng.uniform(0, 0.5) * np.exp(-((hour - 20.5) ** 2) / 4)
        smooth = 0.12 + office + evening
        noise = np.exp(rng.normal(0, 0.25, SLOTS)) * (1 + 3 * (rng.random(SLOTS) < 0.01))
        weight = smooth * np.convolve(noise, (0.25, 0.5, 0.25), "same")
        fixed = np.maximum(1, _levelled(weight) * ONE).astype(np.uint64)
        np.cumsum(fixed * np.uint64(16), out=out[number, 1:])
    return out


def _levelled(weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Mean 1, none above `CREST`: what is cut off a burst is carried in the rest of the day."""
    for _ in range(16):
        weight = np.minimum(weight / weight.mean(), CREST)
    return weight


def flow(table: Patterns, pattern: int, phase: int, now_us: int) -> int:
    """The integral of a pattern up to `now_us`, weight-seconds in 1/65536. phase: slots by which the pattern runs ahead."""
    row = table[pattern]
    day, rest = divmod(now_us + phase * SLOT_US, DAY_US)
    slot, part = divmod(rest, SLOT_US)
    here = int(row[slot])
    weight = (int(row[slot + 1]) - here) >> 4
    return day * int(row[SLOTS]) + here + weight * part // 1_000_000


def fullest(table: Patterns, pattern: int, phase: int, now_us: int, seconds: float) -> float:
    """The largest weight of a pattern, or of its other direction, from now on for so long."""
    slot = now_us // SLOT_US + phase
    ahead = (slot + np.arange(int(seconds * 1_000_000) // SLOT_US + 2)) % SLOTS
    return max(float((table[way][ahead + 1] - table[way][ahead]).max()) for way in (pattern, pattern ^ 1)) / 16 / ONE


class Volume(NamedTuple):
    """What one interface carried, in one direction."""

    octets: int
    packet: int
    """Mean octets of a packet."""
    err_ppm: int

    def counter(self, kind: int, out: bool) -> int:
        """A counter of this kind (see `lab.mib.Counter`), not yet cut to its width."""
        packets = self.octets // self.packet
        if kind < 4:
            return (self.octets, packets, packets >> 7, packets >> 8)[kind]
        if kind == 4:
            return packets * self.err_ppm // 4_000_000
        if kind == 5:
            return packets * self.err_ppm // (8_000_000 if out else 1_000_000)
        return 0


def carried(table: Patterns, base: int, mark: int, rate: int, pattern: int, phase: int, running: bool, now_us: int) -> int:
    """Octets so far: those at the last change, and what flowed since. mark: `flow` at the last change; rate in units of `RATE_UNIT`."""
    if not running:
        return base & 0xFFFF_FFFF_FFFF_FFFF
    grown = max(0, flow(table, pattern, phase, now_us) - mark)
    return (base + (rate * RATE_UNIT * grown >> 16)) & 0xFFFF_FFFF_FFFF_FFFF


def load(table: Patterns, device: int, now_us: int) -> int:
    """Weight of the device's own pattern now, in 1/65536: processors and memory follow it."""
    row = table[device % PATTERNS]
    slot = (now_us // SLOT_US + device) % SLOTS
    return (int(row[slot + 1]) - int(row[slot])) >> 4
