"""A spreadsheet with forty kinds of mistakes is refused with forty clear messages, in both languages, and nothing of it is imported."""

import re
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest

from agents import launch
from cli.asking import ask
from core import cloud, i18n
from core.messages import ImportResult
from core.model import LISTED
from core.ports import ListQuery
from core.settings import Settings, load
from inventory.sheets.importing import Existing

Check = Callable[..., ImportResult]


class Mistake(NamedTuple):
    """A row that is wrong in one cell: where, and what must be said about it in English and in Chinese."""

    sheet: str
    row: dict[str, Any]
    column: str
    english: str
    chinese: str


GOOD: dict[str, list[dict[str, Any]]] = {
    "单位": [{"单位名称": "市数据局", "级别": "市级"}, {"单位名称": "莲都区政府办", "级别": "县级", "上级单位": "市数据局"}],
    "运维单位": [{"运维单位名称": "驻场组", "服务单位": "市数据局"}],
    "站点": [{"站点名称": "中心机房", "级别": "市级"}, {"站点名称": "莲都机房", "级别": "县级", "县市区": "莲都"}],
    "网络区": [{"网络区名称": "公用区", "类型": "公用网络区"}],
    "VPN实例": [{"VPN名称": "政务网", "RD": "65000:1", "RT": "65000:1；65000:2", "网络区": "公用区"}],
    "线路": [{"线路名称": "LX-1", "运营商": "电信", "带宽": "100M"}],
    "凭据": [{"凭据名称": "只读", "类型": "SNMP团体字", "存放位置": "env:RO"}],
    "设备": [
        {"设备名称": "PE-1", "管理地址": "10.0.0.1", "站点": "中心机房", "角色": "PE", "凭据": "只读"},
        {"设备名称": "FW-1", "管理地址": "10.0.0.2", "站点": "中心机房", "角色": "防火墙"},
    ],
    "高可用组": [{"高可用组名称": "双机", "类型": "主备", "最少存活数": 1, "成员设备": "PE-1; FW-1"}],
    "链路": [{"链路名称": "A-B", "本端设备": "PE-1", "本端端口": "GE1", "对端设备": "FW-1", "对端端口": "GE2", "线路": "LX-1"}],
    "接入点": [{"接入点名称": "莲都接入", "接入单位": "莲都区政府办", "接入设备": "PE-1", "接入端口": "GE9", "VPN实例": "政务网",
               "VLAN号": 100, "用户网段": "10.9.0.0/24"}],
    "出口": [{"出口名称": "互联网A", "类型": "互联网", "设备": "FW-1", "带宽": "10G"}],
    "VLAN": [{"交换域": "PE-1", "VLAN号": 100, "VPN实例": "政务网"}],
    "网段": [{"网段": "10.9.0.0/24", "VPN实例": "政务网", "使用单位": "莲都区政府办", "VLAN": "PE-1/100"}],
    "IP地址": [{"IP地址": "10.9.0.1", "VPN实例": "政务网", "用途": "网关"}],
    "地址转换": [{"映射名称": "门户", "设备": "FW-1", "类型": "静态映射", "外部地址": "203.0.113.1", "外部端口": 443,
                "内部地址": "10.9.0.2", "内部端口": 443, "协议": "tcp"}],
    "安全策略": [{"策略名称": "放行门户", "防火墙": "FW-1", "源地址": "any", "服务": "tcp/443", "有效期至": "2027-12-31"}],
    "业务系统": [{"系统名称": "协同办公", "责任单位": "市数据局", "等保级别": "三级", "关基": "是", "依赖系统": None},
                {"系统名称": "统一认证", "责任单位": "市数据局", "等保级别": "三级"}],
    "组件": [{"组件名称": "协同办公/web", "业务系统": "协同办公", "层级": "接入层", "最少存活数": 1, "云主机": "vm-1、key-2",
             "物理设备": None}],
    "数据线路": [{"线路名称": "人口数据线", "来源系统": "统一认证", "目标系统": "协同办公", "新鲜度(分钟)": 60}],
    "项目": [{"标识": "prj-1", "项目名称": "一号项目", "所属单位": "市数据局", "业务系统": "协同办公"}],
}
_CALLED = {sheet: next(iter(rows[0])) for sheet, rows in GOOD.items()}


