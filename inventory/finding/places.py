"""To which unit and site an object belongs, asked of a view or of a store: the decision of who may see it."""

from collections.abc import Callable
from typing import Any

from core.graph import GraphView, Node
from inventory.graph.belonging import DEEPEST, PARTS, own_place, place_of

Find = Callable[[str, str], Any]
"""(kind, name or key) -> the noun, or None."""


def place(find: Find, kind: str, noun: Any, deep: int = DEEPEST) -> tuple[str, str]:
    """(unit, site) by name, as `inventory.graph.belonging` says of a view; empty where nothing says."""
    unit, site = own_place(kind, noun)
    for field, target in PARTS.get(kind, ()) if deep else ():
        name = getattr(noun, field)
        other = find(target, name) if name and not (unit and site) else None
        if other is not None:
            above = place(find, target, other, deep - 1)
            unit, site = unit or above[0], site or above[1]
    return unit, site


def place_in(view: GraphView, node: Node) -> tuple[str, str]:
    return place_of(view, node)
