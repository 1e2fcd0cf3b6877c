"""What the questions of the graph answer: the contract between agents.hub and client."""

from typing import Any

from core.history import FieldChange
from core.nouns import Noun


class Thing(Noun, frozen=True, kw_only=True):
    """One object, as it is shown."""

    id: str
    kind: str
    name: str


class RayRow(Noun, frozen=True, kw_only=True):
    """One line of an X-ray: the object, how it is reached, at which port. depth 0: what was asked for."""

    depth: int
    thing: Thing
    edge: str = ""
    port: str = ""
    state: str = ""
    """Of a device what polling sees (`core.views.Status`), of what a platform runs what the platform says; empty: it has none."""
    about: str = ""
    """What tells it from others: addresses, MAC, VLAN, prefix."""
    protection_level: int = 0
    cii: bool = False
    needed: int = 0
    of: int = 0
    """Of things that stand in for each other: how many there are, and how many must live; of is 0 where there is one only."""


class XRay(Noun, frozen=True, kw_only=True):
    """From one object down to what carries it, or up to what stands on it. Of what the caller may not see, id and name are empty."""

    revision: int
    rows: tuple[RayRow, ...]
    cut_off: bool = False
    """There is more than `rows` shows."""
    hidden: int = 0
    """Rows without a name."""
    at_ms: int = 0
    """The moment that was asked for; 0: now."""


class Harmed(Noun, frozen=True, kw_only=True):
    """One object that fails or loses redundancy."""

    thing: Thing
    harm: str
    """`down` or `degraded`."""
    because: Thing | None = None
    left: int = 0
    of: int = 0
    protection_level: int = 0
    cii: bool = False
    unit: str = ""
    """Name of the unit that it belongs to."""
    was: str = ""
    """Of a what-if: how it is harmed already."""


class LevelHarm(Noun, frozen=True, kw_only=True):
    """Systems of one protection level 等保级别 that are harmed."""

    level: int
    down: int = 0
    degraded: int = 0
    cii: int = 0
    """How many of them are critical infrastructure 关基."""


class UnitHarm(Noun, frozen=True, kw_only=True):
    """What a failure does to one unit: its systems, and its own way into the net."""

    thing: Thing
    down: int = 0
    degraded: int = 0
    """Systems of its own."""
    level: int = 0
    """The highest protection level among them."""
    cii: int = 0
    access: str = ""
    """`down` or `degraded`: its access points; empty: they are not touched."""
    left: int = 0
    of: int = 0
    """Of its access points, how many live."""
    contact: str = ""
    phone: str = ""


class ImpactReport(Noun, frozen=True, kw_only=True):
    """What happens when something is gone. counts: by kind, how many are down and how many degraded, seen or not."""

    revision: int
    failed: tuple[Thing, ...]
    counts: dict[str, tuple[int, int]]
    links: tuple[str, ...] = ()
    """Links and ports that are gone, as `A:PORT--B:PORT`."""
    levels: tuple[LevelHarm, ...] = ()
    """The highest first."""
    units: tuple[UnitHarm, ...] = ()
    """Those hit hardest first; at most the first two hundred."""
    units_total: int = 0
    worst: tuple[Harmed, ...] = ()
    """Systems by protection level and data lines first, then by kind; at most the first five hundred."""
    total: int = 0
    hidden: int = 0
    """How many of `total` the caller may not see."""
    at_ms: int = 0
    """The moment that was asked for; 0: now."""


class WhatIfReport(Noun, frozen=True, kw_only=True):
    """What a planned failure adds to what is down already."""

    revision: int
    already: tuple[Thing, ...] = ()
    """What is down now by itself; at most the first hundred."""
    already_total: int = 0
    before: dict[str, tuple[int, int]] = {}
    """What that alone harms, by kind: down, degraded."""
    added: ImpactReport
    """Only what the plan adds: newly degraded, newly down, or with less left than now."""


class Dependence(Noun, frozen=True, kw_only=True):
    """One object that another depends on. by: the kind of edge; via: the id of the object it was reached from; empty: hidden, or first."""

    thing: Thing
    steps: int
    by: str = ""
    via: str = ""
    port: str = ""


class DependsAnswer(Noun, frozen=True, kw_only=True):
    """All that an object depends on, or all that depends on it, nearest first."""

    revision: int
    of: Thing
    rows: tuple[Dependence, ...] = ()
    total: int = 0
    hidden: int = 0
    at_ms: int = 0


class Hop(Noun, frozen=True, kw_only=True):
    """One object on a path."""

    thing: Thing
    edge: str = ""
    out_port: str = ""
    in_port: str = ""


class PathAnswer(Noun, frozen=True, kw_only=True):
    """The shortest way between two objects; empty: there is none."""

    revision: int
    hops: tuple[Hop, ...] = ()
    hidden: int = 0
    at_ms: int = 0


class EdgeRow(Noun, frozen=True, kw_only=True):
    """One edge, as it is shown. valid_to 0: it still holds."""

    edge: str
    a: Thing
    b: Thing
    a_port: str = ""
    b_port: str = ""
    source: str = ""
    origin: str = ""
    confidence: float = 1.0
    valid_from: int = 0
    valid_to: int = 0


class AroundAnswer(Noun, frozen=True, kw_only=True):
    """An object as it was at a moment, with the edges that it had then."""

    revision: int
    thing: Thing
    fields: dict[str, Any] = {}
    edges: tuple[EdgeRow, ...] = ()
    total: int = 0
    at_ms: int = 0


class ChangedRow(Noun, frozen=True, kw_only=True):
    """One object that came, went or is not what it was; who wrote it last, and how."""

    thing: Thing
    what: str
    """`came`, `went` or `changed`."""
    fields: tuple[FieldChange, ...] = ()
    unit: str = ""
    by: str = ""
    action: str = ""
    at_ms: int = 0


class EdgeChange(Noun, frozen=True, kw_only=True):
    """One edge that came or went."""

    what: str
    """`came` or `went`."""
    at_ms: int
    row: EdgeRow


class ChangesAnswer(Noun, frozen=True, kw_only=True):
    """What changed between two moments. counts: by kind, how many objects came, went, changed; edge_counts: how many
    came, went."""

    start_ms: int
    end_ms: int
    counts: dict[str, tuple[int, int, int]] = {}
    objects: tuple[ChangedRow, ...] = ()
    objects_total: int = 0
    edge_counts: dict[str, tuple[int, int]] = {}
    edges: tuple[EdgeChange, ...] = ()
    edges_total: int = 0
    hidden: int = 0
    """Objects that changed and that the caller may not see."""
