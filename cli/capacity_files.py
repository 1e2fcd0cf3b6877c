"""A report on capacity and availability as a file to hand in: tables as workbook, csv, Markdown or text. No cell is ever a formula."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from core import months
from core.capacity import HOT_PERCENT, AvailabilityRow, CapacityGroup, CapacityKind, CapacityReport, CapacityRow, Measured
from core.i18n import mark, tr
from core.levels import level
from core.width import clean
from core.widths import doubted

if TYPE_CHECKING:
    from core.messages import SheetRow

KIND_WORDS: dict[CapacityKind, str] = {
    "line": mark("line"), "pool": mark("cloud pool"), "cpu": mark("processor"), "memory": mark("memory"), "disk": mark("storage volume"),
}
MEASURED_WORDS: dict[Measured, str] = {
    "system": mark("availability of systems"), "unit": mark("availability of units"), "device": mark("availability of devices"),
    "host": mark("availability of hosts"),
}
BASIS = {
    "": mark("nothing measures it"), "polls": mark("polls and pings"), "probes": mark("its probes"), "graph": mark("what it depends on"),
}
Value = str | int | float | None
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~])")


class Table(NamedTuple):
    """A name of at most 31 letters, and cells: texts, numbers, None for what is not known."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]


def tables_of(report: CapacityReport) -> list[Table]:
    """What the report is about, by unit, by site, availability, the fullest of each kind, and what is declared wrongly."""
    found = [Table(tr("report"), [tr("what"), tr("value")], list(_about(report)))]
    for what, name in (("unit", tr("units")), ("site", tr("sites"))):
        found.append(Table(name, _group_headings(), [_group(one) for one in report.groups if one.what == what]))
    for measured, word in MEASURED_WORDS.items():
        if mine := [_available(one) for one in report.availability if one.kind == measured]:
            found.append(Table(tr(word), _available_headings(), mine))
    for kind in dict.fromkeys(row.kind for row in report.top):
        fullest = [_top(one) for one in report.top if one.kind == kind]
        found.append(Table(tr("fullest {kind}", kind=tr(KIND_WORDS[kind])), _top_headings(kind), fullest))
    if report.doubted:
        rows: list[list[Value]] = [[row.object, row.instance, row.label, doubted(row), row.unit, row.site] for row in report.doubted]
        found.append(Table(tr("declared wrongly"), [tr("device"), tr("port"), tr("line"), tr("note"), tr("unit"), tr("site")], rows))
    return found


def _about(report: CapacityReport) -> Iterator[tuple[Value, Value]]:
    yield tr("from"), months.clock(report.start_ms)
    yield tr("until"), months.clock(report.end_ms)
    yield tr("made"), months.clock(report.made_ms)
    yield tr("step, minutes"), report.step_ms // 60_000
    yield tr("nearly full from, %"), HOT_PERCENT
    for kind, word in KIND_WORDS.items():
        groups = [one for one in report.groups if one.kind == kind and one.what == "site"]
        count = sum(one.count for one in groups)
        if count:
            yield tr("{kind}: number", kind=tr(word)), count
            yield tr("{kind}: measured", kind=tr(word)), sum(one.measured for one in groups)
            yield tr("{kind}: nearly full", kind=tr(word)), sum(one.hot for one in groups)
            yield tr("{kind}: complete, %", kind=tr(word)), _part(sum(one.completeness * one.count for one in groups) / count * 100)
    for group in report.available:
        word = MEASURED_WORDS[group.kind]
        yield tr("{kind}: number", kind=tr(word)), group.count
        yield tr("{kind}: measured", kind=tr(word)), group.measured
        yield tr("{kind}: below target", kind=tr(word)), group.missed
        yield tr("{kind}: together, %", kind=tr(word)), exact(group.percent)
        yield tr("{kind}: complete, %", kind=tr(word)), _part(100 * group.completeness)
    yield tr("job"), report.id


def _group_headings() -> list[str]:
    return [tr("name"), tr("kind"), tr("how many"), tr("measured"), tr("nearly full"), tr("capacity bit/s"), tr("in p95 bit/s"),
            tr("out p95 bit/s"), tr("mean %"), tr("p95 %"), tr("complete, %")]


def _group(one: CapacityGroup) -> list[Value]:
    return [
        one.name or "-", tr(KIND_WORDS[one.kind]), one.count, one.measured, one.hot, _whole(one.capacity_bps or None),
        _whole(one.in_p95_bps), _whole(one.out_p95_bps), _part(one.mean_percent), _part(one.p95_percent), _part(100 * one.completeness),
    ]


