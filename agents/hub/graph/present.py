"""The inventory as it is now, in memory: brought up to date from the journal, so that one edited record costs what it touches alone.

Called in threads, one at a time; the view that it gives out never changes.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from core.edges import Edge
from core.errors import NotFoundError
from core.graph import GraphView
from core.model import MODEL
from core.objects import Link, Station
from core.ports import JournalRow, RecordStore
from inventory.graph.deriving import LINKS, STATIONS, Deriver, fields_touched
from inventory.graph.frozen import FrozenGraph
from inventory.graph.joining import Seen

PAGE = 1000
MOST_ROWS = 3000
"""Rows of the journal that are followed one by one; where there are more, everything is read anew."""
REPORTS = frozenset({"interfaces", "facts", "links"})
"""Before and after of a row that tells what a device reports."""


class Touched(NamedTuple):
    """Ids of records by kind, of devices whose reports changed, and when the newest of it was written."""

    records: dict[str, dict[str, None]]
    reports: dict[str, None]
    at_ms: int


class Present:
    """edges: all that hold, by id. came, went: what is not in the table of edges yet."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self.seq = -1
        self.records: dict[str, dict[str, Any]] = {}
        self._links: dict[str, tuple[Link, ...]] = {}
        self._stations: dict[str, tuple[Station, ...]] = {}
        self._deriver = Deriver()
        self._view: FrozenGraph | None = None
        self.edges: dict[str, Edge] = {}
        self.came: dict[str, Edge] = {}
        self.went: dict[str, Edge] = {}

    @property
    def view(self) -> GraphView | None:
        """The newest that was made."""
        return self._view

    def only_reports_behind(self) -> bool:
        """Whether nothing but what devices report was written since: no person waits for that."""
        rows = self._store.journal(self.seq, PAGE)
        return len(rows) < PAGE and all(row.kind not in MODEL or _is_report(row) for row in rows)

    def catch_up(self, now_ms: int, reported: Iterable[str] = ()) -> GraphView:
        """The view of the newest revision. reported: devices whose stations may have changed, which no journal tells."""
        rows = self._rows() if self._view is not None else None
        if rows is None or self._view is None:
            return self._read_all(now_ms)
        if rows:
            self.seq = rows[-1].seq
        touched = _touched(rows, reported, now_ms)
        if touched.records or touched.reports:
            return self._follow(self._view, touched, now_ms)
        if rows:
            self._view = self._view.moved(self.seq, now_ms, {}, (), ())
        return self._view

    def _rows(self) -> list[JournalRow] | None:
        """What was written since; None where it is too much."""
        found: list[JournalRow] = []
        if self._store.revision() - self.seq > MOST_ROWS:
            return None
        while len(page := self._store.journal(self.seq if not found else found[-1].seq, PAGE)) == PAGE:
            found += page
            if len(found) > MOST_ROWS:
                return None
        return [*found, *page]

    def _read_all(self, now_ms: int) -> GraphView:
        seq = self._store.revision()
        self.records = {kind: {noun.id: noun for noun in self._store.all(kind)} for kind in MODEL}
        self._links, self._stations = _by_device(self._store.all_links()), _by_device(self._store.all_stations())
        if self._view is None:
            self._compare_with_table(now_ms)
        else:
            self._derive(None, now_ms)
        self.seq = seq
        self._view = FrozenGraph(seq, now_ms, self._nouns(), self.edges.values())
        return self._view

    def _compare_with_table(self, now_ms: int) -> None:
        """Once, at the start: an edge that holds in the table as it is derived keeps its beginning."""
        held = {edge.id: edge for edge in self._store.edges_at(0)}
        derived = {edge.id: edge for edge in self._deriver.update(self._nouns(), self._seen()).came}
        for edge in derived.values():
            before = held.get(edge.id)
            if before is not None and _alike(before, edge):
                self.edges[edge.id] = before
            else:
                self.edges[edge.id] = self.came[edge.id] = _since(edge, now_ms)
        self.went = {edge_id: edge for edge_id, edge in held.items() if edge_id not in derived}

    def _follow(self, view: FrozenGraph, touched: Touched, now_ms: int) -> GraphView:
        fields: set[str] = set()
        records: dict[str, dict[str, Any]] = {}
        for kind, ids in touched.records.items():
            for object_id in ids:
                before, after = self.records[kind].get(object_id), _get(self._store, kind, object_id)
                if before != after:
                    fields |= fields_touched(kind, before, after)
                    records.setdefault(kind, {})[object_id] = after
                    _put(self.records[kind], object_id, after)
        for device_id in touched.reports:
            found = self._store.observed(device_id)
            fields |= {LINKS} if _put(self._links, device_id, found.links or None) else set()
            fields |= {STATIONS} if _put(self._stations, device_id, found.stations or None) else set()
        came, went = self._derive(fields, touched.at_ms) if fields else ([], [])
        if records or came or went or self.seq != view.revision:
            view = view.moved(self.seq, now_ms, records, came, went)
        self._view = view
        return view

    def _derive(self, fields: set[str] | None, at_ms: int) -> tuple[list[Edge], list[Edge]]:
        moved = self._deriver.update(self._nouns(), self._seen(), fields)
        went = [old for edge in moved.went if (old := self.edges.pop(edge.id, None)) is not None]
        came = [_since(edge, at_ms) for edge in moved.came]
        for old in went:
            if self.came.pop(old.id, None) is None:
                self.went[old.id] = old
        for edge in came:
            self.edges[edge.id] = edge
            before = self.went.pop(edge.id, None)
            if before is None or not _alike(before, edge):
                self.came[edge.id] = edge
            else:
                self.edges[edge.id] = before
        return [self.edges[edge.id] for edge in came], went

    def written(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        """These are in the table now. What moved on while they were written is written next."""
        for edge in came:
            if self.came.get(edge.id) is edge:
                del self.came[edge.id]
            elif edge.id not in self.edges:
                self.went[edge.id] = edge
        for edge_id in went:
            if self.went.pop(edge_id, None) is None and edge_id in self.edges:
                self.came[edge_id] = self.edges[edge_id]

    def _nouns(self) -> dict[str, Iterable[Any]]:
        return {kind: some.values() for kind, some in self.records.items()}

    def _seen(self) -> Seen:
        return Seen(_flat(self._links), _flat(self._stations))


def _touched(rows: Sequence[JournalRow], reported: Iterable[str], now_ms: int) -> Touched:
    records: dict[str, dict[str, None]] = {}
    reports = dict.fromkeys(reported)
    at_ms = 0
    for row in rows:
        if row.kind in MODEL and row.object_id:
            at_ms = max(at_ms, row.at_ms)
            if _is_report(row):
                reports[row.object_id] = None
                continue
            records.setdefault(row.kind, {})[row.object_id] = None
            if row.kind == "device" and not row.after:
                reports[row.object_id] = None
    return Touched(records, reports, at_ms or now_ms)


def _is_report(row: JournalRow) -> bool:
    told = row.before.keys() | row.after.keys()
    return row.kind == "device" and bool(told) and told <= REPORTS


def _by_device(found: Iterable[Any]) -> dict[str, Any]:
    out: dict[str, list[Any]] = {}
    for one in found:
        out.setdefault(getattr(one, "device_id", None) or one.device_a, []).append(one)
    return {device_id: tuple(some) for device_id, some in out.items()}


def _flat(some: dict[str, tuple[Any, ...]]) -> list[Any]:
    return [one for found in some.values() for one in found]


def _put(some: dict[str, Any], key: str, value: Any) -> bool:
    """Whether that changed anything. None: it is gone."""
    if some.get(key) == value:
        return False
    if value is None:
        del some[key]
    else:
        some[key] = value
    return True


def _get(store: RecordStore, kind: str, object_id: str) -> Any:
    try:
        return store.get(kind, object_id)
    except NotFoundError:
        return None


def _since(edge: Edge, at_ms: int) -> Edge:
    return edge.replace(valid_from=min(edge.valid_from, at_ms) or at_ms)


def _alike(one: Edge, other: Edge) -> bool:
    """The same edge with the same evidence; since when does not matter."""
    return one is other or (one.source, one.origin, one.confidence) == (other.source, other.origin, other.confidence)
