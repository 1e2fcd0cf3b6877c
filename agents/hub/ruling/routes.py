"""Routes of the rules. Trying one is a job: `rule.test`."""

from litestar import Router, get, post

from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from agents.hub.ruling.reloading import ACTION
from core.identity import Caller
from core.rulebook import Reloaded, RuleBook


@get("/rules", summary="The rules in force with their open alerts, and files of the site's own that could not be read.")
async def rules(hub: Hub, caller: Caller) -> RuleBook:
    await hub.allow(caller)
    return hub.ruling.book(hub.sight(caller))


@post("/rules/reload", summary="Reads the site's own rules anew; with a mistake in any file nothing changes.", status_code=200)
async def reload(hub: Hub, caller: Caller, dry_run: bool = False) -> Reloaded:
    await hub.allow(caller, ACTION)
    forget_key()  # read twice, they are the same
    return await hub.ruling.reloading.reload(caller, dry_run=dry_run)


router = Router("/api/v1", route_handlers=[rules, reload], tags=["rules"])
