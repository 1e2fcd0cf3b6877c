"""The sheets that people fill in: for each kind its names and columns, in Chinese and English, and how a cell is understood.

Import, export, the template and the lab's workbook all read `SHEETS`; nothing else knows a heading.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from core.objects import KINDS, Record
from core.platforms import PLATFORMS
from inventory import cells

Kind = Literal["unit", "system", "site", "credential", "device"]

NAME_LIMIT = 128

LEVELS = {"city": "市级", "county": "县级", "township": "乡镇级"}
ROLES = {"P": "P", "PE": "PE", "CE": "CE", "core": "核心", "aggregation": "汇聚", "access": "接入", "ToR": "架顶", "firewall": "防火墙",
         "load-balancer": "负载均衡", "gap": "网闸", "server": "服务器", "other": "其他"}
PROTECTION = {"1": "一级", "2": "二级", "3": "三级", "4": "四级", "5": "五级"}
FLAGS = {"yes": "是", "no": "否"}
VERSIONS = {"1": "1", "2c": "2c", "3": "3"}
_VERSION_WORDS = {"v1": "1", "v2c": "2c", "v2": "2c", "2": "2c", "v3": "3"}
CREDENTIAL_KINDS = {"snmp-community": "SNMP团体字", "snmp-v3": "SNMPv3用户", "ssh": "SSH登录", "password": "用户密码", "token": "令牌"}
AUTH = {word: word for word in ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")}
PRIV = {word: word for word in ("DES", "AES128", "AES192", "AES256")}


class Column(NamedTuple):
    """One column. `field` is the field of the noun; its default is what an empty cell means."""

    field: str
    zh: str
    en: str
    parse: cells.Parser
    required: bool = False
    words: Mapping[str, str] = {}
    """Values and their Chinese words, for lists to choose from."""
    reference: Kind | None = None
    """The kind whose name stands here."""
    note: str = ""
    """Message id: what a person should know before filling it in."""

    def heading(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def shown(self, value: Any, language: str) -> str | int:
        """The value as it is written into a cell of this column; `parse` understands it again."""
        if isinstance(value, bool):
            return FLAGS["yes" if value else "no"] if language == "zh" else ("yes" if value else "no")
        if language == "zh" and self.words:
            return self.words.get(str(value), str(value))
        return value if isinstance(value, int) and not self.words else str(value)


class SheetKind(NamedTuple):
    """One kind of record and its sheet."""

    kind: Kind
    zh: str
    en: str
    columns: tuple[Column, ...]

    @property
    def noun(self) -> type[Record]:
        return KINDS[self.kind]

    def title(self, language: str) -> str:
        return self.zh if language == "zh" else self.en

    def column(self, field: str) -> Column:
        return next(c for c in self.columns if c.field == field)


_NAME = cells.text(NAME_LIMIT)
_TEXT = cells.text(256)
_NOTE = cells.text(1000)
_LEVEL = cells.choice(LEVELS, {zh.removesuffix("级"): value for value, zh in LEVELS.items()})


def _name(zh: str, note: str = "") -> Column:
    return Column("name", zh, "name", _NAME, required=True, note=note or "Unique among its kind; what people call it.")


SHEETS: tuple[SheetKind, ...] = (
    SheetKind("unit", "单位", "units", (
        _name("单位名称"),
        Column("level", "级别", "level", _LEVEL, required=True, words=LEVELS),
        Column("parent", "上级单位", "parent", _NAME, reference="unit", note="Name of the unit above; empty at the top."),
        Column("short_name", "简称", "short name", _TEXT),
        Column("contact", "联系人", "contact", _TEXT),
        Column("phone", "联系电话", "phone", _TEXT),
        Column("chief_data_officer", "首席数据官", "chief data officer", _TEXT),
        Column("data_steward", "数据专员", "data steward", _TEXT),
    )),
    SheetKind("system", "业务系统", "systems", (
        _name("系统名称"),
        Column("unit", "责任单位", "unit", _NAME, required=True, reference="unit", note="Name of the unit that owns the system."),
        Column("protection_level", "等保级别", "protection level", cells.protection_level, required=True, words=PROTECTION),
        Column("cii", "关基", "cii", cells.flag, words=FLAGS, note="Critical information infrastructure; level 3 or above."),
        Column("internet_facing", "面向互联网", "internet facing", cells.flag, words=FLAGS),
        Column("rto_minutes", "RTO(分钟)", "rto minutes", cells.integer(0, 525_600)),
        Column("rpo_minutes", "RPO(分钟)", "rpo minutes", cells.integer(0, 525_600)),
        Column("note", "备注", "note", _NOTE),
    )),
    SheetKind("site", "站点", "sites", (
        _name("站点名称"),
        Column("level", "级别", "level", _LEVEL, required=True, words=LEVELS),
        Column("county", "县市区", "county", _TEXT, note="Required for county and township sites."),
        Column("address", "地址", "address", _TEXT),
    )),
    SheetKind("credential", "凭据", "credentials", (
        _name("凭据名称"),
        Column("kind", "类型", "kind", cells.choice(CREDENTIAL_KINDS), required=True, words=CREDENTIAL_KINDS),
        Column("locator", "存放位置", "locator", cells.locator, required=True,
               note="Where the secret is kept, secret:NAME, vault:PATH#FIELD, env:NAME or file:/PATH; never the secret itself."),
        Column("username", "用户名", "username", cells.text(64), note="Of SNMPv3 and SSH."),
        Column("auth", "认证算法", "auth", cells.choice(AUTH), words=AUTH),
        Column("priv", "加密算法", "priv", cells.choice(PRIV), words=PRIV),
    )),
    SheetKind("device", "设备", "devices", (
        _name("设备名称"),
        Column("address", "管理地址", "address", cells.address, required=True, note="IPv4 or IPv6, without mask or zone."),
        Column("site", "站点", "site", _NAME, required=True, reference="site"),
        Column("role", "角色", "role", cells.choice(ROLES), required=True, words=ROLES),
        Column("platform", "平台", "platform", cells.platform, words={p.name: p.name for p in PLATFORMS},
               note="Empty: found out by discovery."),
        Column("unit", "所属单位", "unit", _NAME, reference="unit"),
        Column("credential", "凭据", "credential", _NAME, reference="credential"),
        Column("snmp_version", "SNMP版本", "snmp version", cells.choice(VERSIONS, _VERSION_WORDS), words=VERSIONS),
        Column("snmp_port", "SNMP端口", "snmp port", cells.integer(1, 65_535)),
        Column("interval_s", "轮询间隔(秒)", "interval s", cells.integer(1, 86_400)),
        Column("timeout_ms", "超时(毫秒)", "timeout ms", cells.integer(100, 60_000)),
        Column("retries", "重试次数", "retries", cells.integer(0, 10)),
        Column("polled", "是否轮询", "polled", cells.flag, words=FLAGS),
        Column("serial", "序列号", "serial", _TEXT),
        Column("model", "型号", "model", _TEXT),
        Column("note", "备注", "note", _NOTE),
    )),
)

BY_KIND: Mapping[str, SheetKind] = {sheet.kind: sheet for sheet in SHEETS}
