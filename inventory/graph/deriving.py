"""All edges of a moment, derived from its records and from what devices report. Nothing else makes edges.

Each join is a function of some kinds of records alone, so that after a change only those are done again whose kinds were touched
(`Deriver`); together they are `derive`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from core.edges import REFERENCES, Edge
from core.model import MODEL
from inventory.graph import addressing, outward
from inventory.graph.joining import NOTHING_SEEN, Facts, Mint, Records, Seen, reference_edges
from inventory.graph.plugging import plugged
from inventory.graph.wiring import linked

LINKS, STATIONS = "links", "stations"
"""What devices report, named beside the kinds."""


class Round:
    """One derivation: what several joins share is made once."""

    def __init__(self, facts: Facts, mint: Mint) -> None:
        self.facts, self.mint = facts, mint
        self.addressing = addressing.Addressing(facts)
        self.outside = outward.Outside(facts)
        self._links: list[Edge] | None = None

    def links(self) -> list[Edge]:
        if self._links is None:
            self._links = linked(self.facts, self.mint)
        return self._links


class Join(NamedTuple):
    """reads: the kinds, and what of the reports, that it looks at; of no other does it take notice."""

    name: str
    reads: frozenset[str]
    make: Callable[[Round], Iterable[Edge]]

    @property
    def observed(self) -> bool:
        """Whether it follows from reports, which are kept only as they are now."""
        return bool(self.reads & {LINKS, STATIONS})


def _references(kind: str) -> Join:
    targets = {reference.target for reference in REFERENCES[kind]} | {"ha_group"}
    return Join(f"reference:{kind}", frozenset({kind, *targets}), lambda now: reference_edges(kind, now.facts, now.mint))


_WIRED = frozenset({"device", "cable", LINKS})
_PREFIXED = frozenset({"prefix", "access_point"})
_CLOUD_NETS = frozenset({"vport", "vpc", "project"})
JOINS: tuple[Join, ...] = (
    *(_references(kind) for kind in REFERENCES if REFERENCES[kind]),
    Join("linked", _WIRED, Round.links),
    Join("plugged", _WIRED | {"host", "vport", STATIONS}, lambda now: plugged(now.facts, now.links(), now.mint)),
    Join("prefixes", _PREFIXED | {"ip_address", "vlan"}, lambda now: addressing.prefixes(now.addressing, now.mint)),
    Join("machines", _PREFIXED | _CLOUD_NETS | {"subnet"}, lambda now: addressing.machines(now.addressing, now.mint)),
    Join(
        "bearers", _CLOUD_NETS | {"ip_address", "access_point", "device", "host", "floating_ip", "load_balancer"},
        lambda now: addressing.bearers(now.addressing, now.mint),
    ),
    Join("balanced", frozenset({"load_balancer", "vport", "vpc", "vm", "component"}), lambda now: outward.balanced(now.outside, now.mint)),
    Join(
        "translated", frozenset({"nat_mapping", "policy_rule", "egress", "ha_group", "floating_ip", "load_balancer", "vport"}),
        lambda now: outward.translated(now.outside, now.mint),
    ),
)
OBSERVED_KINDS = frozenset({"linked", "plugged-into"})
"""Kinds of edges that follow from reports: of a past moment they are read from the table of edges, all others derived from its records."""


def derive(records: Records, seen: Seen = NOTHING_SEEN) -> list[Edge]:
    """All edges of these records and reports, in the order of their ids. valid_from is 0 where nobody knows since when."""
    deriver = Deriver()
    deriver.update(records, seen, None)
    return [edge for _, edge in sorted(deriver.edges().items())]


def derive_from_records(records: Records) -> Iterator[Edge]:
    """The edges of all joins that need no reports."""
    now = Round(Facts(records), Mint())
    found = {edge.id: edge for join in JOINS if not join.observed for edge in join.make(now)}
    return iter(found.values())


class Deriver:
    """Keeps what each join made, and does those again whose kinds were touched."""

    def __init__(self) -> None:
        self._mint = Mint()
        self._made: dict[str, dict[str, Edge]] = {}

    def update(self, records: Records, seen: Seen, touched: Iterable[str] | None) -> frozenset[str]:
        """touched: kinds, `links`, `stations`; None: everything. Returns the names of the joins that were done."""
        some = None if touched is None else frozenset(touched)
        now = Round(Facts(records, seen), self._mint)
        done = [join for join in JOINS if some is None or join.reads & some]
        for join in done:
            self._made[join.name] = {edge.id: edge for edge in join.make(now)}
        self._mint.forget(2 * sum(map(len, self._made.values())) + 10_000)
        return frozenset(join.name for join in done)

    def edges(self) -> dict[str, Edge]:
        """By id. What two joins both say is said by the first."""
        out: dict[str, Edge] = {}
        for join in reversed(JOINS):
            out |= self._made.get(join.name, {})
        return out

    def made(self, join: str) -> Mapping[str, Edge]:
        return self._made.get(join, {})


def no_records() -> dict[str, dict[str, Any]]:
    """An empty inventory: of every kind nothing, by id."""
    return {kind: {} for kind in MODEL}
