"""The keeper over a real store: what it holds is what is derived, after any changes and after a crash; any moment can be asked."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.hub.graph.past import past_view
from agents.hub.graph.present import Present
from core.cloud import Host
from core.edges import Edge
from core.graph import GraphView
from core.identity import Actor
from core.messages import Observed
from core.objects import Device, Link, Station
from core.organisation import Component
from inventory.graph import Seen, derive
from stores.records import open_records

WHO = Actor(name="test", origin="test")
Store = Any


class Kept:
    """A store, what is known of it in memory, and a clock that goes on by itself."""

    def __init__(self, path: Path) -> None:
        self.store = open_records(path)
        self.now = 1_790_000_000_000
        self.present = Present(self.store)

    def write(self, change: Any) -> None:
        self.now += 1000
        with self.store.write(WHO, self.now) as write:
            change(write)

    def keep(self) -> GraphView:
        """A round of the keeper, a moment later."""
        view = self.present.catch_up(self.now)
        came, went = list(self.present.came.values()), list(self.present.went)
        if came or went:
            with self.store.write(WHO, self.now) as write:
                write.edges(came, went)
            self.present.written(came, went)
        return view

    def derived(self) -> dict[str, Edge]:
        records = {kind: list(some.values()) for kind, some in self.present.records.items()}
        return {edge.id: edge for edge in derive(records, Seen(list(self.store.all_links()), list(self.store.all_stations())))}

    def held(self) -> dict[str, Edge]:
        return {edge.id: edge for edge in self.store.edges_at(0)}

    def restart(self) -> None:
        """As after kill -9: nothing of what was in memory is left."""
        self.present = Present(self.store)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path / "records.db")
    yield made
    made.store.close()


def told(edges: dict[str, Edge]) -> set[tuple[Any, ...]]:
    return {(e.id, e.kind, e.a, e.a_port, e.b, e.b_port, e.source, e.origin, e.confidence) for e in edges.values()}


def picture(view: GraphView) -> dict[str, Any]:
    """All that a view says, but since when an edge holds."""
    out: dict[str, Any] = {}
    for node in view.nodes():
        edges = {edge.id: edge.replace(valid_from=0, valid_to=0) for edge in view.edges(node.id)}
        out[node.id] = node, view.noun(node.id), told(edges)
    return out


def device(number: int, **more: Any) -> Device:
    values = {"address": f"10.0.0.{number}", "site": "", "role": "access"} | more
    return Device(id=f"{number:032d}", name=f"SW{number}", **values)


def report(number: int, *far: int, at_ms: int = 5, macs: tuple[str, ...] = ()) -> Observed:
    links = tuple(
        Link(device_a=f"{number:032d}", port_a=f"GE0/0/{one}", device_b=f"SW{one}", port_b=f"GE0/0/{number}", source="lldp",
             confidence=0.9, valid_from=at_ms) for one in far
    )
    seen = tuple(Station(device_id=f"{number:032d}", port="GE0/0/9", mac=mac, valid_from=at_ms) for mac in macs)
    return Observed(device_id=f"{number:032d}", at_ms=at_ms, interfaces=(), facts=(), links=links, stations=seen)


def test_a_city_is_kept_and_after_a_crash_nothing_is_written_twice(kept: Kept, small_city: Any) -> None:
    records, links = small_city
    kept.write(lambda write: [write.put("seed", noun) for some in records.values() for noun in some])
    kept.write(lambda write: [
        write.observe("device.observe", Observed(
            device_id=one.id, at_ms=kept.now, interfaces=(), facts=(), links=tuple(link for link in links if link.device_a == one.id),
        )) for one in records["device"]
    ])
    view = kept.keep()
    assert told(kept.held()) == told(kept.derived())
    assert len(kept.held()) > 500
    before = kept.store.revision()
    kept.restart()
    again = kept.keep()
    assert kept.store.revision() == before
    assert picture(again) == picture(view)


def test_an_edge_remembers_since_when_and_until_when(kept: Kept) -> None:
    kept.write(lambda write: [write.put("seed", device(n)) for n in (1, 2)])
    kept.write(lambda write: write.put("seed", Component(id="c" * 32, name="web", system="", devices=("SW1",))))
    born = kept.now
    kept.keep()
    kept.write(lambda write: write.put("edit", Component(id="c" * 32, name="web", system="", devices=("SW2",))))
    moved = kept.now
    kept.keep()
    then = [(edge.kind, edge.b[-1], edge.valid_from) for edge in kept.store.edges_of("c" * 32, born)]
    now = [(edge.kind, edge.b[-1], edge.valid_from) for edge in kept.store.edges_of("c" * 32)]
    assert then == [("runs-on", "1", born)]
    assert now == [("runs-on", "2", moved)]


def test_a_note_in_a_record_is_no_work_for_the_derivation(kept: Kept) -> None:
    kept.write(lambda write: [write.put("seed", device(n)) for n in (1, 2)])
    kept.keep()
    edges = dict(kept.present.edges)
    kept.write(lambda write: write.put("edit", device(1, note="rack 4")))
    view = kept.keep()
    assert view.noun(device(1).id).note == "rack 4"
    assert all(kept.present.edges[one] is edge for one, edge in edges.items())


def test_what_a_device_sees_is_followed_though_no_journal_tells(kept: Kept) -> None:
    mac = "02:00:00:00:00:01"
    host = Host(id="h" * 32, key="h", name="h", platform="p", macs=(mac,))
    kept.write(lambda write: [write.put("seed", noun) for noun in (device(1), host)])
    kept.keep()
    kept.write(lambda write: write.observe("device.observe", report(1, at_ms=kept.now, macs=(mac,))))
    view = kept.present.catch_up(kept.now, [device(1).id])
    assert [(edge.b, edge.b_port) for edge in view.edges("h" * 32, ("plugged-into",))] == [(device(1).id, "GE0/0/9")]
    kept.keep()
    assert told(kept.held()) == told(kept.derived())


def test_what_devices_report_is_no_reason_to_wait(kept: Kept) -> None:
    kept.write(lambda write: [write.put("seed", device(n)) for n in (1, 2)])
    kept.keep()
    kept.write(lambda write: write.observe("device.observe", report(1, 2, at_ms=kept.now)))
    assert kept.present.only_reports_behind()
    kept.write(lambda write: write.put("edit", device(1, note="by a person")))
    assert not kept.present.only_reports_behind()


def test_what_moved_on_while_it_was_written_is_written_next(kept: Kept) -> None:
    kept.write(lambda write: [write.put("seed", device(n)) for n in (1, 2)])
    kept.write(lambda write: write.put("seed", Component(id="c" * 32, name="web", system="", devices=("SW1",))))
    kept.present.catch_up(kept.now)
    came, went = list(kept.present.came.values()), list(kept.present.went)
    kept.write(lambda write: write.put("edit", Component(id="c" * 32, name="web", system="", devices=("SW2",))))
    kept.present.catch_up(kept.now)
    kept.write(lambda write: write.edges(came, went))
    kept.present.written(came, went)
    kept.keep()
    assert told(kept.held()) == told(kept.derived())


steps = st.lists(st.one_of(
    st.tuples(st.just("put"), st.integers(1, 4), st.sampled_from(["core", "access"])),
    st.tuples(st.just("component"), st.integers(1, 3), st.lists(st.integers(1, 4), max_size=2)),
    st.tuples(st.just("drop"), st.integers(1, 3), st.none()),
    st.tuples(st.just("see"), st.integers(1, 4), st.lists(st.integers(1, 4), max_size=3)),
    st.tuples(st.just("keep"), st.none(), st.none()),
    st.tuples(st.just("crash"), st.none(), st.none()),
), min_size=3, max_size=14)


def _do(kept: Kept, what: str, number: Any, value: Any) -> None:
    match what:
        case "put":
            kept.write(lambda write: write.put("edit", device(number, role=value)))
        case "component":
            name = f"{number:032d}".replace("0", "c", 1)
            names = tuple(f"SW{one}" for one in value)
            kept.write(lambda write: write.put("edit", Component(id=name, name=f"web{number}", system="", devices=names)))
        case "drop":
            name = f"{number:032d}".replace("0", "c", 1)
            if any(one.id == name for one in kept.store.all("component")):
                kept.write(lambda write: write.delete("edit", "component", name))
        case "see":
            if any(one.id == f"{number:032d}" for one in kept.store.all("device")):
                kept.write(lambda write: write.observe("device.observe", report(number, *value, at_ms=kept.now)))
        case "keep":
            kept.keep()
        case "crash":
            kept.restart()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_what_is_kept_is_what_is_derived_and_each_moment_is_as_it_was(tmp_path: Path, made: list[Any]) -> None:
    path = tmp_path / f"{time.time_ns()}.db"
    kept = Kept(path)
    copies: list[tuple[int, dict[str, Any]]] = []
    for what, number, value in made:
        _do(kept, what, number, value)
        if what == "keep":
            copies.append((kept.now, picture(kept.keep())))
            kept.now += 1000
    kept.keep()
    assert told(kept.held()) == told(kept.derived())
    assert told(kept.present.edges) == told(kept.derived())
    for at_ms, copy in copies:
        view = past_view(kept.store, kept.present.records, kept.present.edges, at_ms)
        assert picture(view) == copy
    kept.store.close()
