"""Whose word an approval waits for. In threads: it reads grants and delegations."""

from collections.abc import Iterable

import msgspec

from agents.hub.approvals.voices import grants_of, roles_at, taken
from core.approval import Approval
from core.identity import Account
from core.notices import Contact
from core.ports import ListQuery, RecordStore

MOST = 200


def waiting_for(store: RecordStore, contacts: Iterable[Contact], now_ms: int) -> list[tuple[Contact, Approval]]:
    """Contacts with the open approvals that they may give: never one's own, nor of one's own affair, nor where one has spoken."""
    page = store.page("approval", ListQuery(where={"state": "open"}, sort="-created_at", limit=MOST))
    approvals = [one for item in page.items if now_ms < (one := msgspec.convert(item, Approval)).expires_at]
    found = []
    for contact in contacts if approvals else ():
        account = store.find("account", contact.account)
        if isinstance(account, Account) and not account.disabled:
            found += [(contact, one) for one in approvals if _may_speak(store, account, one, now_ms)]
    return found


def _may_speak(store: RecordStore, account: Account, approval: Approval, now_ms: int) -> bool:
    if account.id == approval.author or account.id in approval.subject.concerns:
        return False
    if any(one.account == account.id and one.verdict != "comment" for one in approval.decisions):
        return False
    roles = roles_at(grants_of(store, account.id, now_ms), approval.unit, approval.site)
    roles |= {one.role for one in taken(store, account.id, now_ms) if one.giver != approval.author}
    return any(roles.intersection(approval.steps[number]) for number in approval.open_steps)
