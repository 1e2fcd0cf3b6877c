"""One moment of the inventory as a graph: indexes built once, nothing changes afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.edges import Edge, EdgeKind
from core.errors import NotFoundError
from core.graph import GraphView, Node
from core.i18n import tr

Table = dict[EdgeKind, dict[str, list[Edge]]]


class FrozenGraph:
    """A `core.graph.GraphView` in memory. Edges lie by kind and end, so that a walk touches only the kinds that it follows."""

    __slots__ = ("__weakref__", "_ahead", "_at_ms", "_behind", "_by_kind", "_by_name", "_neighbours", "_nodes", "_nouns", "_revision")

    def __init__(self, revision: int, at_ms: int, records: Mapping[str, Iterable[Any]], edges: Iterable[Edge]) -> None:
        self._revision, self._at_ms = revision, at_ms
        self._nodes: dict[str, Node] = {}
        self._nouns: dict[str, Any] = {}
        self._by_kind: dict[str, list[Node]] = {}
        self._by_name: dict[str, dict[str, Node]] = {}
        self._ahead: Table = {}
        self._behind: Table = {}
        self._neighbours: dict[str, tuple[str, ...]] = {}
        for kind, nouns in records.items():
            self._add(kind, nouns)
        for edge in edges:
            if edge.a in self._nodes and edge.b in self._nodes and edge.held_at(at_ms):
                self._ahead.setdefault(edge.kind, {}).setdefault(edge.a, []).append(edge)
                self._behind.setdefault(edge.kind, {}).setdefault(edge.b, []).append(edge)
        for table in (*self._ahead.values(), *self._behind.values()):
            for held in table.values():
                if len(held) > 1:
                    held.sort(key=_best_first)

    def _add(self, kind: str, nouns: Iterable[Any]) -> None:
        nodes, names = self._by_kind.setdefault(kind, []), self._by_name.setdefault(kind, {})
        for noun in nouns:
            node = Node(noun.id, kind, noun.name)
            self._nodes[noun.id], self._nouns[noun.id] = node, noun
            names[getattr(noun, "key", noun.name)] = node
            nodes.append(node)

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
        return tuple(self._by_kind.get(kind, ()))

    def edges(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        self.node(object_id)
        return _picked(self._ahead, object_id, kinds)

    def edges_to(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        self.node(object_id)
        return _picked(self._behind, object_id, kinds)

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
    found = [edge for kind in (kinds or table) for edge in table.get(kind, {}).get(object_id, ())]
    return tuple(sorted(found, key=_best_first))


def _best_first(edge: Edge) -> tuple[float, str, str, str, str, str, str]:
    return (-edge.confidence, edge.kind, edge.a, edge.a_port, edge.b, edge.b_port, edge.id)
