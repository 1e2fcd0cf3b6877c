"""Where a crawl goes, how fast, and that it goes on where it was: pure, time is an argument."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.errors import InvalidInputError
from inventory.crawl.frontier import Bounds, Frontier, Visit, allows, nets


@pytest.fixture(autouse=True)
def _english() -> Iterable[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


def bounds(**changes: object) -> Bounds:
    return Bounds(**{"prefixes": ("10.0.0.0/8",), "seeds": ("10.0.0.1",), "per_second": 1e6, **changes})  # type: ignore[arg-type]


def read(address: str, hop: int = 0, *onward: tuple[str, ...], own: tuple[str, ...] = (), device: str = "") -> Visit:
    return Visit(address=address, hop=hop, outcome="read", device=device or address, own=own, onward=onward)


def walked(frontier: Frontier, net: dict[str, Visit]) -> list[str]:
    """All that it visits of a net, in order; what is not in the net is silent."""
    out, now = [], 0.0
    while not frontier.over:
        now += 1.0
        while (found := frontier.take(now)) is not None:
            address, hop = found
            out.append(address)
            visit = net.get(address, Visit(address=address, hop=hop, outcome="silent"))
            frontier.done(visit.replace(hop=hop))
    return out


def test_it_goes_on_to_neighbours_and_never_outside_or_into_what_is_denied() -> None:
    net = {
        "10.0.0.1": read("10.0.0.1", 0, ("10.0.0.2",), ("10.9.0.1",), ("192.0.2.1",), ("10.0.0.3", "10.0.0.2")),
        "10.0.0.2": read("10.0.0.2", 0, ("10.0.0.1",), ("10.0.0.4",)),
        "10.0.0.4": read("10.0.0.4"),
    }
    frontier = Frontier(bounds(deny=("10.9.0.0/16",)))
    assert walked(frontier, net) == ["10.0.0.1", "10.0.0.2", "10.0.0.4"]
    assert (frontier.read, frontier.left_out, frontier.waiting) == (3, 2, 0)


def test_one_address_of_a_neighbour_is_asked_and_the_next_where_it_is_silent() -> None:
    net = {"10.0.0.1": read("10.0.0.1", 0, ("192.0.2.7", "10.0.0.5", "10.0.0.6", "10.0.0.7")), "10.0.0.6": read("10.0.0.6")}
    assert walked(Frontier(bounds()), net) == ["10.0.0.1", "10.0.0.5", "10.0.0.6"]


def test_another_address_of_a_device_is_not_asked_again() -> None:
    net = {
        "10.0.0.1": read("10.0.0.1", 0, ("10.0.0.2",), ("10.0.1.2",), device="core|S1"),
        "10.0.0.2": read("10.0.0.2", 0, own=("10.0.1.2",), device="core|S2"),
    }
    frontier = Frontier(bounds())
    assert walked(frontier, net) == ["10.0.0.1", "10.0.0.2"]
    assert frontier.is_known("core|S2")
    assert not frontier.is_known("")


@pytest.mark.parametrize(("changes", "visited"), [({"hops": 1}, 2), ({"hops": 0}, 1), ({"most": 3}, 3)])
def test_hops_and_number_are_bounded(changes: dict[str, int], visited: int) -> None:
    net = {f"10.0.0.{n}": read(f"10.0.0.{n}", 0, (f"10.0.0.{n + 1}",)) for n in range(1, 9)}
    assert len(walked(Frontier(bounds(**changes)), net)) == visited


def test_new_addresses_come_no_faster_than_they_may() -> None:
    frontier = Frontier(bounds(seeds=(), prefixes=("10.0.0.0/24",), per_second=2.0, at_once=200))
    taken = sum(frontier.take(tenth / 10) is not None for tenth in range(1, 101) for _ in range(5))
    assert 19 <= taken <= 22
    busy = Frontier(bounds(seeds=(), prefixes=("10.0.0.0/24",), at_once=3))
    assert [busy.take(now) is not None for now in (1.0, 1.1, 1.2, 1.3)] == [True, True, True, False]


def test_without_seeds_every_address_is_asked_once() -> None:
    frontier = Frontier(bounds(seeds=(), prefixes=("10.0.0.0/30", "10.0.0.2/32", "2001:db8::1/128"), deny=("10.0.0.1/32",)))
    assert walked(frontier, {}) == ["10.0.0.2", "2001:db8::1"]
    with pytest.raises(InvalidInputError, match="65536"):
        Frontier(bounds(seeds=(), prefixes=("10.0.0.0/8",)))


def test_what_is_no_prefix_is_said() -> None:
    for text in ("", "10.0.0.0/40", "net", "10.0.0.1-9"):
        with pytest.raises(InvalidInputError):
            nets([text])
    assert not allows(bounds(), "no address")
    assert allows(bounds(), " 10.1.2.3 ")


@given(st.dictionaries(st.integers(1, 30), st.lists(st.integers(1, 30), max_size=4), max_size=30), st.integers(0, 40))
def test_whoever_resumes_visits_what_is_left_and_nothing_twice(wires: dict[int, list[int]], cut: int) -> None:
    net = {f"10.0.0.{n}": read(f"10.0.0.{n}", 0, *((f"10.0.0.{far}",) for far in far_ends)) for n, far_ends in wires.items()}
    whole = walked(Frontier(bounds(hops=100)), net)
    first, visits, now = Frontier(bounds(hops=100)), [], 0.0
    while not first.over and len(visits) < cut:
        now += 1.0
        found = first.take(now)
        if found is not None:
            visit = net.get(found[0], Visit(address=found[0], hop=found[1], outcome="silent")).replace(hop=found[1])
            first.done(visit)
            visits.append(visit)
    rest = walked(Frontier.replay(bounds(hops=100), visits), net)
    assert sorted([visit.address for visit in visits] + rest) == sorted(whole)