def _top_headings(kind: CapacityKind) -> list[str]:
    shares = [tr("mean %"), tr("p95 %"), tr("peak %"), tr("growth in 30 days"), tr("complete, %"), tr("unit"), tr("site")]
    if kind != "line":
        return [tr("device"), tr("part"), *shares]
    bits = [tr("capacity bit/s"), tr("in p95 bit/s"), tr("out p95 bit/s"), tr("billed bit/s")]
    return [tr("device"), tr("port"), tr("line"), *bits, *shares, tr("note")]


def _top(row: CapacityRow) -> list[Value]:
    shares = [*(_part(one) for one in (row.mean_percent, row.p95_percent, row.peak_percent, row.growth)), _part(100 * row.completeness)]
    if row.kind != "line":
        return [row.object, row.instance, *shares, row.unit, row.site]
    bits = [_whole(one) for one in (row.capacity_bps or None, row.in_p95_bps, row.out_p95_bps, row.billed_bps)]
    return [row.object, row.instance, row.label, *bits, *shares, row.unit, row.site, doubted(row)]


def _available_headings() -> list[str]:
    return [tr("name"), tr("level"), tr("target %"), tr("available %"), tr("target met"), tr("complete, %"), tr("down, minutes"),
            tr("degraded, minutes"), tr("planned, minutes"), tr("unknown, minutes"), tr("outages"), tr("longest, minutes"),
            tr("longest outage"), tr("measured by"), tr("unit"), tr("site")]


def _available(row: AvailabilityRow) -> list[Value]:
    longest = max((one for one in row.last if not one.planned), key=lambda one: one.end_ms - one.start_ms, default=None)
    minutes = [round(seconds / 60, 1) for seconds in (row.down_s, row.degraded_s, row.planned_s, row.unknown_s)]
    return [
        row.name, level(row.level), row.target_percent, exact(row.percent), kept(row), _part(100 * row.completeness), *minutes,
        row.outages, round(row.longest_s / 60, 1), f"{months.clock(longest.start_ms)} {longest.because}".strip() if longest else "",
        tr(BASIS[row.basis]), row.unit, row.site,
    ]


def kept(row: AvailabilityRow) -> str:
    """Whether the target was met."""
    return "-" if row.met is None else tr("yes") if row.met else tr("no")


def exact(value: float | None) -> float | None:
    """Cut, never rounded up: 99.9996 is not 100."""
    return None if value is None else math.floor(value * 1000) / 1000


def _part(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def workbook(tables: Sequence[Table]) -> bytes:
    """xlsx, one sheet for each table."""
    from core.messages import Sheet, SheetColumn
    from links.sheets import write_xlsx

    def sheet(table: Table) -> Sheet:
        columns = tuple(SheetColumn(heading=one) for one in table.headings)
        return Sheet(name=table.name[:31], rows=_rows([table.headings, *table.rows]), columns=columns)

    return write_xlsx(tuple(map(sheet, tables)))


def csv(tables: Sequence[Table]) -> bytes:
    """One csv: each table under its name, an empty line between."""
    from core.messages import Sheet
    from links.sheets import write_csv

    lines: list[Sequence[Value]] = []
    for table in tables:
        lines += [*([[]] if lines else []), [table.name], table.headings, *table.rows]
    return write_csv(Sheet(name="report", rows=_rows(lines)))


def _rows(lines: Sequence[Sequence[Value]]) -> "tuple[SheetRow, ...]":
    from core.messages import SheetRow

    return tuple(
        SheetRow(number=n, cells=tuple(clean(cell) if isinstance(cell, str) else cell for cell in line)) for n, line in enumerate(lines, 1)
    )


def markdown(tables: Sequence[Table]) -> bytes:
    """Tables as GitHub's dialect of Markdown has them. What devices and people named is text, never markup."""
    parts = []
    for table in tables:
        lines = [table.headings, ["---"] * len(table.headings)]
        body = [f"| {' | '.join(line)} |" for line in lines] + [f"| {' | '.join(map(_plain, row))} |" for row in table.rows]
        parts.append("\n".join([f"## {table.name}", "", *body]))
    return ("\n\n".join(parts) + "\n").encode()


def _plain(value: Value) -> str:
    if value is None or value == "":
        return "-"
    return _MARKUP.sub(r"\\\1", clean(value)) if isinstance(value, str) else str(value)


WRITERS: dict[str, Callable[[Sequence[Table]], bytes]] = {"xlsx": workbook, "csv": csv, "md": markdown}
