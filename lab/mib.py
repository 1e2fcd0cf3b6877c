"""What the City's SNMP agents serve: columns, the tables whose rows they have, and the codes of their values.

One list for both players: the image of a City carries it to the C farm, the Python player reads it from there too.
Sources: RFC 3418 (system), RFC 2863 (IF-MIB), RFC 2790 (host resources), RFC 6933 (ENTITY-MIB), RFC 4293 (IP-MIB),
IEEE 802.1AB (LLDP-MIB), CISCO-CDP-MIB, RFC 4188 (BRIDGE-MIB), RFC 4363 (Q-BRIDGE-MIB), RFC 4382 (MPLS-L3VPN-STD-MIB),
RFC 4292 (IP-FORWARD-MIB), and the vendors' MIBs of processor and memory.
"""

import enum
from typing import NamedTuple

Oid = tuple[int, ...]


class Table(enum.IntEnum):
    """Whose rows a column has."""

    SCALAR = 0
    PORT = 1
    ENTITY = 2
    LLDP_LOCAL = 3
    """Physical ports, numbered by their place in the device."""
    LLDP_REMOTE = 4
    """Neighbours over links that are up; index timeMark.localPortNum.index."""
    STORAGE = 5
    PROCESSOR = 6
    ADDRESS = 7
    BOARD = 8
    """Those entities that have a processor."""
    FDB = 9
    """What a bridge has learned at ports that are up; index VLAN.MAC."""
    FDB_OLD = 10
    """The same without VLANs; index MAC."""
    ARP = 11
    """Index ifIndex.address."""
    VLAN = 12
    VLAN_CURRENT = 13
    """Index timeMark.VLAN."""
    VRF = 14
    """Index length.name."""
    VRF_PORT = 15
    """Index length.name.ifIndex."""
    LLDP_ADDRESS = 16
    """Management addresses of the rows of LLDP_REMOTE; index as there, with subtype, length and address."""
    CDP = 17
    """Those neighbours of LLDP_REMOTE that speak CDP as well; index ifIndex.index."""
    ROUTE = 18
    """The default route, where there is something above, and the device's own address."""


class Feature(enum.IntFlag):
    """What a device must have for a column to be there."""

    ALWAYS = 0
    HOST = 1
    LLDP = 2
    ENTITY = 4
    HUAWEI = 8
    H3C = 16
    CISCO = 32
    FORTINET = 64
    LOW_SPEED_ONLY = 128
    """Has no ifXTable: some old boxes."""
    BRIDGE = 256
    VLANS = 512
    OLD_BRIDGE = 1024
    """Knows no VLANs."""
    VRFS = 2048


