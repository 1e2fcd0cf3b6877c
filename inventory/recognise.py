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
MOST_ALIKE = 16
"""A sign that more devices share than this, an address behind which a whole laboratory answers, is none."""
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
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    """Under which it was known before."""


Held = dict[Sign, set[str]]


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
    """Known devices by each of their signs. Of one device several sources may know signs: each of them counts."""

    def __init__(self, known: Iterable[Signs] = ()) -> None:
        self._known: dict[str, Held] = {}
        self._by: dict[tuple[Sign, str], set[str]] = {}
        for signs in known:
            self.add(signs)

    def add(self, signs: Signs) -> None:
        """More that is known of a device."""
        held = self._known.setdefault(signs.device_id, {})
        for sign, value in _values(signs):
            held.setdefault(sign, set()).add(value)
            self._by.setdefault((sign, value), set()).add(signs.device_id)

    def recognise(self, seen: Signs) -> Verdict:
        """Who an observed device is."""
        theirs: Held = {}
        for sign, value in _values(seen):
            theirs.setdefault(sign, set()).add(value)
        found = {device for sign, values in theirs.items() for value in values for device in self._candidates(sign, value)}
        ranked = sorted(((self._weigh(theirs, device), device) for device in found), key=lambda pair: (-pair[0][0], pair[1]))
        if not ranked:
            return Verdict("")
        (weight, by, changed), best = ranked[0]
        rivals = tuple(device for (other, _, _), device in ranked[1:] if other >= weight)
        if not rivals and (weight >= ENOUGH or ("name" in by and not changed)):
            return Verdict(best, weight, by, changed)
        place = not rivals and {"name", "address"} <= set(by) and "serial" in changed
        return Verdict(best if place else "", weight, by, changed, () if place else (best, *rivals), replaced=place)

    def _candidates(self, sign: Sign, value: str) -> Iterable[str]:
        """Who has this sign; what very many share tells nobody apart."""
        found = self._by.get((sign, value), ())
        return found if len(found) <= MOST_ALIKE else ()

    def _weigh(self, theirs: "Held", device: str) -> tuple[int, tuple[Sign, ...], tuple[Sign, ...]]:
        held = self._known[device]
        by: list[Sign] = []
        changed: list[Sign] = []
        for sign in held.keys() & theirs.keys():
            (by if held[sign] & theirs[sign] else changed).append(sign)
        weight = sum(WEIGHTS[sign] for sign in by) - (AGAINST if "serial" in changed and "chassis" not in by else 0)
        return weight, tuple(sorted(by)), tuple(sorted(changed))


def _values(signs: Signs) -> Iterable[tuple[Sign, str]]:
    several: tuple[tuple[Sign, tuple[str, ...]], ...] = (
        ("serial", signs.serials), ("chassis", (signs.chassis,)), ("engine", (signs.engine,)), ("name", (signs.name, *signs.names)),
        ("address", (signs.address, *signs.addresses)),
    )
    for sign, values in several:
        for value in values:
            if found := (short_name(value) if sign == "name" else value.strip().casefold()):
                yield sign, found


def short_name(text: str) -> str:
    """`sw1.city.example` and `SW1` are one name; an address is itself."""
    name = text.strip().casefold()
    first, dot, rest = name.partition(".")
    return name if not dot or rest.replace(".", "").isdigit() or ":" in name else first
