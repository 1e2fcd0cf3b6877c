"""Routes of approvals. Lists are the view `approvals`; nobody asks for an approval here: the trade whose content it is does."""

from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from agents.hub.approvals import delegating
from agents.hub.hub import Hub
from agents.hub.records import in_thread
from core.approval import Approval, DecisionWish, Delegation, DelegationWish, RulesInForce, WithdrawWish
from core.approving import Word
from core.identity import Caller

Id = Annotated[str, Parameter(max_length=64)]


@get("/approvals/{approval_id:str}", summary="One request with its content and every word to it.")
async def one(hub: Hub, caller: Caller, approval_id: Id) -> Approval:
    await hub.allow(caller, "approval.list")
    approval = await hub.approvals.get(approval_id)
    await hub.allow(caller, "approval.list", approval.title, approval.unit, approval.site)
    return approval


@post("/approvals/{approval_id:str}/decisions", summary="Approves, rejects or comments.", status_code=200)
async def decide(hub: Hub, caller: Caller, approval_id: Id, data: DecisionWish) -> Approval:
    await hub.allow(caller, "approval.list")
    word = Word(verdict=data.verdict, digest=data.digest, text=data.text, on_behalf_of=data.on_behalf_of)
    return await hub.approvals.decide(caller, approval_id, word)


@post("/approvals/{approval_id:str}/withdraw", summary="Takes back one's own request.", status_code=200)
async def withdraw(hub: Hub, caller: Caller, approval_id: Id, data: WithdrawWish) -> Approval:
    await hub.allow(caller, "approval.list")
    return await hub.approvals.withdraw(caller, approval_id, data.text)


@get("/approval-rules", summary="Who approves what: the rules in force.")
async def rules(hub: Hub, caller: Caller) -> RulesInForce:
    await hub.allow(caller, "approval.list")
    book = await in_thread(hub.approvals.book)
    return RulesInForce(source=book.source, digest=book.digest, rules=book.rules)


@get("/delegations", summary="Who may approve in whose name, newest first.")
async def delegations(hub: Hub, caller: Caller) -> tuple[Delegation, ...]:
    await hub.allow(caller, "approval.list")
    return await delegating.listed(hub)


@post("/delegations", summary="Lets somebody approve in one's name for a while.")
async def delegate(hub: Hub, caller: Caller, data: DelegationWish) -> Delegation:
    return await delegating.delegate(hub, caller, data)


@post("/delegations/{delegation_id:str}/end", summary="Ends a delegation now.", status_code=200)
async def undelegate(hub: Hub, caller: Caller, delegation_id: Id) -> Delegation:
    return await delegating.end(hub, caller, delegation_id)


router = Router("/api/v1", route_handlers=[one, decide, withdraw, rules, delegations, delegate, undelegate], tags=["approvals"])
