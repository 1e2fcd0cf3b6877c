"""Topology as Graphviz DOT, by layer: places, links, or the business above them. Texts are data: quoted, never parsed as HTML labels."""

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from core.edges import EdgeKind
from core.graph import GraphView, Node

Layer = Literal["geographic", "l2", "l3", "business"]
LAYERS: tuple[Layer, ...] = ("geographic", "l2", "l3", "business")
MOST = 5000
_SHAPES = {
    "site": "house", "device": "box", "unit": "folder", "system": "component", "vm": "ellipse", "host": "box3d", "access_point": "cds",
    "vpn_instance": "octagon", "egress": "invhouse", "component": "note",
}
_EDGES: dict[Layer, tuple[EdgeKind, ...]] = {
    "l2": ("linked", "plugged-into"), "l3": ("enters-at", "enters-through", "within", "carried-by"),
    "business": ("owned-by", "needs", "runs-on", "hosted-by", "feeds"), "geographic": (),
}
_KINDS: dict[Layer, frozenset[str]] = {
    "l2": frozenset({"device", "host"}), "l3": frozenset({"unit", "access_point", "device", "vpn_instance", "egress", "circuit"}),
    "business": frozenset({"unit", "system", "component", "vm", "host"}), "geographic": frozenset({"site"}),
}


class Line(NamedTuple):
    """One line between two objects. links: how many edges it stands for."""

    a: str
    b: str
    label: str = ""
    links: int = 1


def dot(view: GraphView, layer: Layer, only: Collection[str] = ()) -> str:
    """DOT text. only: ids to draw, with what joins them; empty: all of the layer, at most `MOST` objects."""
    chosen = set(only)
    nodes = [node for kind in sorted(_KINDS[layer]) for node in view.of_kind(kind) if not chosen or node.id in chosen][:MOST]
    known = {node.id for node in nodes}
    lines = _between_sites(view) if layer == "geographic" else _lines(view, nodes, _EDGES[layer])
    body = [_node(node) for node in nodes]
    body += [_line(line, layer) for line in lines if line.a in known and line.b in known]
    return "\n".join(["graph yunwang {", "  graph [overlap=false];", *body, "}", ""])


def _lines(view: GraphView, nodes: Iterable[Node], kinds: tuple[EdgeKind, ...]) -> Iterator[Line]:
    for node in nodes:
        for edge in view.edges(node.id, kinds):
            yield Line(edge.a, edge.b, " - ".join(filter(None, (edge.a_port, edge.b_port))))


def _between_sites(view: GraphView) -> Iterator[Line]:
    """Links of devices, counted between the sites where these stand."""
    site_of = {edge.a: edge.b for edge in view.of_edge("stands-at")}
    counts: dict[tuple[str, str], int] = {}
    for edge in view.of_edge("linked"):
        a, b = sorted((site_of.get(edge.a, ""), site_of.get(edge.b, "")))
        if a and a != b:
            counts[a, b] = counts.get((a, b), 0) + 1
    return (Line(a, b, links=count) for (a, b), count in counts.items())


def _node(node: Node) -> str:
    return f"  {_quoted(node.id)} [label={_quoted(node.name)}, shape={_SHAPES.get(node.kind, 'ellipse')}];"


def _line(line: Line, layer: Layer) -> str:
    label = str(line.links) if layer == "geographic" else line.label
    return f"  {_quoted(line.a)} -- {_quoted(line.b)}" + (f" [label={_quoted(label)}];" if label else ";")


def _quoted(text: str) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
