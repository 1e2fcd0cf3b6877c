"""Line or power: what is behind a root, as far as its surroundings tell. What they do not tell is not guessed.

    power          it or its room said so (last gasp, UPS on battery), or the ports of several others towards it, or its dark site, are down
    line           its only link is down while its site has power; or both ends of a link are down
    line-or-power  its only link is down, and nobody else stands there to ask
    far-end        the device at the other end was restarted
"""

from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed

NEAR_MS = 10 * 60_000
"""So close together, they belong together."""


def cause_of(scene: Scene, alert: Noticed) -> str:
    """Empty: not known."""
    match scene.means[alert.id]:
        case "silent":
            return "power" if _powerless(scene, alert) else _by_its_links(scene, alert)
        case "port":
            return _of_port(scene, alert)
        case "power":
            return "power"
    return ""


def _powerless(scene: Scene, alert: Noticed) -> bool:
    site = scene.around.site.get(alert.device_id, "")
    for where in filter(None, (alert.device_id, site)):
        if any(abs(at - alert.raised_at) <= NEAR_MS for at in (scene.seen.powerless.get(where, 0), *scene.powerless.get(where, ()))):
            return True
    return False


def _by_its_links(scene: Scene, alert: Noticed) -> str:
    device = alert.device_id
    site = scene.around.standing.get(scene.around.site.get(device, ""), ())
    same = {device, *(one for one in site if scene.behind.get(one) == device)}
    wires = [wire for one in same for wire in scene.around.wires.get(one, ())]
    alive = [wire for wire in wires if wire.far in scene.reached and wire.far not in scene.silent]
    down = [wire for wire in alive if (port := scene.ports.get((wire.far, wire.far_port))) and _near(port, alert)]
    if not alive or len(down) < len(alive):
        return ""
    if len({wire.far for wire in alive}) > 1:
        return "power"
    return "line" if any(one in scene.reached and one not in scene.silent for one in site) else "line-or-power"


def _of_port(scene: Scene, alert: Noticed) -> str:
    for wire in scene.around.at(alert.device_id, alert.instance):
        other = scene.ports.get((wire.far, wire.far_port))
        if other is not None and _near(other, alert):
            return "line"
        if any(abs(at - alert.raised_at) <= NEAR_MS for at in scene.restarted.get(wire.far, ())):
            return "far-end"
    return ""


def _near(one: Noticed, other: Noticed) -> bool:
    return abs(one.raised_at - other.raised_at) <= NEAR_MS
