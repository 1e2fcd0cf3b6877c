"""How long things worked: from shares of each step in which something answered to times up, down, planned and unknown.

Tables are float64[objects, steps]: the share of the step in which the object answered, 0 to 1, NaN where nobody asked or nothing came
of it. Unknown is never up.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from monitors.capacity.figures import F64

Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]
UP, DOWN, PLANNED, UNKNOWN = 0, 1, 2, 3
"""What a step is, in arrays of codes."""
HALF = 0.5
"""A step in which less than half was answered is down, where a step is only one thing."""
LONGEST = 5


class Times(NamedTuple):
    """Seconds; together they are the period."""

    up_s: float
    down_s: float
    planned_s: float
    unknown_s: float

    @property
    def percent(self) -> float | None:
        """Of the time that was measured; None: none was."""
        measured = self.up_s + self.down_s
        return 100 * self.up_s / measured if measured else None

    @property
    def completeness(self) -> float:
        """Of the time outside planned windows."""
        wanted = self.up_s + self.down_s + self.unknown_s
        return (self.up_s + self.down_s) / wanted if wanted else 0.0


class Span(NamedTuple):
    """Steps [first, last)."""

    first: int
    last: int


def held(table: F64, steps: int) -> F64:
    """What was known last holds for so many more steps: of things that are asked less often than a step is long."""
    out = table.copy()
    for _ in range(steps):
        gaps = ~np.isfinite(out[:, 1:])
        out[:, 1:][gaps] = out[:, :-1][gaps]
    return out


def either(table: F64) -> F64:
    """Rows are ways to ask the same thing: it is there when one of them is answered. At least one row."""
    known = np.isfinite(table)
    return np.where(known.any(axis=0), np.where(known, table, -np.inf).max(axis=0), np.nan)


def every(table: F64) -> F64:
    """Rows are things that must all work: as bad as the worst of those that are known. At least one row."""
    known = np.isfinite(table)
    return np.where(known.any(axis=0), np.where(known, table, np.inf).min(axis=0), np.nan)


def times(share: F64, planned: Bools, step_s: float) -> Times:
    """Of one object: share and planned are of the same steps. What is planned counts as nothing else."""
    known = np.isfinite(share) & ~planned
    up = float(share[known].sum())
    return Times(
        up * step_s, (float(known.sum()) - up) * step_s, float(planned.sum()) * step_s, float((~known & ~planned).sum()) * step_s,
    )


def coded(table: F64, planned: Bools) -> Codes:
    """Each step as one thing. planned: of the same shape; only what is not up is then planned."""
    with np.errstate(invalid="ignore"):
        codes = np.where(np.isfinite(table), np.where(table < HALF, DOWN, UP), UNKNOWN).astype(np.uint8)
    codes[planned & (codes != UP)] = PLANNED
    return codes


def spans(which: Bools) -> list[Span]:
    """Runs of true steps."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], which, [False]]).astype(np.int8)))
    return [Span(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def longest(found: Sequence[Span], most: int = LONGEST) -> list[Span]:
    """The longest, in order of time."""
    return sorted(sorted(found, key=lambda one: one.first - one.last)[:most])


REMEMBERED = 256
"""Sets of things that were down together."""
Harm = Callable[[tuple[int, ...]], tuple[Bools, Bools]]
"""What fails when these rows (ascending) fail: (down, degraded) of each object that is asked about."""


class Followed(NamedTuple):
    """What follows for the objects asked about: codes and degraded, [objects, steps]; `moments`: how many different ones were judged."""

    codes: Codes
    degraded: Bools
    moments: int


def follow(codes: Codes, harm: Harm, objects: int, told: Callable[[int, int], None] = lambda _done, _of: None) -> Followed:
    """The states of things that depend on others, step by step. codes: of what they depend on.

    An object is down where what is down brings it down; planned where only what is in maintenance besides does; unknown where what
    nobody knows of could have brought it down; else up. So a gap in the measurements never makes anything up that may have been down.
    told: how many different moments were judged, of how many; may raise to stop.
    """
    rows = np.flatnonzero((codes != UP).any(axis=1))
    kinds, which = _different(codes[rows])
    harmed = lru_cache(REMEMBERED)(harm)
    states = np.zeros((objects, kinds.shape[1]), np.uint8)
    thinner = np.zeros((objects, kinds.shape[1]), np.bool_)
    for number in range(kinds.shape[1]):
        told(number, kinds.shape[1])
        states[:, number], thinner[:, number] = _judged(rows, kinds[:, number], harmed)
    return Followed(states[:, which], thinner[:, which], kinds.shape[1])


def _judged(rows: npt.NDArray[np.int64], column: Codes, harmed: Harm) -> tuple[Codes, Bools]:
    gone = column == DOWN
    down, degraded = harmed(tuple(rows[gone].tolist()))
    out = np.where(down, DOWN, UP).astype(np.uint8)
    for code in (PLANNED, UNKNOWN):
        if (column == code).any():
            gone = gone | (column == code)
            worse, _ = harmed(tuple(rows[gone].tolist()))
            out[worse & (out == UP)] = code
    return out, degraded & (out == UP)


def _different(codes: Codes) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Different columns, and which of them each step is."""
    if not len(codes):
        return np.zeros((0, 1), np.uint8), np.zeros(codes.shape[1], np.int64)
    columns = np.ascontiguousarray(codes.T)
    whole = columns.view(np.dtype((np.void, columns.shape[1]))).ravel()
    _, first, which = np.unique(whole, return_index=True, return_inverse=True)
    return codes[:, first], which.reshape(-1)


def share_of(codes: Codes) -> F64:
    """Codes as shares, for `times`."""
    return np.where(codes == UP, 1.0, np.where(codes == DOWN, 0.0, np.nan))
