"""What a person typed into the filter, as the hub understands it. Pure."""

from typing import NamedTuple

_FIELDS = {
    "status": "status", "状态": "status", "county": "county", "县区": "county", "site": "site", "站点": "site", "unit": "unit",
    "单位": "unit", "role": "role", "角色": "role", "platform": "platform", "平台": "platform", "level": "level", "层级": "level",
    "severity": "severity", "级别": "severity", "rule": "rule", "规则": "rule", "device": "device", "设备": "device",
}
_VALUES = {
    "status": {"在线": "up", "离线": "down", "部分": "partial", "拒绝": "refused", "未知": "unknown"},
    "role": {"核心": "core", "汇聚": "aggregation", "接入": "access", "防火墙": "firewall", "负载均衡": "load-balancer", "网闸": "gap",
             "服务器": "server", "其他": "other"},
    "severity": {"紧急": "critical", "重要": "major", "次要": "minor", "警告": "warning", "提示": "info"},
    "level": {"市": "city", "县": "county", "乡镇": "township"},
}


class Filter(NamedTuple):
    """Words that must occur, and fields that must have a value."""

    text: str
    where: dict[str, str]


def read(typed: str) -> Filter:
    """`莲都 状态=离线 role=PE` and full-width `＝` and `　` alike."""
    words, where = [], {}
    for word in typed.replace("＝", "=").replace("\u3000", " ").split():
        name, sign, value = word.partition("=")
        field = _FIELDS.get(name.lower())
        if sign and field and value:
            where[field] = _VALUES.get(field, {}).get(value, value)
        elif not (sign and field):
            words.append(word)
    return Filter(" ".join(words), where)