def bad(sheet: str, column: str, value: Any, english: str, chinese: str, **more: Any) -> Mistake:
    """The first good row under another name with one other cell. more: further cells, so that nothing else is wrong."""
    return Mistake(sheet, {**GOOD[sheet][0], **more, column: value}, column, english, chinese)


MISTAKES: tuple[Mistake, ...] = (
    bad("单位", "单位名称", "长" * 129, "129 characters long", "129 个字符"),
    bad("单位", "级别", "省级", "is not one of", "不在可选值之内", 单位名称="省级单位"),
    bad("单位", "上级单位", "莲都区政府半", "Did you mean 莲都区政府办?", "是否想写 莲都区政府办", 单位名称="错上级"),
    bad("单位", "级别", "市级", "cannot stand below 莲都区政府办", "不能隶属", 单位名称="错级单位", 上级单位="莲都区政府办"),
    bad("单位", "上级单位", "自环单位", "in a circle", "循环", 单位名称="自环单位"),
    bad("站点", "县市区", None, "must name its county", "必须填写县市区", 站点名称="无县机房", 级别="县级"),
    bad("站点", "站点名称", "中心机房", "stands here twice", "重复"),
    bad("VPN实例", "RD", "65000-7", "not of the form ASN:NUMBER", "ASN:编号", VPN名称="错RD"),
    bad("VPN实例", "RT", "65000:1;65000:99999999999", "not of the form ASN:NUMBER", "ASN:编号", VPN名称="错RT", RD="65000:8"),
    bad("VPN实例", "RD", "65000:1", "belongs to row 2 of VPN实例 already", "已属于", VPN名称="重RD"),
    bad("线路", "带宽", "很快", "not a bandwidth", "不是带宽", 线路名称="LX-2"),
    bad("凭据", "存放位置", "S3cret!", "never the secret itself", "绝不写密钥本身", 凭据名称="明文"),
    bad("凭据", "用户名", None, "needs a user name", "用户名", 凭据名称="三版", 类型="SNMPv3用户"),
    bad("设备", "管理地址", "10.0.0.256", "not an IPv4 or IPv6 address", "不是 IPv4 或 IPv6 地址", 设备名称="D1"),
    bad("设备", "管理地址", "10.0.0.9/24", "has a mask", "带有掩码", 设备名称="D2"),
    bad("设备", "管理地址", "10.0.0.1", "belongs to row 2 of 设备 already", "已属于", 设备名称="D3"),
    bad("设备", "角色", "核芯", "Did you mean 核心?", "是否想写 核心", 设备名称="D4", 管理地址="10.0.1.4"),
    bad("设备", "SNMP端口", 70000, "out of range: 1 to 65535", "超出范围", 设备名称="D5", 管理地址="10.0.1.5"),
    bad("设备", "轮询间隔(秒)", "一分钟", "not a whole number", "不是整数", 设备名称="D6", 管理地址="10.0.1.6"),
    bad("设备", "是否轮询", "也许", "neither yes nor no", "既不是“是”也不是“否”", 设备名称="D7", 管理地址="10.0.1.7"),
    bad("设备", "SNMP版本", "3", "does not go with the credential", "类型不符", 设备名称="D8", 管理地址="10.0.1.8"),
    bad("设备", "站点", None, "must be filled in", "必须填写", 设备名称="D9", 管理地址="10.0.1.9"),
    bad("设备", "备注", "=1+1", "This is a formula", "公式", 设备名称="D10", 管理地址="10.0.1.10"),
    bad("高可用组", "最少存活数", 3, "3 members must live, but the group has 2 only", "只有 2 个", 高可用组名称="三机"),
    bad("高可用组", "成员设备", "PE-1;PE-1", "stands here twice", "重复", 高可用组名称="重成员"),
    bad("链路", "本端端口", "GE1", "bears another link already", "已有其他链路", 链路名称="A-C", 对端端口="GE3"),
    bad("链路", "对端设备", "PE-1", "not back to itself", "不能指回自身", 链路名称="A-A", 本端端口="GE5", 对端端口="GE6"),
    bad("接入点", "接入端口", "GE9", "enters at this port and VLAN already", "已有其他单位接入", 接入点名称="重接入"),
    bad("接入点", "VLAN号", 5000, "out of range: 0 to 4094", "超出范围", 接入点名称="错VLAN", 接入端口="GE10"),
    bad("接入点", "用户网段", "10.9.0.1/24", "the prefix is 10.9.0.0/24", "应为 10.9.0.0/24", 接入点名称="错网段", 接入端口="GE11"),
    bad("VLAN", "VLAN号", 4095, "out of range: 1 to 4094", "超出范围"),
    bad("网段", "网段", "10.9.0.0/33", "not a prefix such as", "不是网段", VLAN=None),
    bad("网段", "网段", "10.9.0.0/24", "stands here twice", "重复"),
    bad("IP地址", "IP地址", "10.9.0.1", "stands here twice", "重复"),
    bad("地址转换", "内部地址", None, "needs the address inside", "内部地址", 映射名称="无内", 外部地址="203.0.113.2"),
    bad("地址转换", "外部地址", "203.0.113.1", "leads elsewhere on this device already", "已映射到别处", 映射名称="重外"),
    bad("地址转换", "协议", "icmp", "Ports need a protocol", "端口需要", 映射名称="错协议", 外部地址="203.0.113.3"),
    bad("安全策略", "服务", "tcp/99999", "not a service such as", "不是服务", 策略名称="错服务"),
    bad("安全策略", "有效期至", "年底", "not a date such as", "不是日期", 策略名称="错日期"),
    bad("业务系统", "等保级别", "六级", "not a protection level", "不是等保级别", 系统名称="六级系统"),
    bad("业务系统", "等保级别", "二级", "level 3 or above", "不得低于三级", 系统名称="关基二级"),
    bad("业务系统", "依赖系统", "自环系统", "need each other in a circle", "循环依赖", 系统名称="自环系统"),
    bad("组件", "云主机", "vm-9", "There is no VM vm-9", "没有云主机 vm-9", 组件名称="错机"),
    bad("组件", "云主机", "twin", "2 bear the name twin", "名称 twin 有 2 个", 组件名称="双生"),
    bad("组件", "最少存活数", 9, "9 machines must live, but it runs on 2 only", "只运行在 2 台", 组件名称="超数"),
    bad("数据线路", "目标系统", "统一认证", "not back to itself", "不能指回自身", 线路名称="回环线"),
    bad("项目", "标识", "prj-9", "There is no project prj-9", "没有项目 prj-9", 项目名称=None),
    bad("项目", "项目名称", "二号项目", "only its platform renames it", "只能在平台上改名", 标识="prj-2"),
)
SHEETS: tuple[tuple[str, list[str], str, str], ...] = (
    ("打印机", ["名称"], "There is no kind of object called 打印机", "没有名为“打印机”的对象类别"),
    ("云主机", ["key", "name"], "exported, never imported", "只导出，不导入"),
    ("预留", ["name"], "never by a sheet", "不能通过表格"),
)
"""Sheets that are none."""


