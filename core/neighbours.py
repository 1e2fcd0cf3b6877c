"""What a device says of the one at the other end of a cable: read by discovery, followed by a crawl."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from core.nouns import Noun

_PARTS = re.compile(r"([a-z][a-z -]*?)[ -]?(\d[\d/.:_-]*)", re.ASCII)
LEAST_PREFIX = 2
"""`Gi1/0/1` is `GigabitEthernet1/0/1`; one letter says too little."""


class Neighbour(Noun, frozen=True, kw_only=True):
    """One neighbour at one port, as LLDP (IEEE 802.1AB) or CDP (CISCO-CDP-MIB) tells."""

    port: str
    """ifName of our end."""
    name: str
    """System name, or its chassis id where it has no name."""
    far_port: str
    chassis: str = ""
    """MAC address of its chassis, where it told one."""
    addresses: tuple[str, ...] = ()
    """Management addresses."""
    about: str = ""
    bridge: bool | None = None
    """Whether it passes frames or packets on; None: it did not say."""
    source: Literal["lldp", "cdp"]
    confidence: float


@lru_cache(maxsize=16_384)
def port_parts(text: str) -> tuple[str, str]:
    """Letters and numbers of a port's name; letters empty where it is not made so. `GigabitEthernet1/0/1`: `gigabitethernet`, `1/0/1`."""
    found = _PARTS.fullmatch(text.strip().lower())
    return (found[1].strip(), found[2]) if found else ("", text.strip().lower())


def same_port(one: str, other: str) -> bool:
    """Whether two spellings can mean one port of one device: equal, or one abbreviates the other."""
    if one.strip().lower() == other.strip().lower():
        return True
    (letters, numbers), (more, others) = port_parts(one), port_parts(other)
    if numbers != others or min(len(letters), len(more)) < LEAST_PREFIX:
        return False
    return _abbreviates(letters, more) or _abbreviates(more, letters)


def _abbreviates(short: str, long: str) -> bool:
    """`gi` of `gigabitethernet`, `xge` of `xgigabitethernet`: the first letter is the same, and the rest follow in order."""
    if not short or short[0] != long[0]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def port_among(text: str, names: Iterable[str]) -> str:
    """The one of the names that is meant; the text itself where none is, or several could be."""
    held = list(names)
    wanted = text.strip().lower()
    exact = [name for name in held if name.strip().lower() == wanted]
    if exact:
        return exact[0]
    alike = [name for name in held if same_port(text, name)]
    return alike[0] if len(alike) == 1 else text
