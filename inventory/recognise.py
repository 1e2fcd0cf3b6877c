"""Which known device an observed one is, although its address, serial number or name may have changed.

Each sign has a weight: what is burnt into the box weighs most, what people type least. A device is recognised when its signs weigh
enough together and no other known device weighs as much; else it is new, or in doubt.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from core.nouns import Noun

Sign = Literal["serial", "chassis", "engine", "name", "address"]
WEIGHTS: Mapping[Sign, int] = {"serial": 60, "chassis": 60, "engine": 50, "name": 40, "address": 30}
"""chassis: LLDP chassis id or base MAC address; engine: snmpEngineID (RFC 3411), which goes with the box and its configuration."""
ENOUGH = 60
"""One thing that is burnt in, or two of those that are typed."""
AGAINST = 50
"""Weight taken off where both sides know a serial number and the two differ: another box behind the same name and address."""


class Signs(Noun, frozen=True, kw_only=True):
    """What tells a device. Empty: not known."""

    device_id: str = ""
    serials: tuple[str, ...] = ()
    """Of the chassis and the members of a stack."""
    chassis: str = ""
    engine: str = ""
    name: str = ""
    address: str = ""


class Verdict(NamedTuple):
    """device_id empty: nobody known, or in doubt between `rivals`. replaced: the same place, another box (serials differ)."""

    device_id: str
    weight: int = 0
    by: tuple[Sign, ...] = ()
    changed: tuple[Sign, ...] = ()
    """Signs that are known on both sides and differ: what to tell the person."""
    rivals: tuple[str, ...] = ()
    replaced: bool = False


class Book:
    """Known devices by each of their signs."""

    def __init__(self, known: Iterable[Signs]) -> None:
        self._known: dict[str, Signs] = {}
        self._by: dict[tuple[Sign, str], list[str]] = {}
        for signs in known:
            self._known[signs.device_id] = signs
            for sign, value in _values(signs):
                self._by.setdefault((sign, value), []).append(signs.device_id)

    def recognise(self, seen: Signs) -> Verdict:
        """Who an observed device is."""
        signs = list(_values(seen))
        found = {device for sign, value in signs for device in self._by.get((sign, value), ())}
        ranked = sorted(((self._weigh(seen, device), device) for device in found), key=lambda pair: (-pair[0][0], pair[1]))
        if not ranked:
            return Verdict("")
        (weight, by, changed), best = ranked[0]
        rivals = tuple(device for (other, _, _), device in ranked[1:] if other >= weight)
        if weight < ENOUGH or rivals:
            place = self._same_place(seen, best)
            return Verdict(best if place else "", weight, by, changed, () if place else (best, *rivals), replaced=place)
        return Verdict(best, weight, by, changed)

    def _weigh(self, seen: Signs, device: str) -> tuple[int, tuple[Sign, ...], tuple[Sign, ...]]:
        known = self._known[device]
        by: list[Sign] = []
        changed: list[Sign] = []
        held: dict[Sign, set[str]] = {}
        for sign, value in _values(known):
            held.setdefault(sign, set()).add(value)
        theirs: dict[Sign, set[str]] = {}
        for sign, value in _values(seen):
            theirs.setdefault(sign, set()).add(value)
        for sign in held.keys() & theirs.keys():
            (by if held[sign] & theirs[sign] else changed).append(sign)
        weight = sum(WEIGHTS[sign] for sign in by) - (AGAINST if "serial" in changed and "chassis" not in by else 0)
        return weight, tuple(sorted(by)), tuple(sorted(changed))

    def _same_place(self, seen: Signs, device: str) -> bool:
        """Name and address are those of a known device whose box is another: it was replaced."""
        known = self._known[device]
        serials = {_folded(s) for s in known.serials}, {_folded(s) for s in seen.serials}
        other_box = bool(serials[0] and serials[1] and not serials[0] & serials[1])
        same_name = bool(known.name) and _folded(known.name) == _folded(seen.name)
        return other_box and same_name and bool(seen.address) and known.address == seen.address


def _values(signs: Signs) -> Iterable[tuple[Sign, str]]:
    for serial in signs.serials:
        if _folded(serial):
            yield "serial", _folded(serial)
    singles: tuple[tuple[Sign, str], ...] = (
        ("chassis", signs.chassis), ("engine", signs.engine), ("name", signs.name), ("address", signs.address),
    )
    for sign, value in singles:
        if _folded(value):
            yield sign, _folded(value)


def _folded(text: str) -> str:
    return text.strip().casefold()
