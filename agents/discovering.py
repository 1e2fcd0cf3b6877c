"""`yunwang discover`: what one device is, without a hub and without an inventory, as one object of plain values."""

import time
from ipaddress import ip_address
from typing import Any

from agents.catalogue import shipped
from agents.senses.discovery import Discovery
from core.measured import UNITS, Sensor
from core.objects import Interface
from core.polling import Session, Target
from inventory.crawl.tables import Tables
from links.snmp.session import open_session
from monitors.answers import TableAnswer
from monitors.discovery import Discovered
from monitors.profiles import Catalogue

_FACTS = {"vendor": "vendor", "os": "os", "model": "hardware", "version": "version", "serial": "serial"}
_SYSTEM = ("sysName", "sysDescr", "sysObjectID")


async def describe(target: Target, catalogue: Catalogue | None = None) -> dict[str, Any]:
    """Everything that one device tells, in the words of the MIBs. Raises `NoAnswerError`, `ForbiddenError`, `ProtocolError`."""
    session = open_session(target)
    try:
        discovery = Discovery(session, catalogue or shipped(), target.device_id)
        found = await discovery.finish(time.time_ns() // 1_000_000)
    finally:
        await session.close()
    return shown(found, discovery.tables)


async def examine(session: Session, catalogue: Catalogue, name: str) -> dict[str, Any]:
    """The same, and which tables of which profiles had how many rows."""
    try:
        discovery = Discovery(session, catalogue, name)
        found = await discovery.finish(time.time_ns() // 1_000_000)
    finally:
        await session.close()
    return {**shown(found, discovery.tables), "tables": [_table(one, catalogue, found.profiles) for one in discovery.answered()]}


def _table(answer: TableAnswer, catalogue: Catalogue, profiles: tuple[str, ...]) -> dict[str, Any]:
    question = answer.question
    known = {one.profile: one for one in catalogue.profiles}
    owner = next((name for name in profiles if known[name].tables.get(question.name) is question.table), "")
    empty = [name for name in question.columns if answer.rows and all(cell is None for cell in answer.cells(name))]
    return {"profile": owner, "table": question.name, "rows": len(answer.rows), "empty": empty, "problem": answer.problem}


def shown(found: Discovered, tables: Tables) -> dict[str, Any]:
    """One object; lists that are empty are there all the same: it was asked, and has none."""
    measured, addresses = found.measured, (*tables.addresses, *tables.local)
    return {
        **{name: found.fact(field) for field, name in _FACTS.items() if found.fact(field)},
        **{name: found.fact(name) for name in _SYSTEM},
        "profiles": list(found.profiles),
        "ports": [_port(port, port.if_index in found.zeroed) for port in found.observed.interfaces],
        "processors": [{"descr": one.name, "usage": _round(one.usage_percent), "oid": one.oid} for one in measured.processors],
        "mempools": [
            {
                "descr": one.name, "total": _known(one.total_bytes), "used": _known(one.used_bytes),
                "perc": _round(one.used_percent), "oid": one.oid,
            }
            for one in measured.memory
        ],
        "storage": [
            {"descr": one.name, "size": _known(one.total_bytes), "used": _known(one.used_bytes), "perc": _round(one.used_percent)}
            for one in measured.storage
        ],
        "sensors": [_sensor(one) for one in measured.sensors],
        "entity": [
            {"index": one.index, "class": one.kind, "name": one.name, "descr": one.descr, "model": one.model, "serial": one.serial}
            for one in found.parts
        ],
        "vlans": [{"vlan": number, "name": name or f"VLAN {number}"} for number, name in tables.vlans],
        "links": [
            {"local": one.port_a, "remote_host": one.device_b, "remote_port": one.port_b, "source": one.source}
            for one in found.observed.links
        ],
        "ipv4": [{"addr": one.address, "prefixlen": one.length} for one in addresses if ":" not in one.address],
        "ipv6": [{"addr": one.address, "prefixlen": one.length} for one in addresses if ":" in one.address],
        "bgp": [{"peer": ip_address(one.peer).exploded, "remote_as": one.remote_as, "state": one.state} for one in found.peers],
        "ospf": [{"address": one.address, "router_id": one.router_id, "state": one.state} for one in found.ospf],
        "vrfs": [{"name": one.name, "rd": one.rd} for one in tables.vrfs],
        "members": [{"name": one.name, "role": one.role, "state": one.state} for one in found.members],
        "marks": list(found.marks),
    }


def _sensor(one: Sensor) -> dict[str, Any]:
    """Limits, states and the interface only where there are any."""
    more = {name: getattr(one, name) for name in ("low", "low_warn", "high_warn", "high") if getattr(one, name) is not None}
    if one.states:
        more["states"] = one.states
    if one.if_index:
        more["ifIndex"] = one.if_index
    return {"class": one.kind, "descr": one.name, "value": _round(one.value), "unit": UNITS[one.kind], "oid": one.oid, **more}


def _port(port: Interface, zeroed: bool) -> dict[str, Any]:
    return {
        "ifIndex": port.if_index, "ifName": port.name, "ifDescr": port.descr, "ifAlias": port.alias, "ifType": port.if_type,
        "ifOperStatus": port.oper_status, "ifAdminStatus": port.admin_status, "ifSpeed": port.speed_bps,
        "ifPhysAddress": "00:00:00:00:00:00" if zeroed else port.phys_address,
    }


def _known(octets: int) -> int | None:
    return octets if octets >= 0 else None


def _round(value: float) -> float:
    return round(value, 6)
