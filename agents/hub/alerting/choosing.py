"""Which alerts a person means, of those that this person sees."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from agents.hub.filtering import MAX_WORDS
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from agents.hub.table import alert_row, alert_words
from core.alerting import AlertQuery
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.graph import GraphView
from core.i18n import tr
from core.ports import ListQuery, RecordStore
from core.signals import Alert, Severity, urgency
from core.views import AlertRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub

PAGE = 1000
STEP = 1000
"""Alerts that are looked at before others have their turn: a storm has tens of thousands."""
MOST_READ = 10_000
"""Cleared alerts that are read out of the records for one list."""
SHORTEST = 4
WHOLE = 32
ORDER: dict[str, int] = {"critical": 0, "major": 1, "minor": 2, "warning": 3, "info": 4}
_SEVERITIES: dict[str, Severity] = {"critical": "critical", "major": "major", "minor": "minor", "warning": "warning", "info": "info"}


class Belonging(NamedTuple):
    """Where the object of an alert belongs. name: of whatever it is."""

    name: str = ""
    unit: str = ""
    site: str = ""
    kind: str = "device"


class Places:
    """Where alerts belong, as it is at one moment."""

    def __init__(self, hub: "Hub", view: GraphView | None) -> None:
        self._hub, self._view = hub, view
        self._known: dict[str, Belonging] = {}

    @classmethod
    async def look(cls, hub: "Hub", rows: Iterable[AlertRow]) -> "Places":
        """The graph is asked only where one of the alerts is about no device."""
        strange = any(not hub.table.devices_by_id([row.device_id]) for row in rows)
        return cls(hub, await hub.graphs.view() if strange else None)

    def of(self, row: AlertRow) -> Belonging:
        found = self._known.get(row.device_id)
        if found is None:
            found = self._known[row.device_id] = self._look(row.device_id)
        return found

    def _look(self, object_id: str) -> Belonging:
        if devices := self._hub.table.devices_by_id([object_id]):
            return Belonging(devices[0].name, devices[0].unit, devices[0].site)
        if self._view is None:
            return Belonging(kind="")
        from inventory.graph.belonging import place_of

        try:
            node = self._view.node(object_id)
        except NotFoundError:
            return Belonging(kind="")
        return Belonging(node.name, *place_of(self._view, node), node.kind)

    def sees(self, sight: Sight, row: AlertRow) -> bool:
        """What belongs nowhere is seen by those who see everything."""
        place = self.of(row)
        return sight.everything or ((bool(place.unit) or bool(place.site)) and sight.sees(place.unit, place.site))

    def named(self, row: AlertRow) -> AlertRow:
        """With the name and kind of its object, where that is no device."""
        place = self.of(row)
        return row if place.kind == "device" else row.replace(device=place.name, object_kind=place.kind)


Key = tuple[bool, int, int, str]
"""Where an alert stands in every list: the most urgent first, then the newest, cleared ones after open ones."""


class Chosen(NamedTuple):
    """rows: in the order of their keys. complete: False where older ones were not looked at."""

    rows: list[AlertRow]
    complete: bool
    places: Places

    def page(self, after: str, limit: int) -> tuple[list[AlertRow], int, str]:
        """Some of them, how many come after these, and where those begin. Raises `InvalidInputError` for what is no cursor."""
        rows = self.rows[bisect_right(self.rows, _key_in(after), key=key_of) :] if after else self.rows
        some = rows[:limit]
        left = len(rows) - len(some)
        return some, left, _cursor(some[-1]) if left and some else ""


def key_of(row: AlertRow) -> Key:
    return bool(row.cleared_at), 0 if row.cleared_at else ORDER[hurry(row)], -row.raised_at, row.id


def _cursor(row: AlertRow) -> str:
    cleared, order, at, alert_id = key_of(row)
    return f"{int(cleared)}.{order}.{-at}.{alert_id}"


def _key_in(cursor: str) -> Key:
    try:
        cleared, order, at, alert_id = cursor.split(".", 3)
        return bool(int(cleared)), int(order), -int(at), alert_id
    except ValueError:
        raise InvalidInputError(tr("This is no place in the list of alerts."), way_out=tr("Begin again without it.")) from None


def hurry(row: AlertRow) -> Severity:
    """How urgent it is, redundancy counted."""
    return urgency(_SEVERITIES.get(row.severity, "info"), row.left, row.of)


async def chosen(hub: "Hub", query: AlertQuery, sight: Sight) -> Chosen:
    """Those that fit, and that are seen. Raises `NotFoundError`, `ConflictError` for ids that name none or several."""
    if query.ids:
        rows = await _named(hub, query.ids, sight)
        complete = True
    else:
        rows, complete = await _candidates(hub, query)
    if query.root:
        (root,) = await _named(hub, (query.root,), sight)
        query = query.replace(root=root.id)
    places = await Places.look(hub, rows)
    fits = _fits(hub, query, places)
    found: list[AlertRow] = []
    for start in range(0, len(rows), STEP):
        found += [places.named(row) for row in rows[start : start + STEP] if places.sees(sight, row) and fits(row)]
        await asyncio.sleep(0)
    keyed = await asyncio.to_thread(sorted, found, key=key_of)
    return Chosen(keyed, complete, places)


async def one(hub: "Hub", alert_id: str, sight: Sight) -> tuple[AlertRow, Places]:
    """One alert that is seen. Raises `NotFoundError`, `ConflictError`."""
    found = await chosen(hub, AlertQuery(ids=(alert_id,)), sight)
    return found.rows[0], found.places


async def _named(hub: "Hub", ids: Sequence[str], sight: Sight) -> list[AlertRow]:
    """In the order in which they were named, each once."""
    known = [*hub.table.open_alerts(), *hub.table.cleared_alerts()] if any(len(name) != WHOLE for name in ids) else []
    meant = {name: await _by_id(hub, name) if len(name) == WHOLE else await _by_end(hub, name.lower(), known, sight) for name in ids}
    places = await Places.look(hub, [row for row in meant.values() if row is not None])
    found: dict[str, AlertRow] = {}
    for name, row in meant.items():
        if row is None or not places.sees(sight, row):
            raise NotFoundError(tr("There is no alert {name}.", name=name[:64]), way_out=tr("They are shown by `yunwang alert list`."))
        found[row.id] = row
    return list(found.values())


async def _by_id(hub: "Hub", alert_id: str) -> AlertRow | None:
    row = hub.table.alert(alert_id)
    if row is not None:
        return row
    try:
        kept: Alert = await in_thread(hub.store.get, "alert", alert_id)
    except NotFoundError:
        return None
    return _row(hub, kept)


async def _by_end(hub: "Hub", end: str, known: Iterable[AlertRow], sight: Sight) -> AlertRow | None:
    ends = [row for row in known if row.id.endswith(end)] if len(end) >= SHORTEST else []
    places = await Places.look(hub, ends)
    ends = [row for row in ends if places.sees(sight, row)]
    if len(ends) > 1:
        raise ConflictError(tr("Several alerts end in {name}.", name=end[:64]), way_out=tr("Name more of the id."))
    return ends[0] if ends else None


async def _candidates(hub: "Hub", query: AlertQuery) -> tuple[list[AlertRow], bool]:
    rows = hub.table.open_alerts() if query.being != "cleared" else []
    if query.being == "open":
        return rows, True
    device_id = hub.table.id_of(query.device) or query.device
    where = {field: value for field, value in (("device_id", device_id),) if value}
    kept, complete = await in_thread(_cleared, hub.store, query.since_ms, where, {row.id: row for row in hub.table.cleared_alerts()},
                                     {row.id: row.name for row in hub.table.all_devices()})
    return [*rows, *kept], complete


def _cleared(
    store: RecordStore, since_ms: int, where: dict[str, str], known: Mapping[str, AlertRow], names: Mapping[str, str],
) -> tuple[list[AlertRow], bool]:
    """Newest first, and whether all were read. known: rows that are there already. names: of devices, by id."""
    found: list[AlertRow] = []
    read, cursor = 0, ""
    while read < MOST_READ:
        page = store.page("alert", ListQuery(where=where, sort="-raised_at", limit=PAGE, cursor=cursor))
        alerts = [msgspec.convert(item, Alert) for item in page.items]
        found += (
            known.get(one.id) or alert_row(one, names.get(one.device_id, ""))
            for one in alerts if one.cleared_at and one.raised_at >= since_ms
        )
        read, cursor = read + len(alerts), page.cursor
        if not cursor or (alerts and alerts[-1].raised_at < since_ms):
            return found, True
    return found, False


def _row(hub: "Hub", alert: Alert) -> AlertRow:
    devices = hub.table.devices_by_id([alert.device_id])
    return alert_row(alert, devices[0].name if devices else "")


def _fits(hub: "Hub", query: AlertQuery, places: Places) -> Callable[[AlertRow], bool]:
    """Whether a row is one of those that are asked for."""
    words = query.text.casefold().split()[:MAX_WORDS]
    device_id = hub.table.id_of(query.device) or query.device
    rule = query.rule if "*" in query.rule else ""

    def fits(row: AlertRow) -> bool:
        place = places.of(row)
        return (
            (not query.least or ORDER[hurry(row)] <= ORDER[query.least])
            and (not device_id or device_id in (row.device_id, place.name))
            and (not query.rule or (fnmatchcase(row.rule, rule) if rule else row.rule == query.rule))
            and (not query.site or place.site == query.site)
            and (not query.unit or query.unit in hub.windows.units_above(place.unit))
            and row.raised_at >= query.since_ms
            and not (query.unacked and row.acked_at)
            and not (query.unmuted and row.silenced_by)
            and (not query.root or query.root in (row.id, row.suppressed_by))
            and (bool(query.ids) or (_is_being(query, row) and not (query.roots and row.suppressed_by and not query.root)))
            and all(word in alert_words(places.named(row)) for word in words)
        )

    return fits


def _is_being(query: AlertQuery, row: AlertRow) -> bool:
    return query.being == "all" or (query.being == "cleared") == bool(row.cleared_at)
