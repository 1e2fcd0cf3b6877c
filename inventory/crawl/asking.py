"""Which tables a device is asked for beside its facts and neighbours, in which order, and how many rows of each at most. Pure.

Sources: BRIDGE-MIB (RFC 4188), Q-BRIDGE-MIB (RFC 4363), IP-MIB (RFC 4293, and its predecessors RFC 1213, RFC 2465),
IP-FORWARD-MIB (RFC 4292, RFC 2096), MPLS-L3VPN-STD-MIB (RFC 4382), CISCO-VTP-MIB, HUAWEI-L2VLAN-MIB, HUAWEI-L2MAM-MIB,
IEEE8021-Q-BRIDGE-MIB, JUNIPER-VLAN-MIB (jnxL2aldVlanTable).
Old Cisco switches keep one bridge table for each VLAN behind a community of its own (`COMMUNITY@VLAN`): those are not asked.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from core.polling import Oid
from core.text import Value

Part = Literal["addresses", "vlans", "vrfs", "bridge", "arp", "routes"]
HOURLY: tuple[Part, ...] = ("addresses", "vlans", "vrfs", "bridge", "arp")
"""What is read again with each discovery of a polled device."""
ALL: tuple[Part, ...] = (*HOURLY, "routes")
CISCO, HUAWEI, JUNIPER = 9, 2011, 2636
_IP: Oid = (1, 3, 6, 1, 2, 1, 4)
_BRIDGE: Oid = (1, 3, 6, 1, 2, 1, 17)
_L3VPN: Oid = (1, 3, 6, 1, 2, 1, 10, 166, 11, 1, 2)
_ENTERPRISES: Oid = (1, 3, 6, 1, 4, 1)


class Ask(NamedTuple):
    """One table: its columns, and the most rows that are read."""

    name: str
    part: Part
    columns: tuple[Oid, ...]
    limit: int
    unless: tuple[str, ...] = ()
    """Not asked where one of these tables had rows: they tell the same."""
    after: str = ""
    """Asked only where this table had rows."""
    enterprise: int = 0
    """Asked only of devices of this maker (sysObjectID below 1.3.6.1.4.1); 0: of all."""

    @property
    def root(self) -> Oid:
        """Everything asked lies below it."""
        return self.columns[0][:-1]


class Told(NamedTuple):
    """The rows of a table by index, and why reading ended early; what was read is good."""

    rows: Mapping[Oid, list[Value]]
    problem: str = ""


Heard = Mapping[str, Told]
"""What was answered, by the table's name."""

