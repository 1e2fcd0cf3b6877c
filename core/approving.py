"""What may happen to an approval: pure decisions. Never by the author, each step by another person, used once, nothing after its end.

Times are milliseconds since 1970, UTC. Functions return the approval as it is afterwards, or raise why it may not be.
"""

from collections.abc import Iterable
from typing import Literal

from core.approval import Approval, ApprovalRule, Decision, Delegation, Subject
from core.errors import ConflictError, ForbiddenError, InvalidInputError
from core.i18n import mark, tr
from core.identity import Role
from core.nouns import Noun
from core.width import clean

HOUR_MS = 3_600_000
CLOCK_SLACK_MS = 300_000
"""How far the clock may have been set back since a decision."""
MAX_WORDS = 200
MAX_TEXT = 2000
RESTORED = mark("A backup was restored: ask again.")
SYSTEM = "system"
"""In place of an account where the clock or a newer request decides."""


class Proxy(Noun, frozen=True, kw_only=True):
    """In whose name somebody may speak."""

    giver: str
    giver_name: str
    roles: frozenset[Role]
    """What was delegated, and the giver holds where the subject is."""


class Voice(Noun, frozen=True, kw_only=True):
    """Who speaks, and what counts where the subject is."""

    account: str
    """Account id."""
    name: str
    roles: frozenset[Role] = frozenset()
    proxies: tuple[Proxy, ...] = ()


class Word(Noun, frozen=True, kw_only=True):
    """What is said."""

    digest: str
    """Of what was read."""
    verdict: Literal["approve", "reject", "comment"]
    text: str = ""
    on_behalf_of: str = ""
    """Name of the giver in whose name it is meant; empty: one's own wherever possible."""


def choose(rules: Iterable[ApprovalRule], subject: Subject) -> ApprovalRule:
    """The first rule that fits. Raises `InvalidInputError` where none does: what nobody may approve cannot be asked for."""
    for rule in rules:
        if fits(rule, subject) and (rule.steps or is_standard(rule, subject)):
            return rule
    raise InvalidInputError(
        tr("No rule says who approves {kind}.", kind=subject.kind), way_out=tr("The rules of approval need an entry for it."),
    )


def fits(rule: ApprovalRule, subject: Subject) -> bool:
    pairs = (
        (rule.kinds, subject.kind), (rule.risks, subject.risk), (rule.levels, subject.level), (rule.sites, subject.site),
        (rule.units, subject.unit),
    )
    return all(not wanted or found in wanted for wanted, found in pairs)


def is_standard(rule: ApprovalRule, subject: Subject) -> bool:
    """Whether the subject is a standard item of this rule, by name and by what the template really says."""
    return bool(subject.template_digest) and rule.standard.get(subject.template) == subject.template_digest


def begin(approval_id: str, subject: Subject, rule: ApprovalRule, author: str, author_name: str, now_ms: int) -> Approval:
    """A new request; approved at once where it is a standard item."""
    standard = is_standard(rule, subject)
    return Approval(
        id=approval_id, kind=subject.kind, object_id=subject.object_id, digest=subject.digest, title=subject.title, author=author,
        author_name=author_name, unit=subject.unit, site=subject.site, subject=subject, rule=rule.name,
        steps=() if standard else rule.steps, author_executes=rule.author_executes, state="approved" if standard else "open",
        created_at=now_ms, hours=rule.expires_hours, expires_at=now_ms + rule.expires_hours * HOUR_MS, decided_at=now_ms if standard else 0,
    )


def step(approval: Approval, voice: Voice, word: Word, now_ms: int) -> Approval:
    """The approval after a word. Raises `ForbiddenError` for who may not say it, `ConflictError` when it comes too late."""
    _in_bounds(approval, word)
    if word.verdict == "comment":
        return _with(approval, _said(approval, voice, word, now_ms))
    _still(approval, "open", now_ms)
    if voice.account == approval.author:
        raise ForbiddenError(
            tr("Nobody decides on a request of their own."), way_out=tr("Ask another person; `approval withdraw` takes it back."),
        )
    number, role, proxy = _seat(approval, voice, word)
    said = _said(approval, voice, word, now_ms).replace(step=number, role=role)
    decided = _with(approval, said.replace(on_behalf_of=proxy.giver, on_behalf_of_name=proxy.giver_name) if proxy else said)
    if word.verdict == "reject":
        return decided.replace(state="rejected", decided_at=now_ms)
    if decided.open_steps:
        return decided
    return decided.replace(state="approved", decided_at=now_ms, expires_at=now_ms + approval.hours * HOUR_MS)


def _in_bounds(approval: Approval, word: Word) -> None:
    if word.digest != approval.digest:
        raise ConflictError(tr("This is not the content that you read."), way_out=tr("Read the request again."))
    if len(approval.decisions) >= MAX_WORDS:
        raise ConflictError(tr("This request has too many comments."), way_out=tr("Withdraw it and ask again."))
    if len(word.text) > MAX_TEXT:
        raise InvalidInputError(tr("A comment has at most {limit} characters.", limit=MAX_TEXT))
    if word.verdict in ("reject", "comment") and not word.text.strip():
        raise InvalidInputError(
            tr("A rejection needs its reason.") if word.verdict == "reject" else tr("The comment is empty."),
            way_out=tr("Say it in a sentence: the author reads it."),
        )


def _said(approval: Approval, voice: Voice, word: Word, now_ms: int) -> Decision:
    return Decision(
        at_ms=now_ms, account=voice.account, name=voice.name, verdict=word.verdict, text=clean(word.text).strip(), digest=approval.digest,
    )


