"""What search, "who uses this" and "what is free" answer: the contract between agents.hub and client. Times: milliseconds since 1970."""

from typing import Literal

from core.network import Reservation, ReservedThing
from core.nouns import Noun
from core.questions import Thing

How = Literal[
    "record", "bears", "hosts", "plugged", "seen", "gateway", "floating", "translates", "balances", "allows", "reserved", "prefix",
    "subnet", "enters", "linked", "leaves", "network", "vlan", "device", "unit", "carried", "session",
]
"""In the order in which they are shown."""
Asked = Literal["address", "mac", "vlan", "vpn", "port"]


class Found(Noun, frozen=True, kw_only=True):
    """One object that a search found, and what one wants to know of it at once."""

    kind: str
    id: str
    name: str
    exact: bool = False
    unit: str = ""
    site: str = ""
    address: str = ""
    state: str = ""
    note: str = ""
    """What else says what it is: role and model of a device, the project of a machine."""
    why: dict[str, str] = {}
    """Fields in which the words stand, with what stands there; empty: its name."""


class SearchAnswer(Noun, frozen=True, kw_only=True):
    """Exact ones first, then by kind and name. near: where nothing was found, what sounds or begins alike."""

    text: str
    found: tuple[Found, ...] = ()
    more: bool = False
    """There are more than were asked for."""
    near: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Words of the text that alone find nothing."""


class Use(Noun, frozen=True, kw_only=True):
    """One way in which something is used."""

    how: How
    thing: Thing
    vpn: str = ""
    port: str = ""
    """ifName, or the name of a network card."""
    detail: str = ""
    unit: str = ""
    site: str = ""
    since: int = 0
    until: int = 0


class WhoAnswer(Noun, frozen=True, kw_only=True):
    """Who uses an address, a MAC address, a VLAN, a VPN or a port; nearest first. Only what the caller may see."""

    what: Asked
    value: str
    """As it is written canonically."""
    revision: int
    at_ms: int
    uses: tuple[Use, ...] = ()
    more: bool = False
    """There is more than `uses` shows."""


class FreePort(Noun, frozen=True, kw_only=True):
    """A port that nothing uses. down_since 0: it is not known since when."""

    device: str
    site: str
    port: str
    speed_bps: int = 0
    admin_down: bool = False
    down_since: int = 0


class FreeAnswer(Noun, frozen=True, kw_only=True):
    """What is free: addresses, prefixes or VLAN numbers as texts, or ports. Counts are texts where they may exceed 2^53."""

    what: ReservedThing
    within: str
    revision: int
    free: tuple[str, ...] = ()
    ports: tuple[FreePort, ...] = ()
    total: str = "0"
    """How many there could be."""
    free_count: str = "0"
    reserved: int = 0
    more: bool = False


class PrefixUse(Noun, frozen=True, kw_only=True):
    """How full a prefix is. used: addresses in use or kept, prefixes inside it counted whole."""

    id: str
    prefix: str
    vpn: str = ""
    unit: str = ""
    site: str = ""
    size: str
    used: str
    percent: float
    children: int = 0
    """Prefixes right or further below it."""


class PrefixUses(Noun, frozen=True, kw_only=True):
    """A page of prefixes, fullest first or by address."""

    rows: tuple[PrefixUse, ...]
    total: int


class ReserveWish(Noun, frozen=True, kw_only=True):
    """What somebody wants to keep. value empty: the next free one; then `inside` says in which prefix, or between which VLANs (`100-199`).

    within: the VPN of an address or prefix, the domain of a VLAN, the device of a port; of a next free port, device or site.
    """

    what: ReservedThing
    within: str = ""
    value: str = ""
    inside: str = ""
    length: int = 0
    """Of a next free prefix."""
    unit: str = ""
    reason: str = ""
    until: int = 0


class ReservationRow(Noun, frozen=True, kw_only=True):
    """A reservation that holds."""

    reservation: Reservation
    site: str = ""
