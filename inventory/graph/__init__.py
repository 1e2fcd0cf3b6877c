"""The graph of what exists, and the questions that are asked of it."""

from inventory.graph.frozen import FrozenGraph, build_view

__all__ = ["FrozenGraph", "build_view"]
