"""Which edges end at a port, which belong to a link, a cable or a circuit."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from core.edges import Edge, EdgeKind
from core.graph import GraphView
from inventory.graph.wiring import same_port

AT_PORTS: tuple[EdgeKind, ...] = ("plugged-into", "enters-through", "carried-by")
"""Besides `linked`: what is attached at the port of a device."""


class Ends(NamedTuple):
    """A port, or the two ends of a link. Ids of devices; an empty port: any."""

    near: str
    near_port: str = ""
    far: str = ""
    far_port: str = ""


def edges_at_port(view: GraphView, ends: Ends) -> list[str]:
    """Ids of all that is attached to one port of a device."""
    links = [edge.id for edge, mine, _ in _links(view, ends.near) if mine and same_port(mine, ends.near_port)]
    attached = view.edges_to(ends.near, AT_PORTS)
    return [*links, *(edge.id for edge in attached if edge.b_port and same_port(edge.b_port, ends.near_port))]


def edges_between(view: GraphView, ends: Ends) -> list[str]:
    """Ids of the links between two devices, at these ports where they are named."""
    return [
        edge.id for edge, mine, its in _links(view, ends.near)
        if ends.far in (edge.a, edge.b) and same_port(mine, ends.near_port) and same_port(its, ends.far_port)
    ]


def links_of_cables(view: GraphView, cables: Iterable[str]) -> Iterator[str]:
    """Ids of the links that run in cables."""
    for cable_id in cables:
        cable = view.noun(cable_id)
        a, b = view.find("device", cable.device_a), view.find("device", cable.device_b)
        if a is not None and b is not None:
            yield from edges_between(view, Ends(a.id, cable.port_a, b.id, cable.port_b))


def _links(view: GraphView, device_id: str) -> Iterator[tuple[Edge, str, str]]:
    """Links of a device with its own port and the other's."""
    for edge in view.edges(device_id, ("linked",)):
        yield edge, edge.a_port, edge.b_port
    for edge in view.edges_to(device_id, ("linked",)):
        yield edge, edge.b_port, edge.a_port
