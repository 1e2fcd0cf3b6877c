"""From records to edges: what the fields of one record say, and how an edge gets its identity.

Every edge made here has an id that follows from what it joins, so that the same records always give the same edges, whatever the order
of the sources: importing twice changes nothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from core.edges import REFERENCES, Edge, EdgeKind, EdgeSource
from core.model import KEYED, PEOPLES
from core.objects import Link, Station

Records = Mapping[str, Iterable[Any]]


class Seen(NamedTuple):
    """What the devices report: their links, and the stations behind their ports."""

    links: Sequence[Link] = ()
    stations: Sequence[Station] = ()


NOTHING_SEEN = Seen()


class Facts:
    """What edges are derived from: the records by kind, in the order of their ids, with look-ups by name that are made once."""

    def __init__(self, records: Records, seen: Seen = NOTHING_SEEN) -> None:
        self._records, self.seen = records, seen
        self._sorted: dict[str, list[Any]] = {}
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, kind: str) -> list[Any]:
        found = self._sorted.get(kind)
        if found is None:
            found = self._sorted[kind] = sorted(self._records.get(kind, ()), key=_by_id)
        return found

    def known(self, kind: str) -> dict[str, Any]:
        """By name, or by key where the kind has one. Of two with the same, the one with the lower id."""
        found = self._known.get(kind)
        if found is None:
            found = self._known[kind] = {getattr(noun, "key", noun.name): noun for noun in reversed(self.of(kind))}
        return found

    def get(self, kind: str, name: str) -> Any:
        """None where there is none."""
        return self.known(kind).get(name) if name else None

    @cached_property
    def groups(self) -> dict[str, str]:
        """From the name of a device to the id of the HA group that it is in."""
        return {name: group.id for group in reversed(self.of("ha_group")) for name in group.members}


def _by_id(noun: Any) -> str:
    found: str = noun.id
    return found


def edge_id(kind: EdgeKind, a: str, b: str, a_port: str = "", b_port: str = "", origin: str = "") -> str:
    """32 hexadecimal digits that follow from what the edge joins."""
    return hashlib.blake2b(f"{kind}\x1f{a}\x1f{a_port}\x1f{b}\x1f{b_port}\x1f{origin}".encode(), digest_size=16).hexdigest()


class Mint:
    """Makes edges, and remembers those that it made: the same edge, wanted again, costs a look-up."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Edge] = {}

    def __call__(
        self, kind: EdgeKind, a: str, b: str, source: EdgeSource, origin: str, since: int = 0, *, a_port: str = "", b_port: str = "",
        confidence: float = 1.0, alike: str | None = None,
    ) -> Edge:
        """since: when its cause began, 0 where that is not known. alike: edges of one origin or another are the same edge if this is."""
        key = kind, a, b, source, origin, since, a_port, b_port, confidence
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Edge(
                id=edge_id(kind, a, b, a_port, b_port, origin if alike is None else alike), kind=kind, a=a, b=b, a_port=a_port,
                b_port=b_port, source=source, origin=origin, confidence=confidence, valid_from=since,
            )
        return found

    def forget(self, beyond: int) -> None:
        """Begins anew when it remembers more than this."""
        if len(self._made) > beyond:
            self._made.clear()


REPLACED_BY_GROUP = frozenset({"nat_mapping", "policy_rule"})
"""What another member of the group does as well when one fails: carried by the group, not by one device of it."""


def reference_edges(kind: str, facts: Facts, mint: Mint) -> Iterator[Edge]:
    """The edges that the fields of the records of a kind make; a field that names nothing known makes none."""
    for reference in REFERENCES.get(kind, ()):
        targets, origin, field = facts.known(reference.target), f"reference:{kind}.{reference.field}", reference.field
        source: EdgeSource = "cloud" if kind in KEYED and field not in PEOPLES.get(kind, ()) else "declared"
        groups = facts.groups if kind in REPLACED_BY_GROUP and reference.target == "device" else {}
        for noun in facts.of(kind):
            wanted = getattr(noun, field)
            if not wanted:
                continue
            port = getattr(noun, reference.port) if reference.port else ""
            for name in wanted if isinstance(wanted, tuple) else (wanted,):
                other = groups.get(name) or (targets[name].id if name in targets else "")
                if other:
                    a, b = (other, noun.id) if reference.turned else (noun.id, other)
                    yield mint(reference.edge, a, b, source, origin, b_port=port)
