"""`client.queue`: the review queue, its rules, and the box that was replaced. Its list is the view `queue`."""

from urllib.parse import quote

from client.transport import Transport
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

LONG_S = 300.0


class Queue:
    """What waits for a person's decision about the inventory."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def show(self, line_id: str) -> DifferenceDetail:
        """One line with all sides of its object, and what acceptance would do."""
        return await self._wire.get(f"/api/v1/queue/{_segment(line_id)}", DifferenceDetail)

    async def decide(self, wish: DecisionOnLines) -> Decided:
        """Accepts, rejects, reopens or undoes; `left` of the answer tells that there are more than one call takes."""
        return await self._wire.send("POST", "/api/v1/queue/decisions", Decided, wish, timeout_s=LONG_S)

    async def rules(self) -> tuple[AcceptRule, ...]:
        return await self._wire.get("/api/v1/queue-rules", tuple[AcceptRule, ...])

    async def add_rule(self, wish: RuleWish) -> AcceptRule:
        return await self._wire.send("POST", "/api/v1/queue-rules", AcceptRule, wish, timeout_s=LONG_S)

    async def try_wish(self, wish: RuleWish) -> RuleTrial:
        """What a rule would accept, were it there."""
        return await self._wire.send("POST", "/api/v1/queue-rules/trial", RuleTrial, wish)

    async def try_rule(self, name: str) -> RuleTrial:
        return await self._wire.get(f"/api/v1/queue-rules/{_segment(name)}/trial", RuleTrial)

    async def switch_rule(self, name: str, enabled: bool) -> AcceptRule:
        path = f"/api/v1/queue-rules/{_segment(name)}"
        return await self._wire.send("PATCH", path, AcceptRule, RuleSwitch(enabled=enabled), timeout_s=LONG_S)

    async def remove_rule(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/queue-rules/{_segment(name)}")

    async def replace_device(self, name: str, wish: Replacement) -> Replaced:
        """Another box in the place of a device, which keeps its id and history."""
        return await self._wire.send("POST", f"/api/v1/devices/{_segment(name)}/replacement", Replaced, wish, timeout_s=LONG_S)


def _segment(text: str) -> str:
    return quote(text, safe="")
