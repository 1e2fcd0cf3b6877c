"""What fails when something fails: from devices, links or any object to components, systems and units, with what redundancy is left.

Devices are judged first and together, because whether one still reaches the core is a matter of all links (`reach`). Everything else
follows the edges that mean dependence (`core.edges.EDGES`), from what failed to what depends on it.
"""

from collections import deque
from collections.abc import Collection
from typing import Literal, NamedTuple

from core.edges import EDGES, EdgeKind
from core.graph import GraphView
from inventory.graph.reach import cut

Harm = Literal["down", "degraded"]
FOLLOWED: tuple[EdgeKind, ...] = tuple(kind for kind, meaning in EDGES.items() if meaning.dependence)
PLACES = frozenset({"site", "rack"})


class Damage(NamedTuple):
    """What happens to one object. left, of: of the things that stand in for each other, how many live; of is 0 where there is one only."""

    harm: Harm
    because: str
    """Id of the object whose failure brought it here; the object itself where it is what failed."""
    left: int = 0
    of: int = 0


Found = dict[str, Damage]


def damage(view: GraphView, failed: Collection[str], links: Collection[str] = ()) -> Found:
    """By id, everything that is down or degraded when `failed` objects and `links` (ids of `linked` edges) are gone.

    Raises `NotFoundError` for an id that the view does not know.
    """
    found: Found = {object_id: Damage("down", view.node(object_id).id) for object_id in failed}
    for place in [i for i in failed if view.node(i).kind in PLACES]:
        for dependent in view.behind(place, "stands-at"):
            found.setdefault(dependent, Damage("down", place))
    _fail_the_net(view, found, links)
    _spread(view, found)
    return found


def _fail_the_net(view: GraphView, found: Found, links: Collection[str]) -> None:
    gone = [object_id for object_id in found if view.node(object_id).kind == "device"]
    if not gone and not links:
        return
    result = cut(view, gone, links)
    cause = gone[0] if gone else next(iter(links))
    for device in result.lost:
        found.setdefault(device, Damage("down", cause))
    for device, (was, left) in result.thinner.items():
        found.setdefault(device, Damage("degraded", cause, left, was))


def _spread(view: GraphView, found: Found) -> None:
    queue = deque(found)
    while queue:
        at = queue.popleft()
        for kind in FOLLOWED:
            for dependent in view.behind(at, kind):
                new = judge(view, dependent, kind, found, at)
                old = found.get(dependent)
                if new is not None and (old is None or _worse(new, old)):
                    found[dependent] = new
                    queue.append(dependent)


def judge(view: GraphView, dependent: str, kind: EdgeKind, found: Found, because: str) -> Damage | None:
    """What the state of all that `dependent` needs by edges of this kind means for it; None: nothing."""
    needs = view.ahead(dependent, kind)
    down = sum(1 for one in needs if one in found and found[one].harm == "down")
    hurt = sum(1 for one in needs if one in found)
    if EDGES[kind].dependence == "all":
        return Damage("down", because) if down else Damage("degraded", because) if hurt else None
    least = view.noun(dependent).needed if EDGES[kind].dependence == "enough" else 1
    left = len(needs) - down
    if left < least:
        return Damage("down", because, left, len(needs))
    return Damage("degraded", because, left, len(needs)) if hurt else None


def _worse(new: Damage, old: Damage) -> bool:
    if old.harm == "down":
        return False
    return new.harm == "down" or (new.of > 0 and (old.of == 0 or new.left < old.left))
