"""How the measures of a device are polled: each column once, its rows by name, values in the unit of the measure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.polling import Oid, TablePlan
from core.text import unique
from monitors.meaning import ColumnMeaning, TableMeaning
from monitors.measures import Gauge


class _Alike(NamedTuple):
    """What gauges have in common that are polled as one column."""

    profile: str
    table: str
    column: Oid
    meaning: ColumnMeaning
    text: bool


class Gauging(NamedTuple):
    """Plans of all measures, and what is subtracted: metric and OID of one, OID of the other, factor."""

    plans: tuple[tuple[TablePlan, TableMeaning], ...]
    less: tuple[tuple[tuple[str, Oid], Oid, float], ...]


def gauging(gauges: Iterable[Gauge]) -> Gauging:
    """One plan for each column and metric. What else a gauge needs is polled beside it, and not stored."""
    held = _labelled(list(gauges))
    groups: dict[_Alike, dict[Oid, Gauge]] = {}
    parts: dict[tuple[str, str, Oid], dict[Oid, None]] = {}
    less: list[tuple[tuple[str, Oid], Oid, float]] = []
    for gauge in held:
        column, at = _split(gauge.column, gauge.at)
        alike = _Alike(gauge.profile, gauge.table, column, _meaning(gauge), gauge.text)
        groups.setdefault(alike, {}).setdefault(at, gauge)
        for column_of, at_of, factor in gauge.less:
            part, place = _split(column_of, at_of)
            parts.setdefault((gauge.profile, gauge.table, part), {})[place] = None
            less.append(((gauge.metric, column + at), part + place, factor))
    return Gauging((*(_plan(alike, rows) for alike, rows in groups.items()), *_unstored(parts)), tuple(less))


def _plan(alike: _Alike, rows: dict[Oid, Gauge]) -> tuple[TablePlan, TableMeaning]:
    ordered = dict(sorted(rows.items()))
    return (
        TablePlan(columns=(alike.column,), indexes=tuple(ordered), by_name=True, text=alike.text),
        TableMeaning(
            table=alike.table, profile=alike.profile, columns=(alike.meaning,), labels=tuple(g.label for g in ordered.values()),
            factors={0: tuple(g.factor / g.unit for g in ordered.values())}, offsets={0: tuple(g.offset for g in ordered.values())},
        ),
    )


def _unstored(parts: dict[tuple[str, str, Oid], dict[Oid, None]]) -> Iterator[tuple[TablePlan, TableMeaning]]:
    for (profile, table, column), places in parts.items():
        rows = tuple(sorted(places))
        plain = ColumnMeaning(name="", metric="", store=False)
        yield (
            TablePlan(columns=(column,), indexes=rows, by_name=True),
            TableMeaning(table=table, profile=profile, columns=(plain,), labels=tuple(".".join(map(str, row)) for row in rows)),
        )


def _labelled(gauges: list[Gauge]) -> list[Gauge]:
    """Each name once in its metric."""
    by_metric: dict[str, list[Gauge]] = {}
    for gauge in gauges:
        by_metric.setdefault(gauge.metric, []).append(gauge)
    out = []
    for held in by_metric.values():
        names = unique([g.label for g in held], [".".join(map(str, g.at)) or str(n) for n, g in enumerate(held)])
        out += [gauge._replace(label=name) for gauge, name in zip(held, names, strict=True)]
    return out


def _split(column: Oid, at: Oid) -> tuple[Oid, Oid]:
    """A scalar is a row of a table with one row."""
    return (column, at) if at else (column[:-1], column[-1:])


def _meaning(gauge: Gauge) -> ColumnMeaning:
    low, high = gauge.bounds
    return ColumnMeaning(
        name=gauge.metric, metric=gauge.metric, low=low, high=high, skip=tuple(one * gauge.unit for one in gauge.skip),
        signed=gauge.signed, milliwatts=gauge.milliwatts,
    )
