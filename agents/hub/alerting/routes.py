"""Routes of alerts: finding them, the story of each, and what people do about them. The list that consoles follow is the view `alerts`."""

from typing import Annotated, Literal

from litestar import Router, get, post
from litestar.params import Parameter

from agents.hub.alerting import acting, choosing, silencing, telling
from agents.hub.asking import forget_key
from agents.hub.hub import Hub
from core.alerting import AlertList, AlertOrder, AlertQuery, AlertsDone, AlertSilence, AlertSilenced, AlertStory, Being, Verb
from core.identity import Caller
from core.signals import Severity

Text = Annotated[str, Parameter(max_length=256)]
Id = Annotated[str, Parameter(max_length=64, description="Whole id, or its last characters where only one alert ends so.")]
Least = Annotated[Severity | Literal[""], Parameter(description="This urgent or more; what something stands in for is at most minor.")]
Moment = Annotated[int, Parameter(ge=0, le=2**62, description="Raised then or later, milliseconds since 1970.")]
Cursor = Annotated[str, Parameter(max_length=128, description="The `cursor` of the page before.")]
Limit = Annotated[int, Parameter(ge=1, le=5_000)]


@get("/alerts/matching", summary="Alerts by what they are about: the most urgent first, cleared ones after open ones.")
async def matching(
    hub: Hub, caller: Caller, text: Text = "", least: Least = "", unit: Text = "", site: Text = "", device: Text = "", rule: Text = "",
    root: Id = "", being: Being = "open", roots: bool = True, unacked: bool = False, unmuted: bool = False, since_ms: Moment = 0,
    limit: Limit = 200, after: Cursor = "",
) -> AlertList:
    await hub.allow(caller)
    query = AlertQuery(
        text=text, least=least, unit=unit, site=site, device=device, rule=rule, root=root, being=being, roots=roots,
        unacked=unacked, unmuted=unmuted, since_ms=since_ms,
    )
    found = await choosing.chosen(hub, query, hub.sight(caller))
    rows, _, cursor = found.page(after, limit)
    return AlertList(rows=tuple(rows), total=len(found.rows), cursor=cursor, complete=found.complete)


@get("/alerts/{alert_id:str}", summary="One alert: what follows from it, its history, what its device said, what depends on it.")
async def show(hub: Hub, caller: Caller, alert_id: Id) -> AlertStory:
    await hub.allow(caller)
    return await telling.story(hub, caller, alert_id)


@post("/alerts/ack", summary="Takes alerts on: nobody is told of them again.", status_code=200)
async def ack(hub: Hub, caller: Caller, data: AlertOrder) -> AlertsDone:
    return await _act(hub, caller, "ack", data)


@post("/alerts/unack", summary="Gives alerts back.", status_code=200)
async def unack(hub: Hub, caller: Caller, data: AlertOrder) -> AlertsDone:
    return await _act(hub, caller, "unack", data)


@post("/alerts/comment", summary="Notes something about alerts.", status_code=200)
async def comment(hub: Hub, caller: Caller, data: AlertOrder) -> AlertsDone:
    return await _act(hub, caller, "comment", data)


@post("/alerts/close", summary="Closes alerts whose condition nobody looks at any more.", status_code=200)
async def close(hub: Hub, caller: Caller, data: AlertOrder) -> AlertsDone:
    return await _act(hub, caller, "close", data)


async def _act(hub: Hub, caller: Caller, verb: Verb, order: AlertOrder) -> AlertsDone:
    await hub.allow(caller, acting.ACTIONS[verb])
    if order.dry_run:
        forget_key()
    return await acting.act(hub, caller, verb, order)


@post("/alerts/silence", summary="Adds a silence over what an alert is about, or over what is named.", status_code=200)
async def silence(hub: Hub, caller: Caller, data: AlertSilence) -> AlertSilenced:
    await hub.allow(caller)
    if data.dry_run:
        forget_key()
    return await silencing.silence(hub, caller, data)


router = Router("/api/v1", route_handlers=[matching, show, ack, unack, comment, close, silence], tags=["alerts"])
