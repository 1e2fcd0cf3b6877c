"""Which credential is tried when: laws that hold whatever devices answer and whatever the clock does."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from core.custody import Answer, CredentialSet, CredentialTries, CredentialTry
from core.locators import is_locator, parse
from core.trying import KEPT, begun, ended, next_try, pause_until, rests_until, set_for, settled

NAMES = ("a", "b", "c", "d", "e")
FAILS: tuple[Answer, ...] = ("no-answer", "wrong-secret", "unknown-user", "pending", "refused", "nonsense")


def a_set(**more: object) -> CredentialSet:
    return CredentialSet(**{"id": "s", "name": "s", "prefixes": ("10.0.0.0/8",), "credentials": NAMES, **more})  # type: ignore[arg-type]


@given(
    st.integers(1, 10), st.integers(1, 3600), st.lists(st.tuples(st.integers(0, 4_000_000), st.sampled_from((*FAILS, "ok"))), max_size=80),
    st.sets(st.sampled_from(NAMES), min_size=1),
)
def test_never_more_failures_within_the_pause(
    most: int, pause_s: int, steps: list[tuple[int, Answer]], usable: set[str],
) -> None:
    """Whatever the order of answers; a try whose end nobody knows counts as failed."""
    chosen = a_set(most_failures=most, pause_s=pause_s)
    known, now, failed = CredentialTries(id="t", address="10.0.0.1"), 1_000_000, []
    for step, answer in steps:
        now += step
        found = next_try(chosen, known.tries, now, usable)
        if not found.credential:
            assert found.again_at > now
            assert next_try(chosen, known.tries, found.again_at, usable).credential
            continue
        assert found.credential in usable
        known = begun(known, found.credential, now)
        if answer != "pending":
            known = ended(known, CredentialTry(credential=found.credential, at_ms=now, answer=answer), now)
        if answer != "ok":
            failed.append(now)
        assert len(known.tries) <= KEPT
        assert sum(now - at < pause_s * 1000 for at in failed) <= most


@given(st.integers(1, 5), st.integers(1, 100))
def test_all_credentials_have_their_turn_in_order(most: int, pause_s: int) -> None:
    chosen = a_set(most_failures=most, pause_s=pause_s)
    known, now, tried = CredentialTries(id="t", address="10.0.0.1"), 0, []
    while len(tried) < 2 * len(NAMES):
        found = next_try(chosen, known.tries, now, NAMES)
        if found.credential:
            tried.append(found.credential)
            attempt = CredentialTry(credential=found.credential, at_ms=now, answer="no-answer")
            known = ended(begun(known, found.credential, now), attempt, now)
        else:
            now = found.again_at
    assert tried == [*NAMES, *NAMES]


def test_a_clock_that_is_set_back_costs_one_pause_at_most() -> None:
    chosen = a_set(most_failures=1, pause_s=60)
    known = begun(CredentialTries(id="t", address="10.0.0.1"), "a", 10**12)
    now = 10**12 - 365 * 86_400_000
    assert next_try(chosen, known.tries, now, NAMES).credential == ""
    known = settled(known, now)
    assert next_try(chosen, known.tries, now, NAMES).again_at == now + 60_000
    assert next_try(chosen, known.tries, now + 60_000, NAMES).credential == "b"


def test_success_is_remembered_and_counts_as_no_failure() -> None:
    known = begun(CredentialTries(id="t", address="10.0.0.1"), "a", 5)
    known = ended(known, CredentialTry(credential="a", at_ms=5, answer="ok"), 7)
    assert (known.found, known.found_at) == ("a", 7)
    assert pause_until(1, 60, known.tries, 8) == 0


def test_nothing_usable_is_nothing_to_try() -> None:
    assert next_try(a_set(), (), 5, ()) == ("", 0)
    assert next_try(a_set(), (), 5, {"unknown"}) == ("", 0)


@given(st.lists(st.tuples(st.integers(8, 32), st.integers(0, 2**32 - 1)), min_size=1, max_size=20), st.integers(0, 2**32 - 1))
def test_the_longest_prefix_wins(prefixes: list[tuple[int, int]], number: int) -> None:
    networks = [ipaddress.ip_network((value, length), strict=False) for length, value in prefixes]
    sets = [a_set(id=str(i), name=f"n{i:02}", prefixes=(str(network), "fd00::/8")) for i, network in enumerate(networks)]
    address = ipaddress.ip_address(number)
    holding = [(-network.prefixlen, one.name) for network, one in zip(networks, sets, strict=True) if address in network]
    found = set_for(str(address), sets)
    assert (found.name if found else "") == (min(holding)[1] if holding else "")


def test_addresses_without_a_set() -> None:
    assert set_for("no address", [a_set()]) is None
    assert set_for("fd00::1", [a_set()]) is None
    assert set_for("fd00::1", [a_set(prefixes=("fd00::/8",))])


def test_locators() -> None:
    for good in ("secret:核心 只读", "vault:net/core#community", "env:RO", "file:/etc/yunwang/ro"):
        assert parse(good), good
    for bad in ("public", "secret:", "secret: x", "secret:a\nb", "vault:net", "vault:../x#y", "vault:a//b#c", "vault:/a#b", "vault:a#",
                "vault:http://x#y", "env:1X", "file:relative", "file:", "file:/a\x00b", "https://x", "secret:" + "x" * 600):
        assert not is_locator(bad), bad


def test_search_that_finds_nothing_gets_slower_and_never_stops() -> None:
    chosen = a_set(most_failures=10, pause_s=60)
    known, now, tries_a_day = CredentialTries(id="t", address="10.0.0.1"), 0, []
    for _ in range(6):
        end, count = now + 86_400_000, 0
        while now < end:
            now = max(now, rests_until(chosen, known))
            found = next_try(chosen, known.tries, now, NAMES)
            if found.credential:
                attempt = CredentialTry(credential=found.credential, at_ms=now, answer="no-answer")
                known, count = ended(begun(known, found.credential, now), attempt, now), count + 1
            else:
                now = found.again_at
        tries_a_day.append(count)
    assert tries_a_day == sorted(tries_a_day, reverse=True)
    assert 2 <= tries_a_day[-1] <= 4
    assert rests_until(chosen, ended(begun(known, "a", now), CredentialTry(credential="a", at_ms=now, answer="ok"), now)) == 0
