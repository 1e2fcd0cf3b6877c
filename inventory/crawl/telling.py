"""From what a crawl read of devices to what it tells: records for the review queue, and observations of devices that are known."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from core.extranet import VpnInstance
from core.i18n import mark
from core.messages import Observed
from core.neighbours import Neighbour
from core.network import Prefix
from core.nouns import Noun
from core.objects import Device, Fact, Interface, Link, Role, Station
from core.platforms import BY_NAME
from core.sources import Told, Unplaced
from inventory.crawl.ends import Book, Seen, told_links
from inventory.crawl.guessing import guessed_links

ORIGIN = "crawl"
DEVICE_FIELDS = ("name", "address", "platform", "serial", "model", "snmp_version", "snmp_port")
"""What a device tells for sure. Where it stands and what it is for, only people know."""
MOST_PREFIXES = 20_000
SAME_NAME = mark("Two devices call themselves so: one of them must be renamed.")
_ROLES: Mapping[str, Role] = {"linux": "server", "windows": "server", "vmware_esxi": "server"}


class Read(Noun, frozen=True, kw_only=True):
    """One device as a crawl read it."""

    address: str
    hop: int = 0
    credential: str = ""
    version: str = "2c"
    port: int = 161
    facts: tuple[tuple[str, str], ...] = ()
    """Field and value."""
    chassis: tuple[str, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    stations: tuple[Station, ...] = ()
    addresses: tuple[str, ...] = ()
    connected: tuple[tuple[str, str], ...] = ()
    """Prefix and VPN instance."""
    vrfs: tuple[tuple[str, str], ...] = ()
    """Name and route distinguisher."""
    next_hops: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    at_ms: int = 0

    def fact(self, field: str) -> str:
        return next((value for name, value in self.facts if name == field), "")

    @property
    def name(self) -> str:
        """What it calls itself; its address where it does not."""
        return self.fact("sysName") or self.address

    @property
    def identity(self) -> str:
        """What tells it from others, whichever of its addresses was asked; empty where nothing does."""
        own = self.fact("serial") or (min(self.chassis) if self.chassis else "")
        return f"{self.fact('sysName').lower()}|{own}" if own or self.fact("sysName") else ""

    @property
    def onward(self) -> tuple[tuple[str, ...], ...]:
        """For each neighbour the addresses by which it may be reached: what it advertises, what was resolved for it; then next hops."""
        resolved: dict[str, list[str]] = {}
        for station in self.stations:
            if station.address:
                resolved.setdefault(station.mac, []).append(station.address)
        there = []
        for one in self.neighbours:
            mac = one.chassis or one.name.lower()
            addresses = tuple(dict.fromkeys((*one.addresses, *resolved.get(mac, ()))))
            if addresses and one.bridge is not False:
                there.append(addresses)
        return (*dict.fromkeys(there), *((hop,) for hop in self.next_hops))


class Outcome(NamedTuple):
    """What a crawl has to say. observed: by the address at which a device was read; whoever knows its id puts that in."""

    told: Told
    observed: dict[str, Observed]
    links: int


def tell(reads: Sequence[Read], now_ms: int) -> Outcome:
    """Nothing in it is accepted by itself. Devices are known by their names: of two with one name the first is told, the other unplaced."""
    book = Book([_seen(one) for one in reads])
    told = told_links(book, now_ms)
    guessed = guessed_links(book, told, now_ms)
    links = {address: (*told.get(address, ()), *guessed.get(address, ())) for address in book.devices}
    devices: dict[str, Device] = {}
    unplaced = []
    for one in reads:
        device = _device(one)
        if device.name in devices:
            both = f"{device.name} ({one.address}, {devices[device.name].address})"
            unplaced.append(Unplaced(kind="device", name=both[:255], reason=SAME_NAME))
        else:
            devices[device.name] = device
    records = {"device": tuple(devices.values()), **_nets(reads)}
    fields = {"device": DEVICE_FIELDS, "prefix": ("name", "prefix", "vpn"), "vpn_instance": ("name",)}
    return Outcome(
        Told(origin=ORIGIN, source="observed", records=records, fields=fields, unplaced=tuple(unplaced), unplaced_total=len(unplaced)),
        {one.address: _observed(one, links[one.address]) for one in reads}, sum(map(len, links.values())),
    )


def _seen(one: Read) -> Seen:
    return Seen(
        one.address, (one.name,), one.chassis, tuple(dict.fromkeys((one.address, *one.addresses))), one.interfaces, one.neighbours,
        one.stations,
    )


def _device(one: Read) -> Device:
    platform = one.fact("platform")
    return Device(
        id="", name=one.name[:128], address=one.address, site="", role=_ROLES.get(platform, "other"),
        platform=platform if platform in BY_NAME else "", serial=one.fact("serial")[:128], model=one.fact("model")[:128],
        credential=one.credential, snmp_version="3" if one.version == "3" else "1" if one.version == "1" else "2c", snmp_port=one.port,
    )


def _nets(reads: Iterable[Read]) -> dict[str, tuple[Prefix, ...] | tuple[VpnInstance, ...]]:
    prefixes: dict[str, Prefix] = {}
    vpns: dict[str, VpnInstance] = {}
    for one in reads:
        for name, _ in one.vrfs:
            vpns.setdefault(name, VpnInstance(id="", name=name))
        for net, vpn in one.connected:
            if len(prefixes) < MOST_PREFIXES:
                name = f"{vpn}|{net}"
                prefixes.setdefault(name, Prefix(id="", name=name, prefix=net, vpn=vpn))
    return {"prefix": tuple(prefixes.values()), "vpn_instance": tuple(vpns.values())}


def _observed(one: Read, links: Iterable[Link]) -> Observed:
    """With its address where the id of the device belongs: `placed` puts that in."""
    facts = tuple(
        Fact(object_id="", field=field, value=value, source="observed", confidence=1.0, valid_from=one.at_ms) for field, value in one.facts
    )
    return Observed(
        device_id=one.address, at_ms=one.at_ms, interfaces=one.interfaces, facts=facts, links=tuple(links), stations=one.stations,
    )


def placed(observed: Observed, device_id: str, ids: Mapping[str, str]) -> Observed:
    """As an observation of a known device. ids: of known devices, by the addresses at which they were read."""
    return observed.replace(
        device_id=device_id,
        interfaces=tuple(one.replace(device_id=device_id) for one in observed.interfaces),
        facts=tuple(one.replace(object_id=device_id) for one in observed.facts),
        links=tuple(one.replace(device_a=device_id, device_b=ids.get(one.device_b, one.device_b)) for one in observed.links),
        stations=tuple(one.replace(device_id=device_id) for one in observed.stations),
    )
