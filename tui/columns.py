"""Which columns of a table fit a width, and how wide each becomes. Pure."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from core.i18n import tr
from core.width import width

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
    words: tuple[str, ...] = ()
    """Message ids that must fit behind a symbol of up to two cells and a space, whatever the language."""

    def least(self, sort: str = "") -> int:
        """Cells for the heading (with its sort mark) and the words, in the language of this moment; at least `need`."""
        turned = bool(self.field) and sort.lstrip("-") == self.field
        return max(self.need, width(tr(self.title)) + turned, *(3 + width(tr(word)) for word in self.words), 0)


class Placed(NamedTuple):
    """A column with the cells it was given."""

    column: Column
    cells: int


def arrange(columns: Sequence[Column], cells: int, sort: str = "") -> list[Placed]:
    """The columns that fit in `cells` with a gap between them, in their own order; room left over is shared out by rank."""
    least = [column.least(sort) for column in columns]
    chosen: list[int] = []
    used = -GAP
    for i in sorted(range(len(columns)), key=lambda i: (columns[i].rank, i)):
        if columns[i].rank and used + GAP + least[i] > cells:
            continue
        chosen.append(i)
        used += GAP + least[i]
    given = {i: least[i] for i in chosen}
    spare = max(0, cells - used)
    for i in chosen:
        gain = max(0, min(spare, columns[i].want - least[i]))
        given[i] += gain
        spare -= gain
    return [Placed(columns[i], given[i]) for i in sorted(chosen)]
