"""The sheets of places, devices and addressing."""

from collections.abc import Mapping
from typing import Any

from core.platforms import PLATFORMS
from inventory.sheets import cells, lists, netcells
from inventory.sheets.column import LEVEL, NAME, TEXT, Column, SheetKind, name, note, refer, refers
from inventory.sheets.words import (
    ACTIONS,
    AUTH,
    CREDENTIAL_KINDS,
    FLAGS,
    HA_KINDS,
    LEVELS,
    NAT_KINDS,
    PRIV,
    PROTOCOLS,
    ROLES,
    VERSION_WORDS,
    VERSIONS,
)


def _vlan(values: Mapping[str, Any]) -> str:
    return f"{values['domain']}/{values['vid']}" if "domain" in values and "vid" in values else ""


def _prefix(values: Mapping[str, Any]) -> str:
    return f"{values['vpn']}|{values['prefix']}" if "prefix" in values and "vpn" in values else ""


def _address(values: Mapping[str, Any]) -> str:
    return f"{values['vpn']}|{values['address']}" if "address" in values and "vpn" in values else ""


def _rule(values: Mapping[str, Any]) -> str:
    """People write the rule's own name; the record's name begins with its device."""
    own, device = values.get("name", ""), values.get("device", "")
    return own if not own or not device or own.startswith(f"{device}/") else f"{device}/{own}"


