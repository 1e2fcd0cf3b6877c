"""The graph as arrays, for the questions that touch much of it: nodes by number, edges by kind as neighbours of each number.

Made once for each view and kept as long as it lives.
"""

from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from core.edges import EDGES, EdgeKind
from core.graph import GraphView

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DEPENDENT: tuple[EdgeKind, ...] = tuple(kind for kind, meaning in EDGES.items() if meaning.dependence)


class Neighbours(NamedTuple):
    """For each node a span of `ends`: those of node n are ends[start[n]:start[n + 1]]."""

    start: Ints
    ends: Ints

    def of(self, nodes: Ints) -> tuple[Ints, Ints]:
        """(far ends, the node each belongs to) of some nodes together."""
        counts = self.start[nodes + 1] - self.start[nodes]
        whose = np.repeat(nodes, counts)
        first = np.repeat(self.start[nodes] - np.cumsum(counts) + counts, counts)
        return self.ends[first + np.arange(len(whose))], whose


class Needs(NamedTuple):
    """Dependence by one kind of edge: who hangs on each node, and of how many each one needs how many."""

    kind: EdgeKind
    dependents: Neighbours
    total: Ints
    least: Ints


class Skeleton:
    """Numbers are places in `ids`."""

    def __init__(self, view: GraphView) -> None:
        self._view = view
        self.ids: list[str] = [node.id for node in view.nodes()]
        self.number: dict[str, int] = {object_id: n for n, object_id in enumerate(self.ids)}
        kinds = [node.kind for node in view.nodes()]
        self.kind_names: list[str] = sorted(set(kinds))
        code = {name: n for n, name in enumerate(self.kind_names)}
        self.hops: Ints | None = None
        """From the roots of the net while everything lives; `inventory.graph.reach` fills it in."""
        self.kinds: Ints = np.fromiter((code[kind] for kind in kinds), np.int64, len(kinds))

    def is_kind(self, kind: str) -> Bools:
        """Which nodes are of a kind."""
        found: Bools = self.kinds == (self.kind_names.index(kind) if kind in self.kind_names else -1)
        return found

    @cached_property
    def needs(self) -> tuple[Needs, ...]:
        return tuple(found for kind in DEPENDENT if (found := self._needs(kind)) is not None)

    def _needs(self, kind: EdgeKind) -> Needs | None:
        near, far = self._ends(kind)
        if not len(near):
            return None
        pairs = np.unique(np.stack([far, near]), axis=1)
        total = np.bincount(pairs[1], minlength=len(self.ids)).astype(np.int64)
        return Needs(kind, _neighbours(pairs[0], pairs[1], len(self.ids)), total, self._least(kind, total))

    def _least(self, kind: EdgeKind, total: Ints) -> Ints:
        how = EDGES[kind].dependence
        if how == "all":
            return total
        least = np.minimum(total, 1)
        if how == "enough":
            for n in np.flatnonzero(total).tolist():
                least[n] = min(total[n], getattr(self._view.noun(self.ids[n]), "needed", 1))
        return least

    def _ends(self, kind: EdgeKind) -> tuple[Ints, Ints]:
        edges = [(self.number[edge.a], self.number[edge.b]) for edge in self._view.of_edge(kind)]
        both = np.array(edges, np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    @cached_property
    def links(self) -> tuple[Neighbours, list[str]]:
        """Devices joined by links, both ways, and the id of the edge behind each of the `ends`."""
        edges = list(self._view.of_edge("linked"))
        a = np.fromiter((self.number[edge.a] for edge in edges), np.int64, len(edges))
        b = np.fromiter((self.number[edge.b] for edge in edges), np.int64, len(edges))
        near, far = np.concatenate([a, b]), np.concatenate([b, a])
        keep = near != far
        order = np.argsort(near[keep], kind="stable")
        ids = [edges[n % len(edges)].id for n in np.flatnonzero(keep)[order].tolist()]
        return _neighbours(near[keep][order], far[keep][order], len(self.ids)), ids

    @cached_property
    def link_places(self) -> dict[str, list[int]]:
        """Where in the `ends` of `links` each edge stands."""
        out: dict[str, list[int]] = {}
        for place, edge_id in enumerate(self.links[1]):
            out.setdefault(edge_id, []).append(place)
        return out


def _neighbours(near: Ints, far: Ints, count: int) -> Neighbours:
    """near is sorted."""
    return Neighbours(np.searchsorted(near, np.arange(count + 1)).astype(np.int64), far)


_KEPT: "WeakKeyDictionary[GraphView, Skeleton]" = WeakKeyDictionary()


def skeleton(view: GraphView) -> Skeleton:
    """The arrays of a view, made at the first question."""
    found = _KEPT.get(view)
    if found is None:
        found = _KEPT[view] = Skeleton(view)
    return found
