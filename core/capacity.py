"""Capacity and health: how full lines and pools are, and how long things worked. Times are milliseconds since 1970, UTC.

Figures are of steps of five minutes (an hour where only hours are kept). What was not measured is never counted as idle or as working:
each figure has its completeness beside it, and None stands where there is no figure.
"""

from typing import Annotated, Literal

from msgspec import Meta

from core.nouns import Noun

CapacityKind = Literal["line", "pool", "cpu", "memory", "disk"]
"""Lines of the net; pools of the cloud (hypervisors, quotas); processors, memory and volumes of devices."""
By = Literal["utilisation", "p95", "growth"]
Measured = Literal["device", "host", "system", "unit"]
"""What has an availability."""
Doubt = Literal["", "declared-exceeded", "declared-above-port", "port-exceeded"]
"""What cannot be true of a line: it carried more than its declared bandwidth, for longer than bursts last; more is declared than its port
can; it carried more than its port can."""
KINDS: tuple[CapacityKind, ...] = ("line", "pool", "cpu", "memory", "disk")
ORDERS: tuple[By, ...] = ("utilisation", "p95", "growth")
MEASURED: tuple[Measured, ...] = ("device", "host", "system", "unit")
REPORT_JOB = "capacity.report"
HOT_PERCENT = 80.0
"""From this 95th percentile on something counts as nearly full."""
MOST_DOUBTED = 500
MOST_OUTAGES = 200
MOST_AVAILABLE = 5000
Text = Annotated[str, Meta(max_length=256)]
Moment = Annotated[int, Meta(ge=0, le=1 << 53)]


class CapacityQuery(Noun, frozen=True, kw_only=True):
    """What is asked. site, unit: names; units below count as well. end_ms 0: now."""

    kind: CapacityKind = "line"
    by: By = "p95"
    start_ms: Moment
    end_ms: Moment = 0
    site: Text = ""
    unit: Text = ""
    limit: Annotated[int, Meta(ge=1, le=5000)] = 20


class CapacityRow(Noun, frozen=True, kw_only=True):
    """One line, pool, processor, ... and how full it was. Percent are of its capacity; of a line, of the fuller direction."""

    kind: CapacityKind
    object_id: str
    object: str
    """Name of the device or cloud that was measured."""
    instance: str = ""
    """Port, processor, pool."""
    label: str = ""
    """What people call the line: circuit, access point, the device at the other end."""
    unit: str = ""
    site: str = ""
    capacity_bps: float = 0
    """Of a line, what percent are taken of; 0: not known, so that there are no percent either."""
    declared_bps: float = 0
    """Of its circuit or egress; 0: none is declared."""
    port_bps: float = 0
    """What its port says of itself; 0: not known."""
    doubt: Doubt = ""
    """Why the declaration or the port is not believed; then the capacity is what is left of both."""
    mean_percent: float | None = None
    p95_percent: float | None = None
    """95th percentile of the means of all steps: what is left when the fullest twentieth of the time is left out."""
    peak_percent: float | None = None
    """The fullest step."""
    growth: float | None = None
    """Percentage points in 30 days, by the means of days; None: fewer than three days were measured."""
    in_p95_bps: float | None = None
    out_p95_bps: float | None = None
    billed_bps: float | None = None
    """The larger of both: what carriers bill by."""
    completeness: float = 0
    """Share of the steps that were measured, 0 to 1."""


class CapacityAnswer(Noun, frozen=True, kw_only=True):
    """The fullest first; `total` are there, `measured` of them had any values."""

    start_ms: int
    end_ms: int
    step_ms: int
    total: int
    measured: int
    completeness: float
    rows: tuple[CapacityRow, ...]
    doubted: int = 0
    """Of how many lines the declared bandwidth or the port's speed cannot be true."""


