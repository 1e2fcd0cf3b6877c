"""What exists, first part: organisation, place and network. Terms of docs/architecture.md.

Names are NFC text. Times are milliseconds since 1970, UTC. `id` is a UUIDv7 given by the hub; `name` is what people call the
thing and is unique among its kind (interfaces: unique on their device).
"""

from typing import Literal

from core.nouns import Noun

Level = Literal["city", "county", "township"]
Role = Literal["P", "PE", "CE", "core", "aggregation", "access", "ToR", "firewall", "load-balancer", "gap", "server", "other"]
ProtectionLevel = Literal[1, 2, 3, 4, 5]
Source = Literal["declared", "observed", "configured"]
SnmpVersion = Literal["1", "2c", "3"]
CredentialKind = Literal["snmp-community", "snmp-v3", "ssh", "password", "token"]
"""The last two open sources of the inventory: clouds, NetBox, LibreNMS, Zabbix."""


class Unit(Noun, frozen=True, kw_only=True):
    """Unit 单位: a department that owns systems and is attached to the extranet."""

    id: str
    name: str
    level: Level
    parent: str = ""
    """Name of the unit above; empty at the top."""
    short_name: str = ""
    contact: str = ""
    phone: str = ""
    chief_data_officer: str = ""
    data_steward: str = ""


class BusinessSystem(Noun, frozen=True, kw_only=True):
    """Business system 业务系统, with its protection level 等保级别."""

    id: str
    name: str
    unit: str
    """Name of the owner unit."""
    protection_level: ProtectionLevel
    cii: bool = False
    """Critical information infrastructure 关基."""
    internet_facing: bool = False
    rto_minutes: int = 0
    rpo_minutes: int = 0
    depends_on: tuple[str, ...] = ()
    """Names of systems without which it does not work."""
    team: str = ""
    """Name of the team 运维单位 that operates it."""
    note: str = ""


class Site(Noun, frozen=True, kw_only=True):
    """Site 站点/机房."""

    id: str
    name: str
    level: Level
    county: str = ""
    address: str = ""


class Device(Noun, frozen=True, kw_only=True):
    """Device 设备 with the way to reach it. Its credential is a reference; the secret itself is never part of a noun."""

    id: str
    name: str
    address: str
    """Management address, IPv4 or IPv6, without zone or brackets."""
    site: str
    """Name of the site."""
    role: Role
    platform: str = ""
    """Name in `core.platforms`; empty until discovered or declared."""
    unit: str = ""
    """Name of the unit that owns it; empty: nobody yet."""
    credential: str = ""
    """Name of the credential reference."""
    snmp_version: SnmpVersion = "2c"
    snmp_port: int = 161
    interval_s: int = 60
    timeout_ms: int = 2000
    retries: int = 1
    polled: bool = True
    serial: str = ""
    model: str = ""
    note: str = ""


class CredentialRef(Noun, frozen=True, kw_only=True):
    """A credential by reference: where the secret is kept, never what it is.

    `locator` is `secret:NAME` (sealed by the hub), `vault:PATH#FIELD` (HashiCorp Vault, read by the hub), or `env:NAME` and
    `file:PATH` (owner-only file), read by the process that needs it. See `core.locators`.
    """

    id: str
    name: str
    kind: CredentialKind
    locator: str
    username: str = ""
    auth: Literal["", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] = ""
    priv: Literal["", "DES", "AES128", "AES192", "AES256"] = ""


class Interface(Noun, frozen=True, kw_only=True):
    """Interface of a device as observed (IF-MIB, RFC 2863)."""

    device_id: str
    if_index: int
    """ifIndex, 1 to 2147483647; may move on reboot, so identity over time is (device, ifName)."""
    name: str
    """ifName, or ifDescr where the device has no ifXTable."""
    descr: str = ""
    alias: str = ""
    if_type: int = 1
    """IANAifType."""
    speed_bps: int = 0
    phys_address: str = ""
    """Lower-case hexadecimal pairs with colons."""
    admin_status: int = 0
    oper_status: int = 0
    """ifOperStatus: 1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 notPresent, 7 lowerLayerDown."""


class Link(Noun, frozen=True, kw_only=True):
    """Link between two interfaces, with where it is known from and when it held."""

    device_a: str
    port_a: str
    device_b: str
    """Device id where the far end is known, else its advertised name."""
    port_b: str
    source: Literal["declared", "lldp", "cdp", "arp", "mac"]
    confidence: float
    """0 to 1."""
    valid_from: int
    valid_to: int = 0
    """0: still holds."""


class Station(Noun, frozen=True, kw_only=True):
    """Something that a device sees: a MAC address behind one of its ports (bridge table), or the address that it resolved (ARP, ND).

    Observed again and again and forgotten by the device after minutes: what is kept is the newest view, without history.
    """

    device_id: str
    port: str
    """ifName of the port, or of the interface on whose link it is."""
    mac: str
    """Lower-case hexadecimal pairs with colons."""
    vlan: int = 0
    """0: not told."""
    address: str = ""
    """IPv4 or IPv6, where it was resolved; empty in a bridge table."""
    source: Literal["mac", "arp"] = "mac"
    valid_from: int
    valid_to: int = 0


class Fact(Noun, frozen=True, kw_only=True):
    """One observed fact of an object, with its evidence."""

    object_id: str
    field: str
    value: str
    source: Source
    confidence: float
    valid_from: int
    valid_to: int = 0


Record = Unit | BusinessSystem | Site | Device | CredentialRef
"""The kinds that are declared by people and imported from sheets."""

KINDS: dict[str, type[Record]] = {"unit": Unit, "system": BusinessSystem, "site": Site, "device": Device, "credential": CredentialRef}
"""What the kinds are called: in the stores, the API and the journal."""
