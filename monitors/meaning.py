"""What the variables of a poll plan mean, in the plan's order: compact, because a city has a million of them."""

from core.nouns import Noun
from core.polling import PollPlan
from core.signals import SeriesKey


class ColumnMeaning(Noun, frozen=True, kw_only=True):
    """One polled column or scalar."""

    name: str
    """As in the profile: `ifInOctets`."""
    metric: str
    """Stored under this name: `ifHCInOctets`."""
    counter: bool = False
    store: bool = True
    scale: float = 1.0
    offset: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    skip: tuple[float, ...] = ()
    """Raw values that mean: there is none."""
    signed: int = 0
    """Bits of a negative number that comes as a large positive one."""
    milliwatts: bool = False
    """Stored as dBm."""


class TableMeaning(Noun, frozen=True, kw_only=True):
    """Columns and rows of one `TablePlan`."""

    table: str
    profile: str = ""
    """Whose table it is."""
    columns: tuple[ColumnMeaning, ...]
    labels: tuple[str, ...]
    """What each row is called in its series."""
    indexes: tuple[int, ...] = ()
    """ifIndex of each row; only of interfaces."""
    physical: tuple[bool, ...] = ()
    """Whether each row is a port with a plug; only of interfaces."""
    factors: dict[int, tuple[float, ...]] = {}
    """Position of a column to what each row's value is multiplied by."""
    offsets: dict[int, tuple[float, ...]] = {}
    """Position of a column to what is added to each row's value after that."""
    limits: dict[int, tuple[float, ...]] = {}
    """Position of a counter to the largest rate that each row can have: tells a wrap of 32 bits from a reset."""


class PlanMeaning(Noun, frozen=True, kw_only=True):
    """Parallel to a `PollPlan`."""

    scalars: tuple[ColumnMeaning, ...]
    tables: tuple[TableMeaning, ...]
    less: tuple[tuple[int, int, float], ...] = ()
    """(variable, another variable, factor): the other's raw value times the factor is taken off the one's."""

    def keys(self, device_id: str) -> list[SeriesKey | None]:
        """The series of each variable in order; None where it is not stored."""
        out = [SeriesKey(device_id, scalar.metric) if scalar.store else None for scalar in self.scalars]
        for table in self.tables:
            stored = [c.metric if c.store else None for c in table.columns]
            out += [_bare(SeriesKey, (device_id, metric, label)) if metric else None for label in table.labels for metric in stored]
        return out


_bare = tuple.__new__
"""Makes a named tuple three times faster than its own constructor; a city has millions."""
UPTIME = ColumnMeaning(name="sysUpTime", metric="sysUpTime", store=False)


class Polled(Noun, frozen=True, kw_only=True):
    """What is polled of a device, and what it means."""

    plan: PollPlan
    meaning: PlanMeaning
