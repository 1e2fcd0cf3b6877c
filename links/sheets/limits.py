"""How much of a spreadsheet is read. A city's sheets hold some thousand rows; what is far larger is a mistake or an attack."""

from typing import Final

from core.i18n import tr
from core.messages import Cell, SheetRow
from core.views import ImportProblem

MAX_BYTES: Final = 64 << 20
MAX_UNPACKED: Final = 128 << 20
MAX_RATIO: Final = 200
MAX_PARTS: Final = 512
MAX_SHEETS: Final = 64
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 64
MAX_CELL: Final = 32_767
"""Characters in one cell, as spreadsheet programs have it."""
MAX_SECONDS: Final = 60.0


def too_many_rows(sheet: str, row: int) -> ImportProblem:
    return ImportProblem(sheet=sheet, row=row, column="", message=tr("The sheet has more than {limit} rows; split it.", limit=MAX_ROWS))


def too_many_columns(sheet: str, row: int) -> ImportProblem:
    message = tr("The row has more than {limit} columns; remove what does not belong here.", limit=MAX_COLUMNS)
    return ImportProblem(sheet=sheet, row=row, column="", message=message)


def trimmed(number: int, cells: list[Cell]) -> SheetRow | None:
    """The row without empty cells at its end; None where nothing is left."""
    end = len(cells)
    while end and (cells[end - 1] is None or cells[end - 1] == ""):
        end -= 1
    return SheetRow(number=number, cells=tuple(cells[:end])) if end else None
