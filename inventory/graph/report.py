"""An impact as a person reads it: systems by protection level, units with what is left of their access, the worst first."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.graph import GraphView
from inventory.graph.belonging import place_of
from inventory.graph.impact import Impact
from inventory.graph.skeleton import Bools

FIRST = ("system", "data_line", "component", "access_point", "device", "host", "load_balancer", "egress", "ha_group", "vm")
DOWN = "down"


class Level(NamedTuple):
    level: int
    down: int
    degraded: int
    cii: int


class UnitHit(NamedTuple):
    """What a failure does to one unit. left, of: its access points, where any is harmed; of is 0 where none is."""

    id: str
    down: int
    degraded: int
    level: int
    cii: int
    access: str
    left: int
    of: int


def levels(view: GraphView, systems: Iterable[str], impact: Impact) -> list[Level]:
    """Harmed systems by protection level, the highest first."""
    found: dict[int, list[int]] = {}
    for object_id in systems:
        system = view.noun(object_id)
        counts = found.setdefault(system.protection_level, [0, 0, 0])
        counts[0 if impact.is_down(object_id) else 1] += 1
        counts[2] += bool(system.cii)
    return [Level(level, *found[level]) for level in sorted(found, reverse=True)]


def units(view: GraphView, systems: Iterable[str], points: Iterable[str], impact: Impact) -> list[UnitHit]:
    """Units of which these systems or access points are harmed, those hit hardest first."""
    found: dict[str, UnitHit] = {}
    for object_id in systems:
        system = view.noun(object_id)
        unit = view.find("unit", system.unit)
        if unit is not None:
            hit, down = found.get(unit.id, UnitHit(unit.id, 0, 0, 0, 0, "", 0, 0)), impact.is_down(object_id)
            found[unit.id] = hit._replace(
                down=hit.down + down, degraded=hit.degraded + (not down), level=max(hit.level, system.protection_level),
                cii=hit.cii + bool(system.cii),
            )
    for unit_id in {unit for point in points for unit in view.behind(point, "enters-at")}:
        ways = view.ahead(unit_id, "enters-at")
        left = sum(not impact.is_down(point) for point in ways)
        hit = found.get(unit_id, UnitHit(unit_id, 0, 0, 0, 0, "", 0, 0))
        found[unit_id] = hit._replace(access="degraded" if left else DOWN, left=left, of=len(ways))
    return sorted(found.values(), key=_hardest_first)


def _hardest_first(hit: UnitHit) -> tuple[int, int, bool, int, int, str]:
    return -hit.level * bool(hit.down), -hit.down, hit.access != DOWN, -hit.level, -hit.degraded, hit.id


def worst_first(view: GraphView, impact: Impact, among: Bools) -> Iterator[str]:
    """Systems by level, those that are down and critical ones first; then data lines, components and the rest by kind and name."""
    def key(object_id: str) -> tuple[int, bool, bool, str]:
        noun = view.noun(object_id)
        return -getattr(noun, "protection_level", 0), not impact.is_down(object_id), not getattr(noun, "cii", False), noun.name

    for kind in (*FIRST, *(kind for kind in impact.bones.kind_names if kind not in FIRST)):
        yield from sorted(impact.of_kind(kind, among), key=key)


def unit_of(view: GraphView, object_id: str) -> str:
    """Name of the unit that an object belongs to."""
    return place_of(view, view.node(object_id)).unit


def worse(before: Impact, after: Impact) -> Bools:
    """What `after` harms more than `before`: newly harmed, down instead of degraded, or with less left."""
    down = after.down & ~before.down
    fewer = after.hurt & ~after.down & (~before.hurt | ((after.of > 0) & (after.left < before.left)))
    return down | fewer
