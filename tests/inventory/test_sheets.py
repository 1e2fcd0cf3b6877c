"""Whatever somebody sends as a spreadsheet: rows, or one sentence; never another error, never without bounds."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError
from core.messages import OddCell, Sheet, SheetRow
from links import sheets
from links.sheets import guard, limits, text

SHEET = "xl/worksheets/sheet1.xml"


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part of the archive replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(old.read(part)) if part == name else old.read(part))
    return out.getvalue()


@pytest.mark.parametrize(("filename", "content", "words"), [
    ("a.csv", b"", "is empty"),
    ("a.csv", b" \r\n ", "is empty"),
    ("a.csv", b"\x00\x01\x02", "neither text nor an xlsx workbook"),
    ("a.csv", "名称,级别\n甲,乙\n".encode()[:-2] + b"\xff\xff\n", "Line 2 is neither UTF-8"),
    ("a.csv", b"name\n\xff\xfd\x80\n", "Line 2 is neither"),
    ("a.xlsx", b"name,level\n", "not an xlsx workbook, although it is called so"),
    ("a.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "old xls"),
    ("a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(64) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ("a.xls", b"\r\n<html xmlns:x='x'><table><tr><td>name</td></tr></table></html>", "web page"),
    ("a.xlsx", b"PK\x03\x04 and no more", "damaged"),
])
def test_a_file_that_is_none(filename: str, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as caught:
        sheets.read_book(filename, content)
    assert caught.value.way_out


def test_another_archive_is_not_a_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(InvalidInputError, match="not an xlsx workbook"):
        sheets.read_book("a.docx", out.getvalue())


def test_more_bytes_than_accepted() -> None:
    with pytest.raises(InvalidInputError, match="larger than 64 MiB"):
        sheets.read_book("a.csv", bytes(limits.MAX_BYTES + 1))


@pytest.mark.parametrize("bomb", [
    lambda old: old.replace(b"</sheetData>", b"</sheetData>" + b" " * (limits.MAX_UNPACKED + 1)),
    lambda old: old.replace(b"</sheetData>", b"</sheetData>" + b" " * (20 << 20)),
    lambda old: old.replace(b"</sheetData>", b'<row r="2">' + b"<c/>" * 250_000 + b"</row></sheetData>"),
    lambda old: old.replace(b"<sheetData>", b"<sheetData " + b" ".join(b'a%d=""' % n for n in range(250_000)) + b">"),
], ids=["unpacks to too much", "ratio", "cells in one row", "attributes of one element"])
def test_bombs_are_not_unpacked(bomb: Callable[[bytes], bytes]) -> None:
    with pytest.raises(InvalidInputError, match="unpacks to more"):
        sheets.read_book("a.xlsx", with_part(xlsx(["x"]), SHEET, bomb))


def test_entities_are_refused() -> None:
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(InvalidInputError, match="damaged"):
        sheets.read_book("a.xlsx", with_part(xlsx(["x"]), SHEET, lambda old: lol + old.replace(b"<v>", b"<v>&b;")))


def test_a_row_number_beyond_every_sheet_ends_the_reading() -> None:
    far = with_part(xlsx(["a"], ["b"]), SHEET, lambda old: old.replace(b'<row r="2"', b'<row r="99999999999"'))
    (sheet,) = sheets.read_book("a.xlsx", far)
    assert len(sheet.rows) <= 1


def test_too_many_rows_are_said() -> None:
    (sheet,) = sheets.read_book("a.csv", b"a\n" * (limits.MAX_ROWS + 5))
    assert [(p.row, p.message) for p in sheet.problems] == [(limits.MAX_ROWS + 1, "The sheet has more than 100000 rows; split it.")]
    assert sheet.rows == ()


def test_a_wrong_dimension_hides_nothing() -> None:
    content = with_part(xlsx(["a", "b"], ["c", "d"]), SHEET, lambda old: old.replace(b'ref="A1:B2"', b'ref="A1"'))
    (sheet,) = sheets.read_book("a.xlsx", content)
    assert [row.cells for row in sheet.rows] == [("a", "b"), ("c", "d")]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    (sheet,) = sheets.read_book("a.xlsx", xlsx(["a"], [], [None, None], ["b"]))
    assert [row.number for row in sheet.rows] == [1, 4]
    (sheet,) = sheets.read_book("a.csv", b'a\n\n"x\ny"\nb\n')
    assert [row.number for row in sheet.rows] == [1, 3, 4]


def test_values_keep_their_kinds() -> None:
    (sheet,) = sheets.read_book("a.xlsx", xlsx(["x", 1, 1.5, True, "=A1", "#REF!"]))
    assert sheet.rows[0].cells == ("x", 1, 1.5, True, OddCell(kind="formula"), OddCell(kind="error", text="#REF!"))


@pytest.mark.parametrize(("content", "row"), [
    (b'name,level\n"Longquan,county\nx,y\n', 2),
    (b'name,level\nok,city\n"Long"quan,county\n', 3),
    (b"name\n" + b"x" * 40_000 + b"\n", 2),
])
def test_quotation_marks_without_partner(content: bytes, row: int) -> None:
    (sheet,) = sheets.read_book("units.csv", content)
    assert [problem.row for problem in sheet.problems] == [row]
    assert "quotation mark" in sheet.problems[0].message


@given(st.text())
def test_protection_has_an_inverse(value: str) -> None:
    assert text.unprotect(text.protect(value)) == value
    assert not text.protect(value).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["C"]), max_size=8), min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_csv_writes_it_reads(rows: list[list[str]]) -> None:
    written = Sheet(name="a", rows=tuple(SheetRow(number=n, cells=("head", *cells, "end")) for n, cells in enumerate(rows, 1)))
    (read,) = sheets.read_book("a.csv", sheets.write_csv(written))
    assert read.rows == written.rows


def outcome(name: str, content: bytes) -> str:
    """`rows`, or the sentence that says why there are none; anything else that is raised fails the test."""
    try:
        sheets.read_book(name, content)
    except InvalidInputError as error:
        return error.message
    return "rows"


@settings(max_examples=300)
@given(st.binary(max_size=400))
@example(b'"')
@example(b"\xff\xfe\x00")
@example(b"\xef\xbb\xbf")
def test_any_bytes_give_rows_or_one_sentence(content: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        assert outcome(name, content)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_workbook_gives_rows_or_one_sentence(data: st.DataObject) -> None:
    whole = xlsx(["a", 1, "=B1"], ["b", 2.5, True])
    part = data.draw(st.sampled_from(zipfile.ZipFile(io.BytesIO(whole)).namelist()))

    def spoil(old: bytes) -> bytes:
        at = data.draw(st.integers(0, len(old)))
        return old[:at] + data.draw(st.binary(max_size=8)) + old[at + data.draw(st.integers(0, 20)):]

    assert outcome("a.xlsx", with_part(whole, part, spoil))


def test_merged_ranges_are_found_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_CHUNK", 7)
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "x"
    book.worksheets[0].merge_cells("B2:C4")
    out = io.BytesIO()
    book.save(out)
    assert guard.merged(zipfile.ZipFile(out), SHEET) == ("B2:C4",)
