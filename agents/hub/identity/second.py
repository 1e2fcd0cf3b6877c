"""What needs a second person: asked for once, done when the same is asked again after the approval."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agents.hub.identity.writing import Writing
from core.approval import Subject, digest_of
from core.errors import ForbiddenError
from core.identity import Account, Asked, Caller

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.hub.identity.part import Identities


class Second:
    """The eyes of a second person."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def do(
        self, part: "Identities", caller: Caller, kind: str, account: Account, title: str, content: dict[str, Any],
        change: Callable[[Writing], None],
    ) -> Asked:
        """Carries `change` out, with the approval used up in the same transaction; where there is none, asks for it."""
        digest = digest_of(kind, account.id, content)
        try:
            approval = await self._hub.approvals.need(kind, account.id, digest)
        except ForbiddenError:
            subject = Subject(
                kind=kind, object_id=account.id, title=title, digest=digest, content=content, risk="high", concerns=(account.id,),
            )
            asked = await self._hub.approvals.ask(caller, subject)
            if asked.state != "approved":
                return Asked(done=False, approval=asked.id)
            approval = asked

        def approved(write: Writing) -> None:
            self._hub.approvals.use(write.inside, caller, approval.id, digest)
            change(write)

        await part.write(caller, approved)
        return Asked(done=True, approval=approval.id, id=account.id)
