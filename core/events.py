"""What devices say by themselves: traps and syslog lines, whatever their dialect, in one shape. Times are milliseconds since 1970, UTC."""

from typing import Literal, NamedTuple

from core.i18n import tr
from core.nouns import Noun
from core.polling import Oid, VarBind

EventKind = Literal["trap", "syslog"]
Priority = Literal[0, 1, 2, 3, 4, 5, 6, 7]
"""Severity of syslog (RFC 5424, 6.2.1): 0 emergency to 7 debug; of a trap what its definition says, else 5."""
PRIORITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
STORM = "storm"
"""Mnemonic of the event that stands for what one source said beyond its bound: `count` of them, all kept as raw lines."""
SEARCH_JOB = "event.search"


class Event(Noun, frozen=True, kw_only=True):
    """One message, normalised. What stands in it was said by a device: cleaned, bounded, never parsed as anything."""

    id: str = ""
    """Of what the ears counted together; a later event of the same id replaces the earlier one. Empty: read from the logs."""
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
    """Why it could be read only in part, as a message id; empty: it could be read."""
    odd_values: dict[str, str] = {}
    """What is filled into it."""


def why_odd(event: Event) -> str:
    """The reason in the current language; empty: it could be read."""
    return tr(event.odd, **event.odd_values)


class EventBatch(Noun, frozen=True, kw_only=True):
    """What the ears publish as `live.events`, at most once a second, in the order in which it was said last."""

    at_ms: int
    events: tuple[Event, ...]


class EventRow(Event, frozen=True, kw_only=True):
    """A line of the list."""

    device: str = ""
    """Name of the device."""
    said: dict[str, str] = {}
    """A defined trap as a sentence, by language (`zh`, `en`); empty: `text` is all there is."""


class EventPage(Noun, frozen=True, kw_only=True):
    """Newest first."""

    rows: tuple[EventRow, ...]
    looked_to_ms: int
    """Everything not older than this was looked at."""
    complete: bool
    """The whole period was looked at; else ask again with `end_ms` at the oldest row, or search by a job."""


class EventQuery(Noun, frozen=True, kw_only=True):
    """Which events. Empty fields match all; end_ms 0: now."""

    start_ms: int = 0
    end_ms: int = 0
    device: str = ""
    """Id or name: messages from any address that it is known to have today, and those that call their sender by its name."""
    source: str = ""
    kind: str = ""
    grep: str = ""
    """Part of the raw line, in UTF-8 or GB 18030, ASCII letters in either case; or of what a trap is called or told as."""
    priority: int = 7
    """This severe or more."""
    limit: int = 200


class EventSearch(EventQuery, frozen=True, kw_only=True):
    """A search by a job, of whose messages it is settled."""

    sources: tuple[str, ...] = ()
    """Addresses; empty: all."""
    host: str = ""
    relays: tuple[str, ...] = ()
    """Addresses whose messages count where they call their sender `host`."""


class Sender(Noun, frozen=True, kw_only=True):
    """An address that was heard."""

    address: str
    first_ms: int
    last_ms: int
    count: int
    kinds: tuple[EventKind, ...] = ()
    hosts: tuple[str, ...] = ()
    """What its messages called their sender, the newest last."""


class SenderRow(Sender, frozen=True, kw_only=True):
    """A line of the list."""

    device_id: str = ""
    """Empty: no device is known to have this address."""
    device: str = ""


class SenderPage(Noun, frozen=True, kw_only=True):
    """Who spoke last comes first."""

    rows: tuple[SenderRow, ...]
    total: int
    """How many there are; `rows` may be fewer."""


class EarsCount(Noun, frozen=True, kw_only=True):
    """How much was heard since the ears began."""

    answers: bool = True
    """False: the ears do not run, or do not answer at the moment; the figures are nothing."""
    received: int = 0
    stored: int = 0
    dropped: int = 0
    """Lost for want of room: nothing of them is left but this figure."""
    events: int = 0
    unread: int = 0
    """Kept raw, but not normalised, because more came than could be read."""
    rejected: int = 0
    """SNMPv3 messages that did not prove who sent them."""
    informs: int = 0
    turned_away: int = 0
    """Connections that had to give way, or were not let in."""


class Trap(NamedTuple):
    """A trap or inform, decoded: what SNMP says, before anybody knows what it means."""

    version: int
    """0: v1, 1: v2c, 3: v3."""
    oid: Oid
    """snmpTrapOID; of v1 by RFC 3584, 3.1."""
    enterprise: Oid
    """snmpTrapEnterprise, where it is told; else ()."""
    agent: str
    """The address that the agent gives itself; empty: none."""
    uptime: int
    """1/100 s."""
    bindings: list[VarBind]
    """Without sysUpTime.0 and snmpTrapOID.0."""
    inform: bool = False
    request_id: int = 0
    problem: str = ""
    """Where it ends before its end: why, as a message id."""
    problem_values: dict[str, str] = {}