def _with(approval: Approval, decision: Decision) -> Approval:
    return approval.replace(decisions=(*approval.decisions, decision))


def _still(approval: Approval, state: str, now_ms: int) -> None:
    if approval.state != state:
        raise ConflictError(tr("The request is {state} already.", state=tr(approval.state)), way_out=tr("Ask again."))
    if now_ms >= approval.expires_at:
        raise ConflictError(tr("The request has expired."), way_out=tr("Ask again."))
    if now_ms < max(approval.created_at, approval.decided_at) - CLOCK_SLACK_MS:
        raise ConflictError(
            tr("The clock was set back since this request was written."), way_out=tr("Mend the clock, or ask again."),
        )


def _seat(approval: Approval, voice: Voice, word: Word) -> tuple[int, Role, Proxy | None]:
    """Which step the voice speaks to, as what, and in whose name: oneself before others, the step that fewest can take first."""
    spoken = {person for decision in approval.decisions if decision.verdict == "approve"
              for person in (decision.account, decision.on_behalf_of) if person}
    steps: Iterable[int] = approval.open_steps
    if word.verdict == "reject":  # whoever may approve may reject, a second thought of one's own included
        steps, spoken = range(len(approval.steps)), set()
    elif voice.account in spoken:
        raise ForbiddenError(tr("You have approved this request; each step needs another person."))
    excluded = {approval.author, *approval.subject.concerns, *spoken}
    if voice.account in excluded:
        raise ForbiddenError(tr("This request is about your own account."), way_out=tr("Another person must decide on it."))
    for proxy in (None, *voice.proxies):
        if proxy and (proxy.giver in excluded or proxy.giver == voice.account):
            continue
        if word.on_behalf_of and (proxy is None or proxy.giver_name != word.on_behalf_of):
            continue
        roles = proxy.roles if proxy else voice.roles
        for number in sorted(steps, key=lambda number: len(approval.steps[number])):
            if held := next((role for role in approval.steps[number] if role in roles), None):
                return number, held, proxy
    wanted = " / ".join(" | ".join(map(tr, approval.steps[number])) for number in approval.open_steps)
    raise ForbiddenError(
        tr("This request waits for somebody else: {roles}.", roles=wanted), way_out=tr("`yunwang approval show` tells where it stands."),
    )


def withdraw(approval: Approval, voice: Voice, text: str, now_ms: int) -> Approval:
    """Taken back by its author, as long as it was not used."""
    if voice.account != approval.author:
        raise ForbiddenError(tr("Only its author withdraws a request."), way_out=tr("Reject it, with the reason."))
    if approval.state not in ("open", "approved"):
        raise ConflictError(tr("The request is {state} already.", state=tr(approval.state)))
    if text.strip():
        approval = step(approval, voice, Word(verdict="comment", digest=approval.digest, text=text), now_ms)
    return approval.replace(state="withdrawn", decided_at=now_ms)


def supersede(approval: Approval, newer: Subject, now_ms: int) -> Approval:
    """A request of the same author for the same object with another content voids the one before."""
    if not newer.supersedes or approval.state not in ("open", "approved") or approval.digest == newer.digest:
        return approval
    note = Decision(at_ms=now_ms, account=SYSTEM, name=SYSTEM, verdict="comment", text=f"-> {newer.digest}", digest=approval.digest)
    return _with(approval, note).replace(state="withdrawn", decided_at=now_ms)


def expire(approval: Approval, now_ms: int) -> Approval:
    """What time has ended: neither decided nor used in time. The same one where it has not."""
    if approval.state in ("open", "approved") and now_ms >= approval.expires_at:
        return approval.replace(state="expired")
    return approval


def void(approval: Approval, now_ms: int) -> Approval:
    """After a restore: what could still be used may have been used since the backup was made. The same one where it could not."""
    if approval.state not in ("open", "approved"):
        return approval
    note = Decision(at_ms=now_ms, account=SYSTEM, name=SYSTEM, verdict="comment", text=RESTORED, digest=approval.digest)
    return _with(approval, note).replace(state="withdrawn", decided_at=now_ms)


def may_execute(approval: Approval, account: str) -> bool:
    """Whether this person may carry out what was approved: the author only where the rule says so."""
    return approval.author_executes or account != approval.author


def use(approval: Approval, digest: str, account: str, now_ms: int) -> Approval:
    """Used up by what it allows. Raises when it is not approved, was for another content, has expired or was used before."""
    if approval.digest != digest:
        raise ConflictError(
            tr("Something else was approved: the content has changed since."), way_out=tr("Ask for the approval of what it is now."),
        )
    _still(approval, "approved", now_ms)
    if not may_execute(approval, account):
        raise ForbiddenError(tr("Its author may not carry this out."), way_out=tr("Another person must do it."))
    return approval.replace(state="used", used_at=now_ms, used_by=account)


def proxies(delegations: Iterable[Delegation], taker: str, held: dict[str, frozenset[Role]], now_ms: int) -> tuple[Proxy, ...]:
    """In whose names `taker` may speak now. held: what each giver holds where the subject is: nobody gives more than they have."""
    found: dict[str, tuple[str, frozenset[Role]]] = {}
    for one in delegations:
        if one.taker == taker and one.giver != taker and one.holds(now_ms) and one.role in held.get(one.giver, frozenset()):
            name, roles = found.get(one.giver, (one.giver_name, frozenset()))
            found[one.giver] = (name, roles | {one.role})
    return tuple(Proxy(giver=giver, giver_name=name, roles=roles) for giver, (name, roles) in sorted(found.items()))
