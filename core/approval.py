"""Approval 审批: one thing for changes, waivers, grants and reports. Bound to the hash of what is approved, never given by its author.

Times are milliseconds since 1970, UTC. What may happen to an approval is decided in `core.approving`.
"""

import hashlib
from typing import Any, Literal

import msgspec

from core.identity import Role
from core.nouns import Noun

Risk = Literal["low", "medium", "high"]
ApprovalState = Literal["open", "approved", "rejected", "withdrawn", "expired", "used"]
Step = tuple[Role, ...]
"""One person who holds one of these roles."""


def digest_of(kind: str, object_id: str, content: Any) -> str:
    """SHA-256, hexadecimal, of what will be carried out: canonical JSON (sorted keys, no spaces, UTF-8) of kind, object and content.

    The same value when the approval is asked for and when it is used is what binds the one to the other.
    """
    plain = msgspec.to_builtins({"kind": kind, "object": object_id, "content": content})
    return hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


class Subject(Noun, frozen=True, kw_only=True):
    """What is asked for, as its author's trade describes it."""

    kind: str
    """`grant`, `totp-reset`, `change`, `waiver`, `report`, ...: what the rules choose by."""
    object_id: str = ""
    title: str
    digest: str
    """`digest_of` the content that will be carried out. Another content needs another approval."""
    content: dict[str, Any] = {}
    """What the approver reads; masked."""
    risk: Risk = "medium"
    level: str = ""
    """Protection level 1 to 5 of what is touched, as text; empty: none."""
    unit: str = ""
    """Names of where it belongs; both empty: to no place, so that a role held for some places does not reach it."""
    site: str = ""
    supersedes: bool = False
    """Whether this voids what the same author asked for the same object before, with another content."""
    concerns: tuple[str, ...] = ()
    """Ids of accounts whose own affair this is (who gets the grant, whose generator is reset): they may not approve it."""
    template: str = ""
    """Name of the standard item; pre-approved when a rule names it with this content's template digest."""
    template_digest: str = ""


class Decision(Noun, frozen=True, kw_only=True):
    """One person's word, or a comment without one."""

    at_ms: int
    account: str
    name: str
    on_behalf_of: str = ""
    """Account id of who delegated 授权代签."""
    on_behalf_of_name: str = ""
    verdict: Literal["approve", "reject", "comment"]
    text: str = ""
    step: int = -1
    """Number of the step that this word fulfils; -1: none."""
    role: Role | Literal[""] = ""
    """As what it was given."""
    digest: str = ""
    """What it was given to, so that the journal's row of this word alone proves it."""


class Approval(Noun, frozen=True, kw_only=True):
    """A request and what became of it."""

    id: str
    kind: str
    object_id: str = ""
    digest: str
    title: str
    author: str
    """Account id."""
    author_name: str
    unit: str = ""
    site: str = ""
    subject: Subject
    rule: str
    """Name of the rule that chose the steps."""
    steps: tuple[Step, ...]
    """Of which each must be approved by another person; empty: pre-approved."""
    author_executes: bool = False
    """Whether the author may carry it out; else somebody else must."""
    state: ApprovalState = "open"
    decisions: tuple[Decision, ...] = ()
    created_at: int
    hours: int
    """How long it waits to be decided, and once approved, to be used."""
    expires_at: int
    decided_at: int = 0
    used_at: int = 0
    used_by: str = ""
    """Account id of who carried it out."""

    @property
    def open_steps(self) -> tuple[int, ...]:
        """Numbers of the steps that nobody has approved yet."""
        done = {decision.step for decision in self.decisions if decision.verdict == "approve"}
        return tuple(number for number in range(len(self.steps)) if number not in done)


class Delegation(Noun, frozen=True, kw_only=True):
    """授权代签: who may approve in somebody's name, in one role, between two dates."""

    id: str
    giver: str
    """Account ids."""
    taker: str
    giver_name: str = ""
    taker_name: str = ""
    role: Role
    valid_from: int
    valid_to: int
    reason: str = ""
    ended_at: int = 0

    def holds(self, now_ms: int) -> bool:
        return self.valid_from <= now_ms < (self.ended_at or self.valid_to)


class ApprovalRule(Noun, frozen=True, kw_only=True):
    """Who approves what: one entry of the rules in YAML. The first that fits decides; empty fields fit all."""

    name: str
    kinds: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    levels: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    expires_hours: int = 72
    author_executes: bool = False
    standard: dict[str, str] = {}
    """Standard items: template name to template digest. A subject with both is pre-approved."""


class DecisionWish(Noun, frozen=True, kw_only=True):
    """A word to a request."""

    verdict: Literal["approve", "reject", "comment"]
    digest: str
    """Of what was read: a word to something else is refused."""
    text: str = ""
    on_behalf_of: str = ""
    """Name of who delegated; empty: one's own word wherever possible."""


class WithdrawWish(Noun, frozen=True, kw_only=True):
    """To take back one's own request."""

    text: str = ""


class DelegationWish(Noun, frozen=True, kw_only=True):
    """To let somebody else approve in one's name."""

    taker: str
    """Name of the account."""
    role: Role
    valid_from: int = 0
    """0: from now."""
    valid_to: int
    reason: str


class RulesInForce(Noun, frozen=True, kw_only=True):
    """The rules of approval as they are now."""

    source: str
    digest: str
    rules: tuple[ApprovalRule, ...]
