"""Which devices still reach the core of the net when some devices and links are gone.

Links carry no direction, so what "lives" means for a device is decided over all links together: it has a way to one of the roots.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from core.graph import GraphView
from inventory.graph.skeleton import Bools, Ints, Skeleton, skeleton

ROOT_ROLES = frozenset({"P", "core"})
"""Where egresses are not declared, the backbone is what must be reached."""
FAR = np.int64(1 << 40)


class Cut(NamedTuple):
    """What a failure does to the net, by numbers of the skeleton."""

    lost: Ints
    """Devices that had a way to a root and have none; the failed ones too."""
    thinner: Ints
    """Devices that keep a way but lost some of their neighbours towards a root."""
    was: Ints
    left: Ints
    """How many such neighbours each of `thinner` had, and has."""


def roots(view: GraphView) -> frozenset[str]:
    """Devices that stand for "the net": those with an egress, else the backbone."""
    ends = (far for node in view.of_kind("egress") for far in view.ahead(node.id, "carried-by"))
    egresses = frozenset(far for far in ends if view.node(far).kind == "device")
    return egresses or frozenset(node.id for node in view.of_kind("device") if view.noun(node.id).role in ROOT_ROLES)


def cut(view: GraphView, failed: Collection[str], links: Collection[str] = ()) -> Cut:
    """What a failure of devices and links (ids of `linked` edges) cuts off, and what lost a way but not all."""
    bones = skeleton(view)
    gone = np.zeros(len(bones.ids), bool)
    gone[[bones.number[one] for one in failed]] = True
    living = np.ones(len(bones.links.ids), bool)
    living[[place for edge in links for place in bones.links.places.get(edge, ())]] = False
    before = _before(view)
    after = _hops(bones, _roots(view), gone, living)
    lost = ((before < FAR) & (after >= FAR)) | gone
    return _thinned(bones, before, after, lost, living)


def _thinned(bones: Skeleton, before: Ints, after: Ints, lost: Bools, living: Bools) -> Cut:
    near, far = np.repeat(np.arange(len(bones.ids)), np.diff(bones.links.joined.start)), bones.links.joined.ends
    hurt = ~living | lost[far]
    touched = np.unique(near[hurt & ~lost[near] & (after[near] < FAR)])
    mine = np.isin(near, touched)
    was = np.bincount(near[mine & (before[far] <= before[near])], minlength=len(lost))
    left = np.bincount(near[mine & living & ~lost[far] & (after[far] <= after[near])], minlength=len(lost))
    thinner = touched[left[touched] < was[touched]]
    return Cut(np.flatnonzero(lost), thinner, was[thinner], left[thinner])


def _roots(view: GraphView) -> Ints:
    bones = skeleton(view)
    return np.array(sorted(bones.number[one] for one in roots(view)), np.int64)


def _before(view: GraphView) -> Ints:
    """Hops from the roots while everything lives; kept with the skeleton."""
    bones = skeleton(view)
    if bones.hops is None:
        none, all_ = np.zeros(len(bones.ids), bool), np.ones(len(bones.links.ids), bool)
        bones.hops = _hops(bones, _roots(view), none, all_)
    return bones.hops


def _hops(bones: Skeleton, starts: Ints, gone: Bools, living: Bools) -> Ints:
    """Hops from the nearest start by node; `FAR` where there is no way."""
    links = bones.links.joined
    far_ends = np.where(living, links.ends, -1)
    out = np.full(len(bones.ids), FAR)
    front = starts[~gone[starts]]
    out[front] = 0
    hops = 0
    while len(front):
        hops += 1
        ends, _ = links._replace(ends=far_ends).of(front)
        ends = ends[ends >= 0]
        front = np.unique(ends[(out[ends] == FAR) & ~gone[ends]])
        out[front] = hops
    return out


def hops(view: GraphView, start: str) -> dict[str, int]:
    """Links between one device and every other that it reaches."""
    bones = skeleton(view)
    starts = np.array([bones.number[view.node(start).id]], np.int64)
    found = _hops(bones, starts, np.zeros(len(bones.ids), bool), np.ones(len(bones.links.ids), bool))
    return {bones.ids[n]: int(found[n]) for n in np.flatnonzero(found < FAR).tolist()}
