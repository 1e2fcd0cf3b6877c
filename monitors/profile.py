"""What a profile is: how devices of a kind are recognised, what they are asked, what the answers mean. docs/profiles.md is its manual."""

from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta

from core.measured import SensorKind
from core.nouns import Noun
from core.polling import Oid

OidText = Annotated[str, Meta(pattern=r"^\.?[0-2](\.[0-9]{1,10}){1,126}$")]
Name = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
FactField = Literal["vendor", "os", "platform", "model", "version", "serial", "asset_tag", "location", "contact"]
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


class FactRule(Noun, frozen=True, kw_only=True):
    """One way to learn a fact. The first rule that yields text wins. Exactly one of text, system, scalar, entity is given."""

    text: str = ""
    system: SystemField | None = None
    scalar: OidText = ""
    """A full OID with its instance."""
    entity: EntityField | None = None
    entity_class: EntityClass = "chassis"
    regex: str = ""
    """What of it: the first group, or the whole match where the pattern has none."""
    map: dict[str, str] = {}
    """Text to text; what is not in the map is no value."""
    confidence: Annotated[float, Meta(gt=0, le=1)] = 1.0


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
    column: Name = ""
    """A discovered column of this row whose number is the other's index."""


class Table(Noun, frozen=True, kw_only=True):
    """Columns with one index. `gives` says what its rows become beside series."""

    columns: dict[Name, Column]
    gives: Literal[
        "interfaces", "entities", "lldp-ports", "lldp-neighbours", "lldp-addresses", "cdp-neighbours", "bgp-peers", "series",
    ] = "series"
    joins: dict[Name, Join] = {}
    label: tuple[str, ...] = ()
    """What names a row: the first of these columns (`column` or `join.column`) that has text; else its index."""
    limit: Annotated[int, Meta(ge=1, le=20_000)] = 4096
    """Most rows that are read and polled."""


class Measure(Noun, frozen=True, kw_only=True):
    """Which rows of a table, or which scalars, measure something. Columns are named as in the table; without a table they are scalars."""

    table: Name = ""
    name: str = ""
    """What stands before the row's label; of a scalar the whole label."""
    label: tuple[str, ...] = ()
    """As in a table; left out: the table's."""
    where: dict[Name, tuple[int | str, ...]] = {}
    """Only rows whose column holds one of these; an OID as text."""
    skip: tuple[float, ...] = ()
    """Raw values that mean: there is none."""
    regex: str = ""
    """Of a value that comes as text: where its number stands; left out: at the beginning."""


    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that it looks at."""
        return tuple(self.where)


class ProcessorRule(Measure, frozen=True, kw_only=True):
    """A processor's load: one of the two, in percent."""

    usage: Name = ""
    idle: Name = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in (*self.where, self.usage, self.idle) if name)


class PoolRule(Measure, frozen=True, kw_only=True):
    """Memory or storage: at least used and total, used and free, free and total, or a percentage. Sizes are octets after scaling."""

    used: Name = ""
    free: Name = ""
    total: Name = ""
    percent: Name = ""
    percent_free: Name = ""
    less: tuple[Name, ...] = ()
    """Columns that are taken off what is used: buffers and cache."""

    @property
    def columns(self) -> tuple[str, ...]:
        names = (*self.where, self.used, self.free, self.total, self.percent, self.percent_free, *self.less)
        return tuple(name for name in names if name)


class SensorRule(Measure, frozen=True, kw_only=True):
    """A sensor; its kind is given, or told by a column."""

    value: Name
    kind: SensorKind | None = None
    kind_by: Name = ""
    kinds: dict[int, SensorKind] = {}
    si: Name = ""
    """Column with an EntitySensorDataScale (RFC 3433)."""
    decimals: Name = ""
    """Column with the number of decimal places in the value."""
    milliwatts: bool = False
    """The value is milliwatts; dBm is what people read."""
    low: Name = ""
    high: Name = ""
    """Columns with limits, in the value's own unit."""
    states: dict[int, str] = {}
    """Of a state: number to meaning."""

    @property
    def columns(self) -> tuple[str, ...]:
        names = (*self.where, self.value, self.kind_by, self.si, self.decimals, self.low, self.high)
        return tuple(name for name in names if name)


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
