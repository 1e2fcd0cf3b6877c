"""The graph as arrays, for the questions that touch much of it: nodes by number, edges by kind as neighbours of each number.

Made once for each view; a view that came from another by a change takes over what did not change.
"""

from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from core.edges import EDGES, Edge, EdgeKind
from core.graph import GraphView

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DEPENDENT: tuple[EdgeKind, ...] = tuple(kind for kind, meaning in EDGES.items() if meaning.dependence)
ROOTED: frozenset[str] = frozenset({"linked", "carried-by"})
"""Edges that decide where the roots of the net are and how far everything is from them."""


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


class Links(NamedTuple):
    """Devices joined by links, both ways; `ids` is the edge behind each of the `ends`, `places` where each edge stands in them."""

    joined: Neighbours
    ids: list[str]
    places: dict[str, list[int]]


class Skeleton:
    """Numbers are places in `ids`. It does not hold the view that it was made from."""

    def __init__(self, view: GraphView) -> None:
        old, edges, kinds = getattr(view, "inherited", None) or (None, frozenset[str](), frozenset[str]())
        if old is None:
            self.ids: list[str] = [node.id for node in view.nodes()]
            self.number: dict[str, int] = {object_id: n for n, object_id in enumerate(self.ids)}
            names = [node.kind for node in view.nodes()]
            self.kind_names: list[str] = sorted(set(names))
            code = {name: n for n, name in enumerate(self.kind_names)}
            self.kinds: Ints = np.fromiter((code[kind] for kind in names), np.int64, len(names))
        else:
            self.ids, self.number, self.kind_names, self.kinds = old.ids, old.number, old.kind_names, old.kinds
        moved = bool(edges & ROOTED or kinds & {"device", "egress"})
        self.hops: Ints | None = old.hops if old is not None and not moved else None
        """From the roots of the net while everything lives; `inventory.graph.reach` fills it in."""
        needs = [self._need(kind, view, old, edges, kinds) for kind in DEPENDENT]
        self.needs: tuple[Needs, ...] = tuple(found for found in needs if found is not None)
        self.links: Links = old.links if old is not None and "linked" not in edges else self._linked(view)

    def is_kind(self, kind: str) -> Bools:
        """Which nodes are of a kind."""
        found: Bools = self.kinds == (self.kind_names.index(kind) if kind in self.kind_names else -1)
        return found

    def _need(self, kind: EdgeKind, view: GraphView, old: Any, edges: frozenset[str], kinds: frozenset[str]) -> Needs | None:
        if old is None or kind in edges or (EDGES[kind].dependence == "enough" and kinds):
            return self._needs(kind, view)
        return next((found for found in old.needs if found.kind == kind), None)

    def _needs(self, kind: EdgeKind, view: GraphView) -> Needs | None:
        edges = [(self.number[edge.a], self.number[edge.b]) for edge in view.of_edge(kind)]
        if not edges:
            return None
        near, far = np.array(edges, np.int64).T
        pairs = np.unique(far * len(self.ids) + near)
        far, near = pairs // len(self.ids), pairs % len(self.ids)
        total = np.bincount(near, minlength=len(self.ids)).astype(np.int64)
        return Needs(kind, _neighbours(far, near, len(self.ids)), total, self._least(kind, total, view))

    def _least(self, kind: EdgeKind, total: Ints, view: GraphView) -> Ints:
        how = EDGES[kind].dependence
        if how == "all":
            return total
        least = np.minimum(total, 1)
        if how == "enough":
            for n in np.flatnonzero(total).tolist():
                least[n] = min(total[n], getattr(view.noun(self.ids[n]), "needed", 1))
        return least

    def _linked(self, view: GraphView) -> Links:
        edges: list[Edge] = list(view.of_edge("linked"))
        a = np.fromiter((self.number[edge.a] for edge in edges), np.int64, len(edges))
        b = np.fromiter((self.number[edge.b] for edge in edges), np.int64, len(edges))
        near, far = np.concatenate([a, b]), np.concatenate([b, a])
        keep = near != far
        order = np.argsort(near[keep], kind="stable")
        ids = [edges[n % len(edges)].id for n in np.flatnonzero(keep)[order].tolist()]
        places: dict[str, list[int]] = {}
        for place, edge_id in enumerate(ids):
            places.setdefault(edge_id, []).append(place)
        return Links(_neighbours(near[keep][order], far[keep][order], len(self.ids)), ids, places)


def _neighbours(near: Ints, far: Ints, count: int) -> Neighbours:
    """near is sorted."""
    return Neighbours(np.searchsorted(near, np.arange(count + 1)).astype(np.int64), far)


def skeleton(view: GraphView) -> Skeleton:
    """The arrays of a view, made at the first question."""
    holder = cast("Any", view)
    if holder.bones is None:
        holder.bones = Skeleton(view)
        holder.inherited = None
    found: Skeleton = holder.bones
    return found
