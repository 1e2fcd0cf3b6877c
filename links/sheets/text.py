"""csv: UTF-8, UTF-16 with a mark, or GB18030; separated by comma, semicolon or tab.

A cell that a spreadsheet program would take for a formula is written with an apostrophe before it, and read without.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePath

from core.errors import InvalidInputError
from core.i18n import tr
from core.messages import Cell, OddCell, Sheet, SheetRow
from core.views import ImportProblem
from core.width import clean
from links.sheets.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS, too_many_columns, too_many_rows, trimmed

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_SEPARATORS = (",", ";", "\t")


def protect(text: str) -> str:
    """The text as no spreadsheet program takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotect(text: str) -> str:
    """The inverse of `protect`."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read(filename: str, content: bytes) -> Sheet:
    name = clean(PurePath(filename.replace("\\", "/")).stem, 64) or "csv"
    lines, separator = _split_off_separator(_decode(content))
    rows: list[SheetRow] = []
    problems: list[ImportProblem] = []
    number = 0
    try:
        for number, cells in enumerate(_records(lines, separator), 1):
            if number > MAX_ROWS:
                problems.append(too_many_rows(name, number))
                break
            if len(cells) > MAX_COLUMNS:
                problems.append(too_many_columns(name, number))
            elif row := trimmed(number, [unprotect(cell) for cell in cells]):
                rows.append(row)
    except csv.Error as error:
        problems.append(ImportProblem(sheet=name, row=number + 1, column="", message=_explain(error)))
    return Sheet(name=name, rows=() if problems else tuple(rows), problems=tuple(problems[:100]))


def _records(text: str, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _explain(error: csv.Error) -> str:
    if "field larger" in str(error):
        return tr("A cell is longer than {limit} characters; probably a quotation mark is missing its partner.", limit=MAX_CELL)
    return tr("A quotation mark has no partner, or something follows it; double quotation marks within a cell.")


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16")
    if b"\x00" in content:
        raise InvalidInputError(tr("This is neither text nor an xlsx workbook."), way_out=tr("Save it as xlsx or csv."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if sum(c > "\x7f" for c in content[: error.start].decode("utf-8", "ignore")) >= 2:
            raise _not_text(content, error.start) from None
    return _strict(content, "gb18030")


def _strict(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(content, error.start) from None


def _not_text(content: bytes, at: int) -> InvalidInputError:
    line = content.count(b"\n", 0, at) + 1
    return InvalidInputError(tr("Line {line} is neither UTF-8 nor GB18030.", line=line), way_out=tr("Save the file as csv in UTF-8."))


def _split_off_separator(text: str) -> tuple[str, str]:
    """The text and its separator. A first line `sep=;` names it; spreadsheet programs write that line and do not show it."""
    if named := re.match(r'"?sep=([,;\t])"?\r?\n', text, re.IGNORECASE):
        return text[named.end() :], named[1]
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", head)
    return text, max(_SEPARATORS, key=bare.count)


def write(sheet: Sheet) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([_written(cell) for cell in row.cells] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, (bool, int, float)):
        return str(cell)
    return protect(cell.text if isinstance(cell, OddCell) else cell)
