"""What a workbook's parts may weigh, looked at before any of them is parsed as XML.

A zip states the size of each part and unpacks no more than that, so the sums hold; elements are counted in a stream, because a small
part may still say `<c/>` fifty million times.
"""

import re
import zipfile
from io import BytesIO

from core.errors import InvalidInputError
from core.i18n import tr
from links.sheets.limits import MAX_PARTS, MAX_RATIO, MAX_UNPACKED

_CHUNK = 1 << 20
_MAX_MARKS = 8_000_000
"""Opening and closing brackets of elements in all parts: about two million cells."""
_MAX_RECORD_MARKS = 200_000
"""The same within one row, one shared string, or a part that has neither; with the equals signs of attributes."""
_RECORD = re.compile(rb"<(?:[A-Za-z0-9]+:)?(?:row|si)\b")
_MERGED = re.compile(rb'<(?:[A-Za-z0-9]+:)?mergeCell [^>]{0,80}?ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_FREE = 10 << 20
_WORKBOOK = "xl/workbook.xml"


def open_checked(content: bytes) -> zipfile.ZipFile:
    """The archive of a workbook that is safe to parse. Raises `InvalidInputError`."""
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise damaged() from None
    parts = archive.infolist()
    if _WORKBOOK not in archive.namelist():
        raise InvalidInputError(tr("This is a zip archive, but not an xlsx workbook."), way_out=tr("Save it as xlsx or csv."))
    if any(part.flag_bits & 1 for part in parts):
        raise InvalidInputError(tr("The workbook is protected by a password."), way_out=tr("Save it without one."))
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or unpacked > max(_FREE, MAX_RATIO * len(content)):
        raise _too_heavy()
    marks = 0
    for part in parts:
        if not part.filename.endswith((".xml", ".rels", ".vml")):
            continue
        marks += _count(archive, part)
        if marks > _MAX_MARKS:
            raise _too_heavy()
    return archive


def _count(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """Brackets in a part; raises where one record alone has too many."""
    total = run = 0
    try:
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                pieces = _RECORD.split(chunk)
                for index, piece in enumerate(pieces):
                    run = (run if index == 0 else 0) + piece.count(b"<") + piece.count(b"=")
                    if run > _MAX_RECORD_MARKS:
                        raise _too_heavy()
                total += chunk.count(b"<")
    except InvalidInputError:
        raise
    except Exception:  # noqa: BLE001 - zlib, zipfile and struct each have their own way to say damaged
        raise damaged() from None
    return total


def merged(archive: zipfile.ZipFile, name: str) -> tuple[str, ...]:
    """Ranges of merged cells (`A2:A5`) of one sheet, at most 10,000; openpyxl's stream does not tell them."""
    found: list[str] = []
    tail = b""
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            found += [match[1].decode() for match in _MERGED.finditer(window)]
            tail = window[-200:] if len(window) > 200 else window
            if len(found) > 10_000:
                break
    return tuple(dict.fromkeys(found[:10_000]))


def damaged() -> InvalidInputError:
    return InvalidInputError(tr("The workbook is damaged."),
                             way_out=tr("Open it in a spreadsheet program and save it anew, or save it as csv."))


def _too_heavy() -> InvalidInputError:
    return InvalidInputError(tr("The workbook unpacks to more than is accepted."),
                             way_out=tr("Keep only the rows that are filled in, or save it as csv."))
