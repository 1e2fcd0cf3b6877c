"""What a profile is: how devices of a kind are recognised, what they are asked, what the answers mean. docs/profiles.md is its manual."""

from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta

from core.measured import SensorKind
from core.nouns import Noun
from core.polling import Oid

OidText = Annotated[str, Meta(pattern=r"^\.?[0-2](\.[0-9]{1,10}){1,126}$")]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
Ref = Annotated[str, Meta(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63}(\.[A-Za-z][A-Za-z0-9_-]{0,63})?)?$")]
"""A column of the row, or `join.column` of the row that a join reaches."""
Place = Annotated[str, Meta(pattern=r"^(index\.[0-9]{1,2}|[A-Za-z][A-Za-z0-9_-]{0,63}(\.[A-Za-z][A-Za-z0-9_-]{0,63})?)?$")]
"""`index.N` (position in the row's index, from 0), or a `Ref`."""
Gives = Literal[
    "interfaces", "entities", "lldp-ports", "lldp-neighbours", "lldp-addresses", "cdp-neighbours", "bgp-peers", "ospf-neighbours", "vlans",
    "addresses", "vrfs", "members", "port-parts", "series",
]
FactField = Literal["vendor", "os", "platform", "model", "version", "release", "serial", "asset_tag", "location", "contact"]
EntityField = Literal["descr", "name", "hardware", "firmware", "software", "serial", "manufacturer", "model", "asset"]
EntityClass = Literal["chassis", "stack", "module", "any"]
SystemField = Literal["sysDescr", "sysObjectID", "sysName", "sysLocation", "sysContact"]


@lru_cache(maxsize=4096)
def oid(text: str) -> Oid:
    """`1.3.6.1` as numbers; remembered, as profiles name the same few again and again."""
    return tuple(int(part) for part in text.strip(".").split("."))


class Match(Noun, frozen=True, kw_only=True):
    """One way to recognise a device; everything that is given must hold."""

    object_id: OidText = ""
    """sysObjectID lies at or under this OID."""
    descr: str = ""
    """A pattern that occurs in sysDescr."""
    probe: OidText = ""
    """A scalar with its instance that the device has; asked only where object_id and descr hold."""
    value: str = ""
    """A pattern that occurs in what the probe says."""


class FactRule(Noun, frozen=True, kw_only=True):
    """One way to learn a fact. The first rule that yields text wins. Exactly one of text, system, scalar, entity, column is given."""

    text: str = ""
    system: SystemField | None = None
    scalar: OidText = ""
    """A full OID with its instance."""
    entity: EntityField | None = None
    entity_class: EntityClass = "chassis"
    column: Annotated[str, Meta(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63}\.[A-Za-z][A-Za-z0-9_-]{0,63})?$")] = ""
    """`table.column`: of the first row that has text there."""
    by: OidText = ""
    """With column: a full OID whose number is the index of the row."""
    regex: str = ""
    """What of it: the first group, or the whole match where the pattern has none."""
    map: dict[str, str] = {}
    """Text to text; what is not in the map is no value."""
    format: Annotated[str, Meta(max_length=128)] = ""
    """How it is written: `{1}` stands for the first group of the pattern, `{0}` for what regex and map made of it."""
    also: tuple["FactRule", ...] = ()
    """What else is said behind it, after `glue`, each where it yields text."""
    glue: Annotated[str, Meta(max_length=8)] = " "
    confidence: Annotated[float, Meta(gt=0, le=1)] = 1.0

    @property
    def all(self) -> tuple["FactRule", ...]:
        """It and what it adds."""
        return (self, *(one for more in self.also for one in more.all))


