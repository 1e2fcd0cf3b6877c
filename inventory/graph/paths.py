"""Ways through the net and the graph: the shortest path of two objects, and all that one depends on."""

from collections import deque
from collections.abc import Collection
from typing import NamedTuple

from core.edges import EDGES, EdgeKind
from core.graph import GraphView, Node

MOST = 100_000


class Hop(NamedTuple):
    """One object on a path and the edge that led to it; ports where the edge has them, as seen in the direction of the path."""

    node: Node
    edge: str = ""
    out_port: str = ""
    in_port: str = ""


def path(view: GraphView, start: str, end: str, without: Collection[str] = ()) -> tuple[Hop, ...]:
    """The shortest path over all edges, in either direction; empty: there is none."""
    view.node(end)
    gone = frozenset(without)
    came: dict[str, tuple[str, Hop]] = {start: ("", Hop(view.node(start)))}
    queue = deque([start])
    while queue and end not in came and len(came) < MOST:
        at = queue.popleft()
        for far, hop in _steps(view, at):
            if far not in came and far not in gone:
                came[far] = (at, hop)
                queue.append(far)
    out: list[Hop] = []
    at = end if end in came else ""
    while at:
        at, hop = came[at]
        out.append(hop)
    return tuple(reversed(out))


def _steps(view: GraphView, at: str) -> list[tuple[str, Hop]]:
    ahead = [(edge.b, Hop(view.node(edge.b), edge.kind, edge.a_port, edge.b_port)) for edge in view.edges(at)]
    behind = [(edge.a, Hop(view.node(edge.a), edge.kind, edge.b_port, edge.a_port)) for edge in view.edges_to(at)]
    return [*ahead, *behind]


def dependencies(view: GraphView, object_id: str) -> dict[str, int]:
    """Everything that an object depends on, by id, with how many steps away; nearest first."""
    followed: tuple[EdgeKind, ...] = tuple(kind for kind, meaning in EDGES.items() if meaning.dependence)
    out = {object_id: 0}
    queue = deque([object_id])
    while queue and len(out) < MOST:
        at = queue.popleft()
        for kind in followed:
            for far in view.ahead(at, kind):
                if far not in out:
                    out[far] = out[at] + 1
                    queue.append(far)
    del out[object_id]
    return out
