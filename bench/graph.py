"""The graph of a city and of ten: deriving its edges, its view, one edited record, and the questions, beside a plain walk over dicts.

Ten cities are one city whose names, keys and ids are shifted; addresses stay, each city has VPNs of its own. Times are those of
the processor, so that others on the machine do not count. Each question is asked twice about each object, and the
least counts; p50, p95 and max are over the objects.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from agents.hub.graph import composing, walking
from agents.hub.graph.naming import Chosen
from agents.hub.sight import EVERYTHING
from core.edges import EDGES, REFERENCES, Edge
from core.graph import GraphView, Node
from core.model import KEYED
from core.objects import Link
from inventory.graph import Seen
from inventory.graph.deriving import Deriver, fields_touched
from inventory.graph.frozen import FrozenGraph
from inventory.graph.skeleton import skeleton
from lab.records import records

NAME = "graph"
AT = 1_790_000_000_000
EACH_KIND = 8
Row = tuple[str, str]
Records = dict[str, list[Any]]


class City(NamedTuple):
    records: Records
    links: list[Link]


def run(quick: bool) -> Iterable[Row]:
    one = City(*records(300 if quick else 3000))
    yield from _measure("city", one, Random(1))
    yield from _measure("ten cities", ten(one, 3 if quick else 10), Random(1))


def ten(one: City, count: int) -> City:
    """So many cities beside each other."""
    out: Records = {kind: [] for kind in one.records}
    links: list[Link] = []
    for number in range(count):
        for kind, nouns in one.records.items():
            out[kind] += [_shifted(kind, noun, number) for noun in nouns]
        links += [link.replace(device_a=_id(link.device_a, number), device_b=f"{link.device_b}@{number}") for link in one.links]
    return City(out, links)


def _id(old: str, number: int) -> str:
    return f"{number:02d}{old[2:]}"


def _shifted(kind: str, noun: Any, number: int) -> Any:
    """With its own id and names, and references to those of its own city."""
    fields: dict[str, Any] = {"id": _id(noun.id, number)}
    fields["key" if kind in KEYED else "name"] = f"{noun.key if kind in KEYED else noun.name}@{number}"
    for reference in REFERENCES.get(kind, ()):
        value = getattr(noun, reference.field)
        fields[reference.field] = tuple(f"{one}@{number}" for one in value) if isinstance(value, tuple) else value and f"{value}@{number}"
    if kind == "vlan":
        fields["domain"] = f"{noun.domain}@{number}"
    return noun.replace(**fields)


def _measure(label: str, city: City, rng: Random) -> Iterator[Row]:
    before = _resident()
    deriver, seen = Deriver(), Seen(city.links)
    edges = deriver.update(city.records, seen).came
    view = FrozenGraph(1, AT, city.records, edges)
    held = _resident() - before
    objects = len(view)
    yield f"{label}: objects, edges", f"{objects} {len(edges)}"
    yield f"{label}: memory of edges and view", f"{held:.0f} MB"
    seconds = _least(lambda: Deriver().update(city.records, seen), 2)
    yield f"{label}: derive all edges", f"{seconds * 1000:.0f} ms"
    yield f"{label}: make the view", f"{_least(lambda: FrozenGraph(1, AT, city.records, edges), 2) * 1000:.0f} ms"
    yield f"{label}: make its arrays", f"{_once(lambda: skeleton(view)) * 1000:.0f} ms"
    yield from _edits(label, city, deriver, seen, view)
    yield from _questions(label, view, sample(view, rng))


def _edits(label: str, city: City, deriver: Deriver, seen: Seen, view: FrozenGraph) -> Iterator[Row]:
    """One edited record, until the new view with its arrays is there."""
    for kind, field, value in (("device", "note", "x"), ("device", "site", ""), ("vm", "host", ""), ("unit", "name", "renamed")):
        before = city.records[kind][0]
        after = before.replace(**{field: value})
        changed = {**city.records, kind: [after, *city.records[kind][1:]]}

        def edit(kind: str = kind, before: Any = before, after: Any = after, changed: Records = changed) -> None:
            moved = deriver.update(changed, seen, fields_touched(kind, before, after))
            skeleton(view.moved(2, AT, {kind: {after.id: after}}, moved.came, moved.went))

        took = _once(edit)
        deriver.update(city.records, seen, fields_touched(kind, after, before))
        yield f"{label}: one edited record, {kind}.{field}", f"{took * 1000:.1f} ms"


def sample(view: GraphView, rng: Random) -> list[Node]:
    """Some of every kind, and those with the most neighbours of each."""
    out: dict[str, Node] = {}
    for kind in sorted({node.kind for node in view.nodes()}):
        nodes = list(view.of_kind(kind))
        busiest = sorted(nodes, key=lambda node: -len(view.edges_to(node.id)) - len(view.edges(node.id)))[: EACH_KIND // 4]
        out |= {node.id: node for node in (*busiest, *rng.sample(nodes, min(EACH_KIND, len(nodes))))}
    return list(out.values())


def _questions(label: str, view: FrozenGraph, nodes: list[Node]) -> Iterator[Row]:
    plain = Plain(view)
    asked: dict[str, Callable[[Node], object]] = {
        "impact with its report": lambda node: composing.impact(view, Chosen((node,), (), ()), EVERYTHING),
        "the same by a plain walk": plain.impact,
        "X-ray down": lambda node: walking.xray(view, node, "down", EVERYTHING),
        "X-ray up": lambda node: walking.xray(view, node, "up", EVERYTHING),
        "depends": lambda node: walking.depends(view, node, False, EVERYTHING),
        "path to a unit": lambda node: walking.path(view, node, nodes[-1], "any", EVERYTHING),
        "path over the net": lambda node: walking.path(view, node, nodes[-1], "l2", EVERYTHING),
    }
    for name, ask in asked.items():
        took = sorted((_least(partial(ask, node), 2), f"{node.kind} {node.name}") for node in nodes)
        times = [seconds * 1000 for seconds, _ in took]
        yield (
            f"{label}: {name}, {len(nodes)} objects",
            f"p50 {times[len(times) // 2]:.1f}  p95 {times[len(times) * 95 // 100]:.1f}  max {times[-1]:.1f} ms ({took[-1][1]})",
        )


class Plain:
    """The impact of one failure as one would write it without arrays: dicts of edges, breadth first, the net walked anew each time."""

    def __init__(self, view: FrozenGraph) -> None:
        self._behind: dict[str, list[Edge]] = {}
        self._total: dict[tuple[str, str], set[str]] = {}
        self._links: dict[str, list[str]] = {}
        self._view = view
        for kind, meaning in EDGES.items():
            for edge in view.of_edge(kind) if meaning.dependence else ():
                self._behind.setdefault(edge.b, []).append(edge)
                self._total.setdefault((edge.a, edge.kind), set()).add(edge.b)
        for edge in view.of_edge("linked"):
            self._links.setdefault(edge.a, []).append(edge.b)
            self._links.setdefault(edge.b, []).append(edge.a)
        ends = (edge.b for edge in view.of_edge("carried-by") if view.node(edge.a).kind == "egress")
        self._roots = {one for one in ends if view.node(one).kind == "device"}
        self._reached = self._reach(frozenset())

    def _reach(self, gone: frozenset[str]) -> set[str]:
        seen = {one for one in self._roots if one not in gone}
        queue = deque(seen)
        while queue:
            for far in self._links.get(queue.popleft(), ()):
                if far not in seen and far not in gone:
                    seen.add(far)
                    queue.append(far)
        return seen

    def impact(self, node: Node) -> set[str]:
        down = {node.id}
        if node.kind == "device":
            down |= self._reached - self._reach(frozenset(down))
        queue = deque(down)
        lost: dict[tuple[str, str], set[str]] = {}
        while queue:
            at = queue.popleft()
            for edge in self._behind.get(at, ()):
                gone = lost.setdefault((edge.a, edge.kind), set())
                gone.add(at)
                if edge.a not in down and self._falls(edge, len(self._total[edge.a, edge.kind]) - len(gone)):
                    down.add(edge.a)
                    queue.append(edge.a)
        return down

    def _falls(self, edge: Edge, left: int) -> bool:
        how = EDGES[edge.kind].dependence
        if how == "all":
            return True
        return left < (getattr(self._view.noun(edge.a), "needed", 1) if how == "enough" else 1)


def _resident() -> float:
    """Memory of this process, MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _once(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _least(work: Callable[[], object], times: int) -> float:
    return min(_once(work) for _ in range(times))
