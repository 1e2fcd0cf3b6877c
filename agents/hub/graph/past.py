"""A past moment: the records as the journal says they were, the edges that follow from them, and from the table those that were seen."""

from collections.abc import Mapping
from typing import Any

from core.edges import Edge
from core.graph import GraphView
from core.ports import RecordStore
from inventory.graph.deriving import OBSERVED_KINDS, derive_from_records
from inventory.graph.frozen import build_view


def past_view(store: RecordStore, now: Mapping[str, Mapping[str, Any]], edges: Mapping[str, Edge], at_ms: int) -> GraphView:
    """now: the records by kind and id as they are, `edges` those that hold. Raises `InvalidInputError` where the journal begins later."""
    records = {kind: dict(some) for kind, some in now.items()}
    for past in store.changed(at_ms, 0):
        if past.before is None:
            records[past.kind].pop(past.id, None)
        else:
            records[past.kind][past.id] = past.before
    nouns = {kind: some.values() for kind, some in records.items()}
    derived = [_begun(edge, edges, at_ms) for edge in derive_from_records(nouns)]
    seen = (edge for edge in store.edges_at(at_ms) if edge.kind in OBSERVED_KINDS)
    return build_view(store.revision(), at_ms, nouns, [*derived, *seen])


def _begun(edge: Edge, edges: Mapping[str, Edge], at_ms: int) -> Edge:
    """With its beginning, where it holds ever since."""
    known = edges.get(edge.id)
    return known if known is not None and known.valid_from <= at_ms else edge
