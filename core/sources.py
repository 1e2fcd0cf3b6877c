"""What a source of the inventory tells, and what became of it: the contract between whoever reads a source and the hub's intake.

There is one road: a sheet, a cloud, a NetBox, a crawl each become a `Told`; the intake compares it with the records, writes what may be
written, puts the rest into the review queue, and answers with an `IntakeReport`.
"""

from typing import Any, Literal

from core.nouns import Noun
from core.objects import Source
from core.views import ImportProblem

SourceKind = Literal["sheet", "openstack", "netbox", "librenms", "zabbix", "oxidized", "crawl", "device"]


class Unplaced(Noun, frozen=True, kw_only=True):
    """Something that the source knows and that has no place here."""

    kind: str
    """Kind of object, or what the source calls it."""
    name: str
    reason: str


class Told(Noun, frozen=True, kw_only=True):
    """What one source said in one go. Records have empty ids and refer to each other by name, or by key where the kind has one."""

    origin: str
    """`declared`, `openstack:CLOUD`, `netbox:HOST`, `crawl`, ..."""
    source: Source
    records: dict[str, tuple[Any, ...]] = {}
    """By kind, nouns of `core.model.MODEL`."""
    fields: dict[str, tuple[str, ...]] = {}
    """By kind, the fields of which this source speaks at all; a kind that is not here: every field."""
    whole: tuple[str, ...] = ()
    """Kinds of which the source told everything that it has: what it told before and tells no more is missing."""
    unplaced: tuple[Unplaced, ...] = ()
    unplaced_total: int = 0


class IntakeReport(Noun, frozen=True, kw_only=True):
    """What an intake did, or would do (`dry_run`). Counts are by kind. With problems nothing is written."""

    origin: str = ""
    dry_run: bool = False
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    removed: dict[str, int] = {}
    """Gone from a cloud that told all it has."""
    queued: dict[str, int] = {}
    """Differences that wait for a person."""
    by_rule: dict[str, int] = {}
    """Differences that a rule accepted, by the rule's name."""
    unplaced: tuple[Unplaced, ...] = ()
    """At most the first 500."""
    unplaced_total: int = 0
    problems: tuple[ImportProblem, ...] = ()
    """Of a sheet: at most the first 500."""
    problems_total: int = 0
    revision: int = 0


class SourceConfig(Noun, frozen=True, kw_only=True):
    """A source that is asked again and again: a cloud, a NetBox, a crawl's seeds."""

    id: str
    name: str
    kind: SourceKind
    url: str = ""
    """Of Keystone, NetBox, LibreNMS, Zabbix; empty for a crawl."""
    credential: str = ""
    """Name of the credential reference: token or password."""
    options: dict[str, str] = {}
    """What only this kind knows: region, domain, project, seeds, deny ranges, rate."""
    enabled: bool = True
    note: str = ""
