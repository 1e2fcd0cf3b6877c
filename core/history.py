"""What changed between two moments, or would change: object by object, field by field."""

from typing import Any, Literal

from core.nouns import Noun
from core.views import ImportProblem

ChangeKind = Literal["added", "changed", "removed"]


class FieldChange(Noun, frozen=True, kw_only=True):
    """One field with its value before and after, as plain values."""

    field: str
    before: Any = None
    after: Any = None


class ObjectChange(Noun, frozen=True, kw_only=True):
    """One object that is not what it was. fields: those that differ; of an added or removed one all that are not empty."""

    kind: str
    id: str = ""
    """Empty: not yet among the records."""
    name: str
    what: ChangeKind
    fields: tuple[FieldChange, ...] = ()


class Changes(Noun, frozen=True, kw_only=True):
    """All that changed. start_ms, end_ms: the two moments; 0 where a file is compared with the records."""

    start_ms: int = 0
    end_ms: int = 0
    objects: tuple[ObjectChange, ...] = ()
    """At most the first `core.history.MOST`."""
    total: int = 0
    problems: tuple[ImportProblem, ...] = ()
    """Of the file; with them nothing is compared."""
    problems_total: int = 0


class ObjectThen(Noun, frozen=True, kw_only=True):
    """One object as it was at a moment. record: its fields, None where it was not there."""

    kind: str
    id: str
    at_ms: int
    record: dict[str, Any] | None = None


MOST = 5000
"""Objects in one answer."""
