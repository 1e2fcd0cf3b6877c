"""The graph as suppression asks it: who is linked to whom by which ports, how far from the core, who stands together."""

from collections.abc import Iterable
from typing import NamedTuple

from core.edges import EDGES, EdgeKind
from core.graph import GraphView

FAR = 1 << 30
DEPENDENT: tuple[tuple[EdgeKind, str], ...] = tuple(
    (kind, meaning.dependence) for kind, meaning in EDGES.items() if meaning.dependence and kind not in ("stands-at", "plugged-into")
)
"""Edges along which a failure spreads to what is no device; where a thing stands and what it is plugged into show in the devices."""
DEFAULT_INTERVAL_S = 60


class Wire(NamedTuple):
    """One link as one of its ends sees it."""

    port: str
    far: str
    """Id of the device."""
    far_port: str


class Surroundings:
    """Made once for a view; never changes."""

    def __init__(self, view: GraphView, roots: Iterable[str]) -> None:
        self._view = view
        self.devices: dict[str, str] = {node.id: node.name for node in view.of_kind("device")}
        self.wires: dict[str, list[Wire]] = {}
        for edge in view.of_edge("linked"):
            if edge.a != edge.b:
                self.wires.setdefault(edge.a, []).append(Wire(edge.a_port, edge.b, edge.b_port))
                self.wires.setdefault(edge.b, []).append(Wire(edge.b_port, edge.a, edge.a_port))
        self.roots = frozenset(roots) & self.devices.keys()
        self.hops = self._hops()
        nouns = {device: view.noun(device) for device in self.devices}
        self.site: dict[str, str] = {device: noun.site for device, noun in nouns.items()}
        self.polled = frozenset(device for device, noun in nouns.items() if noun.polled)
        self._intervals: dict[str, int] = {device: noun.interval_s for device, noun in nouns.items()}
        self.owner = {noun.address: device for device, noun in nouns.items() if noun.address}
        self.standing: dict[str, list[str]] = {}
        for device in sorted(one for one in self.polled if self.site[one]):
            self.standing.setdefault(self.site[device], []).append(device)

    def _hops(self) -> dict[str, int]:
        found, front, hops = dict.fromkeys(self.roots, 0), sorted(self.roots), 0
        while front:
            hops += 1
            front = [far for far in dict.fromkeys(wire.far for near in front for wire in self.wires.get(near, ())) if far not in found]
            found.update(dict.fromkeys(front, hops))
        return found

    def rank(self, device: str) -> tuple[int, str]:
        """Nearest to the core first."""
        return self.hops.get(device, FAR), device

    def upwards(self, device: str) -> list[Wire]:
        """Links that lead towards the core, or stay at the same distance."""
        mine = self.hops.get(device, FAR)
        return [wire for wire in self.wires.get(device, ()) if self.hops.get(wire.far, FAR) <= mine]

    def at(self, device: str, port: str) -> list[Wire]:
        """What is known to be plugged into a port."""
        return [wire for wire in self.wires.get(device, ()) if wire.port == port] if port else []

    def interval_s(self, device: str) -> int:
        return self._intervals.get(device, DEFAULT_INTERVAL_S)

    def needs(self, object_id: str) -> list[tuple[tuple[str, ...], int]]:
        """What an object that is no device depends on: groups of ids, and how many of each group it needs."""
        found = []
        for kind, how in DEPENDENT if object_id not in self.devices and self._known(object_id) else ():
            if group := tuple(dict.fromkeys(self._view.ahead(object_id, kind))):
                least = len(group) if how == "all" else 1
                found.append((group, getattr(self._view.noun(object_id), "needed", 1) if how == "enough" else least))
        return found

    def stand_ins(self, object_id: str) -> tuple[str, ...]:
        """Those that do the same work for somebody who needs only some of them, itself among them; empty where there are none."""
        for holder in self._view.behind(object_id, "runs-on") if self._known(object_id) else ():
            group = tuple(dict.fromkeys(self._view.ahead(holder, "runs-on")))
            if len(group) > max(1, getattr(self._view.noun(holder), "needed", 1)):
                return group
        return ()

    def belongs(self, object_id: str) -> tuple[str, str]:
        """Names of the unit and the site of an object that is no device; empty where it says none."""
        noun = self._view.noun(object_id) if self._known(object_id) else None
        return getattr(noun, "unit", "") or "", getattr(noun, "site", "") or ""

    def _known(self, object_id: str) -> bool:
        try:
            self._view.node(object_id)
        except LookupError:
            return False
        return True
