"""Processors, memory, storage and sensors out of the tables of a device, as its profiles say what the columns mean. Pure.

Of processors, memory and storage the most particular profile that finds any speaks alone; sensors of all profiles are put together.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from core.measured import MemoryPool, Processor, Sensor, StorageVolume
from core.polling import Oid
from core.text import Value, oid_text, text_of
from monitors.answers import Answers, TableAnswer
from monitors.pattern import search
from monitors.plan import labels_of
from monitors.profile import Column, Measure, PoolRule, ProcessorRule, Profile, SensorRule, oid

MOST = 4096
_SI = dict(zip(range(1, 18), range(-24, 27, 3), strict=True))
"""EntitySensorDataScale (RFC 3433): the exponent of ten of each number."""
_NUMBER = re.compile(r"[-+]?\d{1,12}(?:\.\d{1,9})?")


class Measured(NamedTuple):
    """Everything that a device measures of itself."""

    processors: tuple[Processor, ...] = ()
    memory: tuple[MemoryPool, ...] = ()
    storage: tuple[StorageVolume, ...] = ()
    sensors: tuple[Sensor, ...] = ()


def measured_of(profiles: Iterable[Profile], answers: Answers) -> Measured:
    """What the answers tell."""
    held = tuple(profiles)
    sensors: dict[tuple[str, str], Sensor] = {}
    for profile in held:
        for rule in profile.sensors:
            for one in _sensors(rule, _Source(rule, profile, answers)):
                if len(sensors) < MOST:
                    sensors.setdefault((one.kind, one.oid), one)
    return Measured(
        processors=next((found for p in held if (found := tuple(_processors(p, answers)))), ()),
        memory=next((found for p in held if (found := tuple(_pools(p.memory, p, answers, MemoryPool)))), ()),
        storage=next((found for p in held if (found := tuple(_pools(p.storage, p, answers, StorageVolume)))), ()),
        sensors=tuple(sensors.values()),
    )


class _Row(NamedTuple):
    """One row that a rule looks at; of a scalar the only one."""

    index: Oid
    label: str
    cells: Mapping[str, Value]


class _Source:
    """Rows and columns of a rule: of its table, or the scalars of its profile."""

    def __init__(self, rule: Measure, profile: Profile, answers: Answers) -> None:
        self._rule, self._profile, self._answers = rule, profile, answers
        self._table: TableAnswer | None = answers.tables.get(rule.table) if rule.table else None

    def rows(self) -> Iterator[_Row]:
        if self._rule.table:
            yield from self._table_rows()
        else:
            cells = {name: self._answers.scalars.get(oid(column.oid)) for name, column in self._profile.scalars.items()}
            if self._wanted(cells):
                yield _Row((), self._rule.name, cells)

    def _table_rows(self) -> Iterator[_Row]:
        if self._table is None:
            return
        labels = labels_of(self._table, self._answers, self._rule.label)
        names = self._table.question.columns
        for index, row in list(self._table.rows.items())[:MOST]:
            cells = dict(zip(names, row, strict=True))
            if self._wanted(cells):
                yield _Row(index, f"{self._rule.name} {labels[index]}".strip(), cells)

    def _wanted(self, cells: Mapping[str, Value]) -> bool:
        return all(_plain(cells.get(name)) in {str(one) for one in values} for name, values in self._rule.where.items())

    def number(self, row: _Row, name: str, regex: str = "") -> float | None:
        """The value of a column in its unit; None where there is none that can be true."""
        column = self._column(name)
        raw = row.cells.get(name)
        value = _numeric(raw, regex)
        if column is None or value is None or value in self._rule.skip:
            return None
        if column.scale_by:
            value *= _numeric(row.cells.get(column.scale_by), "") or 0.0
        value *= column.scale
        return value if column.valid is None or column.valid[0] <= value <= column.valid[1] else None

    def oid(self, row: _Row, name: str) -> str:
        """The OID that the value was read from."""
        column = self._column(name)
        return oid_text(oid(column.oid) + row.index) if column else ""

    def _column(self, name: str) -> Column | None:
        if self._rule.table:
            return self._table.question.table.columns.get(name) if self._table else None
        return self._profile.scalars.get(name)


def _processors(profile: Profile, answers: Answers) -> Iterator[Processor]:
    for rule in profile.processors:
        yield from _processors_of(rule, _Source(rule, profile, answers))


def _processors_of(rule: ProcessorRule, source: _Source) -> Iterator[Processor]:
    for row in source.rows():
        value = source.number(row, rule.usage or rule.idle, rule.regex)
        if value is not None and 0 <= value <= 100:
            usage = value if rule.usage else 100 - value
            yield Processor(name=row.label, usage_percent=usage, oid=source.oid(row, rule.usage or rule.idle))


P = TypeVar("P", MemoryPool, StorageVolume)


def _pools(rules: Iterable[PoolRule], profile: Profile, answers: Answers, kind: type[P]) -> Iterator[P]:
    for rule in rules:
        source = _Source(rule, profile, answers)
        for row in source.rows():
            total, used, percent = _filled(rule, source, row)
            if percent is not None and 0 <= percent <= 100 and total != 0:
                chosen = next(name for name in (rule.used, rule.free, rule.percent, rule.percent_free) if name)
                yield kind(
                    name=row.label, total_bytes=-1 if total is None else int(total), used_bytes=-1 if used is None else int(used),
                    used_percent=percent, oid=source.oid(row, chosen),
                )


def _filled(rule: PoolRule, source: _Source, row: _Row) -> tuple[float | None, float | None, float | None]:
    """Total, used and percentage used, each as far as the others tell it."""
    said = {name: source.number(row, column) if column else None
            for name, column in (("total", rule.total), ("used", rule.used), ("free", rule.free), ("percent", rule.percent),
                                 ("percent_free", rule.percent_free))}
    total, used, free, percent = said["total"], said["used"], said["free"], said["percent"]
    for name in rule.less:
        part = source.number(row, name)
        used = used - part if used is not None and part is not None else used
    if percent is None and said["percent_free"] is not None:
        percent = 100 - said["percent_free"]
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None and free is not None:
        used = total - free
    if percent is None and total and used is not None:
        percent = 100 * used / total
    if used is None and total is not None and percent is not None:
        used = total * percent / 100
    return total, used, percent


def _sensors(rule: SensorRule, source: _Source) -> Iterator[Sensor]:
    for row in source.rows():
        kind = rule.kinds.get(int(_numeric(row.cells.get(rule.kind_by), "") or 0)) if rule.kind_by else rule.kind
        value = source.number(row, rule.value, rule.regex)
        if kind is None or value is None:
            continue
        if rule.si:
            value *= 10.0 ** _SI.get(int(_numeric(row.cells.get(rule.si), "") or 9), 0)
        if rule.decimals:
            value /= 10.0 ** max(0, min(9, int(_numeric(row.cells.get(rule.decimals), "") or 0)))
        if rule.milliwatts:
            if value <= 0:
                continue
            value = 10 * math.log10(value)
        low, high = (source.number(row, name) if name else None for name in (rule.low, rule.high))
        yield Sensor(
            kind=kind, name=row.label, value=value, oid=source.oid(row, rule.value), states={str(k): v for k, v in rule.states.items()},
            low=low, high=high,
        )


def _numeric(value: Value, regex: str) -> float | None:
    """An integer as it is; of a text the number that it begins with or that the pattern finds."""
    if isinstance(value, int):
        return float(value)
    text = text_of(value)
    if text and regex:
        found = search(regex, text)
        text = "" if found is None else (found[1] if found.re.groups else found[0]) or ""
    number = _NUMBER.match(text)
    return float(number[0]) if number else None


def _plain(value: Value) -> str:
    return oid_text(value) if isinstance(value, tuple) else str(value) if isinstance(value, int) else text_of(value)
