"""VLANs and VPN instances of a device."""

from collections.abc import Mapping
from typing import NamedTuple

from core.text import text_of
from inventory.crawl import indexes
from inventory.crawl.asking import Heard, Told

_NOTHING = Told({})
_VLAN_TABLES = (("dot1qVlanStatic", 1), ("vtpVlan", 2), ("hwL2Vlan", 1), ("ieee8021Vlan", 2))
"""Tables of names, and how many numbers their index has: the last is the VLAN's."""
_CISCO_OWN = range(1002, 1006)
"""VLANs for token ring and FDDI that every Cisco switch has."""


class Vrf(NamedTuple):
    """A VPN instance on one device. Route targets in the order of the device."""

    name: str
    rd: str = ""
    interfaces: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()


def vlans(heard: Heard) -> list[tuple[int, str]]:
    """Number and name, by number."""
    found: dict[int, str] = {}
    for table, width in _VLAN_TABLES:
        for index, (name,) in heard.get(table, _NOTHING).rows.items():
            if len(index) == width and 1 <= index[-1] <= 4094 and not (table == "vtpVlan" and index[-1] in _CISCO_OWN):
                found.setdefault(index[-1], text_of(name, 64))
    for name, number in heard.get("jnxL2aldVlan", _NOTHING).rows.values():
        if isinstance(number, int) and 1 <= number <= 4094 and text_of(name):
            found[number] = text_of(name, 64)
    return sorted(found.items())


def vrfs(heard: Heard, names: Mapping[int, str]) -> list[Vrf]:
    """In the order of the device. names: ifName by ifIndex."""
    ports: dict[str, list[str]] = {}
    for index in heard.get("vrfInterface", _NOTHING).rows:
        vrf, rest = indexes.name(index)
        if vrf and len(rest) == 1 and rest[0] in names:
            ports.setdefault(vrf, []).append(names[rest[0]])
    targets: dict[tuple[str, int], list[str]] = {}
    for index, (target,) in heard.get("vrfTarget", _NOTHING).rows.items():
        vrf, rest = indexes.name(index)
        if vrf and len(rest) == 2 and (text := text_of(target, 64)):
            for kind in (1, 2) if rest[1] == 3 else (rest[1],):
                targets.setdefault((vrf, kind), []).append(text)
    found = []
    for index, (_, rd) in heard.get("vrf", _NOTHING).rows.items():
        vrf, rest = indexes.name(index)
        if vrf and not rest:
            found.append(Vrf(
                vrf, text_of(rd, 64), tuple(ports.get(vrf, ())), tuple(targets.get((vrf, 1), ())), tuple(targets.get((vrf, 2), ())),
            ))
    return found