class Column(Noun, frozen=True, kw_only=True):
    """One column of a table, or a scalar (then `oid` ends in `.0`)."""

    oid: OidText
    type: Literal["number", "text", "mac", "oid"] = "number"
    poll: Literal["counter", "gauge", "state"] | None = None
    """counter: stored as rate per second. gauge: stored as it is. state: compared with the one before; stored as a number."""
    discover: bool | None = None
    """Read by discovery. Left out: what is not polled."""
    first: bool = False
    """Read before the first poll already: what rows there are, and what they are called. The rest follows when there is time."""
    metric: Name = ""
    """Stored under this name; empty: the column's."""
    store: bool = True
    instead_of: Name = ""
    """Where the row has this column, that one is not polled."""
    when: Name = ""
    """Polled in rows that have this discovered column."""
    unit: str = ""
    scale: Annotated[float, Meta(gt=0)] = 1.0
    offset: float = 0.0
    """Added after scaling: kelvin, Fahrenheit."""
    signed: Literal[0, 8, 16, 32] = 0
    """Bits of a negative number that the device sends as a large positive one."""
    scale_by: Name = ""
    """A discovered column of the same row that the value is multiplied by."""
    valid: tuple[float, float] | None = None
    """Lowest and highest value that can be true, after scaling; others are no value."""
    states: dict[int, str] = {}
    """What each number of a state means."""

    @property
    def discovered(self) -> bool:
        return self.poll is None if self.discover is None else self.discover


class Join(Noun, frozen=True, kw_only=True):
    """Reaches a row of another table from a row of this one: by parts of the index, or by the number in a column."""

    table: Name
    index: tuple[int, ...] = ()
    """Positions in this row's index, from 0, that make the other's index."""
    column: Name | tuple[Name, ...] = ""
    """A discovered column of this row whose number is the other's index (of an OID its last number); or several, in order.
    With `index` too: those positions first."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it goes by."""
        return (self.column,) if isinstance(self.column, str) and self.column else tuple(self.column)


class Table(Noun, frozen=True, kw_only=True):
    """Columns with one index. `gives` says what its rows become beside series."""

    columns: dict[Name, Column]
    gives: Gives = "series"
    joins: dict[Name, Join] = {}
    label: tuple[str, ...] = ()
    """What names a row: the first of these columns (`column` or `join.column`) that has text; else its index."""
    limit: Annotated[int, Meta(ge=1, le=20_000)] = 4096
    """Most rows that are read and polled."""
    ask_if: Annotated[str, Meta(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63}|\.?[0-2](\.[0-9]{1,10}){1,126})?$")] = ""
    """Read only where this full OID has a value, or where the table of this name has rows."""
    ask_unless: Name = ""
    """Not read where the table of this name has rows: they tell the same."""


class Measure(Noun, frozen=True, kw_only=True):
    """Which rows of a table, or which scalars, measure something. Columns are named as in the table; without a table they are scalars."""

    table: Name = ""
    name: str = ""
    """What stands before the row's label; of a scalar the whole label."""
    suffix: str = ""
    """What stands behind it at once."""
    label: tuple[str, ...] = ()
    """As in a table; left out: the table's."""
    names: dict[str, str] = {}
    """Index as text to what the row is called instead."""
    where: dict[Ref, tuple[int | str, ...]] = {}
    """Only rows whose column holds one of these; an OID as text."""
    unless: dict[Ref, tuple[int | str, ...]] = {}
    """No row whose column holds one of these."""
    matching: dict[Ref, str] = {}
    """Only rows in whose column the pattern occurs."""
    excluding: dict[Ref, str] = {}
    """No row in whose column the pattern occurs."""
    rows: tuple[str, ...] = ()
    """Only rows with one of these indexes."""
    index: dict[int, tuple[int, ...]] = {}
    """Only rows with one of these numbers at a position of their index, from 0."""
    positive: tuple[Ref, ...] = ()
    """Only rows in which these columns are above zero."""
    otherwise: bool = False
    """Only where no rule before it in the same list found anything."""
    skip: tuple[float, ...] = ()
    """Raw values that mean: there is none."""
    regex: str = ""
    """Of a value that comes as text: where its number stands; left out: at the beginning."""
    each: bool = False
    """Every place where `regex` occurs is a measure of its own: a list in one text."""
    scale: Annotated[float, Meta(gt=0)] = 1.0
    """Beside the column's own."""
    valid: tuple[float, float] | None = None
    """Lowest and highest value that can be true, at last."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns whose values are measured, not only looked at."""
        return ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it looks at."""
        return (*self.where, *self.unless, *self.matching, *self.excluding, *self.positive, *self.reads)


class ProcessorRule(Measure, frozen=True, kw_only=True):
    """A processor's load: one of the two, in percent."""

    usage: Ref = ""
    idle: Ref = ""

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(name for name in (self.usage, self.idle) if name)


