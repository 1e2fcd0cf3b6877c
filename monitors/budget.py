"""What a device can be asked in one poll: what comes first when not all can be, and what was left out. Pure.

A slow device is not polled to death: its tables told how long it takes for one variable.
"""

from collections.abc import Iterable, Sequence

from core.i18n import tr
from core.measured import MEMORY, PROCESSOR, STORAGE
from core.nouns import Noun
from core.polling import Oid, PollPlan, TablePlan
from monitors.gauging import Gauging
from monitors.meaning import PlanMeaning, Polled, TableMeaning

_RANK = {PROCESSOR: 1, MEMORY: 2, STORAGE: 3, "yw_temperature": 4, "yw_state": 5}
_SENSOR, _OTHER = 6, 7
Planned = tuple[TablePlan, TableMeaning]


class Budget(Noun, frozen=True, kw_only=True):
    """How much one poll may ask. variables: at most; seconds: that a device may be busy with it, 0: unbounded."""

    variables: int = 60_000
    seconds: float = 0.0

    def room(self, seconds_each: float) -> int:
        """Variables that may be asked of a device that needs so long for one; 0: not known."""
        if self.seconds <= 0 or seconds_each <= 0:
            return self.variables
        return max(1, min(self.variables, int(self.seconds / seconds_each)))


def within(polled: Polled, gauging: Gauging, room: int) -> tuple[Polled, str]:
    """All that is polled, and in one sentence what was left out to stay within `room` variables, or nothing.

    Interfaces come first, then processors, memory, storage, temperatures, states, other sensors, other tables.
    """
    base = list(zip(polled.plan.tables, polled.meaning.tables, strict=True))
    left = room - len(polled.plan.scalars)
    kept: set[int] = set()
    out: list[str] = []
    planned: list[Planned] = [*base, *gauging.plans]
    for number in sorted(range(len(planned)), key=lambda n: _rank(planned[n][1])):
        plan, meaning = planned[number]
        size = len(plan.columns) * len(plan.indexes)
        if size <= left:
            left -= size
            kept.add(number)
        else:
            out.append(f"{meaning.columns[0].metric or meaning.table} ({size})")
    chosen = [one for number, one in enumerate(planned) if number in kept]
    whole = _joined(polled, chosen, gauging.less)
    text = tr("Not polled, as the device can be asked for {room} variables only: {names}.", room=room, names=_short(out)) if out else ""
    return whole, text


def _rank(meaning: TableMeaning) -> int:
    if meaning.indexes:
        return 0
    metric = meaning.columns[0].metric
    return _RANK.get(metric, _SENSOR if metric.startswith("yw_") or not metric else _OTHER)


def _joined(polled: Polled, planned: Sequence[Planned], less: Iterable[tuple[tuple[str, Oid], Oid, float]]) -> Polled:
    """Tables that are asked by name stand last. What is subtracted is found by its OID."""
    ordered = sorted(planned, key=lambda one: one[0].by_name)
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


def _short(names: list[str]) -> str:
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
