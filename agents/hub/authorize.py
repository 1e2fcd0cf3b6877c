"""Who may do what: the one function that every route asks. The table is `core.permissions`, the decision `core.scopes.refusal`."""

from core.errors import ForbiddenError, LoginNeededError
from core.i18n import mark, tr
from core.identity import Actor, Caller
from core.permissions import PERMISSIONS, READ
from core.scopes import Refusal, refusal

_REASONS: dict[Refusal, tuple[str, str]] = {
    "change": (mark("The password must be changed first."), mark("Change it with `yunwang user passwd`.")),
    "enrol": (mark("The second factor must be set up first."), mark("Set it up with `yunwang user enrol`.")),
    "trial": (mark("The trial mode never does this: {action}"), mark("Found the three offices with `yunwang setup`.")),
    "trial-over": (
        mark("The trial's 30 days are over."), mark("Found the three offices with `yunwang setup`; export and backup still work."),
    ),
    "token": (mark("This token may not do this: {action}"), mark("Log in with `yunwang login`, or make a token with that action.")),
    "conflict": (mark("{actor} holds roles that exclude each other, so none counts."), mark("Ask the security officer to take one away.")),
    "role": (mark("{actor} may not do this: {action} {what}"), mark("It needs: {roles}.")),
    "place": (mark("{actor} may not do this there: {action} {what}"), mark("Ask the security officer for the role at that unit or site.")),
}


def authorize(caller: Caller, action: str, what: str = "", unit: str = "", site: str = "") -> None:
    """Raises `ForbiddenError` when `caller` may not do `action` (of `core.permissions`) to `what`, `LoginNeededError` for nobody.

    unit, site: names of where the object belongs. Both empty: it belongs to no place, and a grant for some places reaches it only in the
    lists of `core.permissions.FILTERED`, whose rows are then to be filtered by `core.scopes.visible`.
    """
    reason = refusal(caller, action, unit, site)
    if not reason:
        return
    if reason == "nobody":
        raise LoginNeededError(tr("Nobody is logged in."), way_out=tr("Log in with `yunwang login`."))
    message, way_out = _REASONS[reason]
    roles = ", ".join(tr(role) for role in sorted(PERMISSIONS.get(action, ())))
    raise ForbiddenError(
        tr(message, actor=caller.actor.name, action=action, what=what).rstrip(), way_out=tr(way_out, roles=roles),
    )


class Refusals:
    """Which refusals go to the journal: the same one once a minute, so that a refused caller cannot fill the disk."""

    def __init__(self, pause_ms: int = 60_000, most: int = 1000) -> None:
        self._pause_ms, self._most = pause_ms, most
        self._last: dict[tuple[str, int, str, str], int] = {}

    def is_new(self, actor: Actor, action: str, now_ms: int) -> bool:
        origin = "" if actor.origin.startswith("unix:") else actor.origin
        key = (actor.name, actor.uid, origin, action)
        last = self._last.get(key)
        if last is not None and 0 <= now_ms - last < self._pause_ms:
            return False
        if len(self._last) >= self._most:
            self._last.clear()
        self._last[key] = now_ms
        return True


__all__ = ["READ", "Refusals", "authorize"]
