"""Where a caller may do what: decisions on `core.permissions` and the scopes of grants. Pure functions, each with one answer.

Resolved callers hold grants whose units already include the units below (`widened`), so a decision needs no tree of units.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from core.identity import Caller, Grant, Role, Scope
from core.permissions import AFTER_TRIAL, BEFORE_ALL, FILTERED, NEVER_BY_TOKEN, NEVER_IN_TRIAL, OWN, PERMISSIONS, READ, WHOAMI, conflict

Refusal = Literal["", "nobody", "change", "enrol", "trial", "trial-over", "token", "role", "place", "conflict"]
"""Why not; empty: it is allowed."""


def refusal(caller: Caller, action: str, unit: str = "", site: str = "") -> Refusal:
    """Why `caller` may not do `action` to what belongs to this unit or site; empty when they may.

    unit, site: names; both empty: it belongs to no place. Then a grant for some places is enough only for lists that are filtered.
    """
    if not caller.account:
        return "nobody"
    if caller.restricted and action not in BEFORE_ALL:
        return caller.restricted
    return _by_trial(caller, action) or _by_token(caller, action) or _by_roles(caller, action, unit, site)


def _by_trial(caller: Caller, action: str) -> Refusal:
    if caller.trial and action in NEVER_IN_TRIAL:
        return "trial"
    return "trial-over" if caller.trial_over and action not in AFTER_TRIAL else ""


def _by_token(caller: Caller, action: str) -> Refusal:
    if caller.how != "token" or action == WHOAMI:
        return ""
    return "token" if action in NEVER_BY_TOKEN or (caller.actions and action not in caller.actions) else ""


def _by_roles(caller: Caller, action: str, unit: str, site: str) -> Refusal:
    if action in OWN:
        return ""
    if conflict(frozenset(grant.role for grant in caller.grants)):
        return "conflict"
    may = PERMISSIONS.get(action, frozenset())
    holding = [grant for grant in caller.grants if grant.role in may]
    if not holding:
        return "role"
    if action in FILTERED and not (unit or site):
        return ""
    return "" if any(reaches(grant.scope, unit, site) for grant in holding) else "place"


def reaches(scope: Scope, unit: str, site: str) -> bool:
    """Whether what belongs to this unit and this site lies in the scope."""
    return not (scope.units or scope.sites) or (bool(unit) and unit in scope.units) or (bool(site) and site in scope.sites)


def visible(caller: Caller, action: str = READ) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Units and sites whose rows a caller sees, as `core.ports.ListQuery` takes them. (None, None): all; ((), None): none at all."""
    may = PERMISSIONS.get(action, frozenset())
    scopes = [grant.scope for grant in caller.grants if grant.role in may]
    if refusal(caller, action) or not scopes:
        return (), None
    if any(not (scope.units or scope.sites) for scope in scopes):
        return None, None
    units, sites = {unit for scope in scopes for unit in scope.units}, {site for scope in scopes for site in scope.sites}
    return tuple(sorted(units)), tuple(sorted(sites)) or None


def may_see(caller: Caller, unit: str, site: str, action: str = READ) -> bool:
    """Whether one row is among those that `visible` names."""
    units, sites = visible(caller, action)
    return units is None or unit in units or (sites is not None and site in sites)


def widened(scope: Scope, children: Mapping[str, Iterable[str]]) -> Scope:
    """The scope with all units below its units. children: names of the units right below a unit; circles do no harm."""
    found: dict[str, None] = {}
    waiting = list(scope.units)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found[unit] = None
            waiting.extend(children.get(unit, ()))
    return scope.replace(units=tuple(found)) if scope.units else scope


def actions(caller: Caller) -> tuple[str, ...]:
    """All that a caller may do somewhere."""
    roles = frozenset(grant.role for grant in caller.grants)
    somewhere = {action for action, may in PERMISSIONS.items() if may & roles or action in OWN}
    free = caller.replace(grants=tuple(Grant(id="", account="", role=role) for role in roles))
    return tuple(action for action in PERMISSIONS if action in somewhere and not refusal(free, action))


def clashing(role: Role, valid_from: int, valid_to: int, held: Iterable[Grant]) -> Grant | None:
    """A grant of the same person that a new one for this time would contradict (三员分立); None: there is none."""
    return next((
        grant for grant in held
        if conflict(frozenset({role, grant.role})) and (not valid_to or grant.valid_from < valid_to)
        and (not grant.valid_to or valid_from < grant.valid_to)
    ), None)


def may_push(offices_complete: bool, caller: Caller, unit: str = "", site: str = "") -> bool:
    """Whether anything may be written to a device at all: never in trial, never before the three offices exist."""
    return offices_complete and not caller.trial and not refusal(caller, "device.push", unit, site)
