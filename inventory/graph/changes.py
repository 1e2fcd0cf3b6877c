"""What changed between two moments: objects and edges that came, went, or are not what they were."""

from typing import Any, NamedTuple

import msgspec

from core.edges import Edge
from core.graph import GraphView, Node


class Changed(NamedTuple):
    """One object that is not what it was: by field, before and after."""

    node: Node
    fields: dict[str, tuple[Any, Any]]


class Changes(NamedTuple):
    """From one view to another."""

    came: tuple[Node, ...]
    went: tuple[Node, ...]
    changed: tuple[Changed, ...]
    edges_came: tuple[Edge, ...]
    edges_went: tuple[Edge, ...]


def changes(before: GraphView, after: GraphView, kinds: tuple[str, ...]) -> Changes:
    """Differences among the objects of `kinds` and the edges between them; equal views give empty ones."""
    was = {node.id: node for kind in kinds for node in before.of_kind(kind)}
    now = {node.id: node for kind in kinds for node in after.of_kind(kind)}
    both = [node for object_id, node in now.items() if object_id in was]
    changed = [Changed(node, fields) for node in both if (fields := _fields(before.noun(node.id), after.noun(node.id)))]
    old, new = _edges(before, was), _edges(after, now)
    return Changes(
        came=tuple(node for object_id, node in now.items() if object_id not in was),
        went=tuple(node for object_id, node in was.items() if object_id not in now),
        changed=tuple(changed),
        edges_came=tuple(edge for key, edge in new.items() if key not in old),
        edges_went=tuple(edge for key, edge in old.items() if key not in new),
    )


def _fields(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    if old is new or old == new:
        return {}
    was, now = msgspec.structs.asdict(old), msgspec.structs.asdict(new)
    return {field: (was[field], now[field]) for field in now if was[field] != now[field]}


def _edges(view: GraphView, nodes: dict[str, Node]) -> dict[str, Edge]:
    return {edge.id: edge for object_id in nodes for edge in view.edges(object_id) if edge.b in nodes}
