"""What the sources say of one object, what differs, and who accepted it: the nouns of reconciliation.

A record is what holds. It follows from what people declared and from what the other sources state, by rank; what contradicts a
declaration, and what nobody declared at all, waits in the review queue for a person or a rule.
"""

from typing import Literal

from core.i18n import mark
from core.model import KEYED
from core.nouns import Noun
from core.objects import Source

DECLARATION = "declared"
"""Origin of what people declare: sheets, edits and acceptances are one voice, of which the last word counts."""
DifferenceClass = Literal["field", "new", "missing", "replaced", "in-doubt", "unowned"]
"""field: one field differs. new: a source knows an object that is not declared. missing: an object that no source has seen any more.
replaced: another box at the same place. in-doubt: one of several. unowned: nobody owns it 无主资产."""
DifferenceState = Literal["open", "accepted", "rejected", "gone"]
CLASSES: dict[str, str] = {
    "field": mark("field differs"), "new": mark("new object"), "missing": mark("not seen any more"), "replaced": mark("replaced box"),
    "in-doubt": mark("in doubt"), "unowned": mark("unowned"),
}
STATES: dict[str, str] = {
    "open": mark("open"), "accepted": mark("taken over"), "rejected": mark("turned down"), "gone": mark("settled by itself"),
}
"""Message ids of what they are called."""


class Statement(Noun, frozen=True, kw_only=True):
    """What one source says of one object: one of them for each object and origin."""

    id: str
    """Follows from the kind, the origin and the name that the source uses; of what is declared from the object."""
    object_kind: str
    object_id: str = ""
    """Empty: nothing of the records, so far."""
    name: str = ""
    """What the source calls it."""
    source: Source
    origin: str
    """`declared`, `netbox:HOST`, `device:NAME`, `crawl`, ..."""
    fields: dict[str, str] = {}
    """Canonical JSON of each field's value; signs beside the fields of the noun (`chassis`, `engine`) too."""
    confidence: float = 1.0
    since: int
    """When it began to say exactly this."""
    seen_at: int
    """When it said so last. Moved on only once a day, so that a look that finds nothing new writes nothing."""
    gone_at: int = 0
    """When the source, which tells all it has, stopped telling it; 0: it still does."""
    former: dict[str, tuple[str, ...]] = {}
    """Names, addresses and serial numbers (`name`, `address`, `serial`) under which this source told of the same box before."""
    same_as: str = ""
    """Id of the object that a person said it is; empty: recognised by its signs."""


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
    before: dict[str, str] = {}
    """Of an accepted line: what was declared in these fields, or the whole record that was removed; what an undo writes back."""


class AcceptRule(Noun, frozen=True, kw_only=True):
    """Accepts a class of differences by itself; empty fields fit all. Every acceptance is audited under the rule's name."""

    id: str
    name: str
    kinds: tuple[str, ...] = ()
    what: tuple[DifferenceClass, ...] = ()
    fields: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    """Beginnings: `openstack:` fits every cloud."""
    only_empty: bool = False
    """Only fields of which nobody declared anything."""
    enabled: bool = True
    note: str = ""
    author: str = ""

    def fits(self, kind: str, what: DifferenceClass, field: str, origin: str, *, empty: bool = False) -> bool:
        """Whether it accepts such a difference. empty: nobody declared anything in that field."""
        return (
            self.enabled and (not self.kinds or kind in self.kinds) and (not self.what or what in self.what)
            and (not self.fields or field in self.fields) and (not self.origins or origin.startswith(self.origins))
            and (empty or not self.only_empty)
        )


CLOUD_RULE, FILL_RULE = "cloud", "fill-empty"
SHIPPED: tuple[AcceptRule, ...] = (
    AcceptRule(
        id=CLOUD_RULE, name=CLOUD_RULE, kinds=("cloud_platform", *KEYED), what=("new", "field", "missing"), origins=("openstack:",),
        note=mark("What a cloud says of its own objects holds."),
    ),
    AcceptRule(
        id=FILL_RULE, name=FILL_RULE, what=("field",), only_empty=True,
        note=mark("A field that nobody declared is filled from the best source."),
    ),
)
"""Rules that are always there: they are switched on and off, and never removed."""


class Voice(Noun, frozen=True, kw_only=True):
    """What one source says of one field, as it is shown."""

    origin: str
    source: Source
    value: str
    since: int
    seen_at: int = 0
    confidence: float = 1.0
    gone: bool = False


class FieldSides(Noun, frozen=True, kw_only=True):
    """One field, all sides beside each other."""

    field: str
    holds: str = ""
    """What the record says now."""
    declared: str = ""
    configured: str = ""
    observed: str = ""
    voices: tuple[Voice, ...] = ()
    """The best first."""
    differs: bool = False
    proposed: str = ""
    """What the field would be after acceptance; only where it would change."""


class DifferenceDetail(Noun, frozen=True, kw_only=True):
    """One line of the queue with all sides of its object, and what acceptance would do."""

    difference: Difference
    sides: tuple[FieldSides, ...] = ()
    would: str = ""
    """One sentence."""
    rivals: tuple[str, ...] = ()
    """Names of devices that it may be."""


class Selection(Noun, frozen=True, kw_only=True):
    """Lines of the queue: by id, or by filter (fields of `Difference`, words of `text`)."""

    ids: tuple[str, ...] = ()
    where: dict[str, str] = {}
    text: str = ""


class DecisionOnLines(Noun, frozen=True, kw_only=True):
    """What is to become of lines."""

    verdict: Literal["accept", "reject", "reopen", "undo"]
    lines: Selection
    set: dict[str, str] = {}
    """Fields to write instead of what is proposed, as text: `unit` of what nobody owns."""
    same_as: str = ""
    """Name of the device that a line in doubt is."""
    note: str = ""
    dry_run: bool = False


class Decided(Noun, frozen=True, kw_only=True):
    """What became of them. refused: lines that could not be, by id, with the reason; at most the first hundred."""

    dry_run: bool = False
    lines: int = 0
    """That were chosen."""
    done: int = 0
    records: int = 0
    """That were written."""
    refused: dict[str, str] = {}
    refused_total: int = 0
    left: int = 0
    """Lines that fit and were more than can be done at once."""


class RuleWish(Noun, frozen=True, kw_only=True):
    """A new rule; fields as in `AcceptRule`."""

    name: str
    kinds: tuple[str, ...] = ()
    what: tuple[DifferenceClass, ...] = ()
    fields: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    only_empty: bool = False
    note: str = ""


class RuleSwitch(Noun, frozen=True, kw_only=True):
    """A rule on or off."""

    enabled: bool


class RuleTrial(Noun, frozen=True, kw_only=True):
    """What a rule would accept of the lines that are open."""

    name: str
    fits: int
    open: int
    by_kind: dict[str, int] = {}
    examples: tuple[str, ...] = ()


class Replacement(Noun, frozen=True, kw_only=True):
    """Another box at the place of a device."""

    serial: str
    model: str = ""
    dry_run: bool = False


class Replaced(Noun, frozen=True, kw_only=True):
    """What became of it."""

    id: str
    name: str
    dry_run: bool = False
    changed: dict[str, tuple[str, str]] = {}
    """By field, before and after."""
    cleared: int = 0
    """Lines of the queue that this settles."""
