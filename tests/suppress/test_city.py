"""Every site of the lab's city goes dark and comes back: one root each, the one through which the site is reached, and the cause."""

from random import Random
from typing import Any

import pytest

from inventory.graph import joining, reach
from inventory.graph.deriving import derive
from inventory.graph.frozen import FrozenGraph
from lab.records import records
from monitors.suppress import Seen, Surroundings, verdicts

SECOND = 1000


@pytest.fixture(scope="module")
def around(tools: Any) -> Surroundings:
    found, links = records(600)
    view = FrozenGraph(1, tools.now, found, derive(found, joining.Seen(links=links)))
    return Surroundings(view, reach.roots(view))


@pytest.fixture(scope="module")
def outer(around: Surroundings) -> dict[str, list[str]]:
    """Sites without a piece of the core, and who stands there."""
    found = {site: members for site, members in around.standing.items() if len(members) > 1 and not around.roots.intersection(members)}
    assert len(found) > 50
    return found


def darkness(tools: Any, around: Surroundings, members: list[str], seed: int) -> list[Any]:
    """Each is noticed at its own poll, and so are the ports towards the site."""
    random = Random(seed)
    silent = [tools.alert("device-unreachable", one, at=tools.now + random.randrange(90) * SECOND) for one in members]
    ends = {(wire.far, wire.far_port) for one in members for wire in around.wires.get(one, ()) if wire.far not in members}
    return [*silent, *(tools.port(*end, tools.now + random.randrange(30) * SECOND) for end in sorted(ends))]


def test_a_dark_site_has_one_root_and_it_is_the_device_through_which_it_is_reached(
    tools: Any, around: Surroundings, outer: dict[str, list[str]],
) -> None:
    for number, members in enumerate(outer.values()):
        alerts = darkness(tools, around, members, number)
        roots = [alert for alert, one in verdicts(alerts, around).items() if not one.root]
        nearest = min(members, key=around.rank)
        assert roots == [f"device-unreachable/{nearest}/"]
        assert {around.hops[one] for one in members if around.hops[one] < around.hops[nearest]} == set()


def test_its_cause_is_power_whoever_there_said_so_and_however_long_the_battery_lasted(
    tools: Any, around: Surroundings, outer: dict[str, list[str]],
) -> None:
    for number, members in enumerate(outer.values()):
        alerts = darkness(tools, around, members, number)
        root = f"device-unreachable/{min(members, key=around.rank)}/"
        leaf = max(members, key=around.rank)
        assert verdicts(alerts, around)[root].cause in ("power", "line-or-power")
        assert verdicts(alerts, around, Seen(powerless={leaf: tools.now}))[root].cause == "power", "the last gasp of one behind it"
        assert verdicts(alerts, around, Seen(rooms={leaf: tools.now - 3_000 * SECOND}))[root].cause == "power", "the word of its UPS"


def test_the_word_of_a_ups_long_ago_explains_nothing_where_others_still_live(
    tools: Any, around: Surroundings, outer: dict[str, list[str]],
) -> None:
    members = max(outer.values(), key=len)
    one, other = sorted(members, key=around.rank)[-2:]
    told = verdicts(tools.silent(one), around, Seen(rooms={other: tools.now - 3_000 * SECOND}))
    assert told[f"device-unreachable/{one}/"].cause == ""


def test_when_its_power_returns_the_restarts_are_one_root(tools: Any, around: Surroundings, outer: dict[str, list[str]]) -> None:
    for number, (site, members) in enumerate(outer.items()):
        random = Random(number)
        alerts = [tools.alert("device-rebooted", one, at=tools.now + random.randrange(150) * SECOND) for one in members]
        found = verdicts(alerts, around, Seen(rooms={members[0]: tools.now - 1_200 * SECOND}))
        assert [(one.suppressed, one.together, one.place, one.cause) for one in found.values() if not one.root] == [
            (len(members) - 1, len(members), site, "power"),
        ]


def test_the_whole_city_restarts_and_few_speak(tools: Any, around: Surroundings) -> None:
    random = Random(1)
    alerts = [tools.alert("device-rebooted", one, at=tools.now + random.randrange(120) * SECOND) for one in around.polled]
    roots = [one for one in verdicts(alerts, around).values() if not one.root]
    assert len(roots) == 1
    assert roots[0].together == len(alerts)
