"""What begins together at one place: many alerts of one rule within minutes, whose common ground lies outside the devices that tell them.

Only of what is left after the topology has spoken, and only of rules of which the place, or what all are served by, explains it:

    restarted   the power of the place, or of devices that hang on each other by wires
    power       its mains
    room        its air: temperature, humidity
    way         the way to the place: answers that became slow
    served      what serves them all (clock, credential): of one place, or of the whole net where three places and ten objects tell it
    port        the card: ports of one device behind which nothing is known

Processors, disks, optics, traffic are each device's own: that two of them are bad at once is chance, and each is a root.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from monitors.suppress.meaning import Meaning
from monitors.suppress.scene import Scene
from monitors.suppress.seen import Noticed, order

GAP_MS = 5 * 60_000
SPAN_MS = 15 * 60_000
"""Each at most so long after the one before, and after the first: the slack within which one follows from another."""
CARD_GAP_MS = 60_000
LEAST: Mapping[Meaning, int] = {"restarted": 2, "power": 2, "room": 2, "way": 3, "served": 3}
"""So many objects of one place."""
PLACES, EVERYWHERE = 3, 10
"""So many places and so many objects: it is what serves the whole net."""
PORTS = 4
_SEVERITIES = ("critical", "major", "minor", "warning", "info")


class Group(NamedTuple):
    """root: id of the alert that stands for all. objects: how many, the root's too. place: name of the site or, of ports, the device."""

    root: str
    members: tuple[str, ...]
    objects: int
    place: str = ""


def groups(scene: Scene, taken: Collection[str]) -> Iterator[Group]:
    """taken: ids of alerts that follow from others by the topology."""
    kinds: dict[tuple[Meaning, str], list[Noticed]] = {}
    for alert in scene.alerts:
        if alert.id not in taken:
            kinds.setdefault((scene.means[alert.id], alert.rule), []).append(alert)
    for (meaning, _), alerts in kinds.items():
        if meaning == "port":
            yield from _of_cards(scene, alerts)
        elif meaning in LEAST:
            for some in _runs(alerts, GAP_MS):
                yield from _of_places(scene, meaning, some)


def _runs(alerts: Sequence[Noticed], gap_ms: int) -> Iterator[list[Noticed]]:
    """Alerts in order of time, parted where nothing began for a while."""
    run: list[Noticed] = []
    for alert in alerts:
        if run and (alert.raised_at - run[-1].raised_at > gap_ms or alert.raised_at - run[0].raised_at > SPAN_MS):
            yield run
            run = []
        run.append(alert)
    if run:
        yield run


def _of_places(scene: Scene, meaning: Meaning, alerts: Sequence[Noticed]) -> Iterator[Group]:
    site = scene.around.site
    places: dict[str, list[Noticed]] = {}
    for alert in alerts:
        if name := site.get(alert.device_id, ""):
            places.setdefault(name, []).append(alert)
    if meaning == "served" and len(places) >= PLACES and len({one.device_id for one in alerts}) >= EVERYWHERE:
        yield _group(scene, alerts)
        return
    sets: Iterable[Sequence[Noticed]] = places.values()
    if meaning == "restarted":
        sets = _hanging_together(scene, alerts, places.values())
    for some in sets:
        if len({one.device_id for one in some}) >= LEAST[meaning]:
            yield _group(scene, some)


def _hanging_together(scene: Scene, alerts: Sequence[Noticed], places: Iterable[Sequence[Noticed]]) -> Iterable[Sequence[Noticed]]:
    """Those of one place, and those next to each other by a wire: whoever feeds them may stand at another place."""
    of_device: dict[str, list[Noticed]] = {}
    for alert in alerts:
        of_device.setdefault(alert.device_id, []).append(alert)
    joined: dict[str, set[str]] = {device: set() for device in of_device}
    for some in places:
        first = some[0].device_id
        for alert in some:
            joined[first].add(alert.device_id)
            joined[alert.device_id].add(first)
    for device in of_device:
        joined[device].update(wire.far for wire in scene.around.wires.get(device, ()) if wire.far in of_device)
    seen: set[str] = set()
    for device in of_device:
        front, found = [device], list[Noticed]()
        while front:
            near = front.pop()
            if near not in seen:
                seen.add(near)
                found += of_device[near]
                front += joined[near]
        if found:
            yield sorted(found, key=order)


def _of_cards(scene: Scene, alerts: Sequence[Noticed]) -> Iterator[Group]:
    devices: dict[str, list[Noticed]] = {}
    for alert in alerts:
        if not scene.around.at(alert.device_id, alert.instance):
            devices.setdefault(alert.device_id, []).append(alert)
    for some in devices.values():
        for run in _runs(some, CARD_GAP_MS):
            if len(run) >= PORTS:
                yield _group(scene, run)._replace(objects=len(run), place=scene.around.devices.get(run[0].device_id, ""))


def _group(scene: Scene, alerts: Sequence[Noticed]) -> Group:
    """The most severe stands for all, so that none hurries more than what is told; of those the first, so that it stays the same one."""
    root = min(alerts, key=lambda one: (_SEVERITIES.index(one.severity) if one.severity in _SEVERITIES else 0, order(one)))
    sites = {scene.around.site.get(one.device_id, "") for one in alerts}
    return Group(root.id, tuple(one.id for one in alerts), len({one.device_id for one in alerts}), sites.pop() if len(sites) == 1 else "")
