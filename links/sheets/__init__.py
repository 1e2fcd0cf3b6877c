"""Spreadsheets from and to bytes: csv and xlsx, bounded in size, memory and time whatever somebody sends.

`read_book` never opens a file by name and never evaluates anything; formulas, errors and dates come out as `OddCell`.
"""

from core.errors import InvalidInputError
from core.i18n import tr
from core.messages import Sheet
from links.sheets.limits import MAX_BYTES

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_book(filename: str, content: bytes) -> tuple[Sheet, ...]:
    """All sheets of a csv (one, called as the file) or xlsx file. Told apart by content, not by name. Raises `InvalidInputError`."""
    if len(content) > MAX_BYTES:
        raise InvalidInputError(tr("The file is larger than {limit} MiB.", limit=MAX_BYTES >> 20), way_out=tr("Split it."))
    if not content.strip():
        raise InvalidInputError(tr("The file is empty."), way_out=tr("Start from yunwang inventory template."))
    if content.startswith(_OLE):
        raise _old_or_locked(content)
    if content.startswith(_ZIP):
        from links.sheets import workbook

        return workbook.read(content)
    if content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise InvalidInputError(tr("This is a web page, although it may be called a spreadsheet."),
                                way_out=tr("Open it in a spreadsheet program and save it as xlsx."))
    if filename.lower().endswith((".xlsx", ".xlsm")):
        raise InvalidInputError(tr("This is not an xlsx workbook, although it is called so."), way_out=tr("Save it anew as xlsx or csv."))
    from links.sheets import text

    return (text.read(filename, content),)


def write_csv(sheet: Sheet) -> bytes:
    """One sheet as csv in UTF-8 with a byte order mark, which spreadsheet programs need to see that it is UTF-8."""
    from links.sheets import text

    return text.write(sheet)


def write_xlsx(sheets: tuple[Sheet, ...]) -> bytes:
    """A workbook with frozen headings and, where `columns` are described, lists to choose from and notes."""
    from links.sheets import workbook

    return workbook.write(sheets)


def _old_or_locked(content: bytes) -> InvalidInputError:
    if _ENCRYPTED in content:
        return InvalidInputError(tr("The workbook is protected by a password."), way_out=tr("Save it without one."))
    return InvalidInputError(tr("This is an old xls workbook."), way_out=tr("Save it as xlsx or csv."))
