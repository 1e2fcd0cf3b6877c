"""Each kind of mistake in a workbook gives exactly one clear message with sheet, row and column."""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

import openpyxl
import pytest

from core.messages import ImportResult
from inventory.sheets.columns import BY_KIND
from inventory.sheets.importing import Existing

Build = Callable[..., bytes]
Check = Callable[..., ImportResult]


class Mistake(NamedTuple):
    """What is written where, and what must be said about it."""

    sheet: str
    cell: str
    value: Any
    column: str
    words: str


DEVICE, UNIT, SYSTEM, SITE, CREDENTIAL = "设备", "单位", "业务系统", "站点", "凭据"
SECRET = "Sup3r-Geheim!"

CELLS = {
    "required cell empty": Mistake(DEVICE, "B2", None, "B 管理地址", "must be filled in"),
    "required cell only spaces": Mistake(UNIT, "B3", " \u3000\u200b", "B 级别", "must be filled in"),
    "name too long": Mistake(UNIT, "A4", "长" * 129, "A 单位名称", "129 characters long; at most 128"),
    "line break in a name": Mistake(SITE, "A3", "莲都\n机房", "A 站点名称", "U+000A"),
    "direction override in a name": Mistake(SYSTEM, "A2", "协同\u202e办公", "A 系统名称", "U+202E"),
    "no address": Mistake(DEVICE, "B2", "LD-PE-01.example", "B 管理地址", "is not an IPv4 or IPv6 address"),
    "address out of range": Mistake(DEVICE, "B2", "10.1.0.256", "B 管理地址", "is not an IPv4 or IPv6 address"),
    "address with mask": Mistake(DEVICE, "B2", "10.1.0.1/24", "B 管理地址", "has a mask"),
    "address with zone": Mistake(DEVICE, "B2", "fe80::1%eth0", "B 管理地址", "has a zone"),
    "link-local address": Mistake(DEVICE, "B2", "fe80::1", "B 管理地址", "link-local"),
    "address with leading zeros": Mistake(DEVICE, "B2", "010.1.0.01", "B 管理地址", "leading zeros"),
    "address became a number": Mistake(DEVICE, "B2", 10.1, "B 管理地址", "format the cell as text"),
    "address of nobody": Mistake(DEVICE, "B2", "224.0.0.5", "B 管理地址", "not the address of one device"),
    "address twice": Mistake(DEVICE, "B3", "10.1.0.1", "B 管理地址", "belongs to row 2 of 设备 already"),
    "port out of range": Mistake(DEVICE, "I2", 70_000, "I SNMP端口", "out of range: 1 to 65535"),
    "port with a fraction": Mistake(DEVICE, "I2", 161.5, "I SNMP端口", "161.5 is not a whole number"),
    "text for a number": Mistake(DEVICE, "J2", "一分钟", "J 轮询间隔(秒)", "is not a whole number"),
    "yes for a number": Mistake(DEVICE, "J2", True, "J 轮询间隔(秒)", "not yes or no"),
    "neither yes nor no": Mistake(DEVICE, "K2", "也许", "K 是否轮询", "neither yes nor no"),
    "no such role": Mistake(DEVICE, "D2", "核芯", "D 角色", "Did you mean 核心?"),
    "no such platform": Mistake(DEVICE, "E2", "huawei_vpr", "E 平台", "Did you mean huawei_vrp?"),
    "no such level": Mistake(UNIT, "B3", "省级", "B 级别", "is not one of"),
    "no such protection level": Mistake(SYSTEM, "C2", "六级", "C 等保级别", "is not a protection level"),
    "no such site": Mistake(DEVICE, "C2", "莲都机放", "C 站点", "Did you mean 莲都机房?"),
    "no such unit": Mistake(SYSTEM, "B2", "丽水市大数据居", "B 责任单位", "Did you mean 丽水市大数据局?"),
    "no such credential": Mistake(DEVICE, "G2", "密码本", "G 凭据", "neither in this file nor in the inventory"),
    "no such parent": Mistake(UNIT, "C3", "市政府", "C 上级单位", "neither in this file nor in the inventory"),
    "units in a circle": Mistake(UNIT, "C2", "碧湖镇政府", "C 上级单位", "in a circle"),
    "unit below itself": Mistake(UNIT, "C2", "丽水市大数据局", "C 上级单位", "in a circle"),
    "city below county": Mistake(UNIT, "B4", "市级", "B 级别", "cannot stand below 莲都区政府办"),
    "county site without county": Mistake(SITE, "C3", None, "C 县市区", "must name its county"),
    "critical system of level two": Mistake(SYSTEM, "C2", "二级", "C 等保级别", "level 3 or above"),
    "secret in plain": Mistake(CREDENTIAL, "C2", SECRET, "C 存放位置", "never the secret itself"),
    "v3 without user": Mistake(CREDENTIAL, "D3", None, "D 用户名", "needs a user name"),
    "encryption without authentication": Mistake(CREDENTIAL, "E3", None, "E 认证算法", "RFC 3414"),
    "community with a user": Mistake(CREDENTIAL, "D2", "admin", "D 用户名", "leave this cell empty"),
    "version against credential": Mistake(DEVICE, "H2", "3", "H SNMP版本", "does not go with the credential 只读"),
    "no such version": Mistake(DEVICE, "H2", "4", "H SNMP版本", "is not one of"),
    "formula": Mistake(SYSTEM, "E2", "=15*2", "E RTO(分钟)", "This is a formula"),
    "error of the spreadsheet": Mistake(DEVICE, "F2", "#REF!", "F 所属单位", "shows an error here: #REF!"),
    "date for a number": Mistake(SYSTEM, "E2", datetime.datetime(2026, 3, 1), "E RTO(分钟)", "This is a date"),  # noqa: DTZ001 - sheets have no zone
    "unknown heading": Mistake(UNIT, "D1", "传真", "D 传真", "There is no column 传真"),
    "misspelt heading": Mistake(UNIT, "D1", "连系电话", "D 连系电话", "Did you mean 联系电话?"),
    "misspelt required heading": Mistake(DEVICE, "B1", "管理地扯", "B 管理地扯", "Did you mean 管理地址?"),
    "heading twice": Mistake(DEVICE, "E1", "角色", "E 角色", "stands here twice, first in D"),
    "cell without heading": Mistake(SITE, "F2", "随手记", "F", "stands under no heading"),
}


