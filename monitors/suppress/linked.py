"""What follows along a link: the port towards a dead device, the two ends of one link, parts of a port, a lost neighbour."""

from collections.abc import Iterator

from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed

Follows = Iterator[tuple[Noticed, Noticed]]
"""Pairs: what follows, and what it follows from."""


def of_ports(scene: Scene) -> Follows:
    """A port towards a silent device follows from that; of two ends of one link the one nearer to the core stands for both."""
    for (device, port), alert in scene.ports.items():
        for wire in scene.around.at(device, port):
            if (dead := scene.silent.get(wire.far)) is not None:
                yield alert, dead
        for wire in scene.around.at(device, port):
            other = scene.ports.get((wire.far, wire.far_port))
            if other is not None and scene.around.rank(wire.far) < scene.around.rank(device):
                yield alert, other


def of_parts(scene: Scene) -> Follows:
    """A subinterface (`GE0/0/1.100`) follows from its port."""
    for (device, port), alert in scene.ports.items():
        whole, dot, part = port.rpartition(".")
        if dot and part.isdigit() and (down := scene.ports.get((device, whole))) is not None:
            yield alert, down


def of_peers(scene: Scene) -> Follows:
    """A neighbour of a routing protocol that is lost because its device is silent, or the link to it is down."""
    for alert in scene.alerts:
        if scene.means[alert.id] != "peer" or not (far := scene.around.owner.get(alert.instance)):
            continue
        if (dead := scene.silent.get(far)) is not None:
            yield alert, dead
        links = [wire for wire in scene.around.wires.get(alert.device_id, ()) if wire.far == far]
        down = [found for wire in links if (found := scene.ports.get((alert.device_id, wire.port)))]
        if links and len(down) == len(links):
            yield alert, down[0]
