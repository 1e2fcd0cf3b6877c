"""What devices say by themselves: traps and syslog lines, whatever their dialect, in one shape. Times are milliseconds since 1970, UTC."""

from typing import Literal

from core.nouns import Noun

EventKind = Literal["trap", "syslog"]
Priority = Literal[0, 1, 2, 3, 4, 5, 6, 7]
"""Severity of syslog (RFC 5424, 6.2.1): 0 emergency to 7 debug; of a trap what its definition says, else 5."""


class Event(Noun, frozen=True, kw_only=True):
    """One message, normalised. What stands in it was said by a device: cleaned, bounded, never parsed as anything."""

    at_ms: int
    """When it came."""
    said_ms: int = 0
    """When the device says that it happened; 0: it does not say, or its clock makes no sense."""
    source: str
    """Address that it came from."""
    device_id: str = ""
    """Empty: nobody known has this address."""
    kind: EventKind
    mnemonic: str = ""
    """The maker's own word, kept as it is: `IFNET/4/LINK_STATE`, `LINK-3-UPDOWN`, `linkDown`."""
    facility: str = ""
    """Of syslog its name (`local7`), of a trap the enterprise's OID."""
    priority: Priority = 5
    host: str = ""
    """What the message calls its sender."""
    program: str = ""
    text: str
    """For a person, in the device's own words."""
    fields: dict[str, str] = {}
    """Variables of a trap and structured data of a line, by name: `ifName`, `ifIndex`, `peer`, ..."""
    count: int = 1
    """How often the same was said since `at_ms`."""
    last_ms: int = 0
    """When it was said last, where `count` is above 1."""
    odd: str = ""
    """Why it could be read only in part; empty: it could be read."""
