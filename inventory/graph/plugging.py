"""Which switch port a machine is plugged into: by the MAC addresses that switches see, and by the links of the device that a host is."""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.edges import Edge
from core.objects import Station
from inventory.graph.joining import Facts, Mint

_NORMAL = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
Port = tuple[str, str]
"""Device id, ifName."""
SURE, DOUBTFUL = 0.9, 0.5
MOST_PORTS = 4
"""A bonded card is seen at two; more than this many is a storm, not a cable."""
ALIKE = 2
"""A port that sees this many times the addresses of the quietest one is on the way to it."""


def plugged(facts: Facts, links: Sequence[Edge], mint: Mint) -> list[Edge]:
    """Edges `plugged-into` of hosts and virtual ports. links: edges `linked`, whose ports lead on to other switches."""
    places = Places(facts.seen.stations, _trunks(facts, links), _wanted(facts))
    out = {edge.id: edge for edge in _by_device(facts, links, mint)}
    for noun, macs in ((noun, (noun.mac,) if kind == "vport" else noun.macs) for kind in ("host", "vport") for noun in facts.of(kind)):
        for mac in macs:
            for (device, port), since, confidence in places.of(normal_mac(mac)):
                edge = mint("plugged-into", noun.id, device, "mac", "bridge-table", since, a_port=mac, b_port=port, confidence=confidence)
                out[edge.id] = edge
    return list(out.values())


class Places:
    """Where MAC addresses are seen. Of the ports that see one, those that lead to other switches do not count."""

    def __init__(self, stations: Iterable[Station], trunks: frozenset[Port], wanted: frozenset[str]) -> None:
        self._trunks = trunks
        self._crowd: dict[Port, int] = {}
        self._seen: dict[str, dict[Port, int]] = {}
        for station in stations:
            if station.source != "mac" or station.valid_to:
                continue
            port = station.device_id, station.port
            self._crowd[port] = self._crowd.get(port, 0) + 1
            if station.mac in wanted:
                ports = self._seen.setdefault(station.mac, {})
                ports[port] = min(ports.get(port, station.valid_from), station.valid_from)

    def of(self, mac: str) -> list[tuple[Port, int, float]]:
        """Ports, since when, how sure."""
        seen = self._seen.get(mac)
        if not seen:
            return []
        near = [port for port in seen if port not in self._trunks]
        ports, confidence = (near, SURE) if near else (list(seen), DOUBTFUL)
        quiet = min(self._crowd[port] for port in ports)
        some = sorted((self._crowd[port], port) for port in ports if self._crowd[port] <= ALIKE * quiet)
        if len(some) > MOST_PORTS:
            return []
        if not near:
            some = some[:1]
        return [(port, seen[port], confidence) for _, port in some]


def _wanted(facts: Facts) -> frozenset[str]:
    hosts = (mac for host in facts.of("host") for mac in host.macs)
    return frozenset(normal_mac(mac) for mac in (*hosts, *(port.mac for port in facts.of("vport"))))


def _trunks(facts: Facts, links: Sequence[Edge]) -> frozenset[Port]:
    """Ports behind which another switch stands; a server that is a device of the inventory is none."""
    ends = {device.id for device in facts.of("device") if device.role == "server"}
    near = {(edge.a, edge.a_port) for edge in links if edge.b not in ends}
    return frozenset(near | {(edge.b, edge.b_port) for edge in links if edge.a not in ends})


def _by_device(facts: Facts, links: Sequence[Edge], mint: Mint) -> Iterator[Edge]:
    """A host that is a device of the inventory is plugged in where that device's links end."""
    hosts = {device.id: host.id for host in reversed(facts.of("host")) if (device := facts.get("device", host.device)) is not None}
    for edge in links:
        for mine, port, far, its in ((edge.a, edge.a_port, edge.b, edge.b_port), (edge.b, edge.b_port, edge.a, edge.a_port)):
            if mine in hosts:
                yield mint(
                    "plugged-into", hosts[mine], far, edge.source, "join:link", edge.valid_from, a_port=port, b_port=its,
                    confidence=edge.confidence,
                )


def normal_mac(text: str) -> str:
    """Lower-case hexadecimal pairs with colons, of any of the usual notations; empty when it is none."""
    if _NORMAL.fullmatch(text):
        return text
    digits = "".join(c for c in text.lower() if c not in ":-. ")
    if len(digits) != 12 or any(c not in "0123456789abcdef" for c in digits):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))
