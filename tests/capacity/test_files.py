"""The report as a file that people hand in: every format holds the same, and nothing in it is a formula or markup."""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from cli import capacity_files
from cli.capacity import month
from core import months
from core.capacity import AvailabilityGroup, AvailabilityRow, CapacityGroup, CapacityReport, CapacityRow, Outage
from core.errors import UsageError

EVIL = "=cmd|' /C calc'!A0"
ROW = CapacityRow(
    kind="line", object_id="1", object=EVIL, instance="+1", label="a|b\n<b>*x*\x1b[31m", capacity_bps=1e9, p95_percent=85.25, unit="@u",
    in_p95_bps=8.5e8, completeness=0.5,
)
WORKED = AvailabilityRow(
    kind="system", object_id="2", name=EVIL, unit="+u", site="", level="level-3-cii", target_percent=99.95, percent=99.9996, met=True,
    up_s=900, down_s=30, planned_s=60, unknown_s=90, completeness=0.5, basis="graph", outages=1, longest_s=30,
    last=(Outage(start_ms=1_790_784_000_000, end_ms=1_790_784_030_000, because="=TOR"),
          Outage(start_ms=1_790_784_000_000, end_ms=1_790_794_030_000, because="planned", planned=True)),
)
GROUP = CapacityGroup(what="unit", name="-1+1", kind="line", count=4, measured=3, hot=1, completeness=0.75)
REPORT = CapacityReport(
    id="j", made_ms=1, start_ms=1_790_000_000_000, end_ms=1_792_000_000_000, step_ms=300_000, top=(ROW,),
    groups=(GROUP, GROUP.replace(what="site")),
    available=(AvailabilityGroup(kind="system", count=2, measured=1, missed=1, percent=99.9996, completeness=0.5),),
    availability=(WORKED, WORKED.replace(name="silent", percent=None, met=None, last=(), basis=""), WORKED.replace(kind="device")),
    doubted=(ROW.replace(doubt="declared-exceeded", declared_bps=1e8, port_bps=1e9, billed_bps=8.5e8),),
)


def test_a_workbook_holds_numbers_as_numbers_and_texts_as_texts() -> None:
    book = openpyxl.load_workbook(io.BytesIO(capacity_files.workbook(capacity_files.tables_of(REPORT))))
    assert book.sheetnames == [
        "report", "units", "sites", "availability of systems", "availability of devices", "fullest line", "declared wrongly",
    ]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    fullest = dict(zip(*([cell.value for cell in row] for row in book["fullest line"].iter_rows()), strict=True))
    assert (fullest["device"], fullest["port"], fullest["p95 %"], fullest["in p95 bit/s"], fullest["mean %"]) == (
        EVIL, "+1", 85.25, 850_000_000, None)
    about = {row[0].value: row[1].value for row in book["report"].iter_rows()}
    assert (about["line: number"], about["line: complete, %"]) == (4, 75)
    assert (about["availability of systems: below target"], about["availability of systems: together, %"]) == (1, 99.999)
    assert (about["from"], about["until"]) == ("2026-09-21 22:13 UTC+8", "2026-10-15 01:46 UTC+8")
    worked, silent = (dict(zip((cell.value for cell in book["availability of systems"][1]), (cell.value for cell in row), strict=True))
                      for row in list(book["availability of systems"].iter_rows())[1:])
    assert (worked["name"], worked["target %"], worked["available %"], worked["complete, %"]) == (EVIL, 99.95, 99.999, 50)
    assert (worked["level"], worked["target met"], worked["down, minutes"]) == ("level 3, critical", "yes", 0.5)
    assert worked["longest outage"] == "2026-10-01 00:00 UTC+8 =TOR"
    assert (silent["available %"], silent["target met"], silent["measured by"]) == (None, "-", "nothing measures it")


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


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_months_are_of_chinas_clock_wherever_the_machine_is(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        start, end = month("2026-10")
        assert (start, end - start) == (1_790_784_000_000, 31 * 86_400_000)
        assert month("2026-12")[1] == month("2027-01")[0]
        assert [months.latest(start + offset, 2) for offset in (-1, 0)] == [["2026-09", "2026-08"], ["2026-10", "2026-09"]]
        assert months.clock(start) == "2026-10-01 00:00 UTC+8"
    finally:
        monkeypatch.undo()
        time.tzset()
    for text in ("2026-13", "2026", "october", "99999-01", "9999-12", "0001-01", ""):
        with pytest.raises(UsageError):
            month(text)


def test_a_report_is_written_in_the_format_that_the_name_says(node: Any, run: Any, tmp_path: Path) -> None:
    made = run("capacity", "report", "--since", "3h", "-o", str(tmp_path / "month.xlsx"))
    assert made.code == 0, made.err
    book = openpyxl.load_workbook(tmp_path / "month.xlsx")
    assert book.sheetnames[:3] == ["report", "units", "sites"]
    assert "市财政局" in {row[0].value for row in book["units"].iter_rows()}
    systems = {row[0].value: row for row in book["availability of systems"].iter_rows()}
    assert systems["单点系统"][2].value == 99.95
    assert systems["单点系统"][3].value == 83.333
    assert systems["单点系统"][12].value.endswith("TOR-A")
    assert {f"availability of {one}" for one in ("units", "devices", "hosts")} <= set(book.sheetnames)
    job = {row[0].value: row[1].value for row in book["report"].iter_rows()}["job"]
    again = {kind: run("capacity", "report", "--job", job, "--format", kind) for kind in ("md", "csv", "json")}
    assert {one.code for one in again.values()} == {0}
    assert "## sites" in again["md"].out
    assert "'=SILENT" not in again["md"].out
    assert "'=SILENT" in again["csv"].out
    assert {one["kind"] for one in json.loads(again["json"].out)["availability"]} == {"device", "host", "system", "unit"}
    assert json.loads(again["json"].out)["id"] == job
    assert "错报接入 (LX-2)" in again["csv"].out
    assert run("capacity", "report", "--month", "2026-13").code == 2
    assert run("capacity", "report", "--month", "2026-10", "--since", "3d").code == 2
