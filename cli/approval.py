"""`yunwang approval ...`: what waits for a second person, and the words to it."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json, word
from cli.finding import found, rows, short
from core.approval import Approval, ApprovalRule, Decision, Delegation, DelegationWish, Step
from core.approving import SYSTEM
from core.errors import ConflictError, UsageError
from core.i18n import mark, tr
from core.rows import ApprovalRow
from core.settings import Settings
from core.width import clean

STATES = (mark("open"), mark("approved"), mark("rejected"), mark("withdrawn"), mark("expired"), mark("used"))
VERDICTS = (mark("approve"), mark("reject"), mark("comment"))
KINDS = (
    mark("grant"), mark("totp-reset"), mark("secret-reset"), mark("hostkey"), mark("change"), mark("waiver"), mark("report"),
)
RISKS = (mark("low"), mark("medium"), mark("high"))
LEAST_DIGEST = 12


def list_(args: Namespace, settings: Settings) -> int:
    """Prints requests, newest first."""
    where = {"state": "" if args.state == "all" else args.state, "kind": args.kind}
    found_rows, total = ask(settings, lambda hub: rows(hub, "approvals", ApprovalRow, where, "-created_at", max(args.limit, 0)))
    if args.json:
        print_json({"total": total, "approvals": plain(found_rows)})
        return 0
    if not found_rows:
        print(tr("Nothing is there."), file=sys.stderr)
        return 0
    headings = [tr("id"), tr("kind"), tr("title"), tr("asked by"), tr("state"), tr("waits for"), tr("until")]
    shown = [[short(row.id), tr(row.kind), row.title, row.author_name, tr(row.state), _open_steps(row), clock(row.expires_at)]
             for row in found_rows]
    print("\n".join(tables.lines(headings, shown, tables.room())))
    if len(found_rows) < total:
        print(tr("{shown} of {total}; --limit 0 shows all.", shown=len(found_rows), total=total), file=sys.stderr)
    return 0


def _open_steps(row: ApprovalRow) -> str:
    if row.state != "open":
        return ""
    return ", ".join(_step(step) for number, step in enumerate(row.steps) if number not in row.fulfilled)


def _step(step: Step) -> str:
    return " | ".join(map(tr, step))


def show(args: Namespace, settings: Settings) -> int:
    """Prints one request."""

    async def question(hub: client.Client) -> Approval:
        return await hub.approvals.get(await found(hub, "approvals", args.id))

    _tell(args, ask(settings, question), whole=True)
    return 0


def _tell(args: Namespace, approval: Approval, *, whole: bool = False) -> None:
    if args.json:
        print_json(approval)
    elif whole:
        print("\n".join(_lines(approval)))
    else:
        print(f"{clean(approval.title)}: {tr(approval.state)}" + (f" ({_waits(approval)})" if approval.state == "open" else ""))


def _waits(approval: Approval) -> str:
    return tr("waits for {roles}", roles=", ".join(_step(approval.steps[number]) for number in approval.open_steps))


def _lines(approval: Approval) -> list[str]:
    subject = approval.subject
    place = " ".join(filter(None, (approval.unit, approval.site))) or "-"
    head = tables.pairs([
        (tr("id"), approval.id), (tr("kind"), tr(approval.kind)), (tr("title"), approval.title), (tr("asked by"), approval.author_name),
        (tr("asked"), clock(approval.created_at)), (tr("state"), tr(approval.state)), (tr("until"), clock(approval.expires_at)),
        (tr("risk"), tr(subject.risk)), (tr("place"), place), (tr("rule"), approval.rule), (tr("digest"), approval.digest),
    ])
    content = [tr("Content:"), *(f"  {clean(line)}" for line in json.dumps(subject.content, ensure_ascii=False, indent=1).splitlines())]
    open_steps = set(approval.open_steps)
    steps = [f"  {number + 1}. {_step(step)}: {tr('open') if number in open_steps else tr('approved')}"
             for number, step in enumerate(approval.steps)]
    words = [f"  {clock(one.at_ms)}  {_who(one)}: {tr(one.verdict)}{_text(one)}" for one in approval.decisions]
    steps = steps or [f"  {tr('pre-approved as a standard item')}"]
    return [*head, *content, tr("Steps:"), *steps, *([tr("Words:"), *words] if words else [])]


def _text(one: Decision) -> str:
    return f" - {clean(tr(one.text) if one.account == SYSTEM else one.text)}" if one.text else ""


def _who(one: Decision) -> str:
    return f"{clean(one.name)}{tr(' on behalf of {name}', name=clean(one.on_behalf_of_name)) if one.on_behalf_of else ''}"


def approve(args: Namespace, settings: Settings) -> int:
    """Approves; what was read is named by its digest, so that nothing else is approved by mistake."""

    async def act(hub: client.Client, approval: Approval) -> Approval:
        return await hub.approvals.approve(approval.id, approval.digest, args.message, args.on_behalf_of)

    return _say(args, settings, act, _confirmed)


def _confirmed(args: Namespace, approval: Approval) -> None:
    given = args.digest.lower()
    if not given:
        print("\n".join(_lines(approval)), file=sys.stderr)
        typed = word(tr("Type the first {count} characters of the digest to approve: ", count=LEAST_DIGEST), stdin=False)
        given = typed.lower()
    if len(given) < LEAST_DIGEST or not approval.digest.startswith(given):
        raise ConflictError(
            tr("This is not the digest of the request."), way_out=tr("`yunwang approval show {id}` shows it.", id=short(approval.id)),
        )


def reject(args: Namespace, settings: Settings) -> int:
    """Rejects; the reason is asked for where it is left out."""

    async def act(hub: client.Client, approval: Approval) -> Approval:
        return await hub.approvals.reject(approval.id, approval.digest, text, args.on_behalf_of)

    text = args.message or word(tr("Reason: "), stdin=False)
    return _say(args, settings, act)


def comment(args: Namespace, settings: Settings) -> int:
    """Says something without deciding."""

    async def act(hub: client.Client, approval: Approval) -> Approval:
        return await hub.approvals.comment(approval.id, approval.digest, text)

    text = args.message or word(tr("Comment: "), stdin=False)
    return _say(args, settings, act)


def withdraw(args: Namespace, settings: Settings) -> int:
    """Takes back one's own."""

    async def act(hub: client.Client, approval: Approval) -> Approval:
        return await hub.approvals.withdraw(approval.id, args.message)

    return _say(args, settings, act)


