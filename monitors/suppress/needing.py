"""What follows from dependence: the machine from its host, the access point from its device, the system from its components."""

from collections.abc import Iterator

from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed

DEEPEST = 12


def of_objects(scene: Scene) -> Iterator[tuple[Noticed, Noticed]]:
    """An alert about what is no device follows from what takes away too much of what it needs. As long as enough is left, from nothing."""
    known: dict[str, Noticed | None] = {}
    for alert in scene.alerts:
        if alert.device_id not in scene.around.devices and (root := _taken_by(scene, alert.device_id, known, DEEPEST)) is not None:
            yield alert, root


def _taken_by(scene: Scene, object_id: str, known: dict[str, Noticed | None], depth: int) -> Noticed | None:
    """The alert that explains why an object cannot work, which is not its own; None: there is none. Circles end."""
    if object_id in known or depth == 0:
        return known.get(object_id)
    known[object_id] = None
    for group, least in scene.around.needs(object_id):
        out = [found for one in group if (found := _out(scene, one, known, depth - 1)) is not None]
        if len(group) - len(out) < least:
            known[object_id] = min(out, key=lambda one: (one.raised_at, one.id))
            break
    return known[object_id]


def _out(scene: Scene, object_id: str, known: dict[str, Noticed | None], depth: int) -> Noticed | None:
    """The alert that says that an object is out, by itself or by what it needs."""
    if object_id in scene.around.devices:
        return scene.silent.get(object_id)
    return _taken_by(scene, object_id, known, depth) or scene.gone.get(object_id)