PLACES: tuple[SheetKind, ...] = (
    SheetKind("site", "站点", "sites", (
        name("站点名称"),
        Column("level", "级别", "level", LEVEL, required=True, words=LEVELS),
        Column("county", "县市区", "county", TEXT, note="Required for county and township sites."),
        Column("address", "地址", "address", TEXT),
    )),
    SheetKind("rack", "机柜", "racks", (
        name("机柜名称"),
        refers("site", "站点", "site", "site", required=True),
        Column("units_high", "高度(U)", "units high", cells.integer(1, 100)),
    )),
)
DEVICES: tuple[SheetKind, ...] = (
    SheetKind("credential", "凭据", "credentials", (
        name("凭据名称"),
        Column("kind", "类型", "kind", cells.choice(CREDENTIAL_KINDS), required=True, words=CREDENTIAL_KINDS),
        Column("locator", "存放位置", "locator", cells.locator, required=True,
               note="Where the secret is kept, secret:NAME, vault:PATH#FIELD, env:NAME or file:/PATH; never the secret itself."),
        Column("username", "用户名", "username", cells.text(64), note="Of SNMPv3, SSH and passwords."),
        Column("auth", "认证算法", "auth", cells.choice(AUTH), words=AUTH),
        Column("priv", "加密算法", "priv", cells.choice(PRIV), words=PRIV),
    )),
    SheetKind("device", "设备", "devices", (
        name("设备名称"),
        Column("address", "管理地址", "address", cells.address, required=True, note="IPv4 or IPv6, without mask or zone."),
        refers("site", "站点", "site", "site", required=True),
        Column("role", "角色", "role", cells.choice(ROLES), required=True, words=ROLES),
        Column("platform", "平台", "platform", cells.platform, words={p.name: p.name for p in PLATFORMS},
               note="Empty: found out by discovery."),
        refers("unit", "所属单位", "unit", "unit"),
        refers("credential", "凭据", "credential", "credential"),
        Column("snmp_version", "SNMP版本", "snmp version", cells.choice(VERSIONS, VERSION_WORDS), words=VERSIONS),
        Column("snmp_port", "SNMP端口", "snmp port", cells.integer(1, 65_535)),
        Column("interval_s", "轮询间隔(秒)", "interval s", cells.integer(1, 86_400)),
        Column("timeout_ms", "超时(毫秒)", "timeout ms", cells.integer(100, 60_000)),
        Column("retries", "重试次数", "retries", cells.integer(0, 10)),
        Column("polled", "是否轮询", "polled", cells.flag, words=FLAGS),
        Column("serial", "序列号", "serial", TEXT),
        Column("model", "型号", "model", TEXT),
        note(),
    )),
    SheetKind("ha_group", "高可用组", "HA groups", (
        name("高可用组名称"),
        Column("kind", "类型", "kind", cells.choice(HA_KINDS), required=True, words=HA_KINDS),
        Column("needed", "最少存活数", "needed", cells.integer(1, 1000), note="Members that must live for the group to work."),
        refer("members", "成员设备", "members", "device"),
    )),
    SheetKind("cable", "链路", "links", (
        name("链路名称"),
        refers("device_a", "本端设备", "device a", "device", required=True),
        Column("port_a", "本端端口", "port a", NAME, note="Name of the interface, as the device calls it."),
        refers("device_b", "对端设备", "device b", "device", required=True),
        Column("port_b", "对端端口", "port b", NAME, note="Name of the interface, as the device calls it."),
        refers("circuit", "线路", "circuit", "circuit"),
    )),
)
ADDRESSING: tuple[SheetKind, ...] = (
    SheetKind("vlan", "VLAN", "VLANs", (
        Column("domain", "交换域", "domain", NAME, required=True,
               note="The switches that share the VLAN: a name of your own, often a device's."),
        Column("vid", "VLAN号", "vid", cells.integer(1, 4094), required=True),
        refers("vpn", "VPN实例", "vpn", "vpn_instance"),
        Column("purpose", "用途", "purpose", TEXT),
    ), _vlan),
    SheetKind("prefix", "网段", "prefixes", (
        Column("prefix", "网段", "prefix", netcells.prefix, required=True, note="In its canonical form, such as 10.1.0.0/16."),
        refers("vpn", "VPN实例", "vpn", "vpn_instance", note="Empty: the global table."),
        refers("site", "站点", "site", "site"),
        refers("unit", "使用单位", "unit", "unit"),
        refers("vlan", "VLAN", "vlan", "vlan", note="DOMAIN/VID"),
        Column("purpose", "用途", "purpose", TEXT),
    ), _prefix),
    SheetKind("ip_address", "IP地址", "IP addresses", (
        Column("address", "IP地址", "address", cells.address, required=True, note="IPv4 or IPv6, without mask or zone."),
        refers("vpn", "VPN实例", "vpn", "vpn_instance", note="Empty: the global table."),
        refers("unit", "使用单位", "unit", "unit"),
        Column("purpose", "用途", "purpose", TEXT),
    ), _address),
    SheetKind("nat_mapping", "地址转换", "NAT mappings", (
        name("映射名称"),
        refers("device", "设备", "device", "device", required=True),
        Column("kind", "类型", "kind", cells.choice(NAT_KINDS), required=True, words=NAT_KINDS),
        Column("outside", "外部地址", "outside", netcells.address_or_prefix, required=True),
        Column("outside_port", "外部端口", "outside port", cells.integer(0, 65_535), note="0: all ports."),
        Column("inside", "内部地址", "inside", netcells.address_or_prefix),
        Column("inside_port", "内部端口", "inside port", cells.integer(0, 65_535), note="0: all ports."),
        Column("protocol", "协议", "protocol", cells.choice(PROTOCOLS), words=PROTOCOLS),
    )),
    SheetKind("policy_rule", "安全策略", "policy rules", (
        name("策略名称", "Unique on its device; stored as DEVICE/RULE."),
        refers("device", "防火墙", "device", "device", required=True),
        Column("sources", "源地址", "sources", lists.texts(256), many=True, note=lists.HOW),
        Column("destinations", "目的地址", "destinations", lists.texts(256), many=True, note=lists.HOW),
        Column("services", "服务", "services", lists.texts(128, netcells.service), many=True, note="tcp/443, udp/5000-5010, icmp, any."),
        Column("action", "动作", "action", cells.choice(ACTIONS), words=ACTIONS),
        refers("owner", "申请单位", "owner", "unit", note="The unit that asked for it."),
        Column("expires_at", "有效期至", "expires at", netcells.moment, show=netcells.moment_shown,
               note="A date such as 2026-12-31; the rule holds to its end. Empty: without end."),
        Column("enabled", "是否启用", "enabled", cells.flag, words=FLAGS),
    ), _rule),
)
