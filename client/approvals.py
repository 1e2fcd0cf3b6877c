"""`client.approvals`: requests for approval, and who may approve in whose name."""

from urllib.parse import quote

from client.transport import Transport
from core.approval import Approval, DecisionWish, Delegation, DelegationWish, RulesInForce, WithdrawWish


class Approvals:
    """The rows are the view `approvals`. digest: of what was read; a word to another content is refused with `ConflictError`."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def get(self, approval_id: str) -> Approval:
        return await self._wire.get(f"/api/v1/approvals/{_segment(approval_id)}", Approval)

    async def approve(self, approval_id: str, digest: str, text: str = "", on_behalf_of: str = "") -> Approval:
        return await self._say(approval_id, DecisionWish(verdict="approve", digest=digest, text=text, on_behalf_of=on_behalf_of))

    async def reject(self, approval_id: str, digest: str, text: str, on_behalf_of: str = "") -> Approval:
        return await self._say(approval_id, DecisionWish(verdict="reject", digest=digest, text=text, on_behalf_of=on_behalf_of))

    async def comment(self, approval_id: str, digest: str, text: str) -> Approval:
        return await self._say(approval_id, DecisionWish(verdict="comment", digest=digest, text=text))

    async def _say(self, approval_id: str, wish: DecisionWish) -> Approval:
        return await self._wire.send("POST", f"/api/v1/approvals/{_segment(approval_id)}/decisions", Approval, wish)

    async def withdraw(self, approval_id: str, text: str = "") -> Approval:
        return await self._wire.send("POST", f"/api/v1/approvals/{_segment(approval_id)}/withdraw", Approval, WithdrawWish(text=text))

    async def rules(self) -> RulesInForce:
        return await self._wire.get("/api/v1/approval-rules", RulesInForce)

    async def delegations(self) -> tuple[Delegation, ...]:
        """Newest first."""
        return await self._wire.get("/api/v1/delegations", tuple[Delegation, ...])

    async def delegate(self, wish: DelegationWish) -> Delegation:
        return await self._wire.send("POST", "/api/v1/delegations", Delegation, wish)

    async def end_delegation(self, delegation_id: str) -> Delegation:
        return await self._wire.send("POST", f"/api/v1/delegations/{_segment(delegation_id)}/end", Delegation)


def _segment(text: str) -> str:
    return quote(text, safe="")
