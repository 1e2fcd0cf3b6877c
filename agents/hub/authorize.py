"""Who may do what: the one function that every route asks. Roles and scopes come behind this seam.

For now the account that runs the hub and root may do everything; whoever else may open the socket may read.
"""

import os

from core.errors import ForbiddenError
from core.i18n import tr
from core.ports import Actor

READ = "read"


def authorize(actor: Actor, action: str, what: str = "") -> None:
    """Raises `ForbiddenError` when `actor` may not do `action` (an operation's id, or `read`) to `what`."""
    if action == READ or actor.uid in (0, os.geteuid()):
        return
    raise ForbiddenError(
        tr("{actor} may not do this: {action} {what}", actor=actor.name, action=action, what=what).rstrip(),
        way_out=tr("Ask the account that runs the hub, or run the command as that account."),
    )


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
