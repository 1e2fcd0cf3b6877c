"""What changed between two moments: objects field by field with who wrote them last, and edges that came and went."""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from agents.hub.graph.naming import HIDDEN, thing
from agents.hub.sight import Sight
from core.audit import MAX_PAGE, AuditQuery
from core.edges import Edge
from core.errors import InvalidInputError, NotFoundError
from core.graph import GraphView, Node
from core.history import FieldChange
from core.i18n import tr
from core.model import MODEL
from core.ports import JournalRow, Past, RecordStore
from core.questions import ChangedRow, ChangesAnswer, EdgeChange, EdgeRow, Thing
from inventory.graph.belonging import Place, own_place, place_of

MOST_OBJECTS, MOST_EDGES, MOST_ROWS = 2000, 1000, 50_000
"""MOST_ROWS: of the journal that are looked through for who wrote what."""


class Asked(NamedTuple):
    """Milliseconds; until 0: now. unit: its name; empty: all."""

    since: int
    until: int
    kinds: tuple[str, ...]
    unit: str
    limit: int


def what_changed(store: RecordStore, view: GraphView, asked: Asked, sight: Sight) -> ChangesAnswer:
    """Objects of these kinds and this unit that the caller sees, and edges between what is seen. Raises `InvalidInputError`."""
    unknown = [kind for kind in asked.kinds if kind not in MODEL]
    if unknown:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=unknown[0][:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)),
        )
    end = asked.until or time.time_ns() // 1_000_000
    pasts = store.changed(asked.since, asked.until, asked.kinds)
    places = Places(view, pasts)
    wanted = [past for past in pasts if not asked.unit or places.of(past.kind, past.id).unit == asked.unit]
    seen = [past for past in wanted if sight.everything or sight.sees(*places.of(past.kind, past.id))]
    rows = _rows(store, seen[: asked.limit], asked.since, end, places)
    counts, edges = _counts(seen), _Edges(places, asked, sight)
    edges.take(store.edges_between(asked.since, end + 1))
    return ChangesAnswer(
        start_ms=asked.since, end_ms=end, counts=counts, objects=tuple(rows), objects_total=len(seen), hidden=len(wanted) - len(seen),
        edge_counts=edges.counts, edges=tuple(edges.rows), edges_total=edges.total,
    )


class Places:
    """Where objects belong, also those that are no more."""

    def __init__(self, view: GraphView, pasts: Iterable[Past]) -> None:
        self._view = view
        self._gone = {past.id: past for past in pasts if past.after is None}
        self._known: dict[str, Place] = {}

    def node(self, object_id: str) -> Node | None:
        past = self._gone.get(object_id)
        if past is not None and past.before is not None:
            return Node(object_id, past.kind, past.before.name)
        try:
            return self._view.node(object_id)
        except NotFoundError:
            return None

    def of(self, kind: str, object_id: str) -> Place:
        if object_id not in self._known:
            self._known[object_id] = self._of(kind, object_id)
        return self._known[object_id]

    def _of(self, kind: str, object_id: str) -> Place:
        past = self._gone.get(object_id)
        if past is not None:
            return own_place(kind, past.before)
        try:
            return place_of(self._view, self._view.node(object_id))
        except NotFoundError:
            return Place()


def _what(past: Past) -> str:
    return "came" if past.before is None else "went" if past.after is None else "changed"


def _counts(pasts: Iterable[Past]) -> dict[str, tuple[int, int, int]]:
    found: dict[str, dict[str, int]] = {}
    for past in pasts:
        some = found.setdefault(past.kind, {"came": 0, "went": 0, "changed": 0})
        some[_what(past)] += 1
    return {kind: (some["came"], some["went"], some["changed"]) for kind, some in found.items()}


def _rows(store: RecordStore, pasts: list[Past], start_ms: int, end_ms: int, places: Places) -> list[ChangedRow]:
    writers = _writers(store, {(past.kind, past.id) for past in pasts}, start_ms, end_ms)
    return [_row(past, writers.get((past.kind, past.id)), places) for past in pasts]


