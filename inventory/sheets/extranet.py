"""The sheets of the extranet: zones, VPN instances, circuits, access points, egresses."""

from inventory.sheets import cells, lists, netcells
from inventory.sheets.column import NAME, TEXT, Column, SheetKind, name, note, refers
from inventory.sheets.words import EGRESS_KINDS, ZONE_KINDS

_RATE_NOTE = "Such as 100M or 1G; a plain number is bit/s."
_PORT_NOTE = "Name of the interface, as the device calls it."

NETS: tuple[SheetKind, ...] = (
    SheetKind("zone", "网络区", "zones", (
        name("网络区名称"),
        Column("kind", "类型", "kind", cells.choice(ZONE_KINDS), required=True, words=ZONE_KINDS),
        note(),
    )),
    SheetKind("vpn_instance", "VPN实例", "VPN instances", (
        name("VPN名称"),
        Column("rd", "RD", "rd", netcells.rd, note="Route distinguisher (RFC 4364), such as 65000:101."),
        Column("route_targets", "RT", "route targets", lists.texts(64, netcells.rd), many=True, note=lists.HOW),
        refers("zone", "网络区", "zone", "zone"),
        refers("unit", "主管单位", "unit", "unit"),
    )),
    SheetKind("circuit", "线路", "circuits", (
        name("线路名称"),
        Column("carrier", "运营商", "carrier", TEXT),
        Column("number", "电路编号", "number", TEXT),
        Column("bandwidth_bps", "带宽", "bandwidth", netcells.bandwidth, show=netcells.bandwidth_shown, note=_RATE_NOTE),
        Column("sla", "SLA", "sla", TEXT),
        refers("site_a", "A端站点", "site a", "site"),
        refers("site_b", "Z端站点", "site b", "site"),
    )),
)
ENDS: tuple[SheetKind, ...] = (
    SheetKind("access_point", "接入点", "access points", (
        name("接入点名称"),
        refers("unit", "接入单位", "unit", "unit", required=True),
        refers("device", "接入设备", "device", "device", required=True),
        Column("port", "接入端口", "port", NAME, note=_PORT_NOTE),
        refers("vpn", "VPN实例", "vpn", "vpn_instance"),
        Column("vlan", "VLAN号", "vlan", cells.integer(0, 4094), note="0: untagged."),
        refers("circuit", "线路", "circuit", "circuit"),
        Column("prefix", "用户网段", "prefix", netcells.prefix, note="What the unit uses behind it."),
    )),
    SheetKind("egress", "出口", "egresses", (
        name("出口名称"),
        Column("kind", "类型", "kind", cells.choice(EGRESS_KINDS), words=EGRESS_KINDS),
        refers("device", "设备", "device", "device"),
        Column("port", "端口", "port", NAME, note=_PORT_NOTE),
        refers("circuit", "线路", "circuit", "circuit"),
        Column("bandwidth_bps", "带宽", "bandwidth", netcells.bandwidth, show=netcells.bandwidth_shown, note=_RATE_NOTE),
    )),
)
