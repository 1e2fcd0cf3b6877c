"""Which devices still reach the core of the net when some devices and links are gone.

Links carry no direction, so what "lives" means for a device is decided over all links together: it has a way to one of the roots.
"""

from collections import deque
from collections.abc import Collection, Iterable
from typing import NamedTuple

from core.graph import GraphView

ROOT_ROLES = frozenset({"P", "core"})
"""Where egresses are not declared, the backbone is what must be reached."""


class Cut(NamedTuple):
    """What a failure does to the net."""

    lost: frozenset[str]
    """Devices that had a way to a root and have none; the failed ones too."""
    thinner: dict[str, tuple[int, int]]
    """Devices that keep a way but lost neighbours towards a root: how many were before, how many are left."""


def roots(view: GraphView) -> frozenset[str]:
    """Devices that stand for "the net": those with an egress; else the backbone; else every device with most neighbours."""
    egresses = frozenset(device for node in view.of_kind("egress") for device in view.ahead(node.id, "carried-by")
                         if view.node(device).kind == "device")
    return egresses or frozenset(node.id for node in view.of_kind("device") if view.noun(node.id).role in ROOT_ROLES)


def distances(view: GraphView, starts: Iterable[str], without: Collection[str] = (), links: Collection[str] = ()) -> dict[str, int]:
    """Hops from the nearest start, by device. without: devices that are gone. links: ids of edges that are gone."""
    gone = frozenset(without)
    out = {start: 0 for start in starts if start not in gone}
    queue = deque(out)
    while queue:
        at = queue.popleft()
        step = out[at] + 1
        for far in neighbours(view, at, links):
            if far not in out and far not in gone:
                out[far] = step
                queue.append(far)
    return out


def neighbours(view: GraphView, device: str, gone_links: Collection[str] = ()) -> tuple[str, ...]:
    """Devices one living link away."""
    if not gone_links:
        return view.neighbours(device)
    ahead = [edge.b for edge in view.edges(device, ("linked",)) if edge.id not in gone_links]
    behind = [edge.a for edge in view.edges_to(device, ("linked",)) if edge.id not in gone_links]
    return tuple(dict.fromkeys(end for end in (*ahead, *behind) if end != device))


def cut(view: GraphView, failed: Collection[str], links: Collection[str] = ()) -> Cut:
    """The devices that a failure of devices and links cuts off, and those that lost a way but not all."""
    start = roots(view)
    before = distances(view, start)
    after = distances(view, start, failed, links)
    lost = frozenset(before.keys() - after.keys()) | (frozenset(failed) & before.keys()) | _alone(view, failed, before)
    touched = {far for device in lost for far in view.neighbours(device)} | _ends(view, links)
    thinner = {}
    for device in touched - lost:
        was = _ways(view, device, before, ())
        left = _ways(view, device, after, links)
        if device in after and left < was:
            thinner[device] = (was, left)
    return Cut(lost, thinner)


def _alone(view: GraphView, failed: Collection[str], before: dict[str, int]) -> frozenset[str]:
    """Failed devices that never had a way to a root are lost too."""
    return frozenset(device for device in failed if device not in before and view.node(device).kind == "device")


def _ways(view: GraphView, device: str, hops: dict[str, int], gone_links: Collection[str]) -> int:
    """Neighbours over which a root is no farther than from here."""
    here = hops.get(device)
    if here is None:
        return 0
    return sum(1 for far in neighbours(view, device, gone_links) if far in hops and hops[far] <= here)


def _ends(view: GraphView, links: Collection[str]) -> set[str]:
    """Devices at the ends of some links."""
    gone = frozenset(links)
    if not gone:
        return set()
    ends: set[str] = set()
    for node in view.of_kind("device"):
        for edge in view.edges(node.id, ("linked",)):
            if edge.id in gone:
                ends |= {edge.a, edge.b}
    return ends
