"""xlsx through openpyxl: read as a stream behind `guard`, written as a stream with text kept as text."""

import time
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from datetime import time as daytime
from io import BytesIO
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.datavalidation import DataValidation

from core.errors import InvalidInputError
from core.i18n import tr
from core.messages import Cell, OddCell, Sheet, SheetColumn, SheetRow
from core.views import ImportProblem
from core.width import clean, width
from links.sheets import guard
from links.sheets.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS, MAX_SECONDS, MAX_SHEETS, too_many_columns, too_many_rows, trimmed

_MAX_COVERED = 100_000
_LIST_LIMIT = 255
"""Characters of a list to choose from, as spreadsheet programs have it."""
_HEAD_FILL = PatternFill("solid", fgColor="FFDDE7F3")


def read(content: bytes) -> tuple[Sheet, ...]:
    """All worksheets. Raises `InvalidInputError`."""
    if not openpyxl.DEFUSEDXML:
        raise InvalidInputError(tr("Workbooks cannot be read safely: defusedxml is missing or switched off."),
                                way_out=tr("Install defusedxml, unset OPENPYXL_DEFUSEDXML, or save the file as csv."))
    archive = guard.open_checked(content)
    deadline = time.monotonic() + MAX_SECONDS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(BytesIO(content), read_only=True, keep_links=False)
            if len(book.worksheets) > MAX_SHEETS:
                raise InvalidInputError(tr("The workbook has more than {limit} sheets.", limit=MAX_SHEETS), way_out=tr("Split it."))
            return tuple(_sheet(sheet, archive, deadline) for sheet in book.worksheets)
    except (InvalidInputError, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - openpyxl meets a damaged part with whatever error comes first
        raise guard.damaged() from None


def _sheet(sheet: Any, archive: zipfile.ZipFile, deadline: float) -> Sheet:
    name = clean(str(sheet.title), 64)
    covered = _covered(guard.merged(archive, sheet._worksheet_path))  # noqa: SLF001 - nothing public tells the part's name
    rows: list[SheetRow] = []
    problems: list[ImportProblem] = []
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if time.monotonic() > deadline:
            raise InvalidInputError(tr("Reading the workbook took longer than {limit} s.", limit=int(MAX_SECONDS)),
                                    way_out=tr("Split it, or save it as csv."))
        row = trimmed(number, [_cell(cell) for cell in cells])
        if row is None:
            if number > MAX_ROWS * 2:
                break
            continue
        if number > MAX_ROWS:
            problems.append(too_many_rows(name, number))
            break
        if len(row.cells) > MAX_COLUMNS:
            problems.append(too_many_columns(name, number))
            continue
        rows.append(_marked(row, covered))
    return Sheet(name=name, rows=() if problems else tuple(rows), problems=tuple(problems[:100]))


def _cell(cell: Any) -> Cell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return None
    if kind == "f":
        return OddCell(kind="formula")
    if kind == "e":
        return OddCell(kind="error", text=str(value)[:64])
    if isinstance(value, (date, daytime, timedelta)):
        return OddCell(kind="date", text=str(value)[:64])
    if isinstance(value, (bool, int, float)):
        return value if abs(value) < 1 << 63 else str(value)[:64]
    return str(value)[:MAX_CELL] if isinstance(value, str) else OddCell(kind="other")


def _covered(ranges: tuple[str, ...]) -> dict[int, set[int]]:
    """Columns (from 0) by row that lie under a merged cell, the corner that holds its value left out."""
    found: dict[int, set[int]] = {}
    left = _MAX_COVERED
    for text in ranges:
        low_column, low_row, high_column, high_row = (int(bound or 0) for bound in range_boundaries(text))
        columns = set(range(low_column - 1, min(high_column, MAX_COLUMNS)))
        for row in range(low_row, min(high_row, MAX_ROWS) + 1):
            left -= len(columns)
            if left < 0:
                return found
            found.setdefault(row, set()).update(columns - ({low_column - 1} if row == low_row else set()))
    return found


def _marked(row: SheetRow, covered: dict[int, set[int]]) -> SheetRow:
    under = covered.get(row.number)
    if not under:
        return row
    cells: list[Cell] = [*row.cells, *[None] * (max(under) + 1 - len(row.cells))]
    for index in under:
        cells[index] = OddCell(kind="merged")
    return row.replace(cells=tuple(cells))


def write(sheets: tuple[Sheet, ...]) -> bytes:
    """The workbook. Text stays text: what begins like a formula is no formula."""
    book = openpyxl.Workbook(write_only=True)
    titles = frozenset(sheet.name for sheet in sheets)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet, titles)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write_sheet(target: Any, sheet: Sheet, titles: frozenset[str]) -> None:
    target.freeze_panes = "A2"
    for index, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(index)
        target.column_dimensions[letter].width = max(12, width(column.heading) + 4)
        if validation := _validation(column, titles):
            target.data_validations.append(validation)
            validation.add(f"{letter}2:{letter}{MAX_ROWS}")
    for row in sheet.rows:
        target.append(list(_written(target, row, sheet.columns)))


def _validation(column: SheetColumn, titles: frozenset[str]) -> DataValidation | None:
    if column.names_of in titles:
        names = "'{}'!$A$2:$A${}".format(column.names_of.replace("'", "''"), MAX_ROWS)
        return DataValidation(type="list", formula1=names, allow_blank=not column.required, showErrorMessage=False)
    listed = ",".join(column.choices)
    if not column.choices or len(listed) > _LIST_LIMIT:
        return None
    return DataValidation(type="list", formula1=f'"{listed}"', allow_blank=not column.required, showErrorMessage=False)


def _written(target: Any, row: SheetRow, columns: tuple[SheetColumn, ...]) -> Iterator[Any]:
    for index, value in enumerate(row.cells):
        head = row.number == 1 and index < len(columns)
        if isinstance(value, (str, OddCell)) and value:
            cell = WriteOnlyCell(target)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value.text if isinstance(value, OddCell) else value)
            cell.data_type = "s"
            cell.quotePrefix = True
            if head:
                _decorate(cell, columns[index])
            yield cell
        else:
            yield value


def _decorate(cell: Any, column: SheetColumn) -> None:
    cell.font = Font(bold=True, color="FFB00020" if column.required else "FF000000")
    cell.fill = _HEAD_FILL
    note = " ".join(filter(None, (tr("Required.") if column.required else "", tr(column.note) if column.note else "")))
    if note:
        cell.comment = Comment(note, "Yunwang", width=320, height=90)
