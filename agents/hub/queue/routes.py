"""Routes of the review queue. Its list is the view `queue`."""

from typing import Annotated

from litestar import Router, delete, get, patch, post
from litestar.params import Parameter

from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from agents.hub.queue import ruling
from agents.hub.queue.knowing import rules
from agents.hub.queue.part import ACTIONS
from agents.hub.records import in_thread
from core.identity import Caller
from core.review import (
    AcceptRule,
    Decided,
    DecisionOnLines,
    DifferenceDetail,
    Replaced,
    Replacement,
    RuleSwitch,
    RuleTrial,
    RuleWish,
)

Id = Annotated[str, Parameter(max_length=64)]
Name = Annotated[str, Parameter(max_length=128)]


@get("/queue/{line_id:str}", summary="One line of the review queue with all sides of its object.")
async def one(hub: Hub, caller: Caller, line_id: Id) -> DifferenceDetail:
    await hub.allow(caller, "queue.list")
    return await hub.queue.show(caller, line_id)


@post("/queue/decisions", summary="Accepts, rejects, reopens lines, or undoes their acceptance.", status_code=200)
async def decide(hub: Hub, caller: Caller, data: DecisionOnLines) -> Decided:
    await hub.allow(caller, ACTIONS[data.verdict])
    if data.dry_run:
        forget_key()
    return await hub.queue.decide(caller, data)


@get("/queue-rules", summary="Rules that accept classes of differences by themselves.")
async def list_rules(hub: Hub, caller: Caller) -> tuple[AcceptRule, ...]:
    await hub.allow(caller, "queue.rule-list")
    return await in_thread(rules, hub.store)


@post("/queue-rules", summary="A new rule; what is open and fits is accepted at once.")
async def add_rule(hub: Hub, caller: Caller, data: RuleWish) -> AcceptRule:
    return await ruling.add(hub, caller, data)


@post("/queue-rules/trial", summary="What a rule would accept, were it there.", status_code=200)
async def try_wish(hub: Hub, caller: Caller, data: RuleWish) -> RuleTrial:
    await hub.allow(caller, "queue.rule-add", data.name)
    forget_key()
    return await ruling.trial(hub, caller, ruling.rule_of(data))


@get("/queue-rules/{name:str}/trial", summary="What a rule would accept of what is open.")
async def try_rule(hub: Hub, caller: Caller, name: Name) -> RuleTrial:
    await hub.allow(caller, "queue.rule-list", name)
    return await ruling.trial(hub, caller, await ruling.named(hub, name))


@patch("/queue-rules/{name:str}", summary="Switches a rule on or off.")
async def switch_rule(hub: Hub, caller: Caller, name: Name, data: RuleSwitch) -> AcceptRule:
    return await ruling.switch(hub, caller, name, data.enabled)


@delete("/queue-rules/{name:str}", summary="Removes a rule of people's own; what it accepted stays.")
async def remove_rule(hub: Hub, caller: Caller, name: Name) -> None:
    await ruling.remove(hub, caller, name)


@post("/devices/{name:str}/replacement", summary="Another box in the place of a device, which keeps its history.", status_code=200)
async def replace(hub: Hub, caller: Caller, name: Name, data: Replacement) -> Replaced:
    await hub.allow(caller, "device.replace", name)
    if data.dry_run:
        forget_key()
    return await hub.queue.replace(caller, name, data)


router = Router(
    "/api/v1", route_handlers=[one, decide, list_rules, add_rule, try_wish, try_rule, switch_rule, remove_rule, replace], tags=["queue"],
)
