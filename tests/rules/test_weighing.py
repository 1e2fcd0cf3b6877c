"""Alerts grow more severe by the protection level of what depends on their device."""

from types import SimpleNamespace
from typing import Any

import pytest

from agents.hub.ruling.weighing import MOST_AT_ONCE, Weighing
from core.cloud import VM, Host
from core.edges import Edge
from core.errors import UnavailableError
from core.objects import BusinessSystem, Device
from core.organisation import Component
from core.signals import Alert
from inventory.graph.frozen import FrozenGraph


def edge(kind: Any, a: str, b: str) -> Edge:
    return Edge(id=f"{kind}-{a}-{b}", kind=kind, a=a, b=b, source="declared", valid_from=1)


@pytest.fixture(scope="module")
def view() -> FrozenGraph:
    """A system of level 3 on a machine on a host that a server's device carries; another device that carries nothing."""
    nouns = {
        "device": [Device(id=one, name=one, address="", site="", role="access") for one in ("srv", "idle")],
        "host": [Host(id="h", name="h", key="h", platform="p")],
        "vm": [VM(id="v", name="v", key="v", project="p", host="")],
        "component": [Component(id="web", name="web", system="s")],
        "system": [BusinessSystem(id="s", name="s", unit="u", protection_level=3)],
    }
    edges = [edge("hosted-by", "v", "h"), edge("carried-by", "h", "srv"), edge("runs-on", "web", "v"), edge("needs", "s", "web")]
    return FrozenGraph(7, 1, nouns, edges)


def weighing(view: FrozenGraph | None, known: dict[str, Alert] | None = None) -> Weighing:
    async def current() -> FrozenGraph:
        if view is None:
            raise UnavailableError("no graph")
        return view

    hub: Any = SimpleNamespace(graphs=SimpleNamespace(view=current), table=SimpleNamespace(alert=(known or {}).get))
    return Weighing(hub, {"probe-down": 3, "interface-down": 4})


def alert(rule: str, device_id: str, severity: Any = "major", **more: Any) -> Alert:
    return Alert(id=f"{rule}/{device_id}", rule=rule, device_id=device_id, severity=severity, raised_at=1, **more)


async def test_one_step_up_where_a_system_of_the_level_depends(view: FrozenGraph) -> None:
    told = [alert("probe-down", "srv"), alert("probe-down", "idle"), alert("interface-down", "srv"), alert("other", "srv")]
    found = await weighing(view).weighed(told)
    assert [one.severity for one in found] == ["critical", "major", "major", "major"]
    assert found[0].evidence["level"] == "3"
    assert [one.id for one in found] == [one.id for one in told]


async def test_its_end_has_the_severity_that_it_had(view: FrozenGraph) -> None:
    before = alert("probe-down", "srv", "critical")
    (ended,) = await weighing(view, {before.id: before}).weighed([alert("probe-down", "srv", cleared_at=9)])
    assert (ended.severity, ended.cleared_at) == ("critical", 9)


async def test_without_a_graph_and_of_a_storm_the_rules_severity_stays(view: FrozenGraph) -> None:
    assert [one.severity for one in await weighing(None).weighed([alert("probe-down", "srv")])] == ["major"]
    storm = [alert("probe-down", f"a{n:04}") for n in range(MOST_AT_ONCE)] + [alert("probe-down", "srv")]
    found = await weighing(view).weighed(storm)
    assert len(found) == len(storm)
    assert {one.severity for one in found} == {"major"}
