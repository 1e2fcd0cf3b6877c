"""What a picture of the topology holds, before it is written in any language: boxes, lines between them, and what had to be left out."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Layer = Literal["geographic", "l2", "l3", "business"]
LAYERS: tuple[Layer, ...] = ("geographic", "l2", "l3", "business")
MOST = 400
"""Boxes that a person can still tell apart; above it devices are drawn as one box for each site."""


class Box(NamedTuple):
    """One box. look: a key of `inventory.publish.dot.LOOKS`. place: inches, where the layout is ours. aside: beyond what was asked for."""

    id: str
    label: str
    look: str
    rank: int = 0
    """Smaller ones stand higher."""
    place: tuple[float, float] | None = None
    group: str = ""
    aside: bool = False


class Line(NamedTuple):
    """One line; of several between the same boxes one is drawn, with how many."""

    a: str
    b: str
    label: str = ""
    a_port: str = ""
    b_port: str = ""
    links: int = 1
    aside: bool = False


class Drawing(NamedTuple):
    """One picture. left_out: boxes that it has no room for."""

    title: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int = 0
    across: bool = False
    """Left to right instead of top to bottom."""


def drawing(title: str, boxes: Iterable[Box], lines: Iterable[Line], most: int = MOST, *, across: bool = False) -> Drawing:
    """At most `most` boxes, highest first, and the lines between those that are drawn: from the higher to the lower, in a fixed order."""
    unique = {box.id: box for box in boxes}
    whole = sorted(unique.values(), key=lambda box: (box.aside, box.rank, box.group, box.label, box.id))
    kept = {box.id: box for box in whole[:most]}
    drawn = sorted({_downwards(line, kept) for line in lines if line.a in kept and line.b in kept})
    return Drawing(title, tuple(kept.values()), tuple(drawn), max(0, len(whole) - most), across)


def _downwards(line: Line, boxes: dict[str, Box]) -> Line:
    if (boxes[line.a].rank, line.a) <= (boxes[line.b].rank, line.b):
        return line
    return line._replace(a=line.b, b=line.a, a_port=line.b_port, b_port=line.a_port)


def counted(lines: Iterable[Line]) -> list[Line]:
    """Lines between the same two boxes as one, with how many they are."""
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        a, b = sorted((line.a, line.b))
        if a != b:
            counts[a, b] = counts.get((a, b), 0) + line.links
    return [Line(a, b, str(count) if count > 1 else "", links=count) for (a, b), count in sorted(counts.items())]


def ring(count: int, turn: float, spread: float, radius: float) -> Sequence[tuple[float, float]]:
    """Places on an arc around the origin, `spread` of the circle (1: all) about the direction `turn`, both in circles."""
    from math import cos, pi, sin

    step = spread / count if spread >= 1 else spread / max(1, count - 1)
    start = turn - (0 if spread >= 1 else spread / 2 if count > 1 else 0)
    return [(radius * cos(2 * pi * (start + n * step)), radius * sin(2 * pi * (start + n * step))) for n in range(count)]
