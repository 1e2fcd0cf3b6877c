"""Neighbours by LLDP (IEEE 802.1AB) and CDP (CISCO-CDP-MIB), and the links that they make, with how sure one can be of each."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping

from core.neighbours import Neighbour, port_among
from core.objects import Interface, Link
from core.polling import Oid
from core.text import Value, mac_of, number_of, oid_text, text_of
from monitors.answers import Answers, TableAnswer

_MOST = 4096
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_PORT_MAC, _PORT_ADDRESS, _PORT_LOCAL = 3, 4, 7
_CERTAIN, _BY_NUMBER, _UNNAMED = 0.95, 0.7, 0.6
_LLDP_FORWARDS = 0x28
"""Bridge and router in the first octet of LldpSystemCapabilitiesMap."""
_CDP_FORWARDS = 0x0F
"""Router, bridges and switch in the last octet of cdpCacheCapabilities."""
_MOST_ADDRESSES = 4
_SERIAL = re.compile(r"^(.+)\([^()]*\)$")
"""NX-OS adds its serial number to the name that it tells by CDP."""


def neighbours_of(answers: Answers, interfaces: Mapping[Oid, Interface]) -> tuple[Neighbour, ...]:
    """All that the device tells of its neighbours, each once for each port and protocol."""
    out: dict[tuple[str, str, str, str], Neighbour] = {}
    ports = _local_ports(answers.giving("lldp-ports"), interfaces)
    addresses = _addresses(answers.all_giving("lldp-addresses"))
    for remote in answers.all_giving("lldp-neighbours"):
        for one in _by_lldp(remote, ports, interfaces, addresses):
            _keep(out, one)
    for remote in answers.all_giving("cdp-neighbours"):
        for one in _by_cdp(remote, interfaces):
            _keep(out, one)
    return tuple(out.values())


def _keep(out: dict[tuple[str, str, str, str], Neighbour], one: Neighbour) -> None:
    key = one.source, one.port, one.name, one.far_port
    if len(out) < _MOST and (key not in out or out[key].confidence < one.confidence):
        out[key] = one


def links_of(device_id: str, neighbours: Iterable[Neighbour], now_ms: int) -> tuple[Link, ...]:
    """Links that the neighbours make. The far end is its advertised name until `resolved`."""
    return tuple(
        Link(
            device_a=device_id, port_a=one.port, device_b=one.name, port_b=one.far_port, source=one.source, confidence=one.confidence,
            valid_from=now_ms,
        )
        for one in neighbours
    )


def _by_lldp(
    remote: TableAnswer, ports: Mapping[int, tuple[str, float]], interfaces: Mapping[Oid, Interface],
    addresses: Mapping[Oid, tuple[str, ...]],
) -> Iterable[Neighbour]:
    """Rows are indexed by time, local port and number; in LLDP-V2-MIB and its like by time, ifIndex, address group and number."""
    cells = zip(remote.rows, _far_names(remote), _far_ports(remote), *map(remote.cells, _OTHERS), strict=True)
    for index, name, far_port, kind, chassis, capabilities in cells:
        if len(index) not in (3, 4) or not name:
            continue
        known = interfaces.get((index[1],)) if len(index) == 4 else None
        port, sure = (known.name, _CERTAIN) if known else ports.get(index[1]) or _by_number(index[1], interfaces)
        forwards = bool(capabilities[0] & _LLDP_FORWARDS) if isinstance(capabilities, bytes) and capabilities else None
        yield Neighbour(
            port=port, name=name, far_port=far_port, chassis=mac_of(chassis) if number_of(kind) == _CHASSIS_MAC else "",
            addresses=addresses.get(index, ()), bridge=forwards, source="lldp",
            confidence=sure if far_port else min(sure, _UNNAMED),
        )


_OTHERS = ("lldpRemChassisIdSubtype", "lldpRemChassisId", "lldpRemSysCapEnabled")


def _addresses(tables: Iterable[TableAnswer]) -> dict[Oid, tuple[str, ...]]:
    """Management addresses by the index of their neighbour: they are part of the rows' own index, behind subtype and length."""
    out: dict[Oid, tuple[str, ...]] = {}
    for table in tables:
        for index in table.rows:
            for width in (3, 4):
                address = _address(index[width:]) if len(index) > width + 4 else ""
                if address and len(out.get(index[:width], ())) < _MOST_ADDRESSES:
                    out[index[:width]] = (*out.get(index[:width], ()), address)
    return out


def _address(rest: Oid) -> str:
    """Subtype (1 IPv4, 2 IPv6), length, octets; some leave the length out."""
    kind, octets = rest[0], rest[2:] if rest[1] == len(rest) - 2 else rest[1:]
    return address_of(bytes(octets)) if {1: 4, 2: 16}.get(kind) == len(octets) and max(octets) < 256 else ""


def address_of(octets: bytes) -> str:
    """Text of an address that something can be sent to; empty for all others."""
    if len(octets) not in (4, 16):
        return ""
    address = ipaddress.ip_address(octets)
    return "" if address.is_unspecified or address.is_multicast or address.is_link_local else str(address)


