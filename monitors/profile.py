"""What a profile is: how devices of a kind are recognised, what they are asked, what the answers mean. docs/profiles.md is its manual."""

from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta

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
        "interfaces", "entities", "lldp-ports", "lldp-neighbours", "lldp-addresses", "cdp-neighbours", "series",
    ] = "series"
    joins: dict[Name, Join] = {}
    label: tuple[str, ...] = ()
    """What names a row: the first of these columns (`column` or `join.column`) that has text; else its index."""
    limit: Annotated[int, Meta(ge=1, le=20_000)] = 4096
    """Most rows that are read and polled."""


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