def _say(
    args: Namespace, settings: Settings, act: Callable[[client.Client, Approval], Awaitable[Approval]],
    first: Callable[[Namespace, Approval], None] = lambda _args, _approval: None,
) -> int:
    async def question(hub: client.Client) -> Approval:
        approval = await hub.approvals.get(await found(hub, "approvals", args.id))
        first(args, approval)
        return await act(hub, approval)

    _tell(args, ask(settings, question))
    return 0


def rules(args: Namespace, settings: Settings) -> int:
    """Prints the rules in force."""
    book = ask(settings, lambda hub: hub.approvals.rules())
    if args.json:
        print_json(book)
        return 0
    _print_rules(book.rules)
    print(tr("From {source}, SHA-256 {digest}.", source=book.source, digest=book.digest), file=sys.stderr)
    return 0


def _print_rules(found_rules: tuple[ApprovalRule, ...]) -> None:
    shown = [[rule.name, _fits(rule), ", ".join(map(_step, rule.steps)), str(rule.expires_hours), ", ".join(rule.standard)]
             for rule in found_rules]
    print("\n".join(tables.lines([tr("rule"), tr("fits"), tr("approved by"), tr("hours"), tr("standard items")], shown, tables.room())))


def _fits(rule: ApprovalRule) -> str:
    parts = ((tr("risk"), tuple(map(tr, rule.risks))), (tr("level"), rule.levels), (tr("site"), rule.sites), (tr("unit"), rule.units))
    kinds = ", ".join(map(tr, rule.kinds))
    return "; ".join(filter(None, (kinds, *(f"{name} {', '.join(values)}" for name, values in parts if values)))) or tr("everything")


def check(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 - every handler has this signature
    """Reads a file of rules and says its first mistake."""
    from agents.hub.approvals import rules as reader

    book = reader.read(Path(args.file))
    if args.json:
        print_json({"source": book.source, "digest": book.digest, "rules": plain(book.rules)})
        return 0
    _print_rules(book.rules)
    print(tr("The file can be used."), file=sys.stderr)
    return 0


def delegate(args: Namespace, settings: Settings) -> int:
    """Delegates a role until a time."""
    from tui.moments import read_moment

    if not args.role or not args.until:
        raise UsageError(tr("--role and --until are needed."), way_out=tr("For example: --role approver --until +3d -m '...'"))
    now = time.time_ns() // 1_000_000
    start = read_moment(getattr(args, "from"), now)
    wish = DelegationWish(
        taker=args.name, role=args.role, valid_from=start if start > now else 0, valid_to=read_moment(args.until, max(start, now)),
        reason=args.message or word(tr("Reason: "), stdin=False),
    )
    return _print_delegation(args, ask(settings, lambda hub: hub.approvals.delegate(wish)))


def undelegate(args: Namespace, settings: Settings) -> int:
    """Ends a delegation."""

    async def question(hub: client.Client) -> Delegation:
        ids = [one.id for one in await hub.approvals.delegations() if one.id.endswith(args.id)]
        return await hub.approvals.end_delegation(ids[0] if len(ids) == 1 else args.id)

    return _print_delegation(args, ask(settings, question))


def _print_delegation(args: Namespace, one: Delegation) -> int:
    if args.json:
        print_json(one)
    else:
        print(tr("{giver} lets {taker} approve as {role} from {start} until {end}.", giver=clean(one.giver_name),
                 taker=clean(one.taker_name), role=tr(one.role), start=clock(one.valid_from), end=clock(one.ended_at or one.valid_to)))
    return 0


def delegations(args: Namespace, settings: Settings) -> int:
    """Prints who may approve in whose name."""
    known = ask(settings, lambda hub: hub.approvals.delegations())
    if args.json:
        print_json(known)
        return 0
    now = time.time_ns() // 1_000_000
    shown: list[list[Any]] = [
        [short(one.id), one.giver_name, one.taker_name, tr(one.role), clock(one.valid_from), clock(one.ended_at or one.valid_to),
         tr("yes") if one.holds(now) else tr("no"), one.reason]
        for one in known
    ]
    headings = [tr("id"), tr("from whom"), tr("to whom"), tr("role"), tr("from"), tr("until"), tr("holds"), tr("reason")]
    print("\n".join(tables.lines(headings, shown, tables.room())))
    return 0
