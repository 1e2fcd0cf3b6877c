"""The report as a file that people hand in: every format holds the same, and nothing in it is a formula or markup."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli import capacity_files
from cli.capacity import month
from core.capacity import CapacityGroup, CapacityReport, CapacityRow
from core.errors import UsageError

EVIL = "=cmd|' /C calc'!A0"
ROW = CapacityRow(
    kind="line", object_id="1", object=EVIL, instance="+1", label="a|b\n<b>*x*\x1b[31m", capacity_bps=1e9, p95_percent=85.25, unit="@u",
    in_p95_bps=8.5e8, completeness=0.5,
)
GROUP = CapacityGroup(what="unit", name="-1+1", kind="line", count=4, measured=3, hot=1, completeness=0.75)
REPORT = CapacityReport(
    id="j", made_ms=1, start_ms=1_790_000_000_000, end_ms=1_792_000_000_000, step_ms=300_000, top=(ROW,),
    groups=(GROUP, GROUP.replace(what="site")),
    doubted=(ROW.replace(doubt="declared-exceeded", declared_bps=1e8, port_bps=1e9, billed_bps=8.5e8),),
)


def test_a_workbook_holds_numbers_as_numbers_and_texts_as_texts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(capacity_files.workbook(capacity_files.tables_of(REPORT))))
    assert book.sheetnames == ["report", "units", "sites", "fullest line", "declared wrongly"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    fullest = dict(zip(*([cell.value for cell in row] for row in book["fullest line"].iter_rows()), strict=True))
    assert (fullest["device"], fullest["port"], fullest["p95 %"], fullest["in p95 bit/s"], fullest["mean %"]) == (
        EVIL, "+1", 85.25, 850_000_000, None)
    about = {row[0].value: row[1].value for row in book["report"].iter_rows()}
    assert (about["line: number"], about["line: complete, %"]) == (4, 75)


def test_csv_and_markdown_hold_the_same_and_are_only_text() -> None:
    tables = capacity_files.tables_of(REPORT)
    lines = list(csv.reader(io.StringIO(capacity_files.csv(tables).decode("utf-8-sig"))))
    assert [line[0] for line in lines if len(line) == 1] == [table.name for table in tables]
    assert ["'" + EVIL, "'+1"] in [line[:2] for line in lines]
    assert not [cell for line in lines for cell in line if cell.startswith(("=", "+", "-1", "@"))]
    shown = capacity_files.markdown(tables).decode()
    assert r"\<b\>\*x\*" in shown
    assert "\x1b" not in shown
    for block in shown.split("\n\n")[1::2]:
        widths = {line.replace("\\|", "").count("|") for line in block.strip().splitlines()}
        assert len(widths) == 1


def test_months_by_the_clock_and_what_is_none() -> None:
    start, end = month("2026-02")
    assert (end - start) // 3_600_000 in (671, 672, 673)
    assert month("2026-12")[1] == month("2027-01")[0]
    for text in ("2026-13", "2026", "october", "99999-01", ""):
        with pytest.raises(UsageError):
            month(text)


def test_a_report_is_written_in_the_format_that_the_name_says(node: Any, run: Any, tmp_path: Path) -> None:
    made = run("capacity", "report", "--since", "3h", "-o", str(tmp_path / "month.xlsx"))
    assert made.code == 0, made.err
    book = openpyxl.load_workbook(tmp_path / "month.xlsx")
    assert book.sheetnames[:3] == ["report", "units", "sites"]
    assert "市财政局" in {row[0].value for row in book["units"].iter_rows()}
    job = {row[0].value: row[1].value for row in book["report"].iter_rows()}["job"]
    again = {kind: run("capacity", "report", "--job", job, "--format", kind) for kind in ("md", "csv", "json")}
    assert {one.code for one in again.values()} == {0}
    assert "## sites" in again["md"].out
    assert "'=SILENT" not in again["md"].out
    assert json.loads(again["json"].out)["id"] == job
    assert "错报接入 (LX-2)" in again["csv"].out
    assert run("capacity", "report", "--month", "2026-13").code == 2
    assert run("capacity", "report", "--month", "2026-10", "--since", "3d").code == 2
