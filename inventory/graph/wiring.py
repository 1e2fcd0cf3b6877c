"""From what is declared and what devices report to links between devices: one edge for each wire, whoever tells of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from core.edges import Edge, EdgeSource
from core.objects import Device, Link
from inventory.graph.joining import Facts, Mint

DECLARED_SURE = 1.0
_RANK: dict[str, int] = {"lldp": 0, "cdp": 1, "declared": 2, "arp": 3, "mac": 4}
"""Whose word on a wire stands in its edge."""
_PORT = re.compile(r"^([a-z]*)[^0-9]*([0-9][0-9/:.\-]*)$")
_SPEED = {"t": "x"}
"""TenGigabitEthernet and XGigabitEthernet begin differently and are one speed."""


class Tale(NamedTuple):
    """One report of one wire, turned so that `a` is the end with the lower id."""

    a: str
    port_a: str
    b: str
    port_b: str
    source: EdgeSource
    teller: str
    """Device, or cable, that tells it."""
    confidence: float
    since: int
    own: int
    """Which end is the teller's own, so that its port is exactly its ifName: 0, 1; 2: neither."""


class Wire(NamedTuple):
    """Tales that fit together."""

    port_a: str
    port_b: str
    tales: tuple[Tale, ...]


def linked(facts: Facts, mint: Mint) -> list[Edge]:
    """Edges `linked` of declared cables and reported links, which hold now. A far end is known by id, name, first label or address."""
    ends = Ends(facts.of("device"))
    pairs: dict[tuple[str, str], list[Tale]] = {}
    for tale in (*_declared(facts), *_reported(facts.seen.links, ends)):
        pairs.setdefault((tale.a, tale.b), []).append(tale)
    return [_edge(pair, wire, mint) for pair in sorted(pairs) for wire in wires(pairs[pair])]


def wires(tales: list[Tale]) -> list[Wire]:
    """The wires between two devices. What is told of fewer ports is laid to the first wire that it fits."""
    out: list[Wire] = []
    for tale in sorted(tales, key=lambda one: (not one.port_a or not one.port_b, one)):
        place = next((n for n, wire in enumerate(out) if _fits(wire, tale)), -1)
        if place < 0:
            out.append(Wire(tale.port_a, tale.port_b, (tale,)))
        else:
            wire = out[place]
            out[place] = Wire(
                _better(wire.port_a, tale.port_a, tale.own == 0), _better(wire.port_b, tale.port_b, tale.own == 1), (*wire.tales, tale),
            )
    return out


def _fits(wire: Wire, tale: Tale) -> bool:
    return same_port(wire.port_a, tale.port_a) and same_port(wire.port_b, tale.port_b)


def _better(port: str, other: str, own: bool) -> str:
    return other if other and (own or not port) else port


def same_port(one: str, other: str) -> bool:
    """Whether two names may mean one port: `GE0/0/1` and `GigabitEthernet0/0/1` may; an unknown name fits every port."""
    return not one or not other or one == other or port_key(one) == port_key(other)


def port_key(name: str) -> tuple[str, str]:
    """First letter of the speed and the numbers of a port, alike for the long and the short names of it."""
    found = _PORT.match(name.casefold())
    if found is None:
        return name.casefold(), ""
    letter = found[1][:1]
    return _SPEED.get(letter, letter), found[2]


def _edge(pair: tuple[str, str], wire: Wire, mint: Mint) -> Edge:
    best = min(wire.tales, key=lambda tale: (_RANK.get(tale.source, 9), tale))
    doubt = 1.0
    for confidence in sorted({(tale.teller, tale.source): tale.confidence for tale in wire.tales}.values()):
        doubt *= 1 - confidence
    return mint(
        "linked", *pair, best.source, best.teller, min((t.since for t in wire.tales if t.since), default=0), a_port=wire.port_a,
        b_port=wire.port_b, confidence=round(1 - doubt, 4), alike="wire",
    )


def _declared(facts: Facts) -> Iterator[Tale]:
    for cable in facts.of("cable"):
        a, b = facts.get("device", cable.device_a), facts.get("device", cable.device_b)
        if a is not None and b is not None and a is not b:
            yield _turned(a.id, cable.port_a, b.id, cable.port_b, "declared", f"cable:{cable.name}", DECLARED_SURE, 0, 2)


def _reported(links: Iterable[Link], ends: "Ends") -> Iterator[Tale]:
    for link in links:
        a, b = ends.by_id.get(link.device_a, ""), ends.far(link.device_b)
        if a and b and a != b and not link.valid_to:
            yield _turned(a, link.port_a, b, link.port_b, link.source, f"device:{a}", link.confidence, link.valid_from, 0)


def _turned(
    a: str, port_a: str, b: str, port_b: str, source: EdgeSource, teller: str, confidence: float, since: int, own: int,
) -> Tale:
    if a <= b:
        return Tale(a, port_a, b, port_b, source, teller, confidence, since, own)
    return Tale(b, port_b, a, port_a, source, teller, confidence, since, {0: 1, 1: 0, 2: 2}[own])


class Ends:
    """Whom a report means by its far end. A name that two devices may mean is nobody's."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.by_id: dict[str, str] = {}
        self._names: dict[str, str] = {}
        labels: dict[str, str] = {}
        for device in devices:
            self.by_id[device.id] = device.id
            for name in (device.name.casefold(), device.address):
                self._names[name] = device.id if self._names.get(name, device.id) == device.id else ""
            label = short(device.name)
            labels[label] = device.id if labels.get(label, device.id) == device.id else ""
        self._labels: Mapping[str, str] = labels

    def far(self, name: str) -> str:
        """The id; empty where nobody or more than one fits."""
        known = self.by_id.get(name) or self._names.get(name.casefold())
        return known if known is not None else self._labels.get(short(name), "")


def short(name: str) -> str:
    """`sw1.city.example` and `SW1` are one name; an address is itself."""
    return name.casefold() if name.replace(".", "").isdigit() else name.casefold().partition(".")[0]
