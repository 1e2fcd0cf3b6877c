"""Mistakes in a workbook, by sheet, row and column, counted without end but kept only up to a limit."""

from core.views import ImportProblem

KEEP = 500
SUGGEST = 100
"""Near names are looked for in so many messages; a wholly wrong file must not cost minutes."""


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
        self.suggestions = SUGGEST

    def add(self, sheet: str, row: int, message: str, *, column: str = "") -> None:
        self.total += 1
        if len(self.kept) < KEEP:
            self.kept.append(ImportProblem(sheet=sheet, row=row, column=column, message=message))

    def may_suggest(self) -> bool:
        self.suggestions -= 1
        return self.suggestions >= 0