def set_cell(mistake: Mistake) -> Callable[[openpyxl.Workbook], None]:
    def spoil(book: openpyxl.Workbook) -> None:
        book[mistake.sheet][mistake.cell] = mistake.value

    return spoil


def test_the_base_is_valid(workbook: Build, check: Check) -> None:
    result = check(workbook())
    assert result.problems == ()
    assert {kind: len(found) for kind, found in result.records.items()} == {
        "unit": 3, "site": 2, "credential": 2, "device": 2, "system": 1,
    }


@pytest.mark.parametrize("name", CELLS)
def test_one_mistake_one_message(name: str, workbook: Build, check: Check) -> None:
    mistake = CELLS[name]
    result = check(workbook(set_cell(mistake)))
    assert [(p.sheet, p.row, p.column) for p in result.problems] == [(mistake.sheet, int(mistake.cell[1:]), mistake.column)]
    assert mistake.words in result.problems[0].message
    assert result.problems_total == 1
    assert result.records == {}


def test_a_secret_is_never_repeated(workbook: Build, check: Check) -> None:
    result = check(workbook(set_cell(CELLS["secret in plain"])))
    assert SECRET not in repr(result)


def title(sheet: Any) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "丽水市站点一览表"
    sheet.merge_cells("A1:C1")


def twin(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("units")
    sheet.append(["name", "level"])
    sheet.append(["丽水市大数据局", "city"])


SHEETS: dict[str, tuple[Callable[[openpyxl.Workbook], Any], tuple[str, int, str], str]] = {
    "unknown sheet": (lambda book: book.create_sheet("打印机").append(["名称"]), ("打印机", 0, ""), "no kind of object called 打印机"),
    "missing column": (lambda book: book[SITE].delete_cols(2), (SITE, 1, "level"), "The column level is missing"),
    "title above the headings": (lambda book: title(book[SITE]), (SITE, 1, ""), "none of the headings"),
    "name twice": (lambda book: book[SITE].append(["市中心机房", "市级"]), (SITE, 4, "A 站点名称"), "twice, first in row 2 of 站点"),
    "name in two sheets": (twin, ("units", 2, "A name"), "twice, first in row 2 of 单位"),
    "merged cells": (lambda book: book[DEVICE].merge_cells("C2:C3"), (DEVICE, 3, "C 站点"), "merged"),
    "too many columns": (lambda book: book[SITE].cell(2, 70, "x"), (SITE, 2, ""), "more than 64 columns"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_one_mistake_of_a_sheet_one_message(name: str, workbook: Build, check: Check) -> None:
    spoil, where, words = SHEETS[name]
    result = check(workbook(spoil))
    assert [(p.sheet, p.row, p.column) for p in result.problems] == [where]
    assert words in result.problems[0].message


def test_all_at_once(workbook: Build, check: Check) -> None:
    """More than thirty kinds in one file: one row for each, every one reported at its own place, nothing imported."""
    chosen = [m for name, m in CELLS.items() if m.sheet == DEVICE and m.cell[1:] == "2" and "heading" not in name]
    others = [m for name, m in CELLS.items() if m.sheet == CREDENTIAL or name in ("no such protection level", "no such unit", "formula")]
    expected = set()

    def spoil(book: openpyxl.Workbook) -> None:
        sheet = book[DEVICE]
        for number, mistake in enumerate(chosen, 10):
            row = [f"D{number}", f"10.9.0.{number}", "莲都机房", "PE", "huawei_vrp", "莲都区政府办", "只读", "2c", 161, 60, "是"]
            row["ABCDEFGHIJK".index(mistake.cell[0])] = mistake.value
            for index, value in enumerate(row, 1):
                sheet.cell(number, index, value)
            expected.add((DEVICE, number, mistake.column))
        for number, mistake in enumerate(others, 20):
            target = book[mistake.sheet]
            source = int(mistake.cell[1:])
            for index in range(1, target.max_column + 1):
                target.cell(number, index, target.cell(source, index).value)
            target.cell(number, 1, f"甲{number}")
            target[f"{mistake.cell[0]}{number}"] = mistake.value
            expected.add((mistake.sheet, number, mistake.column))
        for name in ("name too long", "city below county", "county site without county", "direction override in a name", "unknown heading"):
            set_cell(CELLS[name])(book)
            expected.add((CELLS[name].sheet, int(CELLS[name].cell[1:]), CELLS[name].column))
        for name in ("unknown sheet",):
            SHEETS[name][0](book)
            expected.add(SHEETS[name][1])

    result = check(workbook(spoil))
    assert {(p.sheet, p.row, p.column) for p in result.problems} == expected
    assert len(result.problems) == len(expected) >= 30
    assert result.problems_total == len(expected)
    assert result.records == {}


def test_an_existing_device_keeps_its_address_to_itself(workbook: Build, check: Check) -> None:
    known = check(workbook())
    other = known.records["device"][0].replace(id="x1", name="OLD-01", address="10.77.0.1")
    moved = workbook(lambda book: book[DEVICE].__setitem__("B2", "10.77.0.1"))
    result = check(moved, existing=Existing.of({"device": (other,)}))
    assert [(p.row, p.column) for p in result.problems] == [(2, "B 管理地址")]
    assert "OLD-01 of the inventory" in result.problems[0].message


def test_a_level_that_contradicts_units_outside_the_file(check: Check) -> None:
    known = check("单位名称,级别,上级单位\n甲局,市级,\n乙局,县级,甲局\n".encode(), "单位.csv")
    result = check("单位名称,级别\n甲局,乡镇级\n".encode(), "单位.csv", existing=Existing.of({"unit": known.records["unit"]}))
    assert [(p.row, p.column) for p in result.problems] == [(2, "B 级别")]
    assert "乙局" in result.problems[0].message


def test_a_credential_that_leaves_its_devices_behind(workbook: Build, check: Check) -> None:
    known = check(workbook())
    existing = Existing.of(known.records)
    result = check("凭据名称,类型,存放位置,用户名\n只读,snmp-v3,env:RO,monitor\n".encode(), "凭据.csv", existing=existing)
    assert [(p.row, p.column) for p in result.problems] == [(2, "B 类型")]
    assert "LD-PE-01" in result.problems[0].message


def test_ten_thousand_mistakes_are_counted_and_bounded(check: Check) -> None:
    rows = "\n".join(f"D{n},10.0.0.999,机房,PE" for n in range(10_000))
    result = check(f"设备名称,管理地址,站点,角色\n{rows}\n".encode(), "设备.csv")
    assert result.problems_total == 20_000
    assert len(result.problems) == 500


def test_what_a_message_repeats_is_short_and_clean(check: Check) -> None:
    result = check(("设备名称,管理地址,站点,角色\n甲," + "[red]x" * 500 + ",机房,PE\n").encode(), "设备.csv")
    assert max(len(p.message) for p in result.problems) < 200


def test_headings_of_the_base_are_those_of_the_columns() -> None:
    assert [c.zh for c in BY_KIND["site"].columns][:3] == ["站点名称", "级别", "县市区"]
