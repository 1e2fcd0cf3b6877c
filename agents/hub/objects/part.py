"""One object with all that is known of it, and how many objects there are."""

from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.objects.listing import Names, row
from agents.hub.objects.states import called
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from core.audit import AuditQuery
from core.edges import Edge
from core.errors import InvalidInputError, NotFoundError
from core.graph import GraphView
from core.i18n import tr
from core.model import KEYED, MODEL
from core.ports import JournalRow, ListQuery, RecordStore
from core.review import Difference, Statement
from core.rows import KindCount, Neighbour, ObjectDetail, ObjectEvent

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_NEIGHBOURS, MOST_STATEMENTS, MOST_EVENTS, MOST_CALLS = 2000, 200, 200, 20


def must_be_kind(kind: str) -> None:
    """Raises where there is no such kind of object."""
    if kind not in MODEL:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)),
        )


def counts(store: RecordStore, sight: Sight) -> tuple[KindCount, ...]:
    """Of every kind, in the order of the model."""
    query = sight.within(ListQuery(limit=1))
    return tuple(KindCount(kind=kind, objects=store.page(kind, query).total) for kind in MODEL)


async def detail(hub: "Hub", kind: str, name: str, sight: Sight, *, with_queue: bool) -> ObjectDetail:
    """By id, by name, or by key where the kind has keys. Raises `NotFoundError`, also for what the caller does not see."""
    record = await in_thread(_read, hub.store, kind, name, sight)
    view = await hub.graphs.view()
    return await in_thread(_detail, hub.store, view, kind, record, sight, with_queue)


async def history(hub: "Hub", kind: str, name: str, sight: Sight) -> tuple[ObjectEvent, ...]:
    """What was written of an object, newest first, as far as the journal reaches here; at most the first 200."""
    record = await in_thread(_read, hub.store, kind, name, sight)
    return await in_thread(_history, hub.store, kind, record["id"])


def _history(store: RecordStore, kind: str, object_id: str) -> tuple[ObjectEvent, ...]:
    query, found = AuditQuery(kind=kind, object_id=object_id, limit=MOST_EVENTS), list[JournalRow]()
    for _ in range(MOST_CALLS):
        page = store.search(query)
        found += page.items
        if not page.cursor or len(found) >= MOST_EVENTS:
            break
        query = query.replace(cursor=page.cursor)
    return tuple(_event(row) for row in found[:MOST_EVENTS])


def _event(row: JournalRow) -> ObjectEvent:
    changed = [field for field in {**row.before, **row.after} if row.before.get(field) != row.after.get(field) and field != "id"]
    return ObjectEvent(
        seq=row.seq, at_ms=row.at_ms, actor=row.actor, action=row.action,
        before={field: row.before[field] for field in changed if field in row.before},
        after={field: row.after[field] for field in changed if field in row.after},
    )


def _read(store: RecordStore, kind: str, name: str, sight: Sight) -> dict[str, Any]:
    for field in ("id", "key" if kind in KEYED else "name", "name"):
        page = store.page(kind, sight.within(ListQuery(where={field: name}, limit=2)))
        if page.total == 1:
            return page.items[0]
        if page.total > 1:
            raise InvalidInputError(tr("Several objects are called {name}.", name=name[:128]), way_out=tr("Name it by its id or key."))
    raise NotFoundError(tr("There is no {kind} named {name}.", kind=tr(kind), name=name[:128]))


def _detail(store: RecordStore, view: GraphView, kind: str, record: dict[str, Any], sight: Sight, with_queue: bool) -> ObjectDetail:
    object_id = record["id"]
    of_it = ListQuery(where={"object_id": object_id}, sort="id", limit=MOST_STATEMENTS)
    found = _neighbours(view, object_id, sight)
    differences = store.page("difference", of_it.replace(where={"object_id": object_id, "state": "open"})).items if with_queue else ()
    return ObjectDetail(
        row=row(kind, record, Names(store)), neighbours=tuple(found[:MOST_NEIGHBOURS]), neighbours_total=len(found),
        statements=tuple(msgspec.convert(item, Statement) for item in store.page("statement", of_it).items),
        differences=tuple(msgspec.convert(item, Difference) for item in differences),
    )


def _neighbours(view: GraphView, object_id: str, sight: Sight) -> list[Neighbour]:
    try:
        ahead, behind = view.edges(object_id), view.edges_to(object_id)
    except NotFoundError:  # written a moment ago
        return []
    return [_neighbour(view, edge, True, sight) for edge in ahead] + [_neighbour(view, edge, False, sight) for edge in behind]


def _neighbour(view: GraphView, edge: Edge, ahead: bool, sight: Sight) -> Neighbour:
    far = view.node(edge.b if ahead else edge.a)
    noun = view.noun(far.id)
    seen = sight.everything or sight.sees(*_place(noun, far.kind))
    ports = (edge.a_port, edge.b_port) if ahead else (edge.b_port, edge.a_port)
    return Neighbour(
        id=edge.id, edge=edge.kind, ahead=ahead, object_id=far.id if seen else "", kind=far.kind if seen else "",
        name=called(noun) if seen else "", port=ports[0], far_port=ports[1], source=edge.source, origin=edge.origin,
        confidence=edge.confidence, valid_from=edge.valid_from,
    )


def _place(noun: Any, kind: str) -> tuple[str, str]:
    """Unit and site that an object belongs to; empty: none."""
    unit = noun.name if kind == "unit" else getattr(noun, "unit", "")
    return unit, noun.name if kind == "site" else getattr(noun, "site", "")
