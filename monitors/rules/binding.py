"""What the rules watch of one device: rows of arrays, one for each rule and variable, worked out once when the device was discovered."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.measured import UNITS, Sensor, sensor_metric
from core.text import oid_text
from monitors.meaning import Polled, TableMeaning
from monitors.rules.applying import for_part, is_plain
from monitors.rules.rule import Rule

THRESHOLD, STATE, CHANGE = 0, 1, 2
_LIMITS = ("high", "high_warn", "low", "low_warn")
_UNIT_OF = {sensor_metric(kind): unit for kind, unit in UNITS.items()}
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[\s_\-./()]+")
_NEGATIONS = frozenset({"no", "not", "non", "without", "never"})

Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


class Interface(NamedTuple):
    """What rules ask of an interface."""

    speed_bps: int = 0
    alias: str = ""
    alerting: bool = True


class Told(NamedTuple):
    """What discovery told of one sensor: its own limits, and the meaning of its numbers."""

    limits: Mapping[str, float]
    states: Mapping[str, str]


NOTHING_TOLD = Told({}, {})


class Block:
    """Rows of one device. Equal when they watch the same in the same way.

    var: places of variables, counted from the device's first. rule: numbers in `rules`. label: numbers in `labels`. sign: 1 where the
    value must not rise above `raise_at`, -1 where (both negated) it must not fall below. mode: `THRESHOLD`, `STATE`, `CHANGE`. odd: rows of
    the last two, with their masks; careful: places in `odd` of those that can only go bad after they were good.
    """

    def __init__(self, rules: Sequence[Rule], rows: "_Rows", aliases: Mapping[str, str]) -> None:
        self.rules = tuple(rules)
        self.labels = tuple(rows.labels)
        self.var, self.rule, self.label = (np.array(part, np.int32) for part in (rows.var, rows.rule, rows.label))
        self.sign, self.raise_at, self.clear_at = (np.array(part, np.float32) for part in (rows.sign, rows.raise_at, rows.clear_at))
        self.mode = np.array(rows.mode, np.uint8)
        self.masks, self.means, self.scale = dict(rows.masks), dict(rows.means), dict(rows.scale)
        self.aliases = {name: alias for name, alias in aliases.items() if alias}
        self.digest = blake2b(
            b"\0".join(part.tobytes() for part in (self.var, self.rule, self.label, self.sign, self.raise_at, self.clear_at, self.mode))
            + repr((self.labels, self.masks, sorted(self.aliases.items()), self.rules)).encode(),
            digest_size=16,
        ).digest()
        self.odd = np.flatnonzero(self.mode)
        self.odd_mask = np.array([self.masks.get(row, 0) for row in self.odd.tolist()], np.uint64)
        careful = [rule.only_after_good for rule in self.rules]
        self.careful = np.array([at for at, row in enumerate(self.odd.tolist()) if careful[self.rule[row]]], np.int32)
        self._numbers: dict[tuple[str, str], int] | None = None

    def __len__(self) -> int:
        return len(self.var)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def key(self, row: int) -> tuple[str, str]:
        """Rule and instance of a row."""
        return self.rules[self.rule[row]].name, self.labels[self.label[row]]

    def number(self, key: tuple[str, str]) -> int | None:
        """The row of a rule and instance."""
        if self._numbers is None:
            self._numbers = {self.key(row): row for row in range(len(self) - 1, -1, -1)}
        return self._numbers.get(key)

    def evidence(self, row: int, value: float) -> dict[str, str]:
        """What is seen in a row, for people."""
        rule, instance = self.rules[self.rule[row]], self.labels[self.label[row]]
        metric = rule.metric[0] if len(rule.metric) == 1 else ""
        out = {"value": text_of(value), "metric": metric, "alias": self.aliases.get(instance, "")}
        if rule.kind == "state":
            return {**out, "state": self.means.get(row, {}).get(str(int(value)), "")}
        if rule.kind == "change":
            return out
        scale = self.scale.get(row, 1.0)
        unit = "%" if rule.share_of else _UNIT_OF.get(metric, "%" if metric.endswith("_percent") else "")
        limit = float(self.raise_at[row]) * float(self.sign[row])
        return {**out, "value": text_of(value * scale), "limit": text_of(limit * scale), "unit": unit}


class _Rows:
    """Columns while they grow."""

    def __init__(self) -> None:
        self.var: list[int] = []
        self.rule: list[int] = []
        self.label: list[int] = []
        self.sign: list[float] = []
        self.raise_at: list[float] = []
        self.clear_at: list[float] = []
        self.mode: list[int] = []
        self.masks: dict[int, int] = {}
        self.means: dict[int, Mapping[str, str]] = {}
        self.scale: dict[int, float] = {}
        self.labels: list[str] = []
        self._places: dict[str, int] = {}

    def add(self, var: int, rule: int, label: str, mode: int) -> int:
        """A new row that never fires; returns its number."""
        place = self._places.get(label)
        if place is None:
            place = self._places[label] = len(self.labels)
            self.labels.append(label)
        self.var.append(var)
        self.rule.append(rule)
        self.label.append(place)
        self.mode.append(mode)
        self.sign.append(1.0)
        self.raise_at.append(np.inf)
        self.clear_at.append(np.inf)
        return len(self.var) - 1

    def level(self, row: int, sign: float, raise_at: float, clear_at: float) -> None:
        self.sign[row], self.raise_at[row], self.clear_at[row] = sign, sign * raise_at, sign * clear_at


NOTHING = Block((), _Rows(), {})


def bound(
    rules: Sequence[Rule], polled: Polled, interfaces: Mapping[int, Interface], told: Mapping[tuple[str, str], Told],
) -> Block:
    """The rows of a device. rules: those that hold for it (`applying.for_device`), of live kinds. interfaces: by ifIndex. told: by metric
    and OID, of sensors that have limits or meanings of their own."""
    effective: list[Rule] = []
    by_metric: dict[str, list[Rule]] = {}
    for rule in rules:
        for metric in rule.metric:
            by_metric.setdefault(metric, []).append(rule)
    rows = _Rows()
    aliases: dict[str, str] = {}
    numbers: dict[int, int] = {}
    for cell in _cells(polled, by_metric, interfaces):
        for rule in by_metric[cell.metric]:
            mine: Rule | None = rule
            if not is_plain(rule):
                mine = for_part(rule, cell.label, cell.interface.alias)
            if mine is None or (cell.is_port and not cell.interface.alerting and not rule.where.instance):
                continue
            if id(mine) not in numbers:
                numbers[id(mine)] = len(effective)
                effective.append(mine)
            _row(rows, numbers[id(mine)], mine, cell, told)
        if cell.interface.alias:
            aliases[cell.label] = cell.interface.alias
    return Block(effective, rows, aliases)


def told_by(sensors: Iterable[Sensor]) -> dict[tuple[str, str], Told]:
    """What rules need of the sensors that discovery found."""
    out = {}
    for sensor in sensors:
        limits = {name: value for name in _LIMITS if (value := getattr(sensor, name)) is not None and np.isfinite(value)}
        if limits or sensor.states:
            out[sensor_metric(sensor.kind), sensor.oid] = Told(limits, sensor.states)
    return out


class _Cell(NamedTuple):
    """A variable that some rule is about."""

    var: int
    metric: str
    label: str
    oid: str
    interface: Interface
    is_port: bool


def _cells(polled: Polled, metrics: Mapping[str, Any], interfaces: Mapping[int, Interface]) -> Iterator[_Cell]:
    for at, scalar in enumerate(polled.meaning.scalars):
        if scalar.metric in metrics:
            yield _Cell(at, scalar.metric, "", oid_text(polled.plan.scalars[at]), _NO_INTERFACE, False)
    start = len(polled.meaning.scalars)
    for plan, table in zip(polled.plan.tables, polled.meaning.tables, strict=True):
        width = len(table.columns)
        wanted = [(at, column.metric) for at, column in enumerate(table.columns) if column.metric in metrics]
        for number, label in enumerate(table.labels) if wanted else ():
            interface = _interface(table, number, interfaces)
            for at, metric in wanted:
                oid = oid_text(plan.columns[at] + plan.indexes[number]) if plan.by_name else ""
                yield _Cell(start + number * width + at, metric, label, oid, interface, bool(table.indexes))
        start += width * len(table.labels)


_NO_INTERFACE = Interface()


def _interface(table: TableMeaning, number: int, interfaces: Mapping[int, Interface]) -> Interface:
    return interfaces.get(table.indexes[number], _NO_INTERFACE) if table.indexes else _NO_INTERFACE


def _row(rows: _Rows, number: int, rule: Rule, cell: _Cell, told: Mapping[tuple[str, str], Told]) -> None:
    match rule.kind:
        case "threshold":
            _threshold(rows, number, rule, cell, told.get((cell.metric, cell.oid), NOTHING_TOLD))
        case "state":
            _state(rows, number, rule, cell, told.get((cell.metric, cell.oid), NOTHING_TOLD))
        case "change":
            row = rows.add(cell.var, number, cell.label, CHANGE)
            rows.level(row, 1.0, max(rule.by, 1e-9) * (1 - 1e-6), 0.0)


def _threshold(rows: _Rows, number: int, rule: Rule, cell: _Cell, told: Told) -> None:
    sign, level = (1.0, rule.above) if rule.above is not None else (-1.0, rule.below)
    value = told.limits.get(level) if isinstance(level, str) else level
    if value is None:
        return
    clear, scale = value if rule.clear is None else rule.clear, 1.0
    if rule.share_of:
        if cell.interface.speed_bps <= 0:
            return
        scale = 100 * 8 / cell.interface.speed_bps
    row = rows.add(cell.var, number, cell.label, THRESHOLD)
    rows.level(row, sign, value / scale, clear / scale)
    if scale != 1.0:
        rows.scale[row] = scale


def _state(rows: _Rows, number: int, rule: Rule, cell: _Cell, told: Told) -> None:
    if rule.good:
        mask = ((1 << 64) - 1) & ~sum(1 << value for value in set(rule.good))
    else:
        words = [word.lower() for word in rule.bad if isinstance(word, str)]
        values = {value for value in rule.bad if isinstance(value, int)}
        values |= {int(v) for v, meaning in told.states.items() if v.isdigit() and int(v) < 64 and is_meant(meaning, words)}
        mask = sum(1 << value for value in values)
    if mask:
        row = rows.add(cell.var, number, cell.label, STATE)
        rows.level(row, 1.0, 0.5, 0.5)
        rows.masks[row] = mask
        if told.states:
            rows.means[row] = told.states


def is_meant(meaning: str, words: Iterable[str]) -> bool:
    """Whether what a device calls a state says one of the words, and not that there is none of it: `fanFailure`, not `no fault`."""
    said = [part.lower() for part in _CAMEL.split(meaning) if part]
    negated = [bool(at and said[at - 1] in _NEGATIONS) for at in range(len(said))]
    left = list(compress(said, (not one for one in negated)))
    return any(part.startswith(word) for word in words for part in (*left, "".join(left)))


def text_of(value: float) -> str:
    """A number for people: no more digits than they read."""
    if not np.isfinite(value):
        return ""
    return f"{value:.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"

