"""Processors, memory, storage and sensors out of the tables of a device, as its profiles say what the columns mean. Pure.

Of processors, memory and storage the most particular profile that finds any speaks alone; sensors of all profiles are put together.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from core.measured import MEMORY, PROCESSOR, STORAGE, MemoryPool, Processor, Sensor, SensorKind, StorageVolume, sensor_metric
from core.polling import Oid
from core.text import MILLIONTHS
from monitors.answers import Answers
from monitors.parts import ports_of_parts
from monitors.profile import Measure, PoolRule, ProcessorRule, Profile, SensorRule
from monitors.rows import MOST, Number, Row, Source, plain

_SI = dict(zip(range(1, 18), range(-24, 27, 3), strict=True))
"""EntitySensorDataScale (RFC 3433): the exponent of ten of each number."""
_FULL = 100.0


class Gauge(NamedTuple):
    """How one measure is polled: what the device sends times `factor` plus `offset`, stored as `metric` of `label`."""

    profile: str
    table: str
    metric: str
    label: str
    column: Oid
    at: Oid
    factor: float
    offset: float
    bounds: tuple[float, float]
    skip: tuple[float, ...]
    signed: int
    milliwatts: bool = False
    less: tuple[tuple[Oid, Oid, float], ...] = ()
    """Column, index and factor of what is taken off."""
    text: bool = False
    """The device sends it as a text."""

    @property
    def unit(self) -> int:
        """How many of what is read make one of what the device sends."""
        return MILLIONTHS if self.text else 1


class Measured(NamedTuple):
    """Everything that a device measures of itself, and how to go on asking."""

    processors: tuple[Processor, ...] = ()
    memory: tuple[MemoryPool, ...] = ()
    storage: tuple[StorageVolume, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    gauges: tuple[Gauge, ...] = ()


N = TypeVar("N")
R = TypeVar("R", bound=Measure)
Found = Iterator[tuple[N, Gauge | None]]


def measured_of(profiles: tuple[Profile, ...], answers: Answers) -> Measured:
    """What the answers tell."""
    ports = ports_of_parts(answers)
    processors = _first([_ruled(p, p.processors, answers, _processors) for p in profiles])
    memory = _first([_ruled(p, p.memory, answers, lambda rule, source: _pools(rule, source, MemoryPool, MEMORY)) for p in profiles])
    storage = _first([_ruled(p, p.storage, answers, lambda rule, source: _pools(rule, source, StorageVolume, STORAGE)) for p in profiles])
    sensors: dict[tuple[str, str, str], tuple[Sensor, Gauge | None]] = {}
    for profile in profiles:
        for one, gauge in _ruled(profile, profile.sensors, answers, lambda rule, source: _sensors(rule, source, ports)):
            if len(sensors) < MOST:
                sensors.setdefault((one.kind, one.oid, "" if gauge else one.name), (one, gauge))
    gauges = (gauge for found in (processors, memory, storage, sensors.values()) for _, gauge in found)
    return Measured(
        tuple(one for one, _ in processors), tuple(one for one, _ in memory), tuple(one for one, _ in storage),
        tuple(one for one, _ in sensors.values()), tuple(gauge for gauge in gauges if gauge is not None),
    )


def _first(found: list[Found[N]]) -> list[tuple[N, Gauge | None]]:
    """Of the first profile that has any."""
    return next((held for one in found if (held := list(one))), [])


def _ruled(profile: Profile, rules: tuple[R, ...], answers: Answers, make: Callable[[R, Source], Found[N]]) -> Found[N]:
    """What the rules of one profile find."""
    any_yet = False
    for rule in rules:
        if not (rule.otherwise and any_yet):
            for one, gauge in make(rule, Source(rule, profile, answers)):
                any_yet = True
                yield one, gauge and gauge._replace(profile=profile.profile)


def _processors(rule: ProcessorRule, source: Source) -> Found[Processor]:
    for row in source.rows():
        number = source.number(row, rule.usage or rule.idle)
        if number is not None and 0 <= number.value <= _FULL:
            usage = number.value if rule.usage else _FULL - number.value
            noun = Processor(name=row.label, usage_percent=usage, oid=number.oid)
            yield noun, _gauge(rule, PROCESSOR, row, number) if rule.usage else _rest(rule, PROCESSOR, row, number)


P = TypeVar("P", MemoryPool, StorageVolume)


def _pools(rule: PoolRule, source: Source, kind: type[P], metric: str) -> Found[P]:
    apart = _Apart(rule, source)
    for row in source.rows():
        said = {name: source.number(row, column) if column else None
                for name, column in (("total", rule.total), ("used", rule.used), ("free", rule.free), ("percent", rule.percent),
                                     ("percent_free", rule.percent_free))}
        if apart.total is not None:
            said["total"] = apart.total
        less = [number for name in rule.less if (number := source.number(row, name)) is not None]
        less += apart.less_of(row, said["used"])
        values = {name: number.value if number else None for name, number in said.items()}
        total, used, percent = _filled(values, sum(one.value for one in less))
        if percent is None or not 0 <= percent <= _FULL or total == 0:
            continue
        shown = next(number for name in ("used", "free", "percent", "percent_free", "total") if (number := said[name]) is not None)
        noun = kind(
            name=row.label, total_bytes=-1 if total is None else int(total), used_bytes=-1 if used is None else int(used),
            used_percent=percent, oid=shown.oid,
        )
        yield noun, _gauge_of_pool(rule, metric, row, said, 0.0 if total is None else total, less)


class _Apart:
    """What other rows of the table say of the pools: their total, and what is not really used."""

    def __init__(self, rule: PoolRule, source: Source) -> None:
        self._rule, self._source = rule, source
        rows = list(source.all_rows()) if rule.total_of or rule.less_of else []
        totals = (source.number(row, rule.total) for row in rows if source.is_like(row, rule.total_of))
        self.total = next((one for one in totals if one is not None), None)
        parts = [source.number(row, rule.used) for row in rows if source.is_like(row, rule.less_of)]
        self._parts = [one for one in parts if one is not None]

    def less_of(self, row: Row, used: Number | None) -> list[Number]:
        """Nothing where the parts are more than the whole: then the device has taken them off already."""
        fits = used is not None and sum(one.value for one in self._parts) < used.value
        return self._parts if fits and self._source.is_like(row, self._rule.less_in) else []


def _gauge_of_pool(
    rule: PoolRule, metric: str, row: Row, said: Mapping[str, Number | None], total: float, less: list[Number],
) -> Gauge | None:
    """The percentage used by what moves; the total is that of discovery."""
    if said["percent"] is not None:
        return _gauge(rule, metric, row, said["percent"])
    if said["percent_free"] is not None:
        return _rest(rule, metric, row, said["percent_free"])
    if total <= 0:
        return None
    share = _FULL / total
    if (used := said["used"]) is not None:
        gauge = _gauge(rule, metric, row, used._replace(factor=used.factor * share, offset=used.offset * share, bounds=(0.0, _FULL)))
    elif (free := said["free"]) is not None:
        gauge = _rest(rule, metric, row, free._replace(factor=free.factor * share, offset=free.offset * share, bounds=(0.0, _FULL)))
    else:
        return None
    if gauge is None or not all(one.pollable and not one.text and not gauge.text for one in less):
        return None
    return gauge._replace(less=tuple((one.column, one.at, one.factor * share) for one in less))


def _filled(said: Mapping[str, float | None], less: float) -> tuple[float | None, float | None, float | None]:
    """Total, used and percentage used, each as far as the others tell it."""
    total, used, free, percent = said["total"], said["used"], said["free"], said["percent"]
    if percent is None and said["percent_free"] is not None:
        percent = _FULL - said["percent_free"]
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None and free is not None:
        used = total - free
    if used is not None:
        used -= less
    if percent is None and total and used is not None:
        percent = _FULL * used / total
    if used is None and total is not None and percent is not None:
        used = total * percent / _FULL
    return total, used, percent


def _sensors(rule: SensorRule, source: Source, ports: Mapping[int, int]) -> Found[Sensor]:
    for row in source.rows():
        by = source.plainly(row, rule.kind_by, 0)
        kind = rule.kinds.get(by) if rule.kind_by else rule.kind
        number = _coded(rule, source, row) if rule.codes else source.number(row, rule.value)
        if kind is None or number is None:
            continue
        more = _more(rule, source, row, by)
        value = _decibels(number.value * more) if rule.milliwatts else number.value * more
        if value is None or (rule.valid is not None and not rule.valid[0] <= value <= rule.valid[1]):
            continue
        column = source.column(rule.value)
        states = rule.states or (column.states if column else {})
        noun = Sensor(
            kind=kind, name=row.label, value=value, oid=number.oid, states={str(k): v for k, v in states.items()},
            if_index=source.place(row, rule.port) if rule.port else ports.get(source.place(row, rule.part), 0) if rule.part else 0,
            low=_limit(rule, source, row, rule.low, more), high=_limit(rule, source, row, rule.high, more),
            low_warn=_limit(rule, source, row, rule.low_warn, more), high_warn=_limit(rule, source, row, rule.high_warn, more),
        )
        yield noun, _sensor_gauge(rule, kind, row, number, more)


def _sensor_gauge(rule: SensorRule, kind: SensorKind, row: Row, number: Number, more: float) -> Gauge | None:
    bounds = rule.valid or (number.bounds if rule.milliwatts else (number.bounds[0] * more, number.bounds[1] * more))
    scaled = number._replace(factor=number.factor * more, offset=number.offset * more, bounds=bounds)
    return _gauge(rule, sensor_metric(kind), row, scaled, milliwatts=rule.milliwatts)


def _more(rule: SensorRule, source: Source, row: Row, by: int) -> float:
    """What else the row tells to multiply the value by."""
    factor = rule.scales.get(by, 1.0)
    if rule.si:
        factor *= 10.0 ** _SI.get(source.plainly(row, rule.si, 9), 0)
    if rule.decimals:
        factor /= 10.0 ** max(-9, min(9, source.plainly(row, rule.decimals, 0)))
    if rule.divide_by:
        factor /= source.plainly(row, rule.divide_by, 1) or 1
    return factor


def _limit(rule: SensorRule, source: Source, row: Row, column: str, more: float) -> float | None:
    """A limit, in the unit of the sensor."""
    number = source.number(row, column) if column else None
    if number is None:
        return None
    return _decibels(number.value * more) if rule.milliwatts else number.value * more


def _coded(rule: SensorRule, source: Source, row: Row) -> Number | None:
    """The number that a text stands for; a number as it is."""
    column = source.column(rule.value)
    text = (row.text or plain(source.raw(row, rule.value))).strip().lower()
    code = next((number for word, number in rule.codes.items() if word.lower() == text), None)
    if column is None or code is None:
        return source.number(row, rule.value) if text.lstrip("-").isdigit() else None
    return source.number(row._replace(text=str(code)), rule.value)


def _decibels(milliwatts: float) -> float | None:
    return 10 * math.log10(milliwatts) if milliwatts > 0 else None


def _gauge(rule: Measure, metric: str, row: Row, number: Number, *, milliwatts: bool = False) -> Gauge | None:
    """None: the value stands within a text, which is read by discovery alone."""
    if not number.pollable:
        return None
    return Gauge(
        "", rule.table or "scalars", metric, row.label,
        number.column, number.at, number.factor, number.offset, number.bounds, rule.skip, number.signed, milliwatts,
        text=number.text,
    )


def _rest(rule: Measure, metric: str, row: Row, number: Number) -> Gauge | None:
    """The same of what a hundred percent lacks."""
    low, high = number.bounds
    turned = number._replace(factor=-number.factor, offset=_FULL - number.offset, bounds=(_FULL - high, _FULL - low))
    return _gauge(rule, metric, row, turned)