_CDP = (
    "cdpCacheAddressType", "cdpCacheAddress", "cdpCacheDeviceId", "cdpCacheDevicePort", "cdpCachePlatform", "cdpCacheCapabilities",
)


def _by_cdp(remote: TableAnswer, interfaces: Mapping[Oid, Interface]) -> Iterable[Neighbour]:
    """Rows of cdpCacheTable, indexed by ifIndex and number."""
    for index, kind, raw, device, port, platform, capabilities in zip(remote.rows, *map(remote.cells, _CDP), strict=True):
        name = text_of(device, 255)
        if len(index) != 2 or not name:
            continue
        known, far_port = interfaces.get((index[0],)), text_of(port, 255)
        address = address_of(raw) if isinstance(raw, bytes) and number_of(kind, 1) in (1, 20) else ""
        forwards = bool(capabilities[-1] & _CDP_FORWARDS) if isinstance(capabilities, bytes) and capabilities else None
        sure = _CERTAIN if known and far_port else _UNNAMED
        serial = _SERIAL.match(name)
        yield Neighbour(
            port=known.name if known else str(index[0]), name=serial[1] if serial else name, far_port=far_port,
            addresses=(address,) if address else (), about=text_of(platform, 255), bridge=forwards, source="cdp", confidence=sure,
        )


def _by_number(number: int, interfaces: Mapping[Oid, Interface]) -> tuple[str, float]:
    known = interfaces.get((number,))
    return (known.name, _BY_NUMBER) if known else (str(number), _UNNAMED)


def _local_ports(local: TableAnswer | None, interfaces: Mapping[Oid, Interface]) -> dict[int, tuple[str, float]]:
    """Interface name of each LLDP port number, as far as the port's id or description names one."""
    if local is None:
        return {}
    names = _words(interfaces)
    by_mac = _once((i.phys_address, i.name) for i in interfaces.values())
    out: dict[int, tuple[str, float]] = {}
    columns = zip(local.rows, *(local.cells(c) for c in ("lldpLocPortIdSubtype", "lldpLocPortId", "lldpLocPortDesc")), strict=True)
    for index, subtype, port_id, descr in columns:
        text = text_of(port_id, 255)
        name = names.get(text.lower()) or names.get(text_of(descr, 255).lower())
        if name is None and number_of(subtype) == _PORT_MAC:
            name = by_mac.get(mac_of(port_id))
        if name is None and number_of(subtype) == _PORT_LOCAL and text.isascii() and text.isdigit():
            known = interfaces.get((int(text[:10]),))
            name = known.name if known else None
        if name is not None and len(index) == 1:
            out[index[0]] = (name, _CERTAIN)
    return out


def _words(interfaces: Mapping[Oid, Interface]) -> dict[str, str]:
    """Interface name by what LLDP may call it: its name before its description before its alias."""
    out = {i.alias.lower(): i.name for i in interfaces.values() if i.alias}
    out |= {i.descr.lower(): i.name for i in interfaces.values() if i.descr}
    return out | {i.name.lower(): i.name for i in interfaces.values()}


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keys that occur once; switches give many ports the same address."""
    out: dict[str, str] = {}
    twice = set()
    for key, value in pairs:
        if key in out or not key:
            twice.add(key)
        out[key] = value
    return {k: v for k, v in out.items() if k not in twice}


def _far_names(remote: TableAnswer) -> list[str]:
    names = remote.cells("lldpRemSysName")
    kinds, ids = remote.cells("lldpRemChassisIdSubtype"), remote.cells("lldpRemChassisId")
    return [text_of(n, 255) or _id(k, i, (_CHASSIS_MAC,), _CHASSIS_ADDRESS) for n, k, i in zip(names, kinds, ids, strict=True)]


def _far_ports(remote: TableAnswer) -> list[str]:
    kinds, ids = remote.cells("lldpRemPortIdSubtype"), remote.cells("lldpRemPortId")
    descrs = remote.cells("lldpRemPortDesc")
    out = []
    for kind, port_id, descr in zip(kinds, ids, descrs, strict=True):
        plain = _id(kind, port_id, (_PORT_MAC,), _PORT_ADDRESS)
        opaque = number_of(kind) in (_PORT_MAC, _PORT_LOCAL)
        out.append((text_of(descr, 255) or plain) if opaque else (plain or text_of(descr, 255)))
    return out


def _id(kind: Value, value: Value, macs: tuple[int, ...], address: int) -> str:
    subtype = number_of(kind)
    if subtype in macs:
        return mac_of(value)
    if subtype == address and isinstance(value, bytes) and len(value) == 5 and value[0] == 1:
        return oid_text(tuple(value[1:]))
    return text_of(value, 255)


def resolved(
    links: Iterable[Link], ids: Mapping[str, str], ports: Callable[[str], Iterable[str]] = lambda _device: (),
) -> tuple[Link, ...]:
    """The links with the far end's id where its name is known, and its port as it calls it itself.

    ids: device id by lower-case name, ambiguous names left out. ports: names of the ports of a device.
    """
    out = []
    for link in links:
        name = link.device_b.lower()
        known = ids.get(name) or ids.get(name.partition(".")[0])
        out.append(link.replace(device_b=known, port_b=port_among(link.port_b, ports(known))) if known else link)
    return tuple(out)
