"""Words that stand in no raw line: what a trap is called, and the sentence that tells it, are known by its OID."""

from collections.abc import Iterator
from functools import lru_cache

from core.events import Event
from core.polling import Oid
from core.ports import LogQuery
from core.signals import RawLine
from links.snmp import ber
from links.traps import GENERIC, TRAP_OID
from monitors.events import definitions, said
from monitors.events.telling import Definition


def asked(query: LogQuery) -> LogQuery:
    """The same question, that finds traps by what they mean as well."""
    return query.replace(octets=_octets_of(query.word)) if query.word and query.kind != "syslog" else query


def holds(line: RawLine, event: Event, word: str) -> bool:
    """Whether the line has the word in it, or the trap in it is told with that word."""
    low = word.casefold()
    if line.kind != "trap" or any(low.encode(code, "replace") in line.raw.lower() for code in ("utf-8", "gb18030")):
        return True
    return any(low in told.casefold() for told in (event.mnemonic, event.text, *said(event).values()))


@lru_cache(maxsize=256)
def _octets_of(word: str) -> tuple[bytes, ...]:
    """Of all traps that are told with the word: what only their datagrams contain (and, of v1, those of the same enterprise)."""
    low = word.casefold()
    meant = [oid for oid, one in definitions().traps.items() if _tells(one, low)]
    return tuple(dict.fromkeys(octets for oid in meant for octets in (*_of_v2(oid), *_of_v1(oid))))


def _tells(one: Definition, low: str) -> bool:
    return low in one.name.casefold() or any(low in text.casefold() for text in one.said.values())


def _of_v2(oid: Oid) -> Iterator[bytes]:
    """snmpTrapOID.0 with this value (RFC 3416); makers are not agreed on the 0 before the last number."""
    for name in {oid, (*oid[:-2], oid[-1]) if oid[-2] == 0 else (*oid[:-1], 0, oid[-1])}:
        yield ber.tlv(6, ber.oid_body(TRAP_OID)) + ber.tlv(6, ber.oid_body(name))


def _of_v1(oid: Oid) -> Iterator[bytes]:
    """generic-trap and specific-trap before the TimeTicks; else the enterprise before the agent's address (RFC 1157)."""
    if oid[:-1] == GENERIC:
        yield ber.integer(oid[-1] - 1) + ber.integer(0) + b"\x43"
    else:
        yield ber.tlv(6, ber.oid_body(oid[:-2] if oid[-2] == 0 else oid[:-1])) + b"\x40\x04"
