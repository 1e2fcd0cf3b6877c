"""Stations: MAC addresses behind the ports of a bridge, and what a router resolved."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from core.objects import Station
from core.text import Value, mac_of, number_of
from inventory.crawl import indexes
from inventory.crawl.addressing import is_own
from inventory.crawl.asking import Heard, Told

_NOT_LEARNED = frozenset({2, 4})
"""dot1qTpFdbStatus, dot1dTpFdbStatus: invalid, self."""
_MAC_ADDRESS = 4
"""LldpChassisIdSubtype."""
_NOTHING = Told({})


class Box(NamedTuple):
    """What tells a box. chassis: MAC addresses by which neighbours and bridge tables know it; engine: hexadecimal."""

    chassis: tuple[str, ...] = ()
    engine: str = ""


def box_of(subtype: Value, chassis: Value, bridge: Value, engine: Value) -> Box:
    """Values of `asking.BOX`."""
    told = chassis if number_of(subtype) == _MAC_ADDRESS else None
    macs = dict.fromkeys(mac for one in (told, bridge) if isinstance(one, bytes) and (mac := indexes.mac(one)))
    sure = isinstance(engine, bytes) and 5 <= len(engine) <= 32 and any(engine)
    return Box(tuple(macs), engine.hex() if sure and isinstance(engine, bytes) else "")


def bridged(device_id: str, heard: Heard, names: Mapping[int, str], now_ms: int) -> Iterator[Station]:
    """What its bridge tables hold. A bridge numbers its ports in its own way; where it does not tell how, they are its ifIndexes."""
    index_of = {index[0]: number_of(cell) for index, (cell,) in heard.get("dot1dBasePort", _NOTHING).rows.items() if len(index) == 1}
    for mac, vlan, port in _forwarded(heard):
        name = names.get(index_of.get(port, 0 if index_of else port), "")
        if mac and name:
            yield Station(device_id=device_id, port=name, mac=mac, vlan=vlan, valid_from=now_ms)
    for index, (if_index,) in heard.get("hwDynFdb", _NOTHING).rows.items():
        mac, name = indexes.mac(index[:6]), names.get(number_of(if_index), "")
        if mac and name and len(index) > 6:
            yield Station(device_id=device_id, port=name, mac=mac, vlan=_vlan(index[6]), valid_from=now_ms)


def _forwarded(heard: Heard) -> Iterator[tuple[str, int, int]]:
    """MAC address, VLAN, number of the bridge's port."""
    vlan_of = {number_of(cell): index[1] for index, (cell,) in heard.get("dot1qVlanCurrent", _NOTHING).rows.items() if len(index) == 2}
    for index, (port, status) in heard.get("dot1qFdb", _NOTHING).rows.items():
        if len(index) == 7 and number_of(status, 3) not in _NOT_LEARNED and number_of(port) > 0:
            yield indexes.mac(index[1:]), _vlan(vlan_of.get(index[0], index[0])), number_of(port)
    for index, (port, status) in heard.get("dot1dFdb", _NOTHING).rows.items():
        if len(index) == 6 and number_of(status, 3) not in _NOT_LEARNED and number_of(port) > 0:
            yield indexes.mac(index), 0, number_of(port)


def _vlan(number: int) -> int:
    return number if 1 <= number <= 4094 else 0


def resolved(device_id: str, heard: Heard, names: Mapping[int, str], now_ms: int) -> Iterator[Station]:
    """What its ARP and neighbour caches hold."""
    for index, (cell,) in heard.get("ipNetToPhysical", _NOTHING).rows.items():
        there = indexes.address(index[1:])
        if there is not None and is_own(there.address):
            yield from _resolved(device_id, names.get(index[0], ""), str(there.address), mac_of(cell), now_ms)
    for index, (cell,) in heard.get("ipNetToMedia", _NOTHING).rows.items():
        address = indexes.plain_address(index[1:])
        if address is not None and is_own(address):
            yield from _resolved(device_id, names.get(index[0], ""), str(address), mac_of(cell), now_ms)


def _resolved(device_id: str, port: str, address: str, text: str, now_ms: int) -> Iterator[Station]:
    mac = indexes.mac(bytes.fromhex(text.replace(":", ""))) if text else ""
    if mac and port:
        yield Station(device_id=device_id, port=port, mac=mac, address=address, source="arp", valid_from=now_ms)