class PoolRule(Measure, frozen=True, kw_only=True):
    """Memory or storage: at least used and total, used and free, free and total, or a percentage. Sizes are octets after scaling."""

    used: Ref = ""
    free: Ref = ""
    total: Ref = ""
    percent: Ref = ""
    percent_free: Ref = ""
    less: tuple[Ref, ...] = ()
    """Columns that are taken off what is used: buffers and cache."""
    total_of: dict[Ref, str] = {}
    """Of the table's rows in whose column the pattern occurs the first says the total of all."""
    less_of: dict[Ref, str] = {}
    """What these rows say to be used is taken off, where that leaves something, ..."""
    less_in: dict[Ref, str] = {}
    """... in these."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (*Measure.columns.__get__(self), *self.total_of, *self.less_of, *self.less_in)

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(name for name in (self.used, self.free, self.total, self.percent, self.percent_free, *self.less) if name)


class SensorRule(Measure, frozen=True, kw_only=True):
    """A sensor; its kind is given, or told by a column."""

    value: Ref
    kind: SensorKind | None = None
    kind_by: Ref = ""
    kinds: dict[int, SensorKind] = {}
    scales: dict[int, float] = {}
    """Factor of each number of `kind_by`."""
    si: Ref = ""
    """Column with an EntitySensorDataScale (RFC 3433)."""
    decimals: Ref = ""
    """Column with the number of decimal places in the value."""
    divide_by: Ref = ""
    """Column with what the value is divided by."""
    milliwatts: bool = False
    """The value is milliwatts; dBm is what people read."""
    low: Ref = ""
    high: Ref = ""
    """Columns with limits, in the value's own unit."""
    low_warn: Ref = ""
    high_warn: Ref = ""
    states: dict[int, str] = {}
    """Of a state: number to meaning."""
    codes: dict[str, int] = {}
    """Of a state that comes as text: text to number; other texts are no value."""
    port: Place = ""
    """Where the ifIndex of the interface stands that this is about."""
    part: Place = ""
    """Where the entPhysicalIndex of the part stands that this is about: its interface is looked up."""

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.value,)

    @property
    def columns(self) -> tuple[str, ...]:
        more = (self.kind_by, self.si, self.decimals, self.divide_by, self.low, self.high, self.low_warn, self.high_warn)
        places = tuple(place for place in (self.port, self.part) if not place.startswith("index."))
        return (*Measure.columns.__get__(self), *(name for name in (*more, *places) if name))


class Profile(Noun, frozen=True, kw_only=True):
    """One file of the catalogue."""

    profile: Name
    title: str
    source: str
    """Where the facts come from: RFC, MIB module."""
    match: tuple[Match, ...] = ()
    """One of these must hold; none given: every device."""
    rank: int = 0
    """Of profiles that match equally well the one with the higher rank speaks first."""
    facts: dict[FactField, tuple[FactRule, ...]] = {}
    scalars: dict[Name, Column] = {}
    tables: dict[Name, Table] = {}
    processors: tuple[ProcessorRule, ...] = ()
    memory: tuple[PoolRule, ...] = ()
    storage: tuple[PoolRule, ...] = ()
    sensors: tuple[SensorRule, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        return (*self.processors, *self.memory, *self.storage, *self.sensors)
