"""A tree that folds, as lines: what of it is seen. Pure."""

from collections.abc import Sequence

from core.nouns import Noun
from core.questions import RayRow

HIDDEN = "***"
"""The name of what one may not see."""


class XLine(Noun, frozen=True, kw_only=True):
    """One line of an X-ray. `key` is the way to it from the top, so that it stays itself when the tree is asked for again."""

    key: str
    parent: str
    row: RayRow
    name: str = ""
    """Of the object; what it repeats of the line above it is left out."""
    opens: bool = False
    """Something hangs below it."""
    folded: bool = False
    marked: bool = False


def lines(rows: Sequence[RayRow]) -> list[XLine]:
    """All lines, in order. A key that occurs twice (two edges of a kind between the same objects) is told apart by its port."""
    out: list[XLine] = []
    path: list[str] = []
    names: list[str] = []
    used: set[str] = set()
    for place, row in enumerate(rows):
        depth = min(row.depth, len(path))
        del path[depth:], names[depth:]
        parent = path[-1] if path else ""
        key = f"{parent}/{row.edge}:{row.thing.id}"
        key = key if key not in used else f"{key}@{row.port}#{place}"
        used.add(key)
        path.append(key)
        name = row.thing.name or row.about.split("  ")[0] or row.thing.id or HIDDEN
        if names and name.startswith(names[-1] + "/"):
            name = ".." + name.removeprefix(names[-1])
        names.append(row.thing.name)
        opens = place + 1 < len(rows) and rows[place + 1].depth > row.depth
        out.append(XLine(key=key, parent=parent, row=row, name=name, opens=opens))
    return out


def seen(all_lines: Sequence[XLine], folded: set[str], marked: set[str]) -> list[XLine]:
    """The lines that no folded line hides."""
    out: list[XLine] = []
    hidden: set[str] = set()
    for line in all_lines:
        if line.parent in hidden:
            hidden.add(line.key)
            continue
        is_folded = line.opens and line.key in folded
        if is_folded:
            hidden.add(line.key)
        out.append(line.replace(folded=is_folded, marked=line.row.thing.id in marked))
    return out


def first_folds(all_lines: Sequence[XLine], room: int) -> set[str]:
    """What is folded at first so that the lines about fit: the deepest levels go, level by level."""
    folds: set[str] = set()
    for depth in range(max((line.row.depth for line in all_lines), default=0), 0, -1):
        if len(seen(all_lines, folds, set())) <= room:
            break
        folds |= {line.key for line in all_lines if line.opens and line.row.depth == depth - 1 and depth > 1}
    return folds
