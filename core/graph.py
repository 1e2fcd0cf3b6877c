"""GraphView: the inventory as the other trades see it, frozen and without a store behind it."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from core.edges import Edge, EdgeKind


class Node(NamedTuple):
    """One object in the graph."""

    id: str
    kind: str
    name: str


class GraphView(Protocol):
    """One moment of the inventory. Implementations are immutable; a change makes a new view with a higher `revision`.

    Look-ups of an unknown id raise `core.errors.NotFoundError`. The questions of the whole graph (impact, X-ray, what-if) are functions
    that take a view. Every edge in it held at `at_ms`.
    """

    @property
    def revision(self) -> int:
        """Number of the journal row this view was built from."""
        ...

    @property
    def at_ms(self) -> int:
        """The moment it shows."""
        ...

    def __len__(self) -> int:
        """Objects."""
        ...

    def node(self, object_id: str) -> Node: ...

    def noun(self, object_id: str) -> Any:
        """The whole record."""
        ...

    def find(self, kind: str, name: str) -> Node | None:
        """By name, or by key where the kind has keys."""
        ...

    def nodes(self) -> Iterable[Node]:
        """All objects, always in the same order."""
        ...

    def of_kind(self, kind: str) -> Iterable[Node]: ...

    def of_edge(self, kind: EdgeKind) -> Iterable[Edge]:
        """All edges of a kind."""
        ...

    def edges(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        """Edges that begin here, best confidence first; kinds empty: all."""
        ...

    def edges_to(self, object_id: str, kinds: Sequence[EdgeKind] = ()) -> tuple[Edge, ...]:
        """Edges that end here."""
        ...

    def touching(self, object_id: str) -> Iterable[Edge]:
        """All edges that begin or end here, in no order."""
        ...

    def ahead(self, object_id: str, kind: EdgeKind) -> tuple[str, ...]:
        """Ids at the far ends of the edges of a kind that begin here."""
        ...

    def behind(self, object_id: str, kind: EdgeKind) -> tuple[str, ...]:
        """Ids at the near ends of the edges of a kind that end here."""
        ...

    def neighbours(self, device_id: str) -> tuple[str, ...]:
        """Devices one link away, whichever end the edge begins at."""
        ...
