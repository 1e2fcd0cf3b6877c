"""授权代签: letting somebody else approve in one's name, for a while."""

from typing import TYPE_CHECKING

import msgspec

from agents.hub.approvals.voices import grants_of
from agents.hub.records import in_thread, now_ms
from core.approval import Delegation, DelegationWish
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import EVERYWHERE, Account, Caller
from core.nouns import new_id
from core.permissions import PERMISSIONS, conflict
from core.ports import ListQuery, RecordStore, RecordWrite
from core.width import clean

if TYPE_CHECKING:
    from agents.hub.hub import Hub

DAY_MS = 86_400_000
LONGEST_MS = 92 * DAY_MS
MOST_OF_ONE = 20


async def delegate(hub: "Hub", caller: Caller, wish: DelegationWish) -> Delegation:
    """Raises what stands against it: one gives what one holds, and never to whom it would make hold two offices."""
    scope = next((grant.scope for grant in caller.grants if grant.role == wish.role), EVERYWHERE)  # where it is held it may be delegated
    await hub.allow(caller, "approval.delegate", wish.taker, *scope.units[:1] or ("",), *scope.sites[:1] or ("",))
    now = now_ms()
    taker = await in_thread(_checked, hub.store, caller, wish, now)
    given = Delegation(
        id=new_id(now), giver=caller.account, taker=taker.id, giver_name=caller.actor.name, taker_name=taker.name, role=wish.role,
        valid_from=max(wish.valid_from, now), valid_to=wish.valid_to, reason=clean(wish.reason).strip(),
    )

    def write(change: RecordWrite) -> Delegation:
        change.put("approval.delegate", given)
        return given

    return await hub.write(caller, write)


def _checked(store: RecordStore, caller: Caller, wish: DelegationWish, now: int) -> Account:
    if not wish.reason.strip() or len(wish.reason) > 1000:
        raise InvalidInputError(tr("A delegation needs its reason, in at most 1000 characters."))
    if not max(wish.valid_from, now) < wish.valid_to <= now + LONGEST_MS:
        raise InvalidInputError(tr("A delegation ends in the future, at most {days} days ahead.", days=LONGEST_MS // DAY_MS))
    if wish.role not in {grant.role for grant in caller.grants}:
        raise ForbiddenError(tr("Nobody delegates a role that they do not hold."), way_out=tr("`yunwang whoami` shows yours."))
    if wish.role not in PERMISSIONS["approval.decide"]:
        raise InvalidInputError(tr("This role approves nothing."))
    taker: Account | None = store.find("account", wish.taker)
    if taker is None or taker.disabled:
        raise NotFoundError(tr("There is no account {name} that is in use.", name=wish.taker[:64]))
    if taker.id == caller.account:
        raise InvalidInputError(tr("Nobody delegates to themselves."))
    held = frozenset(grant.role for grant in grants_of(store, taker.id, now))
    if conflict(held | {wish.role}):
        raise ConflictError(
            tr("{name} holds a role that goes with no {role}.", name=taker.name, role=tr(wish.role)),
            way_out=tr("Choose somebody whose roles do not contradict it."),
        )
    if sum(one.holds(now) for one in given_by(store, caller.account)) >= MOST_OF_ONE:
        raise ConflictError(tr("You have delegated too often."), way_out=tr("End a delegation first."))
    return taker


def given_by(store: RecordStore, account: str) -> list[Delegation]:
    page = store.page("delegation", ListQuery(where={"giver": account}, sort="-valid_to", limit=500))
    return [msgspec.convert(item, Delegation) for item in page.items]


async def end(hub: "Hub", caller: Caller, delegation_id: str) -> Delegation:
    """Ends a delegation now: one's own, or one that was given to oneself."""
    await hub.allow(caller, "approval.list", delegation_id)

    def write(change: RecordWrite) -> Delegation:
        found: Delegation = change.get("delegation", delegation_id)
        now = now_ms()
        if caller.account not in (found.giver, found.taker):
            raise ForbiddenError(tr("Only who gave or took a delegation ends it."))
        if now >= (found.ended_at or found.valid_to):
            raise ConflictError(tr("The delegation has ended already."))
        ended = found.replace(ended_at=now)
        change.put("approval.undelegate", ended)
        return ended

    return await hub.write(caller, write)


async def listed(hub: "Hub") -> tuple[Delegation, ...]:
    """Newest first."""
    page = await in_thread(hub.store.page, "delegation", ListQuery(sort="-valid_from", limit=500))
    return tuple(msgspec.convert(item, Delegation) for item in page.items)
