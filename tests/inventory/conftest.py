"""A small valid workbook and ways to spoil it."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from core import i18n
from core.messages import ImportResult
from inventory.sheets import importing
from links import sheets

BASE: dict[str, list[list[Any]]] = {
    "单位": [
        ["单位名称", "级别", "上级单位", "联系电话"],
        ["丽水市大数据局", "市级", None, "0578-2091000"],
        ["莲都区政府办", "县级", "丽水市大数据局", None],
        ["碧湖镇政府", "乡镇级", "莲都区政府办", None],
    ],
    "业务系统": [["系统名称", "责任单位", "等保级别", "关基", "RTO(分钟)"], ["协同办公", "丽水市大数据局", "三级", "是", 30]],
    "站点": [["站点名称", "级别", "县市区"], ["市中心机房", "市级", None], ["莲都机房", "县级", "莲都"]],
    "凭据": [
        ["凭据名称", "类型", "存放位置", "用户名", "认证算法", "加密算法"],
        ["只读", "snmp-community", "env:RO", None, None, None],
        ["三版", "snmp-v3", "file:/etc/yunwang/v3", "monitor", "SHA256", "AES128"],
    ],
    "设备": [
        ["设备名称", "管理地址", "站点", "角色", "平台", "所属单位", "凭据", "SNMP版本", "SNMP端口", "轮询间隔(秒)", "是否轮询"],
        ["LD-PE-01", "10.1.0.1", "莲都机房", "PE", "huawei_vrp", "莲都区政府办", "只读", "2c", 161, 60, "是"],
        ["LS-CORE-01", "10.0.0.1", "市中心机房", "核心", "h3c_comware", "丽水市大数据局", "三版", "3", 161, 30, "是"],
    ],
}

Spoil = Callable[[openpyxl.Workbook], None]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Messages are compared in English."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Bytes of the base workbook after somebody spoilt it."""

    def build(*spoils: Spoil) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in BASE.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        for spoil in spoils:
            spoil(book)
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    return build


@pytest.fixture
def check() -> Callable[..., ImportResult]:
    """The whole road from bytes to records."""

    def run(content: bytes, filename: str = "city.xlsx", existing: importing.Existing | None = None) -> ImportResult:
        return importing.check(sheets.read_book(filename, content), existing or importing.Existing.of({}))

    return run
