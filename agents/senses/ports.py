"""The interfaces of one device as senses keeps them: by column, because a city has 140,000 of them."""

import sys
from array import array
from collections.abc import Iterable
from typing import NamedTuple

from core.objects import Interface
from monitors.interfaces import is_aggregate, is_physical


class Ports(NamedTuple):
    """One entry an interface, in the device's order.

    if_index, if_type, speed_bps: numbers; admin, oper: as discovered; alerting: 1 for those that are worth an alert.
    """

    if_index: "array[int]"
    name: tuple[str, ...]
    alias: tuple[str, ...]
    if_type: "array[int]"
    speed_bps: "array[int]"
    admin: bytes
    oper: bytes
    alerting: bytes


def ports_of(interfaces: Iterable[Interface]) -> Ports:
    """What senses keeps of a device's interfaces. Names that many devices have are kept once."""
    some = tuple(interfaces)
    return Ports(
        if_index=array("i", (i.if_index for i in some)),
        name=tuple(sys.intern(i.name) for i in some),
        alias=tuple(sys.intern(i.alias) for i in some),
        if_type=array("i", (i.if_type for i in some)),
        speed_bps=array("q", (i.speed_bps for i in some)),
        admin=bytes(i.admin_status for i in some),
        oper=bytes(i.oper_status for i in some),
        alerting=bytes(is_physical(i) or is_aggregate(i) for i in some),
    )


NO_PORTS = ports_of(())
