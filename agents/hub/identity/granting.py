"""Roles are given by the security officer, never to oneself, never two that exclude each other; offices need a second person."""

from typing import TYPE_CHECKING, Any

from agents.hub.identity.second import Second
from agents.hub.identity.writing import Writing, in_turn
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Account, Asked, Caller, Grant, NewGrant, Scope
from core.nouns import new_id
from core.permissions import CONTACT, EVERYWHERE_ONLY, IN_CHARGE, conflict
from core.scopes import clashing

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities

SECOND_PERSON = EVERYWHERE_ONLY | {IN_CHARGE}
"""Roles that nobody gives alone."""
MOST_PLACES = 200
MOST_GRANTS = 50
"""Of one account."""


class Granting:
    """What the routes on grants do, once the caller was allowed to."""

    def __init__(self, part: "Identities") -> None:
        self._part, self._people = part, part.people
        self._second = Second(part.hub)

    @in_turn
    async def add(self, caller: Caller, new: NewGrant, now_ms: int) -> Asked:
        account = self._people.named(new.account)
        if account is None:
            raise NotFoundError(tr("There is no account {name}.", name=new.account[:64]), way_out=tr("`yunwang user list` shows them."))
        scope = self._scope(account, new)
        self._check(caller, account, new, scope, now_ms)
        grant = Grant(
            id=new_id(now_ms), account=account.id, role=new.role, scope=scope, valid_from=new.valid_from, valid_to=new.valid_to,
        )

        def change(write: Writing) -> None:
            for kind, places in (("unit", scope.units), ("site", scope.sites)):
                for place in places:
                    if write.find(kind, place) is None:
                        raise NotFoundError(
                            tr("There is no {kind} named {name}.", kind=tr(kind), name=place[:64]),
                            way_out=tr("`yunwang inventory list {kind}` shows them.", kind=kind),
                        )
            self._check_clash(account, new)
            write.note("grant.add", _told(account, grant))
            write.put("grant.add", grant)

        if new.role not in SECOND_PERSON:
            await self._part.write(caller, change)
            return Asked(done=True, id=grant.id)
        content = {"account": account.name, "role": new.role, "from": new.valid_from, "to": new.valid_to, "sites": list(scope.sites),
                   "units": list(scope.units)}
        title = tr("Make {name} {role}", name=account.name, role=tr(new.role))
        asked = await self._second.do(self._part, caller, "grant", account, title, content, change)
        return asked.replace(id=grant.id) if asked.done else asked

    def _scope(self, account: Account, new: NewGrant) -> Scope:
        """Where the role will hold. A unit contact without a named unit is the contact of the own one."""
        scope = Scope(units=tuple(sorted(set(new.scope.units))), sites=tuple(sorted(set(new.scope.sites))))
        if len(scope.units) + len(scope.sites) > MOST_PLACES:
            raise InvalidInputError(
                tr("A role holds for {most} units and sites at most.", most=MOST_PLACES), way_out=tr("Name a unit above them."),
            )
        if new.role in EVERYWHERE_ONLY and (scope.units or scope.sites):
            raise InvalidInputError(tr("The office {role} holds everywhere.", role=tr(new.role)), way_out=tr("Leave out units and sites."))
        if new.role == CONTACT and not scope.units:
            if scope.sites or not account.unit:
                raise InvalidInputError(tr("A unit contact needs a unit."), way_out=tr("Name it with --unit."))
            scope = Scope(units=(account.unit,))
        return scope

    def _check(self, caller: Caller, account: Account, new: NewGrant, scope: Scope, now_ms: int) -> None:
        if caller.trial:
            raise ForbiddenError(tr("The trial has one account only."), way_out=tr("Found the three offices with `yunwang setup`."))
        if account.id == caller.account:
            raise ForbiddenError(tr("Nobody gives a role to the own account."), way_out=tr("Ask another security officer."))
        if account.disabled:
            raise ConflictError(tr("The account {name} is disabled.", name=account.name), way_out=tr("Enable it first."))
        if new.valid_to and (new.valid_to <= now_ms or new.valid_to <= new.valid_from):
            raise InvalidInputError(tr("The role would end before it begins."), way_out=tr("Correct the dates."))
        held = self._people.granted(account.id)
        if len(held) >= MOST_GRANTS:
            raise ConflictError(tr("{name} holds {most} roles already.", name=account.name, most=MOST_GRANTS))
        if any((one.role, one.scope, one.valid_from, one.valid_to) == (new.role, scope, new.valid_from, new.valid_to) for one in held):
            raise ConflictError(tr("{name} holds this role already.", name=account.name))
        self._check_clash(account, new)

    def _check_clash(self, account: Account, new: NewGrant) -> None:
        """Asked again inside the transaction: two grants at once must not get past each other."""
        other = clashing(new.role, new.valid_from, new.valid_to, self._people.granted(account.id))
        if other is not None and conflict(frozenset({new.role, other.role})):
            raise ConflictError(
                tr("{name} is {held}; nobody may be {role} as well.", name=account.name, held=tr(other.role), role=tr(new.role)),
                way_out=tr("Take the other role away first, or give this one to another person."),
            )

    @in_turn
    async def remove(self, caller: Caller, grant_id: str, now_ms: int) -> None:
        """Takes a role away, at once for every session."""
        grant = self._people.grants.get(grant_id)
        account = self._people.accounts.get(grant.account) if grant else None
        if grant is None or account is None:
            raise NotFoundError(tr("There is no such grant."), way_out=tr("`yunwang grant list` shows them."))
        others = [one for one in self._people.held(account.id, now_ms) if one.role == grant.role and one.id != grant_id]
        if not others and grant.role in EVERYWHERE_ONLY:
            self._part.accounts.check_not_last(account, now_ms)

        def change(write: Writing) -> None:
            write.note("grant.remove", _told(account, grant))
            write.drop_grant("grant.remove", grant_id)

        await self._part.write(caller, change)


def _told(account: Account, grant: Grant) -> dict[str, Any]:
    """A grant as the auditor reads it: by name."""
    return {"account": account.name, "role": grant.role, "units": list(grant.scope.units), "sites": list(grant.scope.sites)}
