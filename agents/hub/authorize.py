"""Who may do what: the one function that every route asks. The table is `core.permissions`."""

import os

from core.errors import ForbiddenError
from core.i18n import tr
from core.identity import Actor, Caller, Grant
from core.permissions import PERMISSIONS

READ = "read"


def caller_of(actor: Actor) -> Caller:
    """The account behind a connection: for now the account that runs the hub and root administer it, whoever else gets in may read."""
    role = "system-administrator" if actor.uid in (0, os.geteuid()) else "viewer"
    return Caller(actor=actor, grants=(Grant(id="", account="", role=role),))  # type: ignore[arg-type]


def authorize(caller: Caller, action: str, what: str = "", unit: str = "", site: str = "") -> None:
    """Raises `ForbiddenError` when `caller` may not do `action` (an operation's id, or `read`) to `what`.

    unit, site: names of where the object belongs; both empty: it belongs to no place, and a grant for some places does not reach it.
    """
    may = PERMISSIONS.get(action, frozenset())
    if any(grant.role in may and _reaches(grant, unit, site) for grant in caller.grants):
        return
    raise ForbiddenError(
        tr("{actor} may not do this: {action} {what}", actor=caller.actor.name, action=action, what=what).rstrip(),
        way_out=tr("Ask the account that runs the hub, or run the command as that account."),
    )


def _reaches(grant: Grant, unit: str, site: str) -> bool:
    scope = grant.scope
    return not (scope.units or scope.sites) or unit in scope.units or site in scope.sites


class Refusals:
    """Which refusals go to the journal: the same one once a minute, so that a refused caller cannot fill the disk."""

    def __init__(self, pause_ms: int = 60_000, most: int = 1000) -> None:
        self._pause_ms, self._most = pause_ms, most
        self._last: dict[tuple[int, str], int] = {}

    def is_new(self, actor: Actor, action: str, now_ms: int) -> bool:
        key = (actor.uid, action)
        last = self._last.get(key)
        if last is not None and 0 <= now_ms - last < self._pause_ms:
            return False
        if len(self._last) >= self._most:
            self._last.clear()
        self._last[key] = now_ms
        return True
