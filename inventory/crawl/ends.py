"""Links between devices that were read together: both ends by id, and by their own names for the ports."""

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from core.neighbours import Neighbour, port_among
from core.objects import Interface, Link, Station

MOST_MACS = 4096
"""Own addresses of one device that are looked for."""


class Seen(NamedTuple):
    """One device as it was read."""

    device_id: str
    names: tuple[str, ...]
    """sysName and whatever else neighbours may call it."""
    chassis: tuple[str, ...]
    addresses: tuple[str, ...]
    interfaces: tuple[Interface, ...]
    neighbours: tuple[Neighbour, ...] = ()
    stations: tuple[Station, ...] = ()


class Book:
    """Who is meant by a name, a chassis or an address. What several devices bear tells nobody."""

    def __init__(self, devices: Iterable[Seen]) -> None:
        self.devices = {one.device_id: one for one in devices}
        self._names = _once((name, one) for one in self.devices.values() for text in one.names for name in _spellings(text))
        self._chassis = _once((mac, one) for one in self.devices.values() for mac in one.chassis if mac)
        self._addresses = _once((address, one) for one in self.devices.values() for address in one.addresses)

    def meant(self, neighbour: Neighbour) -> Seen | None:
        """The device that a neighbour is, if it was read."""
        chassis = neighbour.chassis or neighbour.name.lower()
        found = self._chassis.get(chassis) or self._names.get(neighbour.name.lower()) or self._names.get(_first_label(neighbour.name))
        return found or next((one for address in neighbour.addresses if (one := self._addresses.get(address))), None)

    @cached_property
    def owners(self) -> dict[str, tuple[str, str]]:
        """Whose a MAC address is, and of which interface where that has it alone."""
        out: dict[str, tuple[str, str]] = {}
        for seen in self.devices.values():
            for interface in seen.interfaces[:MOST_MACS]:
                mac = interface.phys_address
                if len(mac) == 17:
                    out[mac] = (seen.device_id, "" if mac in out else interface.name)
            for mac in seen.chassis:
                out.setdefault(mac, (seen.device_id, ""))
        return out


def _once(pairs: Iterable[tuple[str, Seen]]) -> dict[str, Seen]:
    out: dict[str, Seen] = {}
    twice = set()
    for key, seen in pairs:
        if out.setdefault(key, seen).device_id != seen.device_id:
            twice.add(key)
    return {key: seen for key, seen in out.items() if key not in twice}


def _spellings(text: str) -> set[str]:
    return {text.lower(), _first_label(text)} - {""}


def _first_label(text: str) -> str:
    """`sw1.city.example` is `sw1`; an address is itself."""
    return text.lower() if text.replace(".", "").isdigit() else text.lower().partition(".")[0]


def told_links(book: Book, now_ms: int) -> dict[str, list[Link]]:
    """What LLDP and CDP tell, by the device that tells it. A far end that was not read stays with the name that was advertised."""
    out: dict[str, list[Link]] = {}
    for seen in book.devices.values():
        found: dict[tuple[str, str, str], Link] = {}
        for one in seen.neighbours:
            far = book.meant(one)
            port = port_among(one.far_port, (i.name for i in far.interfaces)) if far else one.far_port
            if far is not None and port == one.far_port and port not in {i.name for i in far.interfaces}:
                port = _described(far, one.far_port)
            link = Link(
                device_a=seen.device_id, port_a=one.port, device_b=far.device_id if far else one.name, port_b=port, source=one.source,
                confidence=one.confidence, valid_from=now_ms,
            )
            key = link.port_a, link.device_b, link.port_b
            if key not in found or found[key].confidence < link.confidence:
                found[key] = link
        out[seen.device_id] = list(found.values())
    return out


def _described(far: Seen, text: str) -> str:
    """ifName of the port with this description, alias or address, if just one has it."""
    wanted = text.strip().lower()
    for field in ("descr", "alias", "phys_address"):
        hits = [one.name for one in far.interfaces if getattr(one, field).strip().lower() == wanted]
        if len(hits) == 1:
            return hits[0]
    return text
