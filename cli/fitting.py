"""Wide tables on narrow terminals: columns that are missed least go, until the rest can be read; a spreadsheet gets them all."""

import re
import sys
from collections.abc import Sequence

from cli import tables
from core.width import clean, fit, width

CUT = 12
"""Cells that a text is cut down to, and no further, before a column goes."""
_NUMBER = re.compile(r"[0-9/.:-]+\Z")
LEAST = 5
"""Cells that are left of the letters before it."""
NAME = 32
"""Cells of the first column, which says whose row it is: cut down to these only."""


def print_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, csv: bool, spare: Sequence[str] = ()) -> None:
    """For a person, or for a spreadsheet: there no cell is a formula. spare: headings of what a narrow terminal does without, in order."""
    if not csv:
        print("\n".join(tables.lines(*fitting(headings, rows, spare, tables.room()))))
        return
    from core.messages import Sheet, SheetRow
    from links.sheets import write_csv

    cells = [headings, *([clean(cell) for cell in row] for row in rows)]
    sheet = Sheet(name="table", rows=tuple(SheetRow(number=n, cells=tuple(row)) for n, row in enumerate(cells, 1)))
    sys.stdout.flush()
    sys.stdout.buffer.write(write_csv(sheet))
    sys.stdout.buffer.flush()


def fitting(
    headings: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str], room: int,
) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of what fits into so many cells; 0: there is no limit."""
    shown = list(range(len(headings)))
    table = [[clean(cell) for cell in row] for row in (headings, *rows)]
    wide = [max(map(width, column)) for column in zip(*table, strict=True)]
    if room:
        wide[0] = min(wide[0], NAME)
        for name in spare:
            if sum(wide[n] if n == 0 else min(wide[n], CUT) for n in shown) + tables.GAP * (len(shown) - 1) <= room:
                break
            shown = [n for n in shown if headings[n] != name]
        _narrow(wide, shown, room)
    cut = [[shortened(row[n], wide[n]) for n in shown] for row in table]
    return cut[0], cut[1:]


def _narrow(wide: list[int], shown: Sequence[int], room: int) -> None:
    while sum(wide[n] for n in shown) + tables.GAP * (len(shown) - 1) > room:
        widest = max(shown[1:] or shown, key=lambda n: wide[n])
        if wide[widest] <= 1:
            return
        wide[widest] -= 1


def shortened(text: str, cells: int) -> str:
    """Cut before the number that it ends with, where it does: `Gigab..1/0/1`, not `GigabitEth..`."""
    if width(text) <= cells:
        return text
    found = _NUMBER.search(text)
    tail = found[0] if found and cells >= len(found[0]) + LEAST else ""
    return fit(text.removesuffix(tail), cells - len(tail)) + tail