class Value(enum.IntEnum):
    """Codes of values; the C farm has the same numbers."""

    SYS_DESCR = 1
    SYS_OBJECT_ID = 2
    SYS_UPTIME = 3
    SYS_CONTACT = 4
    SYS_NAME = 5
    SYS_LOCATION = 6
    SYS_SERVICES = 7
    IF_NUMBER = 8
    IF_INDEX = 20
    IF_DESCR = 21
    IF_TYPE = 22
    IF_MTU = 23
    IF_SPEED = 24
    IF_PHYS = 25
    IF_ADMIN = 26
    IF_OPER = 27
    IF_LAST_CHANGE = 28
    IF_NAME = 29
    IF_TRAP = 30
    IF_HIGH_SPEED = 31
    IF_PROMISCUOUS = 32
    IF_CONNECTOR = 33
    IF_ALIAS = 34
    ZERO_TICKS = 35
    ZERO_GAUGE = 36
    COUNTER = 64
    """To 91: 64 + 4 * kind + 2 * (out) + (64 bits wide); see `Counter`."""
    COUNTER_END = 92
    ENT_DESCR = 100
    ENT_VENDOR_TYPE = 101
    ENT_CONTAINED_IN = 102
    ENT_CLASS = 103
    ENT_PARENT_REL = 104
    ENT_NAME = 105
    ENT_HARDWARE = 106
    ENT_FIRMWARE = 107
    ENT_SOFTWARE = 108
    ENT_SERIAL = 109
    ENT_MAKER = 110
    ENT_MODEL = 111
    ENT_EMPTY = 112
    ENT_FRU = 113
    LLDP_CHASSIS_TYPE = 120
    LLDP_CHASSIS = 121
    LLDP_PORT_TYPE = 122
    LLDP_LOCAL_PORT = 123
    LLDP_LOCAL_DESCR = 124
    LLDP_REMOTE_CHASSIS = 125
    LLDP_REMOTE_PORT = 126
    LLDP_REMOTE_DESCR = 127
    LLDP_REMOTE_NAME = 128
    LLDP_REMOTE_SYSTEM = 129
    LLDP_CAPABILITIES = 130
    HOST_UPTIME = 140
    HOST_USERS = 141
    HOST_PROCESSES = 142
    HOST_MEMORY = 143
    STORAGE_INDEX = 144
    STORAGE_TYPE = 145
    STORAGE_DESCR = 146
    STORAGE_UNITS = 147
    STORAGE_SIZE = 148
    STORAGE_USED = 149
    CPU_INDEX = 150
    CPU_TYPE = 151
    CPU_DESCR = 152
    CPU_STATUS = 153
    CPU_FIRMWARE = 154
    CPU_LOAD = 155
    ADDRESS = 160
    ADDRESS_IF_INDEX = 161
    ADDRESS_MASK = 162
    BOARD_CPU = 170
    BOARD_MEMORY = 171
    BOARD_TEMPERATURE = 172
    GAUGE_CPU = 173
    GAUGE_MEMORY = 174
    BASE_PORT_IF = 180
    FDB_ADDRESS = 181
    FDB_PORT = 182
    FDB_STATUS = 183
    ARP_IF = 184
    ARP_MAC = 185
    ARP_ADDRESS = 186
    ARP_TYPE = 187
    VLAN_NAME = 188
    VLAN_FDB = 189
    VRF_DESCR = 190
    VRF_RD = 191
    VRF_CLASS = 192
    LLDP_ADDRESS_KIND = 193
    CDP_ADDRESS_TYPE = 194
    CDP_ADDRESS = 195
    CDP_NAME = 196
    CDP_PORT = 197
    CDP_PLATFORM = 198
    CDP_CAPABILITIES = 199
    ROUTE_IF = 200
    ROUTE_TYPE = 201
    ROUTE_PROTO = 202


class Counter(enum.IntEnum):
    """Kinds of interface counters."""

    OCTETS = 0
    UNICAST = 1
    MULTICAST = 2
    BROADCAST = 3
    DISCARDS = 4
    ERRORS = 5
    UNKNOWN = 6


class Column(NamedTuple):
    """One column, or one scalar object whose only row is 0."""

    oid: Oid
    table: Table
    value: int
    needs: Feature = Feature.ALWAYS
    lacks: Feature = Feature.ALWAYS


def counter(kind: Counter, out: bool, wide: bool) -> int:
    """The code of a counter's value."""
    return Value.COUNTER + 4 * kind + 2 * out + wide


_SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
_IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
_IFX: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
_IP: Oid = (1, 3, 6, 1, 2, 1, 4, 20, 1)
_HOST: Oid = (1, 3, 6, 1, 2, 1, 25)
_ENTITY: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
_LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)
_CDP: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)
_BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
_QBRIDGE: Oid = (*_BRIDGE, 7, 1)
_L3VPN: Oid = (1, 3, 6, 1, 2, 1, 10, 166, 11, 1, 2)
_HUAWEI: Oid = (1, 3, 6, 1, 4, 1, 2011, 5, 25, 31, 1, 1, 1, 1)
_H3C: Oid = (1, 3, 6, 1, 4, 1, 25506, 2, 6, 1, 1, 1, 1)
_CISCO: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 109, 1, 1, 1, 1)
_FORTINET: Oid = (1, 3, 6, 1, 4, 1, 12356, 101, 4, 1)


def _columns(root: Oid, table: Table, values: dict[int, int], needs: Feature = Feature.ALWAYS) -> list[Column]:
    lacks = Feature.LOW_SPEED_ONLY if root == _IFX else Feature.ALWAYS
    return [Column((*root, number), table, value, needs, lacks) for number, value in values.items()]


