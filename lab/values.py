"""How the Python player finds each value: one small function for each code of `lab.mib.Value`. The same as in lab/farm/farm.c."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.mib import Value
from lab.protocol import GAUGE32, INTEGER, IP_ADDRESS, OBJECT_ID, STRING, TIMETICKS, integer, tlv

if TYPE_CHECKING:
    from lab.agent import DeviceTree

FIRST_PROCESSOR = 196_608
_HARDWARE = (6, 136, 161)
"""ifTypes that have a MAC address."""

Read = Callable[["DeviceTree", int], bytes]
"""The encoded value of a row."""


def _string(find: Callable[["DeviceTree", int], tuple[int, int]]) -> Read:
    return lambda tree, row: tlv(STRING, tree.town.text(find(tree, row)))


def _number(find: Callable[["DeviceTree", int], int], tag: int = INTEGER) -> Read:
    return lambda tree, row: integer(find(tree, row), tag)


def _of_device(name: str) -> Read:
    return _string(lambda tree, _: tree.still.fields[name])


def _of_entity(place: int) -> Read:
    return _string(lambda tree, row: tree.still.entities[row][place])


def _mac(tree: "DeviceTree", row: int) -> bytes:
    port = tree.still.ports[row]
    return tlv(STRING, bytes(port[6]) if port[1] in _HARDWARE else b"")


def _speed(tree: "DeviceTree", row: int) -> int:
    mbps = int(tree.still.ports[row][5])
    return 0xFFFF_FFFF if mbps >= 4295 else mbps * 1_000_000


def _far_device(tree: "DeviceTree", row: int) -> Any:
    return tree.town.image.devices[tree.still.neighbours[row][1]]


def _far_port(tree: "DeviceTree", row: int) -> Any:
    return tree.town.image.ports[tree.still.neighbours[row][2]]


def _capabilities(tree: "DeviceTree", row: int) -> bytes:
    return tlv(STRING, int(_far_device(tree, row)["capabilities"]).to_bytes(2, "big"))


def _cdp_capabilities(lldp: int) -> bytes:
    """Router and switch."""
    return ((lldp >> 11 & 1) | (lldp >> 10 & 8)).to_bytes(4, "big")


def _used(tree: "DeviceTree", row: int) -> int:
    _, kind, _, size, permille, _, _ = tree.still.storage[row]
    full = min(1000, permille + (60 * tree.weight >> 16 if kind == 2 else 0))
    return int(size * full // 1000)


_ZERO_OID = tlv(OBJECT_ID, b"\0")
_STORAGE_TYPE = (0x2B, 6, 1, 2, 1, 25, 2, 1)
_PROCESSOR_TYPE = tlv(OBJECT_ID, bytes((0x2B, 6, 1, 2, 1, 25, 3, 1, 3)))

VALUES: dict[int, Read] = {
    Value.SYS_DESCR: _of_device("descr"),
    Value.SYS_OBJECT_ID: lambda tree, _: tlv(OBJECT_ID, tree.town.text(tree.still.fields["object_id"])),
    Value.SYS_UPTIME: lambda tree, _: tree.ticks(tree.now_us),
    Value.SYS_CONTACT: _of_device("contact"),
    Value.SYS_NAME: _of_device("name"),
    Value.SYS_LOCATION: _of_device("location"),
    Value.SYS_SERVICES: _number(lambda tree, _: tree.still.fields["services"]),
    Value.IF_NUMBER: _number(lambda tree, _: len(tree.still.ports)),
    Value.IF_INDEX: _number(lambda tree, row: tree.if_index(row)),
    Value.IF_DESCR: _string(lambda tree, row: tree.still.ports[row][8]),
    Value.IF_TYPE: _number(lambda tree, row: tree.still.ports[row][1]),
    Value.IF_MTU: _number(lambda tree, row: tree.still.ports[row][4]),
    Value.IF_SPEED: _number(_speed, GAUGE32),
    Value.IF_PHYS: _mac,
    Value.IF_ADMIN: _number(lambda tree, row: tree.port(row).admin),
    Value.IF_OPER: _number(lambda tree, row: tree.port(row).oper),
    Value.IF_LAST_CHANGE: lambda tree, row: tree.ticks(tree.port(row).changed_us),
    Value.IF_NAME: _string(lambda tree, row: tree.still.ports[row][9]),
    Value.IF_TRAP: _number(lambda _, __: 1),
    Value.IF_HIGH_SPEED: _number(lambda tree, row: tree.still.ports[row][5], GAUGE32),
    Value.IF_PROMISCUOUS: _number(lambda _, __: 2),
    Value.IF_CONNECTOR: _number(lambda tree, row: 1 if tree.still.ports[row][2] else 2),
    Value.IF_ALIAS: _string(lambda tree, row: tree.still.ports[row][10]),
    Value.ZERO_TICKS: _number(lambda _, __: 0, TIMETICKS),
    Value.ZERO_GAUGE: _number(lambda _, __: 0, GAUGE32),
    Value.ENT_DESCR: _of_entity(6),
    Value.ENT_VENDOR_TYPE: lambda _, __: _ZERO_OID,
    Value.ENT_CONTAINED_IN: _number(lambda tree, row: tree.still.entities[row][1]),
    Value.ENT_CLASS: _number(lambda tree, row: tree.still.entities[row][2]),
    Value.ENT_PARENT_REL: _number(lambda tree, row: tree.still.entities[row][3]),
    Value.ENT_NAME: _of_entity(7),
    Value.ENT_HARDWARE: _of_entity(8),
    Value.ENT_FIRMWARE: _of_entity(9),
    Value.ENT_SOFTWARE: _of_entity(10),
    Value.ENT_SERIAL: _of_entity(11),
    Value.ENT_MAKER: _of_entity(12),
    Value.ENT_MODEL: _of_entity(13),
    Value.ENT_EMPTY: lambda _, __: tlv(STRING, b""),
    Value.ENT_FRU: _number(lambda tree, row: tree.still.entities[row][4]),
    Value.LLDP_CHASSIS_TYPE: _number(lambda _, __: 4),
    Value.LLDP_CHASSIS: lambda tree, _: tlv(STRING, bytes(tree.still.fields["mac"])),
    Value.LLDP_PORT_TYPE: _number(lambda _, __: 5),
    Value.LLDP_LOCAL_PORT: _string(lambda tree, row: tree.still.ports[row][9]),
    Value.LLDP_LOCAL_DESCR: _string(lambda tree, row: tree.still.ports[row][8]),
    Value.LLDP_REMOTE_CHASSIS: lambda tree, row: tlv(STRING, bytes(_far_device(tree, row)["mac"])),
    Value.LLDP_REMOTE_PORT: _string(lambda tree, row: _far_port(tree, row)["name"].tolist()),
    Value.LLDP_REMOTE_DESCR: _string(lambda tree, row: _far_port(tree, row)["descr"].tolist()),
    Value.LLDP_REMOTE_NAME: _string(lambda tree, row: _far_device(tree, row)["name"].tolist()),
    Value.LLDP_REMOTE_SYSTEM: _string(lambda tree, row: _far_device(tree, row)["descr"].tolist()),
    Value.LLDP_CAPABILITIES: _capabilities,
    Value.HOST_UPTIME: lambda tree, _: tree.ticks(tree.now_us),
    Value.HOST_USERS: _number(lambda tree, _: tree.still.number % 3, GAUGE32),
    Value.HOST_PROCESSES: _number(lambda tree, _: 180 + (120 * tree.weight >> 16), GAUGE32),
    Value.HOST_MEMORY: _number(lambda tree, _: tree.still.fields["memory_kb"]),
    Value.STORAGE_INDEX: _number(lambda tree, row: tree.still.storage[row][0]),
    Value.STORAGE_TYPE: lambda tree, row: tlv(OBJECT_ID, bytes((*_STORAGE_TYPE, tree.still.storage[row][1]))),
    Value.STORAGE_DESCR: _string(lambda tree, row: tree.still.storage[row][6]),
    Value.STORAGE_UNITS: _number(lambda tree, row: tree.still.storage[row][2]),
    Value.STORAGE_SIZE: _number(lambda tree, row: tree.still.storage[row][3]),
    Value.STORAGE_USED: _number(_used),
    Value.CPU_INDEX: _number(lambda _, row: FIRST_PROCESSOR + row),
    Value.CPU_TYPE: lambda _, __: _PROCESSOR_TYPE,
    Value.CPU_DESCR: _of_device("cpu"),
    Value.CPU_STATUS: _number(lambda _, __: 2),
    Value.CPU_FIRMWARE: lambda _, __: _ZERO_OID,
    Value.CPU_LOAD: _number(lambda tree, row: tree.share(3 + row % 7, 18)),
    Value.ADDRESS: lambda tree, _: tlv(IP_ADDRESS, tree.address()),
    Value.ADDRESS_IF_INDEX: _number(lambda tree, _: tree.if_index(tree.still.fields["management"])),
    Value.ADDRESS_MASK: lambda _, __: tlv(IP_ADDRESS, b"\xff\xff\xff\xff"),
    Value.BOARD_CPU: _number(lambda tree, row: tree.share(6 + row % 5, 14)),
    Value.BOARD_MEMORY: _number(lambda tree, _: tree.share(38 + tree.still.number % 20, 4)),
    Value.BOARD_TEMPERATURE: _number(lambda tree, _: tree.share(34 + tree.still.number % 9, 4)),
    Value.GAUGE_CPU: _number(lambda tree, row: tree.share(6 + row % 5, 14), GAUGE32),
    Value.GAUGE_MEMORY: _number(lambda tree, _: tree.share(38 + tree.still.number % 20, 4), GAUGE32),
    Value.BASE_PORT_IF: _number(lambda tree, row: tree.if_index(row)),
    Value.FDB_ADDRESS: lambda tree, row: tlv(STRING, bytes(tree.still.fdb[row][2])),
    Value.FDB_PORT: _number(lambda tree, row: tree.still.fdb[row][0] + 1),
    Value.FDB_STATUS: _number(lambda _, __: 3),
    Value.ARP_IF: _number(lambda tree, row: tree.if_index(tree.still.arp[row][0])),
    Value.ARP_MAC: lambda tree, row: tlv(STRING, bytes(tree.still.arp[row][2])),
    Value.ARP_ADDRESS: lambda tree, row: tlv(IP_ADDRESS, tree.still.arp[row][1].to_bytes(4, "big")),
    Value.ARP_TYPE: _number(lambda _, __: 3),
    Value.VLAN_NAME: _string(lambda tree, row: tree.still.vlans[row][4]),
    Value.VLAN_FDB: _number(lambda tree, row: tree.still.vlans[row][3], GAUGE32),
    Value.VRF_DESCR: lambda _, __: tlv(STRING, b""),
    Value.VRF_RD: _string(lambda tree, row: tree.still.vrfs[row][5]),
    Value.VRF_CLASS: _number(lambda _, __: 2),
    Value.LLDP_ADDRESS_KIND: _number(lambda _, __: 2),
    Value.CDP_ADDRESS_TYPE: _number(lambda _, __: 1),
    Value.CDP_ADDRESS: lambda tree, row: tlv(STRING, tree.address_of(tree.still.neighbours[row][1])),
    Value.CDP_NAME: _string(lambda tree, row: _far_device(tree, row)["name"].tolist()),
    Value.CDP_PORT: _string(lambda tree, row: _far_port(tree, row)["descr"].tolist()),
    Value.CDP_PLATFORM: _string(lambda tree, row: _far_device(tree, row)["descr"].tolist()),
    Value.CDP_CAPABILITIES: lambda tree, row: tlv(STRING, _cdp_capabilities(int(_far_device(tree, row)["capabilities"]))),
    Value.ROUTE_IF: _number(lambda tree, _: tree.if_index(tree.still.fields["management"])),
    Value.ROUTE_TYPE: _number(lambda _, row: 3 if row else 4),
    Value.ROUTE_PROTO: _number(lambda _, row: 2 if row else 13),
}
