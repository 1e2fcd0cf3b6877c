"""One moment of the inventory as a graph: indexes built once, nothing changes afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from core.edges import Edge, EdgeKind
from core.errors import NotFoundError
from core.graph import GraphView, Node
from core.i18n import tr

Table = dict[EdgeKind, dict[str, list[Edge]]]
"""By kind and end: an end without edges may be there with an empty list."""


class Inherited(NamedTuple):
    """What a view was made from, as far as it has the same nodes. bones: what that one's arrays were; edges: kinds whose edges changed."""

    bones: Any
    edges: frozenset[str]
    kinds: frozenset[str]
    """Kinds of which records changed."""


class FrozenGraph:
    """A `core.graph.GraphView` in memory. Edges lie by kind and end, so that a walk touches only the kinds that it follows."""

    __slots__ = (
        "_ahead", "_at_ms", "_behind", "_by_kind", "_by_name", "_neighbours", "_nodes", "_nouns", "_revision", "bones", "inherited",
    )

    def __init__(self, revision: int, at_ms: int, records: Mapping[str, Iterable[Any]], edges: Iterable[Edge]) -> None:
        self._revision, self._at_ms = revision, at_ms
        self._nodes: dict[str, Node] = {}
        self._nouns: dict[str, Any] = {}
        self._by_kind: dict[str, dict[str, Node]] = {}
        self._by_name: dict[str, dict[str, Node]] = {}
        self._ahead: Table = {}
        self._behind: Table = {}
        self._neighbours: dict[str, tuple[str, ...]] = {}
        self.bones: Any = None
        """Its arrays, once `inventory.graph.skeleton` made them."""
        self.inherited: Inherited | None = None
        for kind, nouns in records.items():
            nodes, names = self._by_kind.setdefault(kind, {}), self._by_name.setdefault(kind, {})
            for noun in nouns:
                self._put(kind, noun, nodes, names)
        for edge in edges:
            if edge.a in self._nodes and edge.b in self._nodes and edge.held_at(at_ms):
                self._ahead.setdefault(edge.kind, {}).setdefault(edge.a, []).append(edge)
                self._behind.setdefault(edge.kind, {}).setdefault(edge.b, []).append(edge)
        for table in (*self._ahead.values(), *self._behind.values()):
            for held in table.values():
                if len(held) > 1:
                    held.sort(key=_best_first)

    def _put(self, kind: str, noun: Any, nodes: dict[str, Node], names: dict[str, Node]) -> None:
        node = Node(noun.id, kind, noun.name)
        self._nodes[noun.id], self._nouns[noun.id] = node, noun
        names[getattr(noun, "key", noun.name)] = nodes[noun.id] = node

    def moved(
        self, revision: int, at_ms: int, records: Mapping[str, Mapping[str, Any]], came: Iterable[Edge], went: Iterable[Edge],
    ) -> "FrozenGraph":
        """The view after a change: records by kind and id (None: gone), edges that came and went. It shares what did not change."""
        new = FrozenGraph(revision, at_ms, {}, ())
        new._nodes, new._nouns, new._by_kind, new._by_name = self._nodes, self._nouns, dict(self._by_kind), dict(self._by_name)
        new._ahead, new._behind = dict(self._ahead), dict(self._behind)
        if records:
            new._nodes, new._nouns = dict(self._nodes), dict(self._nouns)
        for kind, some in records.items():
            nodes = new._by_kind[kind] = dict(self._by_kind.get(kind, {}))
            names = new._by_name[kind] = dict(self._by_name.get(kind, {}))
            for object_id, noun in some.items():
                new._take(kind, object_id, noun, nodes, names)
        edges = new._move(list(came), list(went))
        if not records or new._nodes.keys() == self._nodes.keys():
            new.inherited = self._bequeath(edges, frozenset(records))
        return new

    def _bequeath(self, edges: frozenset[str], kinds: frozenset[str]) -> Inherited | None:
        if self.bones is not None:
            return Inherited(self.bones, edges, kinds)
        old = self.inherited
        return None if old is None else Inherited(old.bones, old.edges | edges, old.kinds | kinds)

    def _take(self, kind: str, object_id: str, noun: Any, nodes: dict[str, Node], names: dict[str, Node]) -> None:
        old = self._nouns.get(object_id)
        if old is not None:
            called = getattr(old, "key", old.name)
            if called in names and names[called].id == object_id:
                del names[called]
        if noun is not None:
            self._put(kind, noun, nodes, names)
        elif old is not None:
            del self._nodes[object_id], self._nouns[object_id], nodes[object_id]

    def _move(self, came: list[Edge], went: list[Edge]) -> frozenset[str]:
        """Which kinds of edges changed."""
        kinds = {edge.kind for edge in (*came, *went)}
        for kind in kinds:
            self._ahead[kind], self._behind[kind] = dict(self._ahead.get(kind, {})), dict(self._behind.get(kind, {}))
        gone = {edge.id for edge in went}
        for table, end in ((self._ahead, "a"), (self._behind, "b")):
            for kind, node in {(edge.kind, getattr(edge, end)) for edge in went}:
                table[kind][node] = [edge for edge in table[kind].get(node, ()) if edge.id not in gone]
            fresh: dict[tuple[EdgeKind, str], list[Edge]] = {}
            for edge in came:
                if edge.a in self._nodes and edge.b in self._nodes:
                    fresh.setdefault((edge.kind, getattr(edge, end)), []).append(edge)
            for (kind, node), edges in fresh.items():
                table[kind][node] = sorted([*table[kind].get(node, ()), *edges], key=_best_first)
        return frozenset(kinds)

    @property
    def revision(self) -> int:
        return self._revision

    @property
    def at_ms(self) -> int:
        return self._at_ms

    def __len__(self) -> int:
        return len(self._nodes)

    def node(self, object_id: str) -> Node:
        try:
            return self._nodes[object_id]
        except KeyError:
            raise NotFoundError(tr("There is no object with the id {id}.", id=object_id[:64])) from None

    def noun(self, object_id: str) -> Any:
        self.node(object_id)
        return self._nouns[object_id]

    def find(self, kind: str, name: str) -> Node | None:
        return self._by_name.get(kind, {}).get(name)

    def nodes(self) -> Iterable[Node]:
        return self._nodes.values()

    def of_edge(self, kind: EdgeKind) -> Iterable[Edge]:
        return (edge for held in self._ahead.get(kind, {}).values() for edge in held)

    def of_kind(self, kind: str) -> Iterable[Node]:
        return tuple(self._by_kind.get(kind, {}).values())

    def edges(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        self.node(object_id)
        return _picked(self._ahead, object_id, kinds)

    def edges_to(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        self.node(object_id)
        return _picked(self._behind, object_id, kinds)

    def touching(self, object_id: str) -> Iterable[Edge]:
        return chain.from_iterable(
            table[object_id] for table in (*self._ahead.values(), *self._behind.values()) if object_id in table
        )

    def ahead(self, object_id: str, kind: EdgeKind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(edge.b for edge in self._ahead.get(kind, {}).get(object_id, ())))

    def behind(self, object_id: str, kind: EdgeKind) -> tuple[str, ...]:
        return tuple(dict.fromkeys(edge.a for edge in self._behind.get(kind, {}).get(object_id, ())))

    def neighbours(self, device_id: str) -> tuple[str, ...]:
        found = self._neighbours.get(device_id)
        if found is None:
            self.node(device_id)
            ends = dict.fromkeys((*self.ahead(device_id, "linked"), *self.behind(device_id, "linked")))
            ends.pop(device_id, None)
            found = self._neighbours[device_id] = tuple(ends)
        return found


def build_view(revision: int, at_ms: int, records: Mapping[str, Iterable[Any]], edges: Iterable[Edge]) -> GraphView:
    """A frozen view of records by kind, and of the edges that hold at `at_ms` between two of them."""
    return FrozenGraph(revision, at_ms, records, edges)


def _picked(table: Table, object_id: str, kinds: Sequence[EdgeKind]) -> tuple[Edge, ...]:
    if len(kinds) == 1:
        return tuple(table.get(kinds[0], {}).get(object_id, ()))
    found = [edge for kind in (kinds or table) for edge in table.get(kind, {}).get(object_id, ())]
    return tuple(sorted(found, key=_best_first)) if len(found) > 1 else tuple(found)


def _best_first(edge: Edge) -> tuple[float, str, str, str, str, str, str]:
    return (-edge.confidence, edge.kind, edge.a, edge.a_port, edge.b, edge.b_port, edge.id)
