"""What a device can be asked, and how often: a slow one is polled less often before anything of it is left out. Pure.

Its tables told how long it takes for one variable.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from core.i18n import tr
from core.nouns import Noun
from core.polling import Oid, PollPlan
from monitors.gauging import Gauging
from monitors.meaning import PlanMeaning, Polled
from monitors.trimming import LEAST, Planned, trimmed

_HAIR = 1e-6
"""What binary fractions are off by decides nothing."""


class Pace(NamedTuple):
    """every: a device is asked for everything at each so many-th turn; room: for so many variables at most."""

    every: int
    room: int


class Budget(Noun, frozen=True, kw_only=True):
    """How much polls may ask. variables: of one poll, at most; share: of its interval that a device may be busy, 0: unbounded;
    interval_s: between two turns; longest_s: between two polls of a slow device."""

    variables: int = 60_000
    share: float = 0.0
    interval_s: float = 60.0
    longest_s: float = 240.0

    def pace(self, variables: int, seconds_each: float) -> Pace:
        """For a device that needs so long for one variable; 0: not known."""
        if self.share <= 0 or seconds_each <= 0:
            return Pace(1, self.variables)
        most = max(1, int(self.longest_s // self.interval_s))
        needed = min(variables, self.variables) * seconds_each / (self.share * self.interval_s)
        every = max(1, min(most, math.ceil(needed * (1 - _HAIR))))
        room = every * self.share * self.interval_s / seconds_each * (1 + 2 * _HAIR)
        return Pace(every, max(1, int(min(room, self.variables))))


class Planning(NamedTuple):
    """What is polled, how often, and what there is to say of that, in sentences."""

    polled: Polled
    pace: Pace
    slow: bool
    """It needs longer than it would be given."""
    marks: tuple[str, ...]


def planned(polled: Polled, gauging: Gauging, budget: Budget, seconds_each: float) -> Planning:
    """All that is to be polled, as far as the budget goes. seconds_each: what the device needs for one variable; 0: not known."""
    tables: list[Planned] = [*zip(polled.plan.tables, polled.meaning.tables, strict=True), *gauging.plans]
    size = len(polled.plan.scalars) + sum(len(plan.columns) * len(plan.indexes) for plan, _ in tables)
    pace = budget.pace(size, seconds_each)
    kept = trimmed(tables, pace.room - len(polled.plan.scalars)) if size > pace.room else None
    whole = _joined(polled, tables if kept is None else kept.tables, gauging.less)
    marks = [_stretched(pace.every, budget.interval_s, seconds_each, whole.plan.size)] if pace.every > 1 else []
    if kept is not None and kept.out:
        marks.append(_left_out(max(pace.room, LEAST), kept.out))
    return Planning(whole, pace, pace.every > 1 or min(size, budget.variables) > pace.room, tuple(marks))


def usual(times: Iterable[tuple[int, float]]) -> float:
    """Seconds that a device needs for one variable, from requests (variables, seconds): the median variable's, as some answers get lost."""
    each = sorted((seconds / count, count) for count, seconds in times if count > 0)
    half = sum(count for _, count in each) / 2
    for seconds, count in each:
        half -= count
        if half <= 0:
            return seconds
    return 0.0


def _joined(polled: Polled, tables: Iterable[Planned], less: Iterable[tuple[tuple[str, Oid], Oid, float]]) -> Polled:
    """Tables that are asked by name stand last, those of texts behind them. What is subtracted is found by its OID."""
    ordered = sorted(tables, key=lambda one: (one[0].by_name, one[0].text))
    places: dict[tuple[str, Oid], int] = {}
    at = len(polled.plan.scalars)
    for plan, meaning in ordered:
        if plan.by_name:
            places |= {(meaning.columns[0].metric, plan.columns[0] + index): at + row for row, index in enumerate(plan.indexes)}
        at += len(plan.columns) * len(plan.indexes)
    found = ((places.get(one), places.get(("", other)), factor) for one, other, factor in less)
    return Polled(
        plan=PollPlan(scalars=polled.plan.scalars, tables=tuple(plan for plan, _ in ordered)),
        meaning=PlanMeaning(
            scalars=polled.meaning.scalars, tables=tuple(meaning for _, meaning in ordered),
            less=tuple((one, other, factor) for one, other, factor in found if one is not None and other is not None),
        ),
    )


def _stretched(every: int, interval_s: float, seconds_each: float, variables: int) -> str:
    needed = seconds_each * variables
    return tr(
        "Polled every {longer} s instead of {interval}, because it needs {seconds} s for {variables} variables; "
        "whether it answers is asked every {interval} s all the same.",
        longer=f"{every * interval_s:g}", interval=f"{interval_s:g}", seconds=f"{needed:.1f}" if needed < 10 else f"{needed:,.0f}",
        variables=f"{variables:,}",
    )


def _left_out(room: int, out: Iterable[tuple[str, int]]) -> str:
    names = [f"{name} ({count})" for name, count in out]
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return tr("Not polled, as the device can be asked for {room} variables only: {names}.", room=room, names=shown)
