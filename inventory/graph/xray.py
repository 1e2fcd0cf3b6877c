"""X-ray: from a unit to the switch port behind its virtual machine, and back to the unit's own port on the net, as one tree."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from core.graph import GraphView, Node
from inventory.graph.ways import STEPS, Step

MOST = 1200
"""Lines of one X-ray; nobody reads more, and what is deeper is asked for by its own name."""
Direction = Literal["down", "up"]


class Ray(NamedTuple):
    """One line of the tree. depth 0: what was asked for. port: where the edge meets a port of `node`."""

    depth: int
    node: Node
    edge: str
    port: str = ""


def xray(view: GraphView, object_id: str, direction: Direction = "down", most: int = MOST) -> tuple[Ray, ...]:
    """The tree below (or above) an object, depth first; what was opened higher up is not opened again.

    Nor is a system at the far end of a data line: it is another's. One line more than `most`: it is cut off.
    """
    ways = STEPS[direction]
    out: list[Ray] = [Ray(0, view.node(object_id), "")]
    seen = {object_id}
    pending = _next(view, out[0], ways, most)
    while pending and len(out) <= most:
        ray = pending.pop()
        out.append(ray)
        if ray.node.id not in seen and not (ray.edge == "feeds" and ray.node.kind == "system"):
            seen.add(ray.node.id)
            pending += _next(view, ray, ways, most + 1 - len(out))
    return tuple(out)


def _next(view: GraphView, at: Ray, ways: dict[str, tuple[Step, ...]], room: int) -> list[Ray]:
    """The lines below one, the last first; no more than there is room for."""
    found: list[tuple[int, str, str, int, Node, str]] = []
    for step in ways.get(at.node.kind, ()):
        for edge in view.edges_to(at.node.id, (step.edge,)) if step.against else view.edges(at.node.id, (step.edge,)):
            far = view.node(edge.a if step.against else edge.b)
            place = step.wanted.get(far.kind)
            if place is not None:
                found.append((place, far.name, edge.a_port if step.against else edge.b_port, len(found), far, step.edge))
    found.sort()
    return [Ray(at.depth + 1, far, kind, port) for _, _, port, _, far, kind in reversed(found[: max(room, 0)])]


def found_kinds(rays: Sequence[Ray]) -> frozenset[str]:
    """Kinds that an X-ray reached."""
    return frozenset(ray.node.kind for ray in rays)
