"""What people really write and is meant well: it is accepted, and what it means is what is stored."""

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest

from core.messages import ImportResult
from inventory.sheets import cells
from inventory.sheets.importing import Existing

Build = Callable[..., bytes]
Check = Callable[..., ImportResult]


@pytest.mark.parametrize(("cell", "written", "field", "meant"), [
    ("I2", 1161.0, "snmp_port", 1161),
    ("I2", "１１６１", "snmp_port", 1161),
    ("B2", "１０.１.０.９", "address", "10.1.0.9"),
    ("B2", "2001:0DB8:0:0::0001", "address", "2001:db8::1"),
    ("B2", "::ffff:10.1.0.9", "address", "10.1.0.9"),
    ("B2", "127.0.0.1", "address", "127.0.0.1"),
    ("D2", "pe", "role", "PE"),
    ("D2", "防火墙", "role", "firewall"),
    ("D2", "ＴＯＲ", "role", "ToR"),
    ("E2", "Huawei VRP", "platform", "huawei_vrp"),
    ("E2", None, "platform", ""),
    ("H2", 1, "snmp_version", "1"),
    ("H2", "v2c", "snmp_version", "2c"),
    ("K2", "否", "polled", False),
    ("K2", False, "polled", False),
    ("K2", 0, "polled", False),
    ("K2", "YES", "polled", True),
    ("A2", 1001, "name", "1001"),
    ("A2", " \u3000LD-PE-01\ufeff", "name", "LD-PE-01"),
    ("A2", "莲都（老城）PE", "name", "莲都（老城）PE"),
    ("A2", "=HYPERLINK", "name", "=HYPERLINK"),
])
def test_a_cell(cell: str, written: Any, field: str, meant: Any, workbook: Build, check: Check) -> None:
    def write(book: openpyxl.Workbook) -> None:
        book["设备"][cell] = written
        if isinstance(written, str):
            book["设备"][cell].data_type = "s"

    result = check(workbook(write))
    assert result.problems == ()
    assert getattr(result.records["device"][0], field) == meant


@pytest.mark.parametrize("written", ["三级", "3", "第三级", "等保三级", "等保３级", "三", "3级"])
def test_protection_levels(written: str) -> None:
    assert cells.protection_level(written) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_every_office(encoding: str, separator: str, check: Check) -> None:
    rows = [["站点名称*", "级别", "县市区"], ["龙泉机房", "县级", "龙泉"], [], ["青田机房", "县", "青田"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    result = check(text.encode(encoding), "站点.csv")
    assert result.problems == ()
    found = [(site.name, site.level, site.county) for site in result.records["site"]]
    assert found == [(f"{c}机房", "county", c) for c in ("龙泉", "青田")]


def test_the_separator_line_of_spreadsheet_programs(check: Check) -> None:
    result = check("sep=;\r\n站点名称;级别;县市区\r\n龙泉,机房;县级;龙泉\r\n坏;国级;\r\n".encode("utf-8-sig"), "站点.csv")
    assert [(p.row, p.column) for p in result.problems] == [(3, "B 级别")]


def test_a_csv_by_any_name_is_known_by_its_headings(check: Check) -> None:
    assert len(check(b"name,address,site,role\n", "inventory-2026.csv").problems) == 1
    result = check(b"name,level,county\nLongquan,county,Longquan\n", "2026年台账.csv")
    assert [site.name for site in result.records["site"]] == ["Longquan"]


def test_empty_sheets_of_a_new_workbook_do_not_matter(workbook: Build, check: Check) -> None:
    assert check(workbook(lambda book: book.create_sheet("Sheet1"))).problems == ()


def test_a_known_name_keeps_its_id_and_what_the_sheet_does_not_say(check: Check) -> None:
    first = check("站点名称,级别,县市区,地址\n龙泉机房,县级,龙泉,剑池路 1 号\n".encode(), "站点.csv")
    known = first.records["site"][0].replace(id="0190")
    content = "站点名称,级别,县市区\n龙泉机房,县级,龙泉市\n新机房,市级,\n".encode()
    result = check(content, "站点.csv", existing=Existing.of({"site": (known,)}))
    assert result.records["site"][0] == known.replace(county="龙泉市")
    assert result.records["site"][1].id == ""


def test_references_to_known_records_need_no_row(check: Check, workbook: Build) -> None:
    known = check(workbook())
    existing = Existing.of({kind: known.records[kind] for kind in ("site", "unit", "credential")})
    content = "设备名称,管理地址,站点,角色,凭据,所属单位\nX,10.3.3.3,莲都机房,CE,只读,碧湖镇政府\n".encode()
    result = check(content, "设备.csv", existing=existing)
    assert result.problems == ()


def test_a_sheet_that_cannot_be_read_casts_no_doubt_on_references_to_it(workbook: Build, check: Check) -> None:
    result = check(workbook(lambda book: book["站点"].delete_cols(1)))
    assert {p.sheet for p in result.problems} == {"站点"}
