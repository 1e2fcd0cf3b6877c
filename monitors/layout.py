"""What the variables of one plan mean, as arrays; worked out once for all devices that share the plan."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.polling import Kind
from monitors.meaning import ColumnMeaning, Polled, TableMeaning

IN_OCTETS, OUT_OCTETS, OPER, ADMIN = 1, 2, 3, 4
PHYSICAL = 8
_ROLES = {"ifHCInOctets": IN_OCTETS, "ifHCOutOctets": OUT_OCTETS, "ifOperStatus": OPER, "ifAdminStatus": ADMIN}
_NO_MARK = -1
MOST_SKIPPED = 4

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]


class Adjusted(NamedTuple):
    """The few variables with a scale or bounds: their places in the plan, ascending, and what is done to each."""

    at: Ints
    scale: Floats
    offset: Floats
    low: Floats
    high: Floats
    wrap: Floats
    """What is taken off a value from half of it on; 0: nothing."""
    skip: Floats
    """[n, `MOST_SKIPPED`]: raw values that mean nothing; NaN where there is none."""
    milliwatts: npt.NDArray[np.bool_]


NOTHING_ADJUSTED = Adjusted(
    np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0), np.zeros((0, MOST_SKIPPED)),
    np.zeros(0, np.bool_),
)


class Layout(NamedTuple):
    """One entry a variable, in the plan's order. Places are counted from the plan's first variable.

    role: what live figures make of it, 0 nothing, with `PHYSICAL` for a port with a plug. counter: see `Meaning`. limited, limit: the few
    counters with a bound, and the bound per second. marked, mark: those with a discontinuity time, and the place of that.
    """

    role: Bytes
    counter: Bytes
    limited: Ints
    limit: Floats
    marked: Ints
    mark: Ints
    adjusted: Adjusted
    less: tuple[Ints, Ints, Floats]
    """Variable, another, factor: see `PlanMeaning.less`."""


def layout_of(polled: Polled) -> Layout:
    """The layout of a plan."""
    return _Drawing(polled).layout()


class _Drawing:
    """Arrays that are filled column by column."""

    def __init__(self, polled: Polled) -> None:
        size = polled.plan.size
        self.role, self.counter = np.zeros(size, np.uint8), np.zeros(size, np.uint8)
        self.limit, self.mark = np.full(size, np.inf), np.full(size, _NO_MARK, np.int64)
        self.scale, self.low, self.high = np.ones(size), np.full(size, -np.inf), np.full(size, np.inf)
        self.offset, self.wrap, self.milliwatts = np.zeros(size), np.zeros(size), np.zeros(size, np.bool_)
        self.skip = np.full((size, MOST_SKIPPED), np.nan)
        self.less = polled.meaning.less
        for at, scalar in enumerate(polled.meaning.scalars):
            self._column(slice(at, at + 1), scalar)
        start = len(polled.meaning.scalars)
        marks: dict[int, int] = {}
        firsts: list[tuple[TableMeaning, int]] = []
        for table in polled.meaning.tables:
            marks |= self._table(table, start)
            firsts.append((table, start))
            start += len(table.columns) * len(table.labels)
        for table, first in firsts if marks else ():
            self._discontinuities(table, first, marks)

    def _column(self, cells: slice, column: ColumnMeaning) -> None:
        if column.counter:
            self.counter[cells] = Kind.COUNTER32
        self.scale[cells], self.low[cells], self.high[cells] = column.scale, column.low, column.high
        self.offset[cells], self.milliwatts[cells] = column.offset, column.milliwatts
        self.wrap[cells] = float(1 << column.signed) if column.signed else 0.0
        for number, value in enumerate(column.skip[:MOST_SKIPPED]):
            self.skip[cells, number] = value

    def _table(self, table: TableMeaning, start: int) -> dict[int, int]:
        """Fills a table's columns; returns the place of each interface's discontinuity time, by ifIndex."""
        width, height = len(table.columns), len(table.labels)
        marks: dict[int, int] = {}
        for position, column in enumerate(table.columns):
            cells = slice(start + position, start + width * height, width)
            self._column(cells, column)
            role = _ROLES.get(column.metric, 0) if table.indexes else 0
            if role:
                self.role[cells] = np.where(table.physical, role | PHYSICAL, role)
            if position in table.factors:
                self.scale[cells] *= table.factors[position]
            if position in table.offsets:
                self.offset[cells] += table.offsets[position]
            if position in table.limits:
                self.limit[cells] = table.limits[position]
            if column.name == "ifCounterDiscontinuityTime":
                marks |= dict(zip(table.indexes, range(cells.start, cells.stop, width), strict=True))
        return marks

    def _discontinuities(self, table: TableMeaning, first: int, marks: dict[int, int]) -> None:
        """Ties each counter of an interface to the variable that holds the interface's discontinuity time."""
        width = len(table.columns)
        at = np.array([marks.get(index, _NO_MARK) for index in table.indexes], np.int64)
        for position, column in enumerate(table.columns):
            if column.counter and len(at):
                self.mark[first + position : first + width * len(at) : width] = at

    def layout(self) -> Layout:
        limited, marked = np.nonzero(np.isfinite(self.limit))[0], np.nonzero(self.mark != _NO_MARK)[0]
        unlike = (self.scale != 1) | (self.offset != 0) | (self.low > -np.inf) | (self.high < np.inf) | (self.wrap > 0) | self.milliwatts
        odd = np.nonzero(unlike | ~np.isnan(self.skip[:, 0]))[0]
        one, other, factor = zip(*self.less, strict=True) if self.less else ((), (), ())
        return Layout(
            self.role, self.counter, limited, self.limit[limited], marked, self.mark[marked],
            Adjusted(
                odd, self.scale[odd], self.offset[odd], self.low[odd], self.high[odd], self.wrap[odd], self.skip[odd], self.milliwatts[odd],
            ),
            (np.array(one, np.int64), np.array(other, np.int64), np.array(factor, np.float64)),
        )
