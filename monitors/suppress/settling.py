"""All open alerts together: who follows from whom. Pure.

First each alert finds the one that it follows from, by one rule after the other; then the chains are followed to their ends, so that
every alert that is suppressed names an open one that is not.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from monitors.suppress.causes import cause_of, cause_of_all
from monitors.suppress.linked import of_parts, of_peers, of_ports
from monitors.suppress.meaning import Meaning, meaning_of
from monitors.suppress.needing import of_objects
from monitors.suppress.net import explained, reachable
from monitors.suppress.scene import Scene
from monitors.suppress.seen import NOTHING_SEEN, Noticed, Seen, follows, order
from monitors.suppress.spare import left_of
from monitors.suppress.surroundings import Surroundings
from monitors.suppress.together import groups

SUPPLY = "supply"
"""One of two supplies that failed says nothing of the room."""


class Verdict(NamedTuple):
    """What becomes of one alert. root: id of the alert that suppresses it; empty: it is a root, and `suppressed` follow from it."""

    root: str = ""
    suppressed: int = 0
    cause: str = ""
    left: int = 0
    of: int = 0
    together: int = 0
    """Of the root of what began together: of how many objects; `place` names the site, where it is one."""
    place: str = ""


def verdicts(
    alerts: Iterable[Noticed], around: Surroundings, seen: Seen = NOTHING_SEEN, known: Mapping[str, Meaning] | None = None,
) -> dict[str, Verdict]:
    """By id, what becomes of each open alert."""
    scene = _scene(alerts, around, seen, known or {})
    before = _parents(scene)
    stand_for = {group.root: group for group in groups(scene, before.keys())}
    for root, one in stand_for.items():
        before |= {child: root for child in one.members if child != root and follows(scene.by_id[child], scene.by_id[root])}
    roots = _ends(scene.by_id, before)
    counts = Counter(root for alert, root in roots.items() if root != alert)
    found = {}
    for alert_id, root in roots.items():
        if root != alert_id:
            found[alert_id] = Verdict(root)
            continue
        alert = scene.by_id[alert_id]
        left, of = left_of(scene, alert)
        found[alert_id] = Verdict("", counts[alert_id], cause_of(scene, alert), left, of)
        if (group := stand_for.get(alert_id)) is not None and counts[alert_id]:
            with_it = cause_of_all(scene, [scene.by_id[one] for one in group.members])
            found[alert_id] = found[alert_id]._replace(cause=with_it, together=group.objects, place=group.place)
    return found


def _scene(alerts: Iterable[Noticed], around: Surroundings, seen: Seen, known: Mapping[str, Meaning]) -> Scene:
    ordered = sorted(alerts, key=order)
    means = {alert.id: known.get(alert.rule) or meaning_of(alert.rule) for alert in ordered}
    silent: dict[str, Noticed] = {}
    ports: dict[tuple[str, str], Noticed] = {}
    gone: dict[str, Noticed] = {}
    powerless: dict[str, list[int]] = {}
    restarted: dict[str, list[int]] = {}
    for alert in ordered:
        match means[alert.id]:
            case "silent":
                silent.setdefault(alert.device_id, alert)
            case "port":
                ports.setdefault((alert.device_id, alert.instance), alert)
            case "gone":
                gone.setdefault(alert.device_id, alert)
            case "power":
                powerless.setdefault(alert.device_id, []).append(alert.raised_at)
            case "restarted":
                restarted.setdefault(alert.device_id, []).append(alert.raised_at)
    for device, at in seen.powerless.items():
        powerless.setdefault(device, []).append(at)
    reached = reachable(around, silent)
    behind = explained(around, silent.keys() & around.devices.keys(), reached)
    return Scene(
        around=around, seen=seen, alerts=ordered, by_id={alert.id: alert for alert in ordered}, means=means, silent=silent, ports=ports,
        gone=gone, reached=reached, behind=behind, powerless=powerless, rooms=_rooms(ordered, means, silent, around, seen),
        restarted=restarted,
    )


def _rooms(
    alerts: Iterable[Noticed], means: Mapping[str, Meaning], silent: Container[str], around: Surroundings, seen: Seen,
) -> dict[str, list[int]]:
    """By site, when somebody who still lives there told that its power goes."""
    found: dict[str, list[int]] = {}
    for alert in alerts:
        alive = alert.device_id in around.polled and alert.device_id not in silent
        if means[alert.id] == "power" and SUPPLY not in alert.rule and alive:
            found.setdefault(around.site[alert.device_id], []).append(alert.raised_at)
    for device, at in seen.rooms.items():
        found.setdefault(around.site.get(device, ""), []).append(at)
    found.pop("", None)
    return found


def _parents(scene: Scene) -> dict[str, str]:
    """By alert the one that it follows from; the first rule that knows one decides."""
    found: dict[str, str] = {}
    for rule in (_of_silent, of_parts, of_peers, of_ports, of_objects):
        for child, parent in rule(scene):
            if child.id != parent.id and follows(child, parent):
                found.setdefault(child.id, parent.id)
    return found


def _of_silent(scene: Scene) -> Iterable[tuple[Noticed, Noticed]]:
    """Silent behind a silent one; and whatever else is said of a device that does not answer."""
    for alert in scene.alerts:
        own = scene.silent.get(alert.device_id)
        if own is None:
            continue
        if own.id != alert.id:
            yield alert, own
        elif (device := scene.behind.get(alert.device_id, alert.device_id)) != alert.device_id:
            yield alert, scene.silent[device]


def _ends(alerts: Mapping[str, Noticed], parents: Mapping[str, str]) -> dict[str, str]:
    """By alert the end of its chain. Where the chain bites its tail, the earliest in the circle is the end."""
    ends: dict[str, str] = {}
    for alert_id in alerts:
        chain: dict[str, None] = {}
        at = alert_id
        while at not in ends and at not in chain and at in parents:
            chain[at] = None
            at = parents[at]
        if at in chain:
            names = list(chain)
            at = min(names[names.index(at) :], key=lambda one: order(alerts[one]))
        end = ends.get(at, at)
        ends[end] = end
        ends.update(dict.fromkeys(chain, end))
    return ends
