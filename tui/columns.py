"""Which columns of a table fit a width, and how wide each becomes. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

GAP = 1


class Column(NamedTuple):
    """One column of a table."""

    title: str
    """Message id."""
    text: Callable[[Any], str]
    """Of a row; already clean, in the language of the screen."""
    need: int
    """Cells below which the column is left out."""
    want: int
    """Cells above which it gains nothing."""
    rank: int = 0
    """The lowest ranks stay longest when the screen is narrow; 0 is always there."""
    field: str = ""
    """Field that the hub sorts by; empty: not sortable."""
    right: bool = False
    tone: Callable[[Any], str] | None = None
    """`good`, `warn`, `bad`, `dim` or empty, of a row."""


class Placed(NamedTuple):
    """A column with the cells it was given."""

    column: Column
    cells: int


def arrange(columns: Sequence[Column], width: int) -> list[Placed]:
    """The columns that fit in `width` cells with a gap between them, in their own order; room left over is shared out by rank."""
    chosen: list[int] = []
    used = -GAP
    for i in sorted(range(len(columns)), key=lambda i: (columns[i].rank, i)):
        if columns[i].rank and used + GAP + columns[i].need > width:
            continue
        chosen.append(i)
        used += GAP + columns[i].need
    cells = {i: columns[i].need for i in chosen}
    spare = max(0, width - used)
    for i in chosen:
        gain = min(spare, columns[i].want - columns[i].need)
        cells[i] += gain
        spare -= gain
    return [Placed(columns[i], cells[i]) for i in sorted(chosen)]
