"""What the questions of the graph answer: the contract between agents.hub and client."""

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
    """From one object down to what carries it."""

    revision: int
    rows: tuple[RayRow, ...]
    cut_off: bool = False
    """There is more than `rows` shows."""


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


class ImpactReport(Noun, frozen=True, kw_only=True):
    """What happens when something is gone. counts: by kind, how many are down and how many degraded."""

    revision: int
    failed: tuple[Thing, ...]
    counts: dict[str, tuple[int, int]]
    worst: tuple[Harmed, ...] = ()
    """Units and systems first, then by kind; at most the first thousand."""
    total: int = 0


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
