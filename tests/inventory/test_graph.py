"""The graph and its questions: a small city by hand, and laws on random ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cloud import VM, Host
from core.edges import Edge
from core.errors import NotFoundError
from core.graph import GraphView
from core.objects import BusinessSystem, Device, Site, Unit
from core.organisation import Component
from inventory.graph import build_view
from inventory.graph.impact import damage
from inventory.graph.paths import dependencies, path
from inventory.graph.reach import cut, hops, roots
from inventory.graph.skeleton import skeleton
from inventory.graph.xray import xray

AT = 1_790_000_000_000


def edge(kind: str, a: str, b: str, number: int = 0, **more: object) -> Edge:
    return Edge(id=f"{kind}:{a}:{b}:{number}", kind=kind, a=a, b=b, source="declared", valid_from=0, **more)  # type: ignore[arg-type]


def device(name: str, role: str = "access") -> Device:
    return Device(id=name, name=name, address="192.0.2.1", site="hall", role=role)  # type: ignore[arg-type]


def city() -> GraphView:
    """core1 and core2 above tor1; tor2 below tor1 alone. h1 has a card in each, h2 only in tor2."""
    records = {
        "unit": [Unit(id="rsj", name="人社局", level="city")],
        "system": [BusinessSystem(id="pay", name="工资", unit="人社局", protection_level=3)],
        "component": [Component(id="web", name="工资/web", system="工资", needed=1), Component(id="db", name="工资/db", system="工资")],
        "vm": [VM(id=v, key=v, name=v, project="p") for v in ("vm1", "vm2", "vm3")],
        "host": [Host(id=h, key=h, name=h, platform="cloud") for h in ("h1", "h2")],
        "device": [device("core1", "core"), device("core2", "core"), device("tor1", "ToR"), device("tor2", "ToR")],
        "site": [Site(id="hall", name="hall", level="city")],
    }
    edges = [
        edge("linked", "tor1", "core1"), edge("linked", "tor1", "core2"), edge("linked", "core1", "core2"), edge("linked", "tor2", "tor1"),
        edge("plugged-into", "h1", "tor1", b_port="GE0/1"), edge("plugged-into", "h1", "tor2"), edge("plugged-into", "h2", "tor2"),
        edge("hosted-by", "vm1", "h1"), edge("hosted-by", "vm2", "h2"), edge("hosted-by", "vm3", "h2"),
        edge("runs-on", "web", "vm1"), edge("runs-on", "web", "vm2"), edge("runs-on", "db", "vm3"),
        edge("needs", "pay", "web"), edge("needs", "pay", "db"), edge("owned-by", "pay", "rsj"),
        *(edge("stands-at", one, "hall") for one in ("core1", "core2", "tor1", "tor2")),
    ]
    return build_view(5, AT, records, edges)


def lost(view: GraphView, failed: list[str]) -> set[str]:
    return {skeleton(view).ids[n] for n in cut(view, failed).lost.tolist()}


def harms(view: GraphView, *failed: str, links: tuple[str, ...] = ()) -> dict[str, str]:
    return {object_id: one.harm for object_id, one in damage(view, failed, links).items()}


def test_the_backbone_is_what_must_be_reached() -> None:
    assert roots(city()) == {"core1", "core2"}
    assert hops(city(), "core1") == {"core1": 0, "core2": 1, "tor1": 1, "tor2": 2}


def test_one_of_two_uplinks_is_a_degradation() -> None:
    assert lost(city(), ["core1"]) == {"core1"}
    found = damage(city(), ["core1"])
    assert (found["tor1"].harm, found["tor1"].left, found["tor1"].of) == ("degraded", 1, 2)


def test_what_stands_behind_a_dead_switch_is_lost() -> None:
    assert harms(city(), "tor1") == {
        "tor1": "down", "tor2": "down", "h1": "down", "h2": "down", "vm1": "down", "vm2": "down", "vm3": "down",
        "web": "down", "db": "down", "pay": "down",
    }


def test_redundancy_is_counted() -> None:
    found = damage(city(), ["tor2"])
    assert (found["h1"].harm, found["h1"].left, found["h1"].of) == ("degraded", 1, 2)
    assert (found["web"].harm, found["web"].left, found["web"].of) == ("degraded", 1, 2)
    assert found["vm1"].harm == "degraded"
    assert found["db"].harm == "down"
    assert found["pay"].harm == "down"


def test_a_cut_link_is_as_good_as_a_dead_switch_for_those_behind() -> None:
    found = harms(city(), links=("linked:tor2:tor1:0",))
    assert found["tor2"] == "down"
    assert "tor1" not in found


def test_a_site_takes_all_that_stands_there() -> None:
    assert harms(city(), "hall")["pay"] == "down"


def test_an_x_ray_leads_from_the_unit_to_the_switch_port() -> None:
    rays = xray(city(), "rsj")
    names = [(ray.depth, ray.node.name, ray.port) for ray in rays]
    assert names[:4] == [(0, "人社局", ""), (1, "工资", ""), (2, "工资/db", ""), (3, "vm3", "")]
    assert (5, "tor1", "GE0/1") in names


def test_dependencies_and_paths() -> None:
    assert dependencies(city(), "db") == {"vm3": 1, "h2": 2, "tor2": 3, "hall": 4}
    assert [hop.node.kind for hop in path(city(), "rsj", "h2")] == ["unit", "system", "component", "vm", "host"]
    assert path(city(), "rsj", "core1", without=("tor1", "hall")) == ()


def test_an_unknown_object_is_named() -> None:
    with pytest.raises(NotFoundError, match="nothing"):
        damage(city(), ["nothing"])


def test_edges_that_no_longer_hold_are_not_there() -> None:
    held = build_view(1, AT, {"device": [device("a"), device("b")]}, [edge("linked", "a", "b").replace(valid_to=AT)])
    assert held.neighbours("a") == ()


links = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]), max_size=30)


def net(pairs: list[tuple[int, int]]) -> GraphView:
    devices = [device(str(n), "core" if n == 0 else "access") for n in range(10)]
    return build_view(1, AT, {"device": devices}, [edge("linked", str(a), str(b), n) for n, (a, b) in enumerate(pairs)])


@given(links, st.sets(st.integers(0, 9), max_size=4), st.integers(0, 9))
def test_more_failures_never_save_a_device(pairs: list[tuple[int, int]], failed: set[int], another: int) -> None:
    view = net(pairs)
    assert lost(view, [str(n) for n in failed]) <= lost(view, [str(n) for n in failed | {another}])


@given(links, st.sets(st.integers(1, 9), max_size=4))
def test_a_device_is_lost_exactly_when_no_way_is_left(pairs: list[tuple[int, int]], failed: set[int]) -> None:
    view = net(pairs)
    living = {frozenset(map(str, pair)) for pair in pairs if not failed & set(pair)}
    reached, grown = {"0"}, True
    while grown:
        wider = reached.union(*(pair for pair in living if pair & reached)) if living else reached
        grown, reached = wider != reached, wider
    had = set(hops(view, "0"))
    assert lost(view, [str(n) for n in failed]) == (had - reached) | {str(n) for n in failed}
