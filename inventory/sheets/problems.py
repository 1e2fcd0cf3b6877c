"""Mistakes in a workbook, by sheet, row and column, counted without end but kept only up to a limit."""

from collections.abc import Iterable
from itertools import islice

from core.views import ImportProblem
from inventory.sheets.cells import near

KEEP = 500
SUGGEST = 100
"""Near names are looked for so many unknown names; a wholly wrong file must not cost minutes."""
AMONG = 5000
"""Among so many known names."""


def letters(index: int) -> str:
    """Column number from 0 as a spreadsheet names it: 0 A, 25 Z, 26 AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name


class Problems:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.kept: list[ImportProblem] = []
        self.total = 0
        self._near: dict[tuple[str, str], str] = {}

    def add(self, sheet: str, row: int, message: str, *, column: str = "") -> None:
        self.total += 1
        if len(self.kept) < KEEP:
            self.kept.append(ImportProblem(sheet=sheet, row=row, column=column, message=message))

    def near(self, kind: str, name: str, known: Iterable[str]) -> str:
        """`Did you mean x?` or nothing; each name is looked for once, and only so many are."""
        if (kind, name) not in self._near:
            if len(self._near) >= SUGGEST:
                return ""
            self._near[kind, name] = near(name, islice(known, AMONG))
        return self._near[kind, name]
