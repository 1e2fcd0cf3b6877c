"""Who speaks to an approval: what counts of a caller's own roles, and of those that others delegated 授权代签."""

from collections.abc import Iterable

import msgspec

from core.approval import Approval, Delegation
from core.approving import Voice, proxies
from core.errors import NotFoundError
from core.identity import Account, Caller, Grant, Role
from core.permissions import conflict
from core.ports import ListQuery, RecordStore
from core.scopes import reaches, widened

MOST = 500


def roles_at(grants: Iterable[Grant], unit: str, site: str) -> frozenset[Role]:
    """The roles that grants give for what belongs there."""
    return frozenset(grant.role for grant in grants if reaches(grant.scope, unit, site))


def grants_of(store: RecordStore, account: str, now_ms: int) -> tuple[Grant, ...]:
    """What an account holds now, units below included; nothing where it is disabled or gone."""
    try:
        holder: Account = store.get("account", account)
    except NotFoundError:
        return ()
    if holder.disabled:
        return ()
    page = store.page("role_grant", ListQuery(where={"account": account}, sort="id", limit=MOST))
    grants = [msgspec.convert(item, Grant) for item in page.items]
    children: dict[str, list[str]] = {}
    if any(grant.scope.units for grant in grants):
        for unit in store.all("unit"):
            children.setdefault(unit.parent, []).append(unit.name)
    return tuple(
        grant.replace(scope=widened(grant.scope, children))
        for grant in grants if grant.valid_from <= now_ms and (not grant.valid_to or now_ms < grant.valid_to)
    )


def taken(store: RecordStore, account: str, now_ms: int) -> tuple[Delegation, ...]:
    """Delegations to this account that hold now."""
    page = store.page("delegation", ListQuery(where={"taker": account}, sort="-valid_to", limit=MOST))
    found = (msgspec.convert(item, Delegation) for item in page.items)
    return tuple(one for one in found if one.holds(now_ms))


def voice_of(store: RecordStore, caller: Caller, approval: Approval, now_ms: int) -> Voice:
    """A delegated role that contradicts an own one (三员分立) does not count, whatever the giver holds."""
    own = roles_at(caller.grants, approval.unit, approval.site)
    everywhere = frozenset(grant.role for grant in caller.grants)
    delegations = [one for one in taken(store, caller.account, now_ms) if not conflict(everywhere | {one.role})]
    held = {
        giver: roles_at(grants_of(store, giver, now_ms), approval.unit, approval.site) for giver in {one.giver for one in delegations}
    }
    return Voice(
        account=caller.account, name=caller.actor.name, roles=own, proxies=proxies(delegations, caller.account, held, now_ms),
    )
