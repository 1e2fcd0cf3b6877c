"""What always holds, on any net (with circles), for any alerts, in any order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.signals import Alert, urgency
from monitors.suppress import Surroundings, flapping, recent, remembered, verdicts
from monitors.suppress.flapping import CALM_MS, WINDOW_MS

NAMES = ("core", *"abcdefgh")
Scene = tuple[Surroundings, list[Alert]]


@st.composite
def scenes(draw: Any, tools: Any) -> Scene:
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=16))
    links = [f"{a}:{n}-{b}:{n + 100}" for n, (a, b) in enumerate(pairs) if a != b]
    sites = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from("ST"), max_size=9))
    devices = [tools.device(name, "core" if name == "core" else "access", sites.get(name, "")) for name in NAMES]
    around = tools.around(tools.net(links, *devices))
    kinds = st.one_of(
        st.tuples(st.just("device-unreachable"), st.just("")), st.tuples(st.just("interface-down"), st.integers(0, 120).map(str)),
        st.tuples(st.sampled_from(("cpu-high", "ups-on-battery", "device-rebooted")), st.just("")),
    )
    at = st.integers(tools.now - 2_000_000, tools.now)
    raw = draw(st.lists(st.tuples(st.sampled_from((*NAMES, "stranger")), kinds, at), max_size=25))
    alerts = {one.id: one for device, (rule, instance), when in raw for one in [tools.alert(rule, device, instance, when)]}
    return around, list(alerts.values())


@given(st.data())
def test_every_alert_is_a_root_or_names_an_open_root(tools: Any, data: Any) -> None:
    around, alerts = data.draw(scenes(tools))
    found = verdicts(alerts, around)
    assert found.keys() == {one.id for one in alerts}
    for one in found.values():
        assert not one.root or not found[one.root].root
        assert not (one.root and one.suppressed)
    assert sum(one.suppressed for one in found.values()) == sum(bool(one.root) for one in found.values())


@given(st.data(), st.randoms())
def test_the_order_of_arrival_does_not_matter(tools: Any, data: Any, random: Any) -> None:
    around, alerts = data.draw(scenes(tools))
    expected = verdicts(alerts, around)
    random.shuffle(alerts)
    assert verdicts(alerts, around) == expected


@given(st.data())
def test_whoever_is_left_when_the_roots_recover_speaks_in_the_end(tools: Any, data: Any) -> None:
    around, alerts = data.draw(scenes(tools))
    heard: set[str] = set()
    rounds = 0
    while alerts:
        roots = {alert for alert, one in verdicts(alerts, around).items() if not one.root}
        assert roots, "somebody is always a root"
        heard |= roots
        alerts = [one for one in alerts if one.id not in roots]
        rounds += 1
    assert rounds <= 25


@given(st.data())
def test_what_stands_in_is_never_more_than_there_is(tools: Any, data: Any) -> None:
    around, alerts = data.draw(scenes(tools))
    assert all(0 <= one.left <= one.of for one in verdicts(alerts, around).values())


@pytest.mark.parametrize(("left", "of", "expected"), [(1, 2, "minor"), (0, 2, "critical"), (0, 0, "critical"), (2, 2, "critical")])
def test_what_something_stands_in_for_hurries_less(left: int, of: int, expected: str) -> None:
    assert urgency("critical", left, of) == expected
    assert urgency("info", left, of) == "info"


def test_a_thing_that_comes_and_goes_flaps_until_it_holds_still(tools: Any) -> None:
    history: Any = {}
    for number in range(4):
        one = tools.port("a", "1", tools.now + number * 60_000)
        history = remembered(history, [one], one.raised_at)
        assert flapping(history, one, one.raised_at) == (number == 3)
    assert flapping(history, one, one.raised_at + CALM_MS - 1)
    assert not flapping(history, one, one.raised_at + CALM_MS)
    assert not recent(history, one.raised_at + WINDOW_MS)
    assert recent(history, one.raised_at) == history
    assert remembered(history, [one, one], one.raised_at) == history, "the same alert twice is one"
