"""Tables on standard output: columns aligned by terminal cells, so that Chinese lines up."""

import shutil
import sys
from collections.abc import Sequence

from core.width import clean, fit, pad, width

GAP = 2
_NARROWEST = 8
_WIDEST = 40


def lines(headings: Sequence[str], rows: Sequence[Sequence[str]], room: int = 0) -> list[str]:
    """Heading line and one line for each row. room: cells of the terminal, 0 for no limit; the widest columns give way first."""
    table = [[clean(str(cell)) for cell in row] for row in (headings, *rows)]
    widths = [max(width(cell) for cell in column) for column in zip(*table, strict=True)]
    widths = _narrowed(widths, room)
    return ["".join(pad(fit(cell, size), size + GAP) for cell, size in zip(row, widths, strict=True)).rstrip() for row in table]


def pairs(items: Sequence[tuple[str, str]]) -> list[str]:
    """`heading  value` lines."""
    size = max((width(name) for name, _ in items), default=0)
    return [f"{pad(name, size + GAP)}{clean(str(value))}".rstrip() for name, value in items]


def room() -> int:
    """Cells of the terminal; 0 where the output is no terminal, and nothing may be cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _narrowed(widths: list[int], room: int) -> list[int]:
    if not room:
        return widths
    widths = [min(size, _WIDEST) for size in widths]
    while sum(widths) + GAP * (len(widths) - 1) > room and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest] -= 1
    return widths
