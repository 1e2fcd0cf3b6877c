"""Rows of what is kept and of work, as screens show them: part of the contract of `core.views`, with the same conventions."""

from typing import Any

from core.approval import ApprovalState, Risk, Step
from core.edges import EdgeKind, EdgeSource
from core.nouns import Noun
from core.review import Difference, DifferenceClass, DifferenceState, Statement
from core.work import JobState, WindowKind


class JobRow(Noun, frozen=True, kw_only=True):
    """One line of the queue: a `core.work.Job` without what it was given and what it gave."""

    id: str
    kind: str
    author: str
    schedule: str = ""
    due_at: int
    state: JobState = "waiting"
    created_at: int
    started_at: int = 0
    ended_at: int = 0
    deadline_at: int = 0
    attempt: int = 0
    done: int = 0
    total: int = 0
    """0: not known yet."""
    message: str = ""
    """Message id."""
    cancel_wanted: bool = False


class ApprovalRow(Noun, frozen=True, kw_only=True):
    """One line of the review queue: a `core.approval.Approval` without the content that it is about."""

    id: str
    kind: str
    title: str
    author: str
    author_name: str
    risk: Risk = "medium"
    level: str = ""
    unit: str = ""
    site: str = ""
    digest: str = ""
    rule: str = ""
    steps: tuple[Step, ...] = ()
    fulfilled: tuple[int, ...] = ()
    """Numbers of the steps that were approved."""
    state: ApprovalState = "open"
    comments: int = 0
    created_at: int
    expires_at: int
    decided_at: int = 0


class AuditRow(Noun, frozen=True, kw_only=True):
    """One line of the audit trail: a `core.ports.JournalRow` without before, after and digests."""

    id: str
    """`seq` as text."""
    seq: int
    at_ms: int
    zone_s: int = 0
    request: str = ""
    actor: str
    origin: str = ""
    action: str
    kind: str = ""
    object_id: str = ""
    name: str = ""
    """Name of the object, where it has one."""


class WindowRow(Noun, frozen=True, kw_only=True):
    """One line of the windows: a `core.work.Window`. Whether it holds depends on the clock of who looks."""

    id: str
    name: str
    kind: WindowKind
    starts_at: int
    ends_at: int
    ended_early_at: int = 0
    units: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    reason: str = ""
    author: str = ""


class QueueRow(Noun, frozen=True, kw_only=True):
    """One line of the review queue 待审队列: a `core.review.Difference` without what acceptance would write."""

    id: str
    object_kind: str
    object_id: str = ""
    name: str
    what: DifferenceClass
    field: str = ""
    declared: str = ""
    configured: str = ""
    observed: str = ""
    origin: str = ""
    unit: str = ""
    site: str = ""
    reason: str = ""
    first_seen: int
    last_seen: int
    state: DifferenceState = "open"
    by: str = ""
    at_ms: int = 0
    note: str = ""


class ObjectRow(Noun, frozen=True, kw_only=True):
    """One line of the list of a kind: a record of `core.model.MODEL`."""

    id: str
    kind: str
    name: str
    fields: dict[str, Any] = {}
    """The record as plain values, without id."""
    called: dict[str, str] = {}
    """By field that holds a platform's key: what people call the object that is meant."""


class Neighbour(Noun, frozen=True, kw_only=True):
    """One edge of an object, seen from it. `kind` and `name` are those of the far end, empty where the caller may not see it."""

    id: str
    """Of the edge."""
    edge: EdgeKind
    ahead: bool
    """The edge leads away from the object: it depends on, belongs to or is linked with the far end."""
    object_id: str = ""
    kind: str = ""
    name: str = ""
    port: str = ""
    """On this side."""
    far_port: str = ""
    source: EdgeSource
    origin: str = ""
    confidence: float = 1.0
    valid_from: int = 0


class ObjectDetail(Noun, frozen=True, kw_only=True):
    """One object with all that is known of it."""

    row: ObjectRow
    neighbours: tuple[Neighbour, ...] = ()
    """At most the first 2,000."""
    neighbours_total: int = 0
    statements: tuple[Statement, ...] = ()
    """What each source says of it."""
    differences: tuple[Difference, ...] = ()
    """Open lines of the review queue; none for who may not see them."""


class ObjectEvent(Noun, frozen=True, kw_only=True):
    """Something that was written of an object: who, when, which fields from what to what. `before` or `after` empty: it began, it ended."""

    seq: int
    at_ms: int
    actor: str
    action: str
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    """Only the fields that changed."""


class KindCount(Noun, frozen=True, kw_only=True):
    """How many objects of a kind the caller sees."""

    kind: str
    objects: int
