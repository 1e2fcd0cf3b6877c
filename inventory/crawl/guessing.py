"""Links where no protocol speaks, by what the bridge tables have learned. Less sure than what devices tell of themselves.

Two bridges are wired together where each sees the other's own addresses at one port and no third device lies between: none is seen from
both of the two ports. What is no bridge itself is at the port that sees no device but it, and fewest stations beside it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from core.objects import Link
from inventory.crawl.ends import Book, Seen

BOTH_SEE, ONE_SEES = 0.5, 0.4
MOST_BESIDE = 64
"""Stations at a port to which one device alone can still be plugged: a host with its virtual machines."""

Others = dict[str, str]
"""Devices that are seen at a port, each with its interface that is seen; empty: only its chassis."""


class _Port(NamedTuple):
    others: Others
    crowd: int


Sights = dict[str, dict[str, _Port]]


def guessed_links(book: Book, told: Mapping[str, Iterable[Link]], now_ms: int) -> dict[str, list[Link]]:
    """By device, links of ports at which no protocol told a neighbour."""
    taken = {end for links in told.values() for li in links for end in ((li.device_a, li.port_a), (li.device_b, li.port_b))}
    sights = {device_id: _sights(book, seen) for device_id, seen in book.devices.items()}
    out: dict[str, list[Link]] = {}
    alone: dict[tuple[str, str], list[tuple[int, Link]]] = {}
    for near, port, far, at in _pairs(sights):
        if (near, port) in taken:
            continue
        back = next((name for name, there in sights[far].items() if near in there.others), "")
        link = Link(
            device_a=near, port_a=port, device_b=far, port_b=back or at, source="mac", confidence=BOTH_SEE if back else ONE_SEES,
            valid_from=now_ms,
        )
        if (link.device_b, link.port_b) in taken:
            continue
        here = sights[near][port]
        if back and not _between(here, sights[far][back], near, far):
            out.setdefault(near, []).append(link)
        elif not back and not sights[far] and len(here.others) == 1 and here.crowd <= MOST_BESIDE:
            alone.setdefault((far, at), []).append((here.crowd, link))
    for found in alone.values():
        fewest = min(crowd for crowd, _ in found)
        for crowd, link in found:
            if crowd == fewest:
                out.setdefault(link.device_a, []).append(link)
    return out


def _sights(book: Book, seen: Seen) -> dict[str, _Port]:
    """By port, what a bridge sees behind it."""
    crowd = Counter(one.port for one in seen.stations if one.source == "mac")
    out = {port: _Port({}, count) for port, count in crowd.items()}
    for one in seen.stations:
        owner = book.owners.get(one.mac) if one.source == "mac" else None
        if owner is not None and owner[0] != seen.device_id:
            others = out[one.port].others
            others[owner[0]] = others.get(owner[0]) or owner[1]
    return out


def _pairs(sights: Sights) -> Iterator[tuple[str, str, str, str]]:
    for near, ports in sights.items():
        for port, there in ports.items():
            for far, at in there.others.items():
                yield near, port, far, at


def _between(here: _Port, there: _Port, near: str, far: str) -> bool:
    return bool((here.others.keys() - {far}) & (there.others.keys() - {near}))
