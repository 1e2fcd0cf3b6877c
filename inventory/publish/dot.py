"""A picture as Graphviz DOT ("The DOT Language", Graphviz' documentation). Texts are data: quoted, never HTML labels."""

from collections.abc import Iterator
from typing import NamedTuple

from core.i18n import tr
from core.width import clean
from inventory.publish.drawing import Box, Drawing, Line

FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, SimHei, sans-serif"
LONGEST = 80
CROWD = 60
"""Lines of which the counts can no longer be read: they are as thick as they are many."""


class Look(NamedTuple):
    """How a kind of box looks: shape, colour of its ground, of its edge."""

    shape: str
    ground: str
    edge: str


LOOKS: dict[str, Look] = {
    "site-city": Look("box", "#1f4e79", "#1f4e79"), "site-county": Look("box", "#9dc3e6", "#1f4e79"),
    "site-township": Look("box", "#eef5fb", "#7f9db9"), "P": Look("box", "#1f4e79", "#1f4e79"), "core": Look("box", "#1f4e79", "#1f4e79"),
    "PE": Look("box", "#9dc3e6", "#1f4e79"), "aggregation": Look("box", "#bdd7ee", "#1f4e79"), "access": Look("box", "#eef5fb", "#7f9db9"),
    "ToR": Look("box", "#e2f0d9", "#548235"), "CE": Look("box", "#eef5fb", "#7f9db9"), "firewall": Look("octagon", "#f8cbad", "#c55a11"),
    "load-balancer": Look("hexagon", "#fff2cc", "#bf9000"), "gap": Look("octagon", "#f4b183", "#c55a11"),
    "server": Look("box3d", "#f2f2f2", "#7f7f7f"), "host": Look("box3d", "#f2f2f2", "#7f7f7f"),
    "unit": Look("folder", "#fff2cc", "#bf9000"),
    "system": Look("component", "#e2f0d9", "#548235"), "cii": Look("component", "#ff9999", "#c00000"),
    "component": Look("note", "#ffffff", "#548235"), "vm": Look("box", "#ffffff", "#7f7f7f"), "vpn": Look("octagon", "#d9d2e9", "#674ea7"),
}
_PLAIN = Look("box", "#ffffff", "#7f7f7f")
_DARK = frozenset({"#1f4e79"})


def dot(picture: Drawing) -> str:
    """DOT text; the same picture always gives the same."""
    crowded = len(picture.lines) > CROWD
    ranks = {box.id: box.rank for box in picture.boxes} if picture.across else {}
    lines = (
        _line(line._replace(label="") if crowded and line.links > 1 else line, ranks.get(line.a, 0) < ranks.get(line.b, 0))
        for line in picture.lines
    )
    body = [*_heading(picture), *map(_node, picture.boxes), *lines]
    return "\n".join(["graph yunwang {", *(f"  {line}" for line in body), "}", ""])


def _heading(picture: Drawing) -> Iterator[str]:
    title = picture.title
    if picture.left_out:
        title += " - " + tr("{count} more are not drawn: name a unit, site or county.", count=picture.left_out)
    yield f"graph [label={quoted(title)}, labelloc=t, fontname={quoted(FONT)}, fontsize=22, bgcolor=white, {_layout(picture)}];"
    yield f'node [fontname={quoted(FONT)}, fontsize=11, style="filled,rounded", margin="0.12,0.05", height=0.3];'
    yield f'edge [fontname={quoted(FONT)}, fontsize=9, color="#7f7f7f", fontcolor="#404040"];'


def _layout(picture: Drawing) -> str:
    """Where we say the places, neato draws them as they are; else the hierarchy is laid out, each rank its own."""
    if any(box.place for box in picture.boxes):
        return "layout=neato, overlap=true, splines=line, outputorder=edgesfirst"
    direction = "rankdir=LR, ranksep=3.2" if picture.across else "rankdir=TB, ranksep=1.1"
    return f"layout=dot, {direction}, nodesep=0.12, splines=line, forcelabels=true, outputorder=edgesfirst"


def _node(box: Box) -> str:
    look = LOOKS.get(box.look, _PLAIN)
    parts = {
        "label": box.label, "shape": look.shape, "fillcolor": look.ground, "color": look.edge,
        "fontcolor": "#ffffff" if look.ground in _DARK else "#000000",
    }
    if look.shape != "box":
        parts["style"] = "filled"
    if box.aside:
        parts["style"] = "filled,dashed"
    if box.place:
        parts["pos"] = f"{box.place[0]:.2f},{box.place[1]:.2f}!"
    return f"{quoted(box.id)} [{_parts(parts)}];"


def _line(line: Line, across: bool) -> str:
    parts = {"xlabel": line.label, "taillabel": line.a_port, "headlabel": line.b_port}
    if line.links > 1:
        parts["penwidth"] = f"{min(6.0, 1 + line.links ** 0.5 / 2):.1f}"
    if line.aside:
        parts["style"] = "dashed"
    if across:
        parts |= {"tailport": "e", "headport": "w"}
    kept = {name: value for name, value in parts.items() if value}
    return f"{quoted(line.a)} -- {quoted(line.b)}" + (f" [{_parts(kept)}];" if kept else ";")


def _parts(parts: dict[str, str]) -> str:
    return ", ".join(f"{name}={quoted(value)}" for name, value in parts.items())


def quoted(text: str) -> str:
    """A quoted text whose only escape is our own line break."""
    lines = [clean(part)[:LONGEST].replace("\\", "\\\\").replace('"', '\\"') for part in text.split("\n")[:4]]
    return '"' + "\\n".join(lines) + '"'
