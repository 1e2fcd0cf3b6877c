"""Which part of what exists is published: what the caller sees, and of that what was asked for."""

from collections.abc import Callable
from typing import NamedTuple

from core.graph import GraphView, Node
from inventory.finding.places import place_in


def _everybody(_unit: str, _site: str) -> bool:
    return True


class Scope(NamedTuple):
    """units: with those below; empty: all. seen: whether the caller sees what belongs to a unit and a site."""

    units: frozenset[str] = frozenset()
    site: str = ""
    county: str = ""
    vpn: str = ""
    seen: Callable[[str, str], bool] = _everybody

    @property
    def narrow(self) -> bool:
        """Whether a part was asked for."""
        return bool(self.units or self.site or self.county or self.vpn)

    def may(self, view: GraphView, node: Node) -> bool:
        """Whether the caller sees it."""
        return self.seen is _everybody or self.seen(*place_in(view, node))

    def shows(self, view: GraphView, node: Node) -> bool:
        """Whether it is seen and belongs to the part that was asked for."""
        if not self.narrow and self.seen is _everybody:
            return True
        unit, site = place_in(view, node)
        if not self.seen(unit, site) or (self.units and unit not in self.units) or (self.site and site != self.site):
            return False
        return not self.county or county_of(view, site) == self.county


EVERYTHING = Scope()


def county_of(view: GraphView, site: str) -> str:
    node = view.find("site", site) if site else None
    county: str = view.noun(node.id).county if node is not None else ""
    return county


def units_below(view: GraphView, unit: str) -> frozenset[str]:
    """A unit and all units below it, by name."""
    children: dict[str, list[str]] = {}
    for node in view.of_kind("unit"):
        children.setdefault(view.noun(node.id).parent, []).append(node.name)
    found, waiting = {unit}, [unit]
    while waiting:
        for name in children.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)
