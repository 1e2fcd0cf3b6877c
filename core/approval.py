"""Approval 审批: one thing for changes, waivers, grants and reports. Bound to the hash of what is approved, never given by its author.

Times are milliseconds since 1970, UTC.
"""

from typing import Any, Literal

from core.identity import Role
from core.nouns import Noun

Risk = Literal["low", "medium", "high"]
ApprovalState = Literal["open", "approved", "rejected", "withdrawn", "expired", "used"]


class Subject(Noun, frozen=True, kw_only=True):
    """What is asked for, as its author's trade describes it."""

    kind: str
    """`grant`, `totp-reset`, `change`, `waiver`, `report`, ...: what the rules choose by."""
    object_id: str = ""
    title: str
    digest: str
    """SHA-256, 64 hexadecimal digits, of the canonical content that will be carried out. Another content needs another approval."""
    content: dict[str, Any] = {}
    """What the approver reads; masked."""
    risk: Risk = "medium"
    level: str = ""
    """Protection level 1 to 5 of what is touched, as text; empty: none."""
    unit: str = ""
    site: str = ""
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
    verdict: Literal["approve", "reject", "comment"]
    text: str = ""
    step: str = ""
    """Role of the rule that this word fulfils."""


class Approval(Noun, frozen=True, kw_only=True):
    """A request and what became of it."""

    id: str
    kind: str
    title: str
    author: str
    """Account id."""
    author_name: str
    subject: Subject
    rule: str
    """Name of the rule that chose the steps."""
    steps: tuple[Role, ...]
    """Roles of which one other person each must approve; empty: pre-approved."""
    state: ApprovalState = "open"
    decisions: tuple[Decision, ...] = ()
    created_at: int
    expires_at: int
    decided_at: int = 0


class Delegation(Noun, frozen=True, kw_only=True):
    """授权代签: from one account to another of the same office or role, between two dates."""

    id: str
    giver: str
    taker: str
    role: Role
    valid_from: int
    valid_to: int
    reason: str = ""
    ended_at: int = 0


class ApprovalRule(Noun, frozen=True, kw_only=True):
    """Who approves what: one entry of the rules in YAML. The first that fits decides; empty fields fit all."""

    name: str
    kinds: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    levels: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    steps: tuple[Role, ...] = ()
    expires_hours: int = 72
    standard: dict[str, str] = {}
    """Standard items: template name to template digest. A subject with both is pre-approved."""
