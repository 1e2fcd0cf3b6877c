"""Fields of the objects in words: what each is called, and its value as people read it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from core.i18n import language, mark, tr
from core.model import TITLES
from core.width import clean
from tui.moments import written
from tui.words import NOTHING, bits, count, level, role

FIELDS: dict[str, str] = {
    "name": mark("Name"), "key": mark("Platform key"), "level": mark("Level"), "parent": mark("Unit above"),
    "short_name": mark("Short name"), "contact": mark("Contact"), "phone": mark("Phone"), "chief_data_officer": mark("Chief data officer"),
    "data_steward": mark("Data steward"), "unit": mark("Unit"), "protection_level": mark("Protection level"), "cii": mark("CII"),
    "internet_facing": mark("Internet-facing"), "rto_minutes": mark("RTO, minutes"), "rpo_minutes": mark("RPO, minutes"),
    "depends_on": mark("Depends on"), "team": mark("Team"), "note": mark("Note"), "county": mark("County"), "address": mark("Address"),
    "site": mark("Site"), "role": mark("Role"), "platform": mark("Platform"), "credential": mark("Credential"),
    "snmp_version": mark("SNMP version"), "snmp_port": mark("SNMP port"), "interval_s": mark("Poll interval, s"),
    "timeout_ms": mark("Timeout, ms"), "retries": mark("Retries"), "polled": mark("Is polled"), "serial": mark("Serial number"),
    "model": mark("Model"), "system": mark("System"), "tier": mark("Tier"), "needed": mark("Needed"), "runs_on": mark("Runs on VMs"),
    "devices": mark("Devices"), "mail": mark("Mail"), "duty": mark("Duty"), "company": mark("Company"),
    "source_system": mark("From system"), "target_system": mark("To system"), "fresh_minutes": mark("Fresh for, minutes"),
    "rows_per_day": mark("Rows a day"), "units_high": mark("Height, U"), "kind": mark("Kind"), "members": mark("Members"),
    "device_a": mark("Device A"), "port_a": mark("Port A"), "device_b": mark("Device B"), "port_b": mark("Port B"),
    "circuit": mark("Circuit"), "what": mark("What is kept"), "within": mark("Within"), "value": mark("Value"), "reason": mark("Reason"),
    "by": mark("Kept by"), "made_at": mark("Kept since"), "until": mark("Until"), "rd": mark("Route distinguisher"),
    "route_targets": mark("Route targets"), "zone": mark("Zone"), "carrier": mark("Carrier"), "number": mark("Circuit number"),
    "bandwidth_bps": mark("Bandwidth"), "sla": mark("SLA"), "site_a": mark("Site A"), "site_b": mark("Site B"), "device": mark("Device"),
    "port": mark("Port"), "vpn": mark("VPN"), "vlan": mark("VLAN"), "prefix": mark("Prefix"), "vid": mark("VLAN number"),
    "domain": mark("Domain"), "purpose": mark("Purpose"), "outside": mark("Outside"), "outside_port": mark("Outside port"),
    "inside": mark("Inside"), "inside_port": mark("Inside port"), "protocol": mark("Protocol"), "sources": mark("Sources"),
    "destinations": mark("Destinations"), "services": mark("Services"), "action": mark("Action"), "owner": mark("Asked for by unit"),
    "expires_at": mark("Expires"), "hits": mark("Hits"), "enabled": mark("Is enabled"), "peer": mark("Peer"),
    "remote_as": mark("Peer's AS"), "state": mark("State"),
    "endpoint": mark("Endpoint"), "tenant": mark("Tenant"), "region": mark("Region"), "macs": mark("MAC addresses"),
    "vcpus": mark("vCPUs"), "memory_mb": mark("Memory"), "project": mark("Project"), "host": mark("Compute host"), "image": mark("Image"),
    "created_at": mark("Created"), "size_gb": mark("Size"), "vm": mark("VM"), "volume": mark("Volume"), "os": mark("Operating system"),
    "physical": mark("Physical network"), "external": mark("Is external"), "network": mark("Network"), "gateway": mark("Gateway"),
    "external_network": mark("External network"), "networks": mark("Networks"), "mac": mark("MAC address"),
    "addresses": mark("Addresses"), "security_groups": mark("Security groups"), "rules": mark("Rules"), "volumes_gb": mark("Volumes, GB"),
    "vcpus_used": mark("vCPUs used"), "memory_mb_used": mark("Memory used"), "volumes_gb_used": mark("Volumes used, GB"),
}
VALUES: dict[str, dict[str, str]] = {
    "tier": {"web": "Web", "app": mark("application"), "db": mark("database"), "cache": mark("cache"), "queue": mark("message queue"),
             "gateway": mark("gateway"), "other": mark("other")},
    "kind": {"public": mark("public zone"), "private": mark("private VPN zone"), "internet": mark("internet"),
             "management": mark("management zone"), "province": mark("province"), "stack": mark("stack"), "cluster": mark("cluster"),
             "active-standby": mark("active-standby"), "source": mark("source NAT"), "destination": mark("destination NAT"),
             "static": mark("static NAT"), "other": mark("other")},
    "what": {"address": mark("an address"), "vlan": mark("a VLAN"), "port": mark("a port"), "prefix": mark("a prefix")},
    "action": {"permit": mark("permit"), "deny": mark("deny")},
}
PROTECTION = ("-", mark("level 1"), mark("level 2"), mark("level 3"), mark("level 4"), mark("level 5"))
LAST_MS = 4_102_444_800_000
"""The year 2100: what lies beyond is no time."""
_MOMENTS = ("made_at", "until", "expires_at", "created_at")


def kind_title(kind: str) -> str:
    """What a kind of object is called in the language of the screen."""
    zh, en = TITLES.get(kind, (kind, kind))
    return clean(zh if language() == "zh" else en)


def field_title(field: str) -> str:
    return tr(FIELDS[field]) if field in FIELDS else clean(field)


def protection(number: Any) -> str:
    """Protection level 等保级别."""
    return tr(PROTECTION[number]) if isinstance(number, int) and 0 < number < len(PROTECTION) else NOTHING


def when(ms: Any) -> str:
    """A day and a time; `-` for what is none."""
    return written(ms) if isinstance(ms, int) and 0 < ms < LAST_MS else NOTHING


def memory(mb: Any) -> str:
    if not isinstance(mb, int) or mb < 0:
        return NOTHING
    return f"{mb / 1024:g} GB" if mb >= 1024 else f"{mb} MB"


_SHOW: dict[str, Callable[[Any], str]] = {
    "protection_level": protection, "bandwidth_bps": lambda v: bits(v) if v else NOTHING, "memory_mb": memory, "memory_mb_used": memory,
    "size_gb": lambda v: f"{count(v)} GB", "rows_per_day": count, "hits": count, **dict.fromkeys(_MOMENTS, when),
}


def value_text(field: str, value: Any, called: Mapping[str, str] | None = None) -> str:
    """A value as people read it; empty where there is none."""
    if called and called.get(field):
        return clean(called[field])
    if value is None or value == "" or value == [] or value == ():
        return ""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, list | tuple):
        return clean(tr(", ").join(map(str, value)))
    if field in _SHOW and not isinstance(value, str | dict):
        return _SHOW[field](value)
    text = str(value)
    if field in VALUES and text in VALUES[field]:
        return tr(VALUES[field][text])
    return level(text) if field == "level" else role(text) if field == "role" else clean(text)


def brief(field: str, value: Any, called: Mapping[str, str] | None = None) -> str:
    """The same for a column: of several values how many."""
    if isinstance(value, list | tuple) and len(value) > 1:
        return tr("{n} items", n=len(value))
    return value_text(field, value, called)