@pytest.fixture(scope="module")
def workbook() -> tuple[bytes, list[Mistake], list[tuple[int, str]]]:
    """All mistakes in one file, with row and column of each."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    places: dict[int, tuple[int, str]] = {}
    for name, rows in GOOD.items():
        mine = [(number, mistake) for number, mistake in enumerate(MISTAKES) if mistake.sheet == name]
        headings = list(dict.fromkeys(key for row in (*rows, *(mistake.row for _, mistake in mine)) for key in row))
        sheet = book.create_sheet(name)
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
        for number, mistake in mine:
            sheet.append([mistake.row.get(heading) for heading in headings])
            letter = openpyxl.utils.get_column_letter(headings.index(mistake.column) + 1)
            places[number] = sheet.max_row, f"{letter} {mistake.column}"
    for name, headings, *_ in SHEETS:
        book.create_sheet(name).append(headings)
    out = BytesIO()
    book.save(out)
    return out.getvalue(), list(MISTAKES), [places[number] for number in range(len(MISTAKES))]


@pytest.fixture
def told() -> Existing:
    """What a cloud told before."""
    names = ("vm-0", "vm-1", "vm-2", "twin", "twin")
    vms = [cloud.VM(id=f"v{n}", key=f"key-{n}", name=name, project="prj-1") for n, name in enumerate(names)]
    projects = [cloud.Project(id=f"p{n}", key=f"prj-{n}", name=name, platform="云") for n, name in ((1, "一号项目"), (2, "三号项目"))]
    return Existing.of({"vm": vms, "project": projects})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_of_them_is_said_once_at_its_place(
    language: str, workbook: tuple[bytes, list[Mistake], list[tuple[int, str]]], told: Existing, check: Check,
) -> None:
    content, mistakes, places = workbook
    i18n.use(language)
    result = check(content, "forty.xlsx", told)
    found = {(p.sheet, p.row, p.column): p.message for p in result.problems}
    expected = {(m.sheet, *place): m.english if language == "en" else m.chinese for m, place in zip(mistakes, places, strict=True)}
    expected |= {(name, 0, ""): english if language == "en" else chinese for name, _, english, chinese in SHEETS}
    assert found.keys() == expected.keys()
    wrong = {place: (words, found[place]) for place, words in expected.items() if words not in found[place]}
    assert not wrong
    assert result.problems_total == len(expected) == len(result.problems) > 40
    assert result.records == {}
    if language == "zh":
        bare = [re.sub(r"yunwang [a-z]+ [a-z]+", "", message) for message in found.values()]
        assert not [message for message in bare if re.search(r"[a-z]{4,} [a-z]{2,} [a-z]{2,}", message)], "no English sentence"


def test_they_are_of_forty_kinds(workbook: tuple[bytes, list[Mistake], list[tuple[int, str]]], told: Existing, check: Check) -> None:
    """Templates of messages, not only values in them, differ."""
    i18n.use("en")
    result = check(workbook[0], "forty.xlsx", told)
    kinds = {(p.sheet, re.sub(r"[0-9]+|[^\x00-\x7f]+", "", p.message)) for p in result.problems}
    assert len(kinds) >= 40


def test_without_them_it_is_accepted(told: Existing, check: Check) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in GOOD.items():
        sheet = book.create_sheet(name)
        headings = list(dict.fromkeys(key for row in rows for key in row))
        sheet.append(headings)
        for row in rows:
            sheet.append([row.get(heading) for heading in headings])
    out = BytesIO()
    book.save(out)
    result = check(out.getvalue(), "good.xlsx", told)
    assert result.problems == ()
    assert {kind: len(found) for kind, found in result.records.items()} == {
        **dict.fromkeys(result.records, 1), "unit": 2, "site": 2, "device": 2, "system": 2,
    }
    assert result.records["component"][0].runs_on == ("key-1", "key-2")
    assert result.records["policy_rule"][0].name == "FW-1/放行门户"
    known = told.named("project")["prj-1"]
    assert result.records["project"] == (known.replace(unit="市数据局", system="协同办公"),)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder: Path = tmp_path_factory.mktemp("forty")
    settings = load(None, {"YUNWANG_CONFIG": "/dev/null", "YUNWANG_GENERAL_DATA_DIR": str(folder / "d"),
                           "YUNWANG_GENERAL_RUN_DIR": str(folder / "r")})
    launch.start(settings, die_with_us=True, kinds=("hub", "workers"))
    yield settings
    launch.stop(settings)


def test_a_hub_writes_nothing_of_it(hub: Settings, workbook: tuple[bytes, list[Mistake], list[tuple[int, str]]]) -> None:
    async def tried(client: Any) -> tuple[Any, list[int], int]:
        begun = time.time_ns() // 1_000_000
        report = await client.import_file("forty.xlsx", workbook[0])
        counts = [(await client.page(kind, ListQuery(limit=1))).total for kind in LISTED]
        return report, counts, (await client.history.changes(begun)).total

    report, counts, changed = ask(hub, tried)
    assert report.problems_total > 40
    assert not any((report.added, report.changed, report.queued, report.by_rule))
    assert not any(counts)
    assert changed == 0