ASKS: tuple[Ask, ...] = (
    Ask("ipAddressTable", "addresses", ((*_IP, 34, 1, 3), (*_IP, 34, 1, 5)), 1024),
    Ask("ipAddrTable", "addresses", ((*_IP, 20, 1, 2), (*_IP, 20, 1, 3)), 1024),
    Ask("ipv6AddrTable", "addresses", ((1, 3, 6, 1, 2, 1, 55, 1, 8, 1, 2),), 1024, unless=("ipAddressTable",)),
    Ask("dot1qVlanStatic", "vlans", ((*_BRIDGE, 7, 1, 4, 3, 1, 1),), 4096),
    Ask("vtpVlan", "vlans", ((*_ENTERPRISES, 9, 9, 46, 1, 3, 1, 1, 4),), 4096, unless=("dot1qVlanStatic",), enterprise=CISCO),
    Ask("hwL2Vlan", "vlans", ((*_ENTERPRISES, 2011, 5, 25, 42, 3, 1, 1, 1, 1, 2),), 4096, unless=("dot1qVlanStatic",), enterprise=HUAWEI),
    Ask("ieee8021Vlan", "vlans", ((1, 3, 111, 2, 802, 1, 1, 4, 1, 4, 3, 1, 3),), 4096, unless=("dot1qVlanStatic", "vtpVlan", "hwL2Vlan")),
    Ask(
        "jnxL2aldVlan", "vlans", tuple((*_ENTERPRISES, 2636, 3, 48, 1, 3, 1, 1, column) for column in (2, 3)), 4096, enterprise=JUNIPER,
    ),
    Ask("vrf", "vrfs", ((*_L3VPN, 2, 1, 3), (*_L3VPN, 2, 1, 4)), 512),
    Ask("vrfInterface", "vrfs", ((*_L3VPN, 1, 1, 2),), 4096, after="vrf"),
    Ask("vrfTarget", "vrfs", ((*_L3VPN, 3, 1, 4),), 2048, after="vrf"),
    Ask("dot1qFdb", "bridge", ((*_BRIDGE, 7, 1, 2, 2, 1, 2), (*_BRIDGE, 7, 1, 2, 2, 1, 3)), 8192),
    Ask("dot1qVlanCurrent", "bridge", ((*_BRIDGE, 7, 1, 4, 2, 1, 3),), 4096, after="dot1qFdb"),
    Ask(
        "hwDynFdb", "bridge", ((*_ENTERPRISES, 2011, 5, 25, 42, 2, 1, 3, 1, 4),), 8192, unless=("dot1qFdb",), enterprise=HUAWEI,
    ),
    Ask("dot1dFdb", "bridge", ((*_BRIDGE, 4, 3, 1, 2), (*_BRIDGE, 4, 3, 1, 3)), 8192, unless=("dot1qFdb", "hwDynFdb")),
    Ask("dot1dBasePort", "bridge", ((*_BRIDGE, 1, 4, 1, 2),), 4096),
    Ask("ipNetToPhysical", "arp", ((*_IP, 35, 1, 4),), 8192),
    Ask("ipNetToMedia", "arp", ((*_IP, 22, 1, 2),), 8192, unless=("ipNetToPhysical",)),
    Ask("inetCidrRoute", "routes", ((*_IP, 24, 7, 1, 7), (*_IP, 24, 7, 1, 8)), 2000),
    Ask("ipCidrRoute", "routes", ((*_IP, 24, 4, 1, 5), (*_IP, 24, 4, 1, 6)), 2000, unless=("inetCidrRoute",)),
    Ask(
        "ipRoute", "routes", tuple((*_IP, 21, 1, column) for column in (2, 7, 8, 11)), 2000, unless=("inetCidrRoute", "ipCidrRoute"),
    ),
)
"""In this order; every table that a device does not have costs one question."""


BOX: tuple[Oid, ...] = (
    (1, 0, 8802, 1, 1, 2, 1, 3, 1, 0), (1, 0, 8802, 1, 1, 2, 1, 3, 2, 0), (*_BRIDGE, 1, 1, 0), (1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0),
)
"""lldpLocChassisIdSubtype, lldpLocChassisId, dot1dBaseBridgeAddress, snmpEngineID (RFC 3411): what tells a box, whatever it is called."""


def next_ask(heard: Heard, parts: tuple[Part, ...], enterprise: int) -> Ask | None:
    """What to ask next of a device that answered so much; None: that was all."""
    return next((ask for ask in ASKS if ask.name not in heard and _is_wanted(ask, heard, parts, enterprise)), None)


def _is_wanted(ask: Ask, heard: Heard, parts: tuple[Part, ...], enterprise: int) -> bool:
    if ask.part not in parts or (ask.enterprise and ask.enterprise != enterprise):
        return False
    if ask.after and not _had_rows(heard, ask.after):
        return False
    return not any(_had_rows(heard, name) for name in ask.unless)


def _had_rows(heard: Heard, name: str) -> bool:
    return name in heard and bool(heard[name].rows)


def enterprise_of(object_id: Oid) -> int:
    """The maker's number (IANA) in a sysObjectID; 0 where it has none."""
    return object_id[6] if len(object_id) > 6 and object_id[:6] == _ENTERPRISES else 0
