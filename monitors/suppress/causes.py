"""Line or power: what is behind a root, as far as its surroundings tell. What they do not tell is not guessed.

    power          it or its room said so (last gasp, UPS on battery), or the ports of several others towards it, or its dark site, are down
    line           its only link is down while its site has power; or both ends of a link are down
    line-or-power  its only link is down, and nobody else stands there to ask
    far-end        the device at the other end was restarted
"""

from collections.abc import Sequence

from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed

NEAR_MS = 10 * 60_000
"""So close together, they belong together."""
BATTERY_MS = 60 * 60_000
"""So long a UPS may bridge before those behind it fall silent, or they restart after it."""


def cause_of(scene: Scene, alert: Noticed) -> str:
    """Empty: not known."""
    match scene.means[alert.id]:
        case "silent":
            return "power" if _powerless(scene, alert) else _by_its_links(scene, alert)
        case "port":
            return _of_port(scene, alert)
        case "power":
            return "power"
        case "restarted":
            return cause_of_all(scene, [alert])
    return ""


def cause_of_all(scene: Scene, alerts: Sequence[Noticed]) -> str:
    """Of what began together. Power: one of them, or a room, told so before."""
    meaning = scene.means[alerts[0].id]
    if meaning == "power":
        return "power"
    told = any(-BATTERY_MS <= at - alert.raised_at <= NEAR_MS for alert in alerts for at in _words(scene, alert.device_id))
    return "power" if meaning == "restarted" and told else ""


def _words(scene: Scene, device_id: str) -> Sequence[int]:
    return (*scene.powerless.get(device_id, ()), *scene.rooms.get(_site(scene, device_id), ()))


def _powerless(scene: Scene, alert: Noticed) -> bool:
    """It said so, or one behind it in the same room; or the room's UPS, a while ago too where nobody else there lives any more."""
    site = _site(scene, alert.device_id)
    mates = scene.around.standing.get(site, ()) if site else ()
    same = {alert.device_id, *(one for one in mates if scene.behind.get(one) == alert.device_id)}
    if any(abs(at - alert.raised_at) <= NEAR_MS for one in same for at in scene.powerless.get(one, ())):
        return True
    alone = all(one in scene.silent or one in scene.powerless for one in mates)
    longest = BATTERY_MS if alone else NEAR_MS
    return any(-longest <= at - alert.raised_at <= NEAR_MS for at in scene.rooms.get(site, ()))


def _site(scene: Scene, device_id: str) -> str:
    return scene.around.site.get(device_id, "")


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
