"""Counting what is the same, and holding storms to a bound without losing the count."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.events import STORM, Event
from monitors.events import Folder, read_line
from monitors.events.folding import WINDOW_MS, key_of

LINE = "<189>2026-11-23 20:10:19 SW1 %%%%01IFNET/4/IF_STATE(l)[%d]:Interface %s has turned into %s state."


def said(number: int, port: str, state: str = "DOWN", source: str = "10.0.0.1", at_ms: int = 1000) -> Event:
    return read_line((LINE % (number, port, state)).encode(), at_ms, source)


def test_the_same_is_counted_and_ports_and_states_are_not_the_same() -> None:
    folder = Folder("x")
    folder.put([said(1, "GE0/0/1"), said(2, "GE0/0/1", at_ms=1500), said(3, "GE0/0/2"), said(4, "GE0/0/1", "UP", at_ms=1600)])
    first = folder.take(2000)
    assert [(e.fields["ifName"], e.count, e.last_ms) for e in first] == [("GE0/0/2", 1, 0), ("GE0/0/1", 2, 1500), ("GE0/0/1", 1, 0)]
    assert len({e.id for e in first}) == 3
    assert folder.take(2001) == []
    folder.put([said(5, "GE0/0/1", at_ms=2500)])
    (again,) = folder.take(3000)
    assert (again.id, again.count, again.last_ms, again.at_ms) == (first[1].id, 3, 2500, 1000)


def test_numbers_that_stand_alone_do_not_matter_and_names_do() -> None:
    def key(text: str) -> object:
        return key_of(Event(at_ms=1, source="s", kind="syslog", text=text))

    assert key("Login failed 3 times in 20 s") == key("Login failed 14 times in 9 s")
    assert key("SSH_FAIL: (IP=10.0.0.1, Times=3)") == key("SSH_FAIL: (IP=10.0.0.1, Times=14)") != key("SSH_FAIL: (IP=10.0.0.2, Times=3)")
    for one, other in (("peer 10.0.0.1 down", "peer 10.0.0.2 down"), ("port GE0/0/1", "port GE0/0/2"), ("ifIndex=3", "ifIndex=4"),
                       ("VLAN-12 gone", "VLAN-13 gone"), ("Eth1/1:2", "Eth1/1:3")):
        assert key(one) != key(other)


def test_after_the_window_it_is_a_new_event() -> None:
    folder = Folder("x")
    folder.put([said(1, "GE0/0/1", at_ms=1000), said(1, "GE0/0/1", at_ms=1000 + WINDOW_MS)])
    assert [e.count for e in folder.take(1000 + WINDOW_MS)] == [1]
    folder.take(10**9)
    assert len(folder) == 0


@given(st.lists(st.tuples(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), st.integers(0, 40)), max_size=400), st.integers(1, 8))
def test_no_count_is_lost_and_bounds_hold(told: list[tuple[str, int]], bound: int) -> None:
    folder = Folder("x", per_source=bound, in_all=2 * bound)
    folder.put(said(n, f"GE0/0/{port}", source=source, at_ms=1000 + n) for n, (source, port) in enumerate(told))
    found = folder.take(2000)
    assert sum(event.count for event in found) == len(told)
    shown = Counter(event.source for event in found if event.mnemonic != STORM)
    assert all(count <= bound for count in shown.values())
    assert sum(shown.values()) <= 2 * bound
    assert len(folder) <= 4 * bound + 2


def test_a_storm_of_many_sources_is_bounded_too() -> None:
    folder = Folder("x", per_source=2, in_all=50)
    folder.put(said(n, f"GE0/0/{n}", source=f"10.{n >> 8 & 255}.{n & 255}.1", at_ms=1000) for n in range(5000))
    assert len(folder) <= 102
    assert sum(event.count for event in folder.take(2000)) == 5000


def test_a_clock_that_steps_back_ends_the_window() -> None:
    folder = Folder("x")
    folder.put([said(1, "GE0/0/1", at_ms=10**9)])
    folder.take(10**9)
    folder.put([said(1, "GE0/0/1", at_ms=10**6)])
    assert [e.count for e in folder.take(10**6)] == [1]
    folder.take(10**6 + WINDOW_MS)
    assert len(folder) == 0


def test_a_storm_is_one_event_from_its_beginning_to_its_end_with_its_count() -> None:
    folder, told = Folder("x", per_source=2), list[Event]()
    for second in range(220):
        at_ms = second * 1000
        folder.put([said(n, f"GE0/0/{n}", at_ms=at_ms) for n in range(10 if second < 150 else 0)])
        folder.put([said(1, "GE0/0/1", "UP", "10.0.0.2", at_ms)])
        told += [event for event in folder.take(at_ms) if event.mnemonic == STORM]
    assert len({event.id for event in told}) == 1, "it does not begin again with every window"
    assert (told[-1].fields["storm"], told[-1].count, told[-1].fields["count"]) == ("ended", 8 * 150, "1200")
    assert [event.fields["storm"] for event in told].count("ended") == 1
    assert told[-2].text.startswith("More")
    assert "1200 in 149 s" in told[-1].text
    assert {event.source for event in told} == {"10.0.0.1"}, "others are none of it"
