"""What the sources say of one object, what differs, and who accepted it: the nouns of reconciliation.

A record is what holds. It follows from what people declared and from what the other sources state, by rank; what contradicts a
declaration, and what nobody declared at all, waits in the review queue for a person or a rule.
"""

from typing import Literal

from core.nouns import Noun
from core.objects import Source

DECLARATION = "declared"
"""Origin of what people declare: sheets, edits and acceptances are one voice, of which the last word counts."""
DifferenceClass = Literal["field", "new", "missing", "replaced", "in-doubt", "unowned"]
"""field: one field differs. new: a source knows an object that is not declared. missing: an object that no source has seen any more.
replaced: another box at the same place. in-doubt: one of several. unowned: nobody owns it 无主资产."""
DifferenceState = Literal["open", "accepted", "rejected", "gone"]


class Statement(Noun, frozen=True, kw_only=True):
    """What one source says of one object: one of them for each object and origin."""

    id: str
    """Follows from object and origin."""
    object_kind: str
    object_id: str
    source: Source
    origin: str
    """`declared`, `netbox:HOST`, `device:NAME`, `crawl`, ..."""
    fields: dict[str, str] = {}
    """Canonical JSON of each field's value."""
    confidence: float = 1.0
    since: int
    """When it began to say exactly this."""
    seen_at: int
    """When it said so last. Moved on only once a day, so that a look that finds nothing new writes nothing."""


class Difference(Noun, frozen=True, kw_only=True):
    """One line of the review queue 待审队列."""

    id: str
    """Follows from the object, the field and the class: found again, it is the same line."""
    object_kind: str
    object_id: str = ""
    """Empty: not yet among the records."""
    name: str
    """Of the object, as it is shown."""
    what: DifferenceClass
    field: str = ""
    declared: str = ""
    configured: str = ""
    observed: str = ""
    """What each kind of source says, as it is shown; empty where it says nothing."""
    origin: str = ""
    """Of the newest statement that differs."""
    proposal: dict[str, str] = {}
    """Canonical JSON by field: what acceptance would write. Of a new object the whole record without id."""
    unit: str = ""
    site: str = ""
    """Of the object, so that a scope covers the line."""
    reason: str = ""
    """One sentence of evidence: by which signs it was recognised, who the rivals are."""
    first_seen: int
    last_seen: int
    state: DifferenceState = "open"
    by: str = ""
    """Who accepted or rejected it: an account, or `rule:NAME`."""
    at_ms: int = 0
    note: str = ""


class AcceptRule(Noun, frozen=True, kw_only=True):
    """Accepts a class of differences by itself; empty fields fit all. Every acceptance is audited under the rule's name."""

    id: str
    name: str
    kinds: tuple[str, ...] = ()
    what: tuple[DifferenceClass, ...] = ()
    fields: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    """Beginnings: `openstack:` fits every cloud."""
    enabled: bool = True
    note: str = ""
    author: str = ""
