"""What fails when something fails: from devices, links or any object to components, systems and units, with what redundancy is left.

Devices are judged first and together, because whether one still reaches the core is a matter of all links (`reach`). Everything else
follows the edges that mean dependence (`core.edges.EDGES`), from what failed to what depends on it. Counted in arrays: the whole city
down costs little more than one switch.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np

from core.edges import EdgeKind
from core.graph import GraphView
from inventory.graph.ports import links_of_cables
from inventory.graph.reach import cut
from inventory.graph.skeleton import Bools, Ints, Needs, Neighbours, Skeleton, skeleton

Harm = Literal["down", "degraded"]
HOLDS: dict[str, EdgeKind] = {
    "site": "stands-at", "rack": "stands-at", "ha_group": "member-of",
    **dict.fromkeys(("availability_zone", "zone", "vpn_instance", "cloud_platform", "tenant", "project", "vlan"), "within"),
}
"""What takes along all that it holds, when it is named as failed: the kind of edge that leads to it."""


class Damage(NamedTuple):
    """What happens to one object. left, of: of the things that stand in for each other, how many live; of is 0 where there is one only."""

    harm: Harm
    because: str
    """Id of the object whose failure brought it here; the object itself where it is what failed."""
    left: int = 0
    of: int = 0


class Impact(Mapping[str, Damage]):
    """By id, everything that is down or degraded."""

    def __init__(self, bones: Skeleton) -> None:
        size = len(bones.ids)
        self.bones = bones
        self.down: Bools = np.zeros(size, bool)
        self.hurt: Bools = np.zeros(size, bool)
        """Down or degraded."""
        self.because: Ints = np.full(size, -1)
        self.left: Ints = np.zeros(size, np.int64)
        self.of: Ints = np.zeros(size, np.int64)

    def __getitem__(self, object_id: str) -> Damage:
        n = self.bones.number.get(object_id, -1)
        if n < 0 or not self.hurt[n]:
            raise KeyError(object_id)
        cause = int(self.because[n])
        harm: Harm = "down" if self.down[n] else "degraded"
        return Damage(harm, self.bones.ids[cause] if cause >= 0 else "", int(self.left[n]), int(self.of[n]))

    def __iter__(self) -> Iterator[str]:
        return (self.bones.ids[n] for n in np.flatnonzero(self.hurt).tolist())

    def __len__(self) -> int:
        return int(self.hurt.sum())

    def counts(self, among: Bools | None = None) -> dict[str, tuple[int, int]]:
        """By kind: how many are down, how many degraded. among: only of these nodes."""
        names, size = self.bones.kind_names, len(self.bones.kind_names)
        hurt = self.hurt if among is None else self.hurt & among
        down = np.bincount(self.bones.kinds[hurt & self.down], minlength=size)
        both = np.bincount(self.bones.kinds[hurt], minlength=size)
        return {name: (int(down[n]), int(both[n] - down[n])) for n, name in enumerate(names) if both[n]}

    def of_kind(self, kind: str, among: Bools | None = None) -> list[str]:
        """Ids of what is harmed of a kind, those that are down first."""
        mine = self.bones.is_kind(kind) if among is None else self.bones.is_kind(kind) & among
        return [self.bones.ids[n] for part in (self.down, self.hurt & ~self.down) for n in np.flatnonzero(part & mine).tolist()]

    def is_down(self, object_id: str) -> bool:
        return bool(self.down[self.bones.number[object_id]])


def damage(view: GraphView, failed: Collection[str], links: Collection[str] = ()) -> Impact:
    """What happens when `failed` objects are gone, and `links`: ids of edges, `linked` or those that end at a port.

    Raises `NotFoundError` for an id that the view does not know.
    """
    bones = skeleton(view)
    found = Impact(bones)
    for object_id in failed:
        _fail(found, bones.number[view.node(object_id).id], bones.number[object_id])
    _fail_what_it_holds(view, bones, found, failed)
    cables = np.flatnonzero(found.down & bones.is_kind("cable")).tolist()
    lost = frozenset((*links, *links_of_cables(view, [*map(bones.ids.__getitem__, cables), *_cables_of_circuits(view, failed)])))
    _fail_the_net(view, bones, found, lost)
    _spread(bones, found, _unplugged(view, bones, [edge for edge in lost if edge not in bones.links.places]))
    return found


def _fail_what_it_holds(view: GraphView, bones: Skeleton, found: Impact, failed: Collection[str]) -> None:
    waiting = [view.node(object_id) for object_id in failed]
    while waiting:
        whole = waiting.pop()
        if whole.kind in HOLDS:
            parts = view.behind(whole.id, HOLDS[whole.kind])
            numbers = np.fromiter(map(bones.number.__getitem__, parts), np.int64, len(parts))
            fresh = numbers[~found.down[numbers]]
            found.down[fresh] = found.hurt[fresh] = True
            found.because[fresh] = bones.number[whole.id]
            waiting += [node for n in fresh.tolist() if (node := view.node(bones.ids[n])).kind in HOLDS]


def _cables_of_circuits(view: GraphView, failed: Collection[str]) -> list[str]:
    circuits = (object_id for object_id in failed if view.node(object_id).kind == "circuit")
    return [one for circuit in circuits for one in view.behind(circuit, "carried-by") if view.node(one).kind == "cable"]


Pairs = dict[EdgeKind, list[tuple[int, int]]]
"""By kind of edge: what depends, and what it depended on."""


def _unplugged(view: GraphView, bones: Skeleton, lost: Collection[str]) -> Pairs:
    """Where every edge between two objects is lost, though both may live."""
    gone, out = frozenset(lost), {}
    for needs in bones.needs if gone else ():
        pairs = {(edge.a, edge.b): None for edge in view.of_edge(needs.kind) if edge.id in gone}
        apart = [pair for pair in pairs if all(e.id in gone for e in view.edges(pair[0], (needs.kind,)) if e.b == pair[1])]
        if apart:
            out[needs.kind] = [(bones.number[a], bones.number[b]) for a, b in apart]
    return out


def _fail(found: Impact, number: int, because: int) -> None:
    if not found.down[number]:
        found.down[number] = found.hurt[number] = True
        found.because[number] = because


def _fail_the_net(view: GraphView, bones: Skeleton, found: Impact, links: Collection[str]) -> None:
    gone = np.flatnonzero(found.down & bones.is_kind("device"))
    if not len(gone) and not links:
        return
    result = cut(view, [bones.ids[n] for n in gone.tolist()], links)
    cause = int(gone[0]) if len(gone) else -1
    fresh = result.lost[~found.hurt[result.lost]]
    found.down[fresh] = found.hurt[fresh] = True
    found.because[fresh] = cause
    thin = ~found.hurt[result.thinner]
    found.hurt[result.thinner[thin]] = True
    found.because[result.thinner[thin]] = cause
    found.left[result.thinner[thin]], found.of[result.thinner[thin]] = result.left[thin], result.was[thin]


def _spread(bones: Skeleton, found: Impact, unplugged: Pairs) -> None:
    """From the harmed to those that need them, until nothing changes."""
    needed = [_apart(needs, unplugged[needs.kind]) if needs.kind in unplugged else needs for needs in bones.needs]
    lost = [np.zeros(len(bones.ids), np.int64) for _ in needed]
    for needs, gone in zip(needed, lost, strict=True):
        near, far = np.array(unplugged.get(needs.kind, []), np.int64).reshape(-1, 2).T
        np.add.at(gone, near, 1)
        _harm(needs, gone, near, far, found)
    down, hurt = np.flatnonzero(found.down), np.flatnonzero(found.hurt)
    while len(hurt):
        was_down, was_hurt = found.down.copy(), found.hurt.copy()
        for needs, gone in zip(needed, lost, strict=True):
            ends, _ = needs.dependents.of(down)
            np.add.at(gone, ends, 1)
            _harm(needs, gone, *needs.dependents.of(hurt), found)
        down = np.flatnonzero(found.down & ~was_down)
        hurt = np.flatnonzero((found.hurt & ~was_hurt) | (found.down & ~was_down))


def _apart(needs: Needs, pairs: list[tuple[int, int]]) -> Needs:
    """Without these pairs: what depends there has lost the other already."""
    start, ends = needs.dependents
    places = [int(start[far] + np.flatnonzero(ends[start[far] : start[far + 1]] == near)[0]) for near, far in pairs]
    fewer = np.bincount(np.array([far for _, far in pairs]), minlength=len(start) - 1)
    cut_start = start - np.concatenate([[0], np.cumsum(fewer)])
    return needs._replace(dependents=Neighbours(cut_start, np.delete(ends, places)))


def _harm(needs: Needs, gone: Ints, ends: Ints, whose: Ints, found: Impact) -> None:
    """Judges `ends`, which need what `whose` tells: `gone` of what each needs is down."""
    if not len(ends):
        return
    left = needs.total[ends] - gone[ends]
    fresh = ~found.hurt[ends]
    found.because[ends[fresh]] = whose[fresh]
    short = left < needs.least[ends]
    down = ends[short]
    found.because[down] = np.where(found.down[down], found.because[down], whose[short])
    found.down[down] = True
    found.hurt[ends] = True
    alike = needs.total[ends] > needs.least[ends]
    found.left[ends[alike]], found.of[ends[alike]] = left[alike], needs.total[ends[alike]]
