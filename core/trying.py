"""Which credential is tried next on a device, and when: never so often that the device locks its account. Pure; time is an argument."""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.custody import Answer, CredentialSet, CredentialTries, CredentialTry

KEPT = 12
"""Tries that are remembered of one address: more than any set allows within its pause."""
HARMLESS: frozenset[Answer] = frozenset({"ok", "paused", "unusable", "closed", "no-ssh", "host-key-changed"})
"""Answers before which no wrong secret reached the device. All others count as failures, also when nobody knows how a try ended."""
SLOWEST_S = 6 * 3600
"""Longest pause between two tries of ours on a device that accepts nothing."""
MANUAL = (5, 600)
"""Failures and seconds for tests by hand of addresses that no set holds."""


class Next(NamedTuple):
    """A credential to try now; or, where it is empty, when something may be tried again."""

    credential: str = ""
    again_at: int = 0


def set_for(address: str, sets: Iterable[CredentialSet]) -> CredentialSet | None:
    """The set whose longest prefix holds the address; of equals the first by name."""
    try:
        wanted = ipaddress.ip_address(address)
    except ValueError:
        return None
    best: tuple[int, str] | None = None
    chosen = None
    for one in sets:
        for prefix in one.prefixes:
            network = _network(prefix)
            if network.version == wanted.version and wanted in network:
                rank = (-network.prefixlen, one.name)
                if best is None or rank < best:
                    best, chosen = rank, one
    return chosen


@lru_cache(maxsize=4096)
def _network(prefix: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(prefix, strict=False)


def pause_until(most_failures: int, pause_s: int, tries: Sequence[CredentialTry], now_ms: int) -> int:
    """0: one more may be tried now; else when."""
    failed = sorted(one.at_ms for one in tries if one.answer not in HARMLESS and now_ms - one.at_ms < pause_s * 1000)
    return failed[-most_failures] + pause_s * 1000 if len(failed) >= most_failures else 0


def next_try(chosen: CredentialSet, tries: Sequence[CredentialTry], now_ms: int, usable: Iterable[str]) -> Next:
    """The credential after the one that was tried last, of those that are `usable`; one that succeeds ends the search."""
    names = [name for name in chosen.credentials if name in set(usable)]
    if not names:
        return Next()
    if again_at := pause_until(chosen.most_failures, chosen.pause_s, tries, now_ms):
        return Next(again_at=again_at)
    last = next((one.credential for one in reversed(tries) if one.credential in names), "")
    return Next(names[(names.index(last) + 1) % len(names)] if last else names[0])


def begun(known: CredentialTries, credential: str, now_ms: int) -> CredentialTries:
    """With one more try, of which nobody knows yet how it ends."""
    return known.replace(tries=(*settled(known, now_ms).tries, CredentialTry(credential=credential, at_ms=now_ms))[-KEPT:])


def ended(known: CredentialTries, attempt: CredentialTry, now_ms: int, *, finds: bool = True) -> CredentialTries:
    """With the answer to a try. attempt: as it ended; the one with its credential and time is replaced. finds: what succeeds is what
    the device is polled with, when it declares nothing."""
    tries = tuple(
        attempt if (one.credential, one.at_ms, one.answer) == (attempt.credential, attempt.at_ms, "pending") else one
        for one in known.tries
    )
    if attempt.answer in HARMLESS - {"ok"}:
        return known.replace(tries=tries)
    if attempt.answer != "ok":
        return known.replace(tries=tries, failed=known.failed + 1)
    found = {"found": attempt.credential, "found_at": now_ms} if finds else {}
    return known.replace(tries=tries, failed=0, **found)


def rests_until(chosen: CredentialSet, known: CredentialTries) -> int:
    """When search goes on by itself on a device that accepted nothing: after each round of the whole set it waits twice as long."""
    rounds = known.failed // len(chosen.credentials)
    if not rounds or not known.tries:
        return 0
    return known.tries[-1].at_ms + min(chosen.pause_s << min(rounds, 20), SLOWEST_S) * 1000


def settled(known: CredentialTries, now_ms: int) -> CredentialTries:
    """The same where no try lies in the future: after the clock was set back, those that do count as made now."""
    if all(one.at_ms <= now_ms for one in known.tries):
        return known
    return known.replace(tries=tuple(one.replace(at_ms=min(one.at_ms, now_ms)) for one in known.tries))
