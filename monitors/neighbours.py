"""Rows of LLDP-MIB (IEEE 802.1AB) as links, with how sure one can be of each."""

from collections.abc import Iterable, Mapping

from core.objects import Interface, Link
from core.polling import Oid
from core.text import Value, mac_of, number_of, oid_text, text_of
from monitors.answers import Answers, TableAnswer

_MOST = 4096
_CHASSIS_MAC, _CHASSIS_ADDRESS = 4, 5
_PORT_MAC, _PORT_ADDRESS, _PORT_LOCAL = 3, 4, 7
_CERTAIN, _BY_NUMBER, _UNNAMED = 0.95, 0.7, 0.6


def links_of(device_id: str, answers: Answers, interfaces: Mapping[Oid, Interface], now_ms: int) -> tuple[Link, ...]:
    """Links that the device's LLDP neighbours make. The far end is its advertised name until `resolved`."""
    remote = answers.giving("lldp-neighbours")
    if remote is None:
        return ()
    ports = _local_ports(answers.giving("lldp-ports"), interfaces)
    out: dict[tuple[str, str, str], Link] = {}
    for index, far, port in zip(remote.rows, _far_names(remote), _far_ports(remote), strict=True):
        if len(index) != 3 or not far or len(out) >= _MOST:
            continue
        near, sure = ports.get(index[1]) or _by_number(index[1], interfaces)
        link = Link(device_a=device_id, port_a=near, device_b=far, port_b=port, source="lldp", confidence=sure, valid_from=now_ms)
        out[(near, far, port)] = link if port else link.replace(confidence=min(sure, _UNNAMED))
    return tuple(out.values())


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


def resolved(links: Iterable[Link], ids: Mapping[str, str]) -> tuple[Link, ...]:
    """The links with the far end's id where its name is known. ids: device id by lower-case name, ambiguous names left out."""
    out = []
    for link in links:
        name = link.device_b.lower()
        known = ids.get(name) or ids.get(name.partition(".")[0])
        out.append(link.replace(device_b=known) if known else link)
    return tuple(out)
