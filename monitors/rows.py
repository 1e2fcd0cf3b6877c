"""The rows that a rule of a profile measures, and the numbers in them: columns, joined columns, scalars, text with a number in it."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from core.polling import Oid
from core.text import MILLIONTHS, Value, millionths, oid_text, text_of
from monitors.answers import Answers, TableAnswer
from monitors.pattern import TEXT_LIMIT, compiled, search
from monitors.plan import labels_of, reached
from monitors.profile import Column, Measure, PoolRule, Profile, oid

MOST = 4096
MOST_OF_A_TEXT = 64
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,9})?")
_SIZE = re.compile(r"\s{0,2}([KMGTP])i?(?:B|bytes)?\b", re.IGNORECASE)
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5}


class Row(NamedTuple):
    """One row that a rule looks at; of a scalar the only one."""

    at: Oid
    label: str
    cells: Mapping[str, Value]
    text: str | None = None
    """One item of a list in a text: what stands instead of the value."""


class Number(NamedTuple):
    """A value in its unit: what the device sends times `factor` plus `offset`."""

    value: float
    column: Oid
    at: Oid
    factor: float
    offset: float
    bounds: tuple[float, float]
    signed: int
    pollable: bool
    """The device sends this number and nothing else."""
    text: bool = False
    """It sends it as a text, with or without a unit."""

    @property
    def oid(self) -> str:
        return oid_text(self.column + self.at)


class Source:
    """Rows and columns of a rule: of its table, or the scalars of its profile."""

    def __init__(self, rule: Measure, profile: Profile, answers: Answers) -> None:
        self._rule, self._profile, self._answers = rule, profile, answers
        self._table: TableAnswer | None = answers.tables.get(rule.table) if rule.table else None
        self._joined: dict[str, dict[Oid, Oid]] = {}

    def rows(self) -> Iterator[Row]:
        """Those that the rule means, at most `MOST`."""
        for row in self.all_rows():
            if self._wanted(row):
                yield from self._each(row) if self._rule.each else (row,)

    def _scalars(self) -> Iterator[Row]:
        cells = {name: self._answers.scalars.get(oid(column.oid)) for name, column in self._profile.scalars.items()}
        yield Row((), self._rule.name, cells)

    def _table_rows(self) -> Iterator[Row]:
        if self._table is None:
            return
        rule, columns = self._rule, self._table.question.columns
        labels = labels_of(self._table, self._answers, rule.label)
        for index, row in self._table.rows.items():
            label = rule.names.get(oid_text(index)) or f"{rule.name} {labels[index]}".strip() + rule.suffix
            yield Row(index, label, dict(zip(columns, row, strict=True)))

    def _each(self, row: Row) -> Iterator[Row]:
        """The items of a list in a text."""
        found = compiled(self._rule.regex).finditer(text_of(self.raw(row, self._rule.reads[0]))[:TEXT_LIMIT])
        for number, item in enumerate(islice(found, MOST_OF_A_TEXT), 1):
            yield row._replace(label=f"{row.label} {number}", text=item[1] if item.re.groups else item[0])

    def _wanted(self, row: Row) -> bool:
        rule = self._rule
        return (
            (not rule.rows or oid_text(row.at) in rule.rows)
            and all(place < len(row.at) and row.at[place] in numbers for place, numbers in rule.index.items())
            and all(self._plain(row, name) in set(map(str, values)) for name, values in rule.where.items())
            and not any(self._plain(row, name) in set(map(str, values)) for name, values in rule.unless.items())
            and all((_numeric(self.raw(row, name)) or 0) > 0 for name in rule.positive)
            and all(search(pattern, self._plain(row, name)) for name, pattern in rule.matching.items())
            and not any(search(pattern, self._plain(row, name)) for name, pattern in rule.excluding.items())
        )

    def all_rows(self) -> Iterator[Row]:
        """Also those that the rule does not mean."""
        return islice(self._table_rows() if self._rule.table else self._scalars(), MOST)

    def is_like(self, row: Row, patterns: Mapping[str, str]) -> bool:
        """Whether there are patterns, and all of them occur."""
        return bool(patterns) and all(search(pattern, self._plain(row, name)) for name, pattern in patterns.items())

    def _plain(self, row: Row, name: str) -> str:
        return plain(self.raw(row, name))

    def raw(self, row: Row, name: str) -> Value:
        """What the device sent of a column or joined column."""
        join, dot, far = name.partition(".")
        if not dot:
            return row.cells.get(name)
        other = self._other(join)
        cells = other.rows.get(self._reached(join, row.at)) if other else None
        return cells[other.question.columns.index(far)] if other and cells and far in other.question.columns else None

    def place(self, row: Row, place: str) -> int:
        """The number at a place: a part of the index, or what a column holds; 0 where there is none."""
        first, _, rest = place.partition(".")
        if first == "index":
            return row.at[int(rest)] if int(rest) < len(row.at) else 0
        value = self.raw(row, place)
        return value[-1] if isinstance(value, tuple) and value else value if isinstance(value, int) else 0

    def plainly(self, row: Row, name: str, default: int) -> int:
        """The integer in a column that describes another."""
        number = _numeric(self.raw(row, name)) if name else None
        return default if number is None else int(number)

    def number(self, row: Row, name: str) -> Number | None:
        """The value of a column in its unit; None where there is none that can be true."""
        column, index = self.column(name), self._index(row, name)
        if column is None:
            return None
        raw = self.raw(row, name)
        value = _numeric(row.text.encode() if row.text is not None else raw, "" if row.text is not None else self._rule.regex,
                         sized=isinstance(self._rule, PoolRule))
        if value is None or value in self._rule.skip:
            return None
        said = value
        if column.signed and value >= 1 << (column.signed - 1):
            value -= 1 << column.signed
        factor = column.scale * self._rule.scale
        if column.scale_by:
            factor *= _numeric(row.cells.get(column.scale_by)) or 0.0
        value = value * factor + column.offset
        bounds = column.valid or (float("-inf"), float("inf"))
        if not bounds[0] <= value <= bounds[1]:
            return None
        text = row.text is None and not self._rule.regex and not column.signed and isinstance(raw, bytes) and _is_it(raw, said)
        pollable = text or (isinstance(raw, int) and row.text is None)
        return Number(value, oid(column.oid), index, factor, column.offset, bounds, column.signed, pollable, text)

    def column(self, name: str) -> Column | None:
        join, dot, far = name.partition(".")
        if dot:
            other = self._other(join)
            return other.question.table.columns.get(far) if other else None
        if self._rule.table:
            return self._table.question.table.columns.get(name) if self._table else None
        return self._profile.scalars.get(name)

    def _index(self, row: Row, name: str) -> Oid:
        join, dot, _ = name.partition(".")
        return self._reached(join, row.at) if dot else row.at

    def _other(self, join: str) -> TableAnswer | None:
        found = self._table.question.table.joins.get(join) if self._table else None
        return self._answers.tables.get(found.table) if found else None

    def _reached(self, join: str, index: Oid) -> Oid:
        if join not in self._joined and self._table is not None:
            there = reached(self._table, self._table.question.table.joins[join])
            self._joined[join] = dict(zip(self._table.rows, there, strict=True))
        return self._joined.get(join, {}).get(index, ())


def _numeric(value: Value, regex: str = "", *, sized: bool = False) -> float | None:
    """An integer as it is; of a text the number that it begins with or that the pattern finds. sized: with its KB, MB, GB (of 1024)."""
    if isinstance(value, int):
        return float(value)
    text = text_of(value)
    if text and regex:
        found = search(regex, text)
        text = "" if found is None else (found[1] if found.re.groups else found[0]) or ""
    number = _NUMBER.match(text.strip())
    if number is None:
        return None
    size = _SIZE.match(text.strip(), number.end()) if sized else None
    return float(number[0]) * (1024.0 ** _POWERS[size[1].upper()] if size else 1.0)


def _is_it(raw: bytes, value: float) -> bool:
    """Whether a text is this number, as polls read it. Not so: one with KB or MB behind it."""
    found = millionths(raw)
    return found is not None and abs(found / MILLIONTHS - value) < 1e-5


def plain(value: Value) -> str:
    """A value as text: an OID with dots, a number, a text."""
    return oid_text(value) if isinstance(value, tuple) else str(value) if isinstance(value, int) else text_of(value)
