"""From records to edges: what fields say, and what only several records together say.

Every edge made here has an id that follows from what it joins, so that the same records always give the same edges, whatever the order
of the sources: importing twice changes nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.edges import REFERENCES, Edge, EdgeKind, EdgeSource

Records = Mapping[str, Iterable[Any]]


def edge_id(kind: EdgeKind, a: str, b: str, a_port: str = "", b_port: str = "", origin: str = "") -> str:
    """32 hexadecimal digits that follow from what the edge joins."""
    return hashlib.blake2b(f"{kind}\x1f{a}\x1f{a_port}\x1f{b}\x1f{b_port}\x1f{origin}".encode(), digest_size=16).hexdigest()


def make(
    kind: EdgeKind, a: str, b: str, source: EdgeSource, origin: str, since: int, *, a_port: str = "", b_port: str = "",
    confidence: float = 1.0,
) -> Edge:
    return Edge(
        id=edge_id(kind, a, b, a_port, b_port, origin), kind=kind, a=a, b=b, a_port=a_port, b_port=b_port, source=source, origin=origin,
        confidence=confidence, valid_from=since,
    )


def names(records: Records) -> dict[str, dict[str, str]]:
    """By kind, from name (or key) to id."""
    return {kind: {getattr(noun, "key", noun.name): noun.id for noun in nouns} for kind, nouns in records.items()}


def reference_edges(kind: str, noun: Any, known: Mapping[str, Mapping[str, str]], since: int) -> Iterator[Edge]:
    """The edges that the fields of one record make; a field that names nothing known makes none."""
    for reference in REFERENCES.get(kind, ()):
        wanted, targets = getattr(noun, reference.field), known.get(reference.target, {})
        port = getattr(noun, reference.port) if reference.port else ""
        for name in wanted if isinstance(wanted, tuple) else (wanted,):
            other = targets.get(name) if name else None
            if other is not None:
                a, b = (other, noun.id) if reference.turned else (noun.id, other)
                yield make(reference.edge, a, b, "declared", f"reference:{kind}.{reference.field}", since, b_port=port)


def plugged_in(hosts: Iterable[Any], stations: Mapping[str, tuple[str, str]], since: int) -> Iterator[Edge]:
    """Host to switch port, by MAC address: `stations` is what the bridge tables say, MAC to (device id, ifName).

    A host whose card is seen at two ports of two devices has an edge to each: it is bonded.
    """
    for host in hosts:
        for mac in host.macs:
            place = stations.get(normal_mac(mac))
            if place is not None:
                yield make("plugged-into", host.id, place[0], "mac", "bridge-table", since, a_port=mac, b_port=place[1], confidence=0.9)


def normal_mac(text: str) -> str:
    """Lower-case hexadecimal pairs with colons, of any of the usual notations; empty when it is none."""
    digits = "".join(c for c in text.lower() if c not in ":-. ")
    if len(digits) != 12 or any(c not in "0123456789abcdef" for c in digits):
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def edges(records: Records, since: int) -> list[Edge]:
    """All edges that the fields of these records make, in the order of their ids."""
    held = {kind: list(nouns) for kind, nouns in records.items()}
    known = names(held)
    found = {edge.id: edge for kind, nouns in held.items() for noun in nouns for edge in reference_edges(kind, noun, known, since)}
    return [found[key] for key in sorted(found)]