def _row(past: Past, writer: JournalRow | None, places: Places) -> ChangedRow:
    noun = past.after if past.after is not None else past.before
    return ChangedRow(
        thing=Thing(id=past.id, kind=past.kind, name=noun.name), what=_what(past), fields=_fields(past.before, past.after),
        unit=places.of(past.kind, past.id).unit, by=writer.actor if writer else "", action=writer.action if writer else "",
        at_ms=writer.at_ms if writer else 0,
    )


def _fields(before: Any, after: Any) -> tuple[FieldChange, ...]:
    if before is None or after is None:
        return ()
    was, now = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    return tuple(
        FieldChange(field=field, before=msgspec.to_builtins(was[field]), after=msgspec.to_builtins(now[field]))
        for field in now if was[field] != now[field]
    )


def _writers(store: RecordStore, wanted: set[tuple[str, str]], start_ms: int, end_ms: int) -> dict[tuple[str, str], JournalRow]:
    """Who wrote each of them last in this time, as far as a bounded look at the journal tells."""
    found: dict[tuple[str, str], JournalRow] = {}
    query = AuditQuery(start_ms=start_ms, end_ms=end_ms + 1, limit=MAX_PAGE)
    looked = 0
    while len(found) < len(wanted) and looked < MOST_ROWS:
        page = store.search(query)
        looked += max(len(page.items), 1)
        for row in page.items:
            key = row.kind, row.object_id
            if key in wanted:
                found.setdefault(key, row)
        if not page.cursor:
            break
        query = query.replace(cursor=page.cursor)
    return found


class _Edges:
    """Counts all, and keeps the newest of those that are asked for and seen."""

    def __init__(self, places: Places, asked: Asked, sight: Sight) -> None:
        self._places, self._asked, self._sight = places, asked, sight
        self.counts: dict[str, tuple[int, int]] = {}
        self._rows: list[EdgeChange] = []
        self.total = 0

    @property
    def rows(self) -> list[EdgeChange]:
        return sorted(self._rows, key=lambda row: (-row.at_ms, row.row.edge, row.row.a.name, row.row.b.name))

    def take(self, edges: Iterable[Edge]) -> None:
        end = self._asked.until or 2**62
        for edge in edges:
            a, b = self._places.node(edge.a), self._places.node(edge.b)
            if a is None or b is None or not self._asked_for(a, b):
                continue
            for what, at_ms in (("came", edge.valid_from), ("went", edge.valid_to)):
                if self._asked.since <= at_ms <= end:
                    came, went = self.counts.get(edge.kind, (0, 0))
                    self.counts[edge.kind] = came + (what == "came"), went + (what == "went")
                    self.total += 1
                    if len(self._rows) < MOST_EDGES:
                        self._rows.append(EdgeChange(what=what, at_ms=at_ms, row=self._row(edge, a, b)))

    def _asked_for(self, a: Node, b: Node) -> bool:
        kinds, unit = self._asked.kinds, self._asked.unit
        if kinds and a.kind not in kinds and b.kind not in kinds:
            return False
        if unit and unit not in (self._places.of(a.kind, a.id).unit, self._places.of(b.kind, b.id).unit):
            return False
        return self._sees(a) or self._sees(b)

    def _sees(self, node: Node) -> bool:
        return self._sight.everything or self._sight.sees(*self._places.of(node.kind, node.id))

    def _row(self, edge: Edge, a: Node, b: Node) -> EdgeRow:
        return EdgeRow(
            edge=edge.kind, a=self._shown(a), b=self._shown(b), a_port=edge.a_port, b_port=edge.b_port, source=edge.source,
            origin=edge.origin, confidence=edge.confidence, valid_from=edge.valid_from, valid_to=edge.valid_to,
        )

    def _shown(self, node: Node) -> Thing:
        return thing(node) if self._sees(node) else HIDDEN.replace(kind=node.kind)


