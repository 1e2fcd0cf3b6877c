"""One alert with all that helps to understand it: what follows from it, who did what, what its device said, what depends on it."""

from typing import TYPE_CHECKING

from agents.hub.alerting.choosing import ORDER, Places, hurry, one
from agents.hub.alerting.history import steps
from agents.hub.authorize import authorize
from agents.hub.filtering import Filter
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from core.alerting import AlertStep, AlertStory, AlertTold, Said
from core.audit import AuditQuery
from core.errors import ForbiddenError, NotFoundError, YunwangError
from core.i18n import language
from core.identity import Caller
from core.ports import JournalRow, RecordStore
from core.questions import ImpactReport
from core.views import AlertRow
from core.width import clean
from core.work import Window

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_CHILDREN = 200
MOST_ROWS = 5000
PAGE = 1000
MOST_SAID = 10
MOST_NAMED = 20


async def story(hub: "Hub", caller: Caller, alert_id: str) -> AlertStory:
    """Raises `NotFoundError`, `ConflictError`."""
    sight = hub.sight(caller)
    row, places = await one(hub, alert_id, sight)
    place = places.of(row)
    rows, complete = await in_thread(_journal, hub.store, row.id)
    children, total = await _children(hub, row, sight)
    return AlertStory(
        alert=row, unit=place.unit, site=place.site, root=await _root(hub, row, sight), children=children, children_total=total,
        window=await _window(hub, row.silenced_by), history=steps(rows) or _as_far_as_known(row), history_complete=complete,
        told=_told(hub, caller, row), said=_said(hub, row, sight), impact=await _impact(hub, row, sight),
    )


def _journal(store: RecordStore, alert_id: str) -> tuple[list[JournalRow], bool]:
    """Oldest first, and whether it begins at the beginning and is all."""
    found: list[JournalRow] = []
    cursor = ""
    while len(found) < MOST_ROWS:
        page = store.search(AuditQuery(kind="alert", object_id=alert_id, oldest_first=True, limit=PAGE, cursor=cursor))
        found += page.items
        cursor = page.cursor
        if not cursor:
            break
    return found, not cursor and bool(found) and not found[0].before


def _as_far_as_known(row: AlertRow) -> tuple[AlertStep, ...]:
    """Where the trail is archived: what the alert itself remembers."""
    found = [AlertStep(at_ms=row.raised_at, who="", what="raised", text=row.severity)]
    found += [AlertStep(at_ms=said.at_ms, who=said.by, what="commented", text=said.text) for said in row.comments]
    if row.acked_at:
        found.append(AlertStep(at_ms=row.acked_at, who=row.acked_by, what="acked", text=row.ack_reason))
    if row.cleared_at:
        found.append(AlertStep(at_ms=row.cleared_at, who="", what="cleared"))
    return tuple(sorted(found, key=lambda step: step.at_ms))


async def _children(hub: "Hub", row: AlertRow, sight: Sight) -> tuple[tuple[AlertRow, ...], int]:
    """Those that one sees, and how many there are."""
    found = [other for other in hub.table.open_alerts() if other.suppressed_by == row.id]
    places = await Places.look(hub, found)
    seen = sorted((other for other in found if places.sees(sight, other)), key=lambda other: (ORDER[hurry(other)], other.raised_at))
    return tuple(map(places.named, seen[:MOST_CHILDREN])), len(found)


async def _root(hub: "Hub", row: AlertRow, sight: Sight) -> AlertRow | None:
    try:
        return (await one(hub, row.suppressed_by, sight))[0] if row.suppressed_by else None
    except NotFoundError:
        return None


async def _window(hub: "Hub", window_id: str) -> Window | None:
    if not window_id:
        return None
    if known := hub.windows.known.get(window_id):
        return known
    try:
        found: Window = await in_thread(hub.store.get, "time_window", window_id)
    except NotFoundError:
        return None
    return found


def _told(hub: "Hub", caller: Caller, row: AlertRow) -> tuple[AlertTold, ...]:
    try:
        authorize(caller, "notify.list")
    except ForbiddenError:
        return ()
    return tuple(
        AlertTold(at_ms=one.sent_at, contact=one.contact, about=one.about, state=one.state)
        for one in hub.notify.recent if row.id in one.alerts
    )


def _said(hub: "Hub", row: AlertRow, sight: Sight) -> tuple[Said, ...]:
    """The newest words of its device, up to when it was over."""
    if not hub.table.devices_by_id([row.device_id]):
        return ()
    rows, _ = hub.events.book.window(Filter(where={"device_id": row.device_id}, limit=MOST_SAID), sight)
    return tuple(
        Said(
            at_ms=max(one.at_ms, one.last_ms), text=clean(one.said.get(language(), "") or one.text, 400), mnemonic=clean(one.mnemonic, 80),
            count=one.count,
        )
        for one in rows
    )


async def _impact(hub: "Hub", row: AlertRow, sight: Sight) -> ImpactReport | None:
    """Of a port what is behind it, where the graph knows its link; else of the whole object."""
    from agents.hub.graph import composing
    from agents.hub.graph.naming import chosen as named

    try:
        view = await hub.graphs.view()
        view.node(row.device_id)
    except YunwangError:
        return None
    name = view.node(row.device_id).name
    port = f"{name}:{row.instance}" if row.instance and hub.suppress.meaning(row.rule) == "port" else ""
    for what in filter(None, (port, row.device_id)):
        try:
            found = await in_thread(lambda what=what: composing.impact(view, named(view, (what,), sight), sight))  # type: ignore[misc]
        except YunwangError:
            continue
        return found.replace(worst=found.worst[:MOST_NAMED], units=found.units[:MOST_NAMED])
    return None
