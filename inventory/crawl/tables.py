"""What the tables of a device mean: its addresses, VLANs, VPN instances, stations, connected prefixes and next hops."""

from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple

from core.objects import Fact, Interface, Station
from inventory.crawl.addressing import Own, is_own, routes, spoken
from inventory.crawl.asking import Heard
from inventory.crawl.bridging import Box, bridged, resolved
from inventory.crawl.virtual import Vrf, vlans, vrfs

MOST_STATIONS, MOST_OF_A_FIELD = 2000, 512
"""Kept of one device. Ports that see fewest stations come first: they are where things are plugged in."""


class Tables(NamedTuple):
    """Everything that was read of one device."""

    addresses: tuple[Own, ...] = ()
    local: tuple[Own, ...] = ()
    """Addresses that only the device itself can mean: of its loopback, of the link alone."""
    vlans: tuple[tuple[int, str], ...] = ()
    vrfs: tuple[Vrf, ...] = ()
    stations: tuple[Station, ...] = ()
    connected: tuple[tuple[str, str], ...] = ()
    """Prefix and VPN instance."""
    next_hops: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def tables_of(device_id: str, interfaces: Iterable[Interface], heard: Heard, now_ms: int) -> Tables:
    """Rows as they were heard, whatever is in them; what makes no sense is left out."""
    names = {one.if_index: one.name for one in interfaces}
    known = vrfs(heard, names)
    within = {port: vrf.name for vrf in known for port in vrf.interfaces}
    said = spoken(heard, names, within)
    own = [one for one in said if is_own(ip_address(one.address))]
    stations = [*bridged(device_id, heard, names, now_ms), *resolved(device_id, heard, names, now_ms)]
    connected, hops = routes(heard, names, within)
    connected |= dict.fromkeys((one.net, one.vrf) for one in own if one.net)
    return Tables(
        addresses=tuple(own), vlans=tuple(vlans(heard)), vrfs=tuple(known), stations=fewest_first(stations),
        local=tuple(one for one in said if one not in own),
        connected=tuple(list(connected)[:MOST_OF_A_FIELD]), next_hops=tuple(hops)[:MOST_OF_A_FIELD],
        marks=tuple(f"{name}: {told.problem}" for name, told in heard.items() if told.problem),
    )


def facts_of(device_id: str, tables: Tables, box: Box, now_ms: int) -> tuple[Fact, ...]:
    """`address` as `ADDRESS/LENGTH PORT VRF`, `vlan` as `NUMBER NAME`, `vrf` as `NAME RD`, `chassis`, `engine`."""
    texts = [
        *(("chassis", mac) for mac in box.chassis),
        *((("engine", box.engine),) if box.engine else ()),
        *(("address", f"{one.address}/{one.length} {one.port} {one.vrf}".rstrip()) for one in tables.addresses[:MOST_OF_A_FIELD]),
        *(("vlan", f"{number} {name}".rstrip()) for number, name in tables.vlans[:MOST_OF_A_FIELD]),
        *(("vrf", f"{one.name} {one.rd}".rstrip()) for one in tables.vrfs[:MOST_OF_A_FIELD]),
        *(("mark", mark) for mark in tables.marks),
    ]
    return tuple(
        Fact(object_id=device_id, field=field, value=value[:255], source="observed", confidence=1.0, valid_from=now_ms)
        for field, value in texts
    )


def fewest_first(stations: Iterable[Station]) -> tuple[Station, ...]:
    """At most `MOST_STATIONS`: of ports that see few before those that see many."""
    held = list(stations)
    crowd = Counter(one.port for one in held if one.source == "mac")
    held.sort(key=lambda one: (crowd[one.port], one.port, one.source, one.mac, one.vlan, one.address))
    return tuple(held[:MOST_STATIONS])
