"""Routes of the rules. Trying one is a job: `rule.test`."""

from litestar import Router, get

from agents.hub.hub import Hub
from core.identity import Caller
from core.rulebook import RuleBook


@get("/rules", summary="The rules in force with their open alerts, and files of the site's own that could not be read.")
async def rules(hub: Hub, caller: Caller) -> RuleBook:
    await hub.allow(caller)
    return hub.ruling.book(hub.sight(caller))


router = Router("/api/v1", route_handlers=[rules], tags=["rules"])