def _build() -> tuple[Column, ...]:
    v, c = Value, Counter
    system = {n: v(n) for n in range(1, 8)}
    interfaces = {
        1: v.IF_INDEX,
        2: v.IF_DESCR,
        3: v.IF_TYPE,
        4: v.IF_MTU,
        5: v.IF_SPEED,
        6: v.IF_PHYS,
        7: v.IF_ADMIN,
        8: v.IF_OPER,
        9: v.IF_LAST_CHANGE,
        10: counter(c.OCTETS, False, False),
        11: counter(c.UNICAST, False, False),
        13: counter(c.DISCARDS, False, False),
        14: counter(c.ERRORS, False, False),
        15: counter(c.UNKNOWN, False, False),
        16: counter(c.OCTETS, True, False),
        17: counter(c.UNICAST, True, False),
        19: counter(c.DISCARDS, True, False),
        20: counter(c.ERRORS, True, False),
        21: v.ZERO_GAUGE,
    }
    more = {
        1: v.IF_NAME,
        2: counter(c.MULTICAST, False, False),
        3: counter(c.BROADCAST, False, False),
        4: counter(c.MULTICAST, True, False),
        5: counter(c.BROADCAST, True, False),
        6: counter(c.OCTETS, False, True),
        7: counter(c.UNICAST, False, True),
        8: counter(c.MULTICAST, False, True),
        9: counter(c.BROADCAST, False, True),
        10: counter(c.OCTETS, True, True),
        11: counter(c.UNICAST, True, True),
        12: counter(c.MULTICAST, True, True),
        13: counter(c.BROADCAST, True, True),
        14: v.IF_TRAP,
        15: v.IF_HIGH_SPEED,
        16: v.IF_PROMISCUOUS,
        17: v.IF_CONNECTOR,
        18: v.IF_ALIAS,
        19: v.ZERO_TICKS,
    }
    entity = {
        2: v.ENT_DESCR,
        3: v.ENT_VENDOR_TYPE,
        4: v.ENT_CONTAINED_IN,
        5: v.ENT_CLASS,
        6: v.ENT_PARENT_REL,
        7: v.ENT_NAME,
        8: v.ENT_HARDWARE,
        9: v.ENT_FIRMWARE,
        10: v.ENT_SOFTWARE,
        11: v.ENT_SERIAL,
        12: v.ENT_MAKER,
        13: v.ENT_MODEL,
        14: v.ENT_EMPTY,
        15: v.ENT_EMPTY,
        16: v.ENT_FRU,
    }
    remote = {
        4: v.LLDP_CHASSIS_TYPE,
        5: v.LLDP_REMOTE_CHASSIS,
        6: v.LLDP_PORT_TYPE,
        7: v.LLDP_REMOTE_PORT,
        8: v.LLDP_REMOTE_DESCR,
        9: v.LLDP_REMOTE_NAME,
        10: v.LLDP_REMOTE_SYSTEM,
        11: v.LLDP_CAPABILITIES,
        12: v.LLDP_CAPABILITIES,
    }
    storage = {1: v.STORAGE_INDEX, 2: v.STORAGE_TYPE, 3: v.STORAGE_DESCR, 4: v.STORAGE_UNITS, 5: v.STORAGE_SIZE, 6: v.STORAGE_USED}
    columns = [
        *_columns(_SYSTEM, Table.SCALAR, dict(system)),
        *_columns((1, 3, 6, 1, 2, 1, 2), Table.SCALAR, {1: v.IF_NUMBER}),
        *_columns(_IF, Table.PORT, interfaces),
        *_columns(_IFX, Table.PORT, more),
        *_columns(_IP, Table.ADDRESS, {1: v.ADDRESS, 2: v.ADDRESS_IF_INDEX, 3: v.ADDRESS_MASK}),
        *_columns((*_HOST, 1), Table.SCALAR, {1: v.HOST_UPTIME, 5: v.HOST_USERS, 6: v.HOST_PROCESSES}, Feature.HOST),
        *_columns((*_HOST, 2), Table.SCALAR, {2: v.HOST_MEMORY}, Feature.HOST),
        *_columns((*_HOST, 2, 3, 1), Table.STORAGE, dict(storage), Feature.HOST),
        *_columns((*_HOST, 3, 2, 1), Table.PROCESSOR, {1: v.CPU_INDEX, 2: v.CPU_TYPE, 3: v.CPU_DESCR, 5: v.CPU_STATUS}, Feature.HOST),
        *_columns((*_HOST, 3, 3, 1), Table.PROCESSOR, {1: v.CPU_FIRMWARE, 2: v.CPU_LOAD}, Feature.HOST),
        *_columns(_ENTITY, Table.ENTITY, dict(entity), Feature.ENTITY),
        *_columns((*_LLDP, 3), Table.SCALAR, {1: v.LLDP_CHASSIS_TYPE, 2: v.LLDP_CHASSIS, 3: v.SYS_NAME, 4: v.SYS_DESCR}, Feature.LLDP),
        *_columns((*_LLDP, 3, 7, 1), Table.LLDP_LOCAL, {2: v.LLDP_PORT_TYPE, 3: v.LLDP_LOCAL_PORT, 4: v.LLDP_LOCAL_DESCR}, Feature.LLDP),
        *_columns((*_LLDP, 4, 1, 1), Table.LLDP_REMOTE, dict(remote), Feature.LLDP),
        *_columns(_HUAWEI, Table.BOARD, {5: v.BOARD_CPU, 7: v.BOARD_MEMORY, 11: v.BOARD_TEMPERATURE}, Feature.HUAWEI),
        *_columns(_H3C, Table.BOARD, {6: v.BOARD_CPU, 8: v.BOARD_MEMORY, 12: v.BOARD_TEMPERATURE}, Feature.H3C),
        *_columns(_CISCO, Table.BOARD, {7: v.GAUGE_CPU, 8: v.GAUGE_CPU}, Feature.CISCO),
        *_columns(_FORTINET, Table.SCALAR, {3: v.GAUGE_CPU, 4: v.GAUGE_MEMORY}, Feature.FORTINET),
    ]
    return tuple(sorted([*columns, *_learned()], key=lambda column: column.oid))


