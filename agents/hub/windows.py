"""What a `ViewQuery` sees of the live picture right now."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from agents.hub.events.book import Book
from agents.hub.filtering import LIVE_FIELDS, Changes, Filter
from agents.hub.lists import RECORDS, Lists, kind_of
from agents.hub.sight import EVERYTHING, Sight
from agents.hub.table import LiveTable
from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.views import InterfaceRow, Overview, ViewQuery

Row = dict[str, Any]
_LIVE = frozenset((*LIVE_FIELDS, "alerts"))
INTERFACE_FIELDS = tuple(f.name for f in msgspec.structs.fields(InterfaceRow))


class Window(NamedTuple):
    """The rows of a window by id, in order, and how many rows match altogether."""

    rows: dict[str, Row]
    total: int


class Views:
    """All views: four over the table, one over the newest events, the others over the records. `interfaces` holds the last known rows of
    devices that are watched."""

    def __init__(self, table: LiveTable, lists: Lists, overview: Callable[[Sight], Overview]) -> None:
        self.table, self.lists, self.overview = table, lists, overview
        self.interfaces: dict[str, tuple[InterfaceRow, ...]] = {}
        self.events = Book(table.row)

    def window(self, query: ViewQuery, sight: Sight = EVERYTHING) -> Window:
        """Of a view of records this reads the disk: ask in a thread."""
        match query.view:
            case "overview":
                return Window({"": msgspec.structs.asdict(self.overview(sight))}, 1)
            case "devices":
                devices, total = self.table.devices(filter_of(query), sight)
                return Window({row.id: msgspec.structs.asdict(row) for row in devices}, total)
            case "alerts":
                alerts, total = self.table.alerts(filter_of(query), sight)
                return Window({row.id: msgspec.structs.asdict(row) for row in alerts}, total)
            case "interfaces":
                return self._interfaces(query)
            case "events":
                events, total = self.events.window(filter_of(query), sight)
                return Window({row.id: msgspec.structs.asdict(row) for row in events}, total)
        return Window(*self.lists.window(query, sight))

    def refreshed(self, query: ViewQuery, old: Window, changes: Changes, sight: Sight = EVERYTHING) -> Window:
        """The window after `changes`; the old one where none of them can be seen in it."""
        if not touched(query, changes):
            return old
        if query.view != "devices" or changes.reloaded or not _membership_is_static(query):
            return self.window(query, sight)
        seen = changes.devices & old.rows.keys()
        if not seen:
            return old
        return Window(old.rows | {row.id: msgspec.structs.asdict(row) for row in self.table.devices_by_id(seen)}, old.total)

    def check(self, query: ViewQuery, sight: Sight = EVERYTHING) -> None:
        """Raises what keeps the query from ever having a window."""
        if query.view == "interfaces":
            device_id = self.table.id_of(query.device_id)
            if not device_id or not self.table.sees(sight, device_id):
                raise NotFoundError(tr("There is no device {name}.", name=query.device_id))
            _interface_key(query.sort)
        elif query.view in RECORDS:
            self.lists.check(query)
        elif query.view != "overview":
            self.window(query.replace(limit=1), sight)

    def _interfaces(self, query: ViewQuery) -> Window:
        rows = [row for row in self.interfaces.get(query.device_id, ()) if _has_words(row, query.text)]
        field, down = _interface_key(query.sort)
        rows.sort(key=lambda row: getattr(row, field), reverse=down)
        shown = rows[query.offset : query.offset + query.limit]
        return Window({str(row.if_index): msgspec.structs.asdict(row) for row in shown}, len(rows))


def filter_of(query: ViewQuery) -> Filter:
    where = dict(query.where)
    if query.device_id:
        where["device_id" if query.view in ("alerts", "events") else "id"] = query.device_id
    return Filter(text=query.text, where=where, sort=query.sort, offset=query.offset, limit=query.limit)


def touched(query: ViewQuery, changes: Changes) -> bool:
    """Whether the changes can be seen in such a view at all."""
    match query.view:
        case "devices":
            return changes.reloaded or bool(changes.devices)
        case "alerts":
            return changes.reloaded or changes.alerts or (bool(changes.devices) and not _LIVE.isdisjoint(query.where))
        case "interfaces":
            return query.device_id in changes.interfaces
        case "events":
            return query.view in changes.kinds
        case "overview":
            return bool(changes.devices or changes.alerts or changes.reloaded or changes.health)
    return not changes.kinds.isdisjoint((kind_of(query), query.view))


def _membership_is_static(query: ViewQuery) -> bool:
    return query.sort.removeprefix("-") not in _LIVE and _LIVE.isdisjoint(query.where)


def _has_words(row: InterfaceRow, text: str) -> bool:
    return all(word in f"{row.name}\n{row.alias}".casefold() for word in text.casefold().split())


def _interface_key(sort: str) -> tuple[str, bool]:
    field = sort.removeprefix("-")
    if field == "name":
        field = "if_index"
    if field not in INTERFACE_FIELDS:
        raise InvalidInputError(
            tr("There is no field {field} to filter or sort by.", field=field),
            way_out=tr("Fields: {fields}.", fields=", ".join(INTERFACE_FIELDS)),
        )
    return field, sort.startswith("-")
