"""The graph of what exists, and the questions that are asked of it."""

from inventory.graph.deriving import derive
from inventory.graph.frozen import FrozenGraph, build_view
from inventory.graph.joining import Seen

__all__ = ["FrozenGraph", "Seen", "build_view", "derive"]
