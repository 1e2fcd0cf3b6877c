"""What fails when something fails: from devices, links or any object to components, systems and units, with what redundancy is left.

Devices are judged first and together, because whether one still reaches the core is a matter of all links (`reach`). Everything else
follows the edges that mean dependence (`core.edges.EDGES`), from what failed to what depends on it. Counted in arrays: the whole city
down costs little more than one switch.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np

from core.graph import GraphView
from inventory.graph.reach import cut
from inventory.graph.skeleton import Bools, Ints, Needs, Skeleton, skeleton

Harm = Literal["down", "degraded"]
PLACES = frozenset({"site", "rack"})


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
        self._bones = bones
        self.down: Bools = np.zeros(size, bool)
        self.hurt: Bools = np.zeros(size, bool)
        """Down or degraded."""
        self.because: Ints = np.full(size, -1)
        self.left: Ints = np.zeros(size, np.int64)
        self.of: Ints = np.zeros(size, np.int64)

    def __getitem__(self, object_id: str) -> Damage:
        n = self._bones.number.get(object_id, -1)
        if n < 0 or not self.hurt[n]:
            raise KeyError(object_id)
        cause = int(self.because[n])
        harm: Harm = "down" if self.down[n] else "degraded"
        return Damage(harm, self._bones.ids[cause] if cause >= 0 else "", int(self.left[n]), int(self.of[n]))

    def __iter__(self) -> Iterator[str]:
        return (self._bones.ids[n] for n in np.flatnonzero(self.hurt).tolist())

    def __len__(self) -> int:
        return int(self.hurt.sum())

    def counts(self) -> dict[str, tuple[int, int]]:
        """By kind: how many are down, how many degraded."""
        names, size = self._bones.kind_names, len(self._bones.kind_names)
        down = np.bincount(self._bones.kinds[self.down], minlength=size)
        hurt = np.bincount(self._bones.kinds[self.hurt], minlength=size)
        return {name: (int(down[n]), int(hurt[n] - down[n])) for n, name in enumerate(names) if hurt[n]}

    def of_kind(self, kind: str) -> list[str]:
        """Ids of what is harmed of a kind, those that are down first."""
        mine = self._bones.is_kind(kind)
        return [self._bones.ids[n] for part in (self.down, self.hurt & ~self.down) for n in np.flatnonzero(part & mine).tolist()]


def damage(view: GraphView, failed: Collection[str], links: Collection[str] = ()) -> Impact:
    """What happens when `failed` objects and `links` (ids of `linked` edges) are gone.

    Raises `NotFoundError` for an id that the view does not know.
    """
    bones = skeleton(view)
    found = Impact(bones)
    for object_id in failed:
        _fail(found, bones.number[view.node(object_id).id], bones.number[object_id])
    for place in [one for one in failed if view.node(one).kind in PLACES]:
        for dependent in view.behind(place, "stands-at"):
            _fail(found, bones.number[dependent], bones.number[place])
    _fail_the_net(view, bones, found, links)
    _spread(bones, found)
    return found


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


def _spread(bones: Skeleton, found: Impact) -> None:
    """From the harmed to those that need them, until nothing changes."""
    lost = [np.zeros(len(bones.ids), np.int64) for _ in bones.needs]
    down, hurt = np.flatnonzero(found.down), np.flatnonzero(found.hurt)
    while len(hurt):
        was_down, was_hurt = found.down.copy(), found.hurt.copy()
        for needs, gone in zip(bones.needs, lost, strict=True):
            _count(needs, gone, down)
            _judge(needs, gone, hurt, found)
        down = np.flatnonzero(found.down & ~was_down)
        hurt = np.flatnonzero((found.hurt & ~was_hurt) | (found.down & ~was_down))


def _count(needs: Needs, gone: Ints, down: Ints) -> None:
    """Adds to each dependent how many of what it needs have just gone down."""
    ends, _ = needs.dependents.of(down)
    np.add.at(gone, ends, 1)


def _judge(needs: Needs, gone: Ints, hurt: Ints, found: Impact) -> None:
    ends, whose = needs.dependents.of(hurt)
    if not len(ends):
        return
    left = needs.total[ends] - gone[ends]
    fresh = ~found.hurt[ends]
    found.because[ends[fresh]] = whose[fresh]
    down = ends[left < needs.least[ends]]
    found.because[down] = np.where(found.down[down], found.because[down], whose[left < needs.least[ends]])
    found.down[down] = True
    found.hurt[ends] = True
    if (needs.least < needs.total).any():
        alike = needs.total[ends] > needs.least[ends]
        found.left[ends[alike]], found.of[ends[alike]] = left[alike], needs.total[ends[alike]]