class CapacityGroup(Noun, frozen=True, kw_only=True):
    """All of a kind of one unit or site together. Of lines the traffic is added up step by step before the percentile is taken."""

    what: Literal["unit", "site"]
    name: str
    """Empty: those that belong to none."""
    kind: CapacityKind
    count: int
    measured: int
    hot: int = 0
    """How many are nearly full: see `HOT_PERCENT`."""
    capacity_bps: float = 0
    """Of the lines of which both the capacity and values are known."""
    mean_percent: float | None = None
    p95_percent: float | None = None
    in_p95_bps: float | None = None
    out_p95_bps: float | None = None
    completeness: float = 0


class Outage(Noun, frozen=True, kw_only=True):
    """A stretch without service."""

    start_ms: int
    end_ms: int
    because: str = ""
    """Of a system or unit: the devices that were down; of what was planned the windows; empty: its own probes said it, or polls."""
    planned: bool = False
    """In a maintenance window."""


class AvailabilityRow(Noun, frozen=True, kw_only=True):
    """How long one object worked. The four times together are the period; hours below the level are what was promised in vain."""

    kind: Measured
    object_id: str
    name: str
    unit: str = ""
    site: str = ""
    level: str = ""
    """What the target follows from: protection level, level of the unit, role of the device."""
    target_percent: float
    percent: float | None = None
    """up / (up + down); None: nothing was measured."""
    met: bool | None = None
    up_s: int = 0
    down_s: int = 0
    degraded_s: int = 0
    """Of the time up: something failed, and what stands in for it held."""
    planned_s: int = 0
    """In maintenance windows: counted neither way."""
    unknown_s: int = 0
    """Not measured: never counted as up."""
    completeness: float = 0
    """Share of the time outside planned windows that was measured."""
    basis: Literal["", "polls", "probes", "graph"] = ""
    """By what: polls and pings of a device; its own probes; what it depends on. Empty: nothing measures it."""
    outages: int = 0
    longest_s: int = 0
    last: tuple[Outage, ...] = ()
    """The longest, at most five, oldest first; of one object that is asked for by name at most `MOST_OUTAGES`, planned ones too."""
    windows: tuple[str, ...] = ()
    """Names of the maintenance windows that were left out."""


class AvailabilityGroup(Noun, frozen=True, kw_only=True):
    """All of a kind together. percent: of all their measured time; completeness: their mean."""

    kind: Measured
    count: int
    measured: int
    missed: int
    """How many are below their target."""
    percent: float | None = None
    completeness: float = 0


class CapacityReport(Noun, frozen=True, kw_only=True):
    """A whole period: groups by kind, unit and site, and the fullest of each kind."""

    id: str
    """Of the job that made it."""
    made_ms: int
    start_ms: int
    end_ms: int
    step_ms: int
    groups: tuple[CapacityGroup, ...]
    top: tuple[CapacityRow, ...]
    doubted: tuple[CapacityRow, ...] = ()
    """Lines of which the declared bandwidth or the port's speed cannot be true, at most `MOST_DOUBTED`."""
    available: tuple[AvailabilityGroup, ...] = ()
    """How long things worked: all of each kind together."""
    availability: tuple[AvailabilityRow, ...] = ()
    """The same one by one, at most `MOST_AVAILABLE` of each kind: those that missed their target first, then those with the least."""


class AvailabilityQuery(Noun, frozen=True, kw_only=True):
    """What is asked. name: one object only, by its name or id."""

    kind: Measured = "system"
    name: Text = ""
    start_ms: Moment
    end_ms: Moment = 0
    site: Text = ""
    unit: Text = ""
    limit: Annotated[int, Meta(ge=1, le=5000)] = 100


class AvailabilityAnswer(Noun, frozen=True, kw_only=True):
    """Those that missed their target first, then those with the least."""

    start_ms: int
    end_ms: int
    step_ms: int
    total: int
    measured: int
    missed: int
    """How many are below their target."""
    rows: tuple[AvailabilityRow, ...]
