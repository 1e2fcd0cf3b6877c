"""Redundancy: how much still stands in for what a root took away. One of two uplinks is a degradation, not an outage."""

from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed


def left_of(scene: Scene, alert: Noticed) -> tuple[int, int]:
    """(how many still live, of how many); (0, 0) where nothing stands in, or nothing is known of it."""
    if scene.means[alert.id] == "port":
        return _of_link(scene, alert)
    group = scene.around.stand_ins(alert.device_id) if scene.means[alert.id] in ("silent", "gone") else ()
    return (sum(not _dead(scene, one) for one in group), len(group)) if group else (0, 0)


def _of_link(scene: Scene, alert: Noticed) -> tuple[int, int]:
    """Of the links towards the core of whichever end lies farther from it."""
    wires = scene.around.at(alert.device_id, alert.instance)
    if not wires:
        return 0, 0
    lower = max((alert.device_id, *(wire.far for wire in wires)), key=scene.around.rank)
    ways = scene.around.upwards(lower)
    if len(ways) < 2:
        return 0, 0
    down = sum(
        wire.far in scene.silent or (lower, wire.port) in scene.ports or (wire.far, wire.far_port) in scene.ports for wire in ways
    )
    return len(ways) - down, len(ways)


def _dead(scene: Scene, object_id: str) -> bool:
    return object_id in scene.silent or object_id in scene.gone