def _learned() -> list[Column]:
    """What devices know of each other beside LLDP."""
    v, f, t = Value, Feature, Table
    cdp = {
        3: v.CDP_ADDRESS_TYPE, 4: v.CDP_ADDRESS, 6: v.CDP_NAME, 7: v.CDP_PORT, 8: v.CDP_PLATFORM, 9: v.CDP_CAPABILITIES,
    }
    return [
        *_columns((*_LLDP, 4, 2, 1), t.LLDP_ADDRESS, {3: v.LLDP_ADDRESS_KIND}, f.LLDP),
        *_columns(_CDP, t.CDP, dict(cdp), f.CISCO),
        *_columns((1, 3, 6, 1, 2, 1, 4, 22, 1), t.ARP, {1: v.ARP_IF, 2: v.ARP_MAC, 3: v.ARP_ADDRESS, 4: v.ARP_TYPE}),
        *_columns((1, 3, 6, 1, 2, 1, 4, 24, 4, 1), t.ROUTE, {5: v.ROUTE_IF, 6: v.ROUTE_TYPE, 7: v.ROUTE_PROTO}),
        *_columns((*_BRIDGE, 1), t.SCALAR, {1: v.LLDP_CHASSIS}, f.BRIDGE),
        *_columns((*_BRIDGE, 1, 4, 1), t.LLDP_LOCAL, {2: v.BASE_PORT_IF}, f.BRIDGE),
        *_columns((*_BRIDGE, 4, 3, 1), t.FDB_OLD, {1: v.FDB_ADDRESS, 2: v.FDB_PORT, 3: v.FDB_STATUS}, f.OLD_BRIDGE),
        *_columns((*_QBRIDGE, 2, 2, 1), t.FDB, {2: v.FDB_PORT, 3: v.FDB_STATUS}, f.VLANS),
        *_columns((*_QBRIDGE, 4, 2, 1), t.VLAN_CURRENT, {3: v.VLAN_FDB}, f.VLANS),
        *_columns((*_QBRIDGE, 4, 3, 1), t.VLAN, {1: v.VLAN_NAME}, f.VLANS),
        *_columns((*_L3VPN, 1, 1), t.VRF_PORT, {2: v.VRF_CLASS}, f.VRFS),
        *_columns((*_L3VPN, 2, 1), t.VRF, {3: v.VRF_DESCR, 4: v.VRF_RD}, f.VRFS),
    ]


COLUMNS: tuple[Column, ...] = _build()
"""Every column in the order of its OID."""
