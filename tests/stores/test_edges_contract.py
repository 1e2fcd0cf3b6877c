"""Edges in every store: what holds, what held, and what came and went."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.edges import Edge
from core.errors import InvalidInputError
from core.identity import Actor
from core.objects import Site
from stores.audit import archive
from stores.memory import MemoryRecords
from stores.records import Records, open_records
from stores.records.portable import records_backup, records_restore

WHO = Actor(name="system:graph")
DAY = 86_400_000


def edge(number: int, at: int, **changes: Any) -> Edge:
    fields = {"kind": "hosted-by", "a": f"vm{number}", "b": f"host{number % 3}", "source": "cloud", "origin": "openstack:丽水"}
    return Edge(**{"id": f"e{number}", **fields, "valid_from": at, **changes})


def change(store: Any, at: int, came: tuple[Edge, ...] = (), went: tuple[str, ...] = ()) -> None:
    with store.write(WHO, at) as write:
        write.edges(came, went)


def seen(store: Any, at: int) -> list[str]:
    return [one.id for one in store.edges_at(at)]


def test_an_edge_holds_from_its_beginning_until_it_went(store: Any) -> None:
    change(store, 10, (edge(1, 10), edge(2, 10, a_port="eth0", b_port="GE1/0/1", confidence=0.5)))
    change(store, 20, (edge(3, 20),), ("e1",))
    assert [seen(store, at) for at in (9, 10, 19, 20, 0)] == [[], ["e1", "e2"], ["e1", "e2"], ["e2", "e3"], ["e2", "e3"]]
    assert next(store.edges_at(15)) == edge(1, 10, valid_to=20)
    assert next(iter(store.edges_at(0))) == edge(2, 10, a_port="eth0", b_port="GE1/0/1", confidence=0.5)
    assert list(store.all("edge")) == [edge(2, 10, a_port="eth0", b_port="GE1/0/1", confidence=0.5), edge(3, 20)]


def test_an_edge_that_comes_again_is_a_new_row(store: Any) -> None:
    change(store, 10, (edge(1, 10),))
    change(store, 20, (), ("e1",))
    change(store, 30, (edge(1, 30),))
    assert [(one.valid_from, one.valid_to) for one in store.edges_between(0, 100)] == [(10, 20), (30, 0)]
    assert [seen(store, at) for at in (15, 25, 35)] == [["e1"], [], ["e1"]]


def test_an_edge_that_comes_while_it_holds_ends_as_it_was(store: Any) -> None:
    change(store, 10, (edge(1, 10),))
    change(store, 20, (edge(1, 20, b_port="GE1/0/2"),))
    assert [one.b_port for one in store.edges_at(15)] + [one.b_port for one in store.edges_at(20)] == ["", "GE1/0/2"]
    change(store, 30, (edge(1, 30, b_port="GE1/0/3"),), ("e1",))
    assert [(one.b_port, one.valid_to) for one in store.edges_between(0, 100)] == [("", 20), ("GE1/0/2", 30), ("GE1/0/3", 0)]


def test_what_held_for_no_time_leaves_nothing(store: Any) -> None:
    change(store, 10, (edge(1, 10),))
    change(store, 10, (), ("e1", "never there"))
    assert list(store.edges_between(0, 100)) == []
    change(store, 10)
    assert store.revision() == 2


def test_the_journal_counts_edges_and_proves_them(store: Any) -> None:
    change(store, 10, (edge(1, 10), edge(2, 10)))
    change(store, 20, (edge(2, 20),), ("e1",))
    first, second = store.journal()
    assert (first.action, first.kind, first.object_id, first.before) == ("graph.edges", "", "", {})
    assert [(row.after["came"], row.after["went"], row.after["replaced"]) for row in (first, second)] == [(2, 0, 0), (1, 1, 1)]
    assert len({first.after["sha256"], second.after["sha256"]}) == 2
    assert store.verify().good


def test_edges_of_an_object_begin_or_end_there(store: Any) -> None:
    change(store, 10, (edge(1, 10), edge(4, 10), edge(2, 10), edge(9, 10, a="vm1", b="vm1")))
    change(store, 20, (), ("e4",))
    assert [one.id for one in store.edges_of("host1")] == ["e1"]
    assert [one.id for one in store.edges_of("host1", 10)] == ["e1", "e4"]
    assert [one.id for one in store.edges_of("host1", 20)] == ["e1"]
    assert [one.id for one in store.edges_of("vm1")] == ["e1", "e9"]
    change(store, 30, (), ("e9", "e1"))
    assert [one.id for one in store.edges_of("vm1", 25)] == ["e1", "e9"]
    assert store.edges_of("vm1") == []


def test_what_came_or_went_between_two_moments(store: Any) -> None:
    change(store, 10, (edge(1, 10), edge(2, 10), edge(3, 10)))
    change(store, 20, (edge(4, 20),), ("e1",))
    change(store, 30, (), ("e2",))
    found = {(start, end): [one.id for one in store.edges_between(start, end)] for start, end in ((10, 11), (11, 21), (20, 30), (30, 31))}
    assert found == {(10, 11): ["e1", "e2", "e3"], (11, 21): ["e1", "e4"], (20, 30): ["e1", "e4"], (30, 31): ["e2"]}


def test_an_error_takes_edges_back(store: Any) -> None:
    change(store, 10, (edge(1, 10),))

    def broken() -> None:
        with store.write(WHO, 20) as write:
            write.edges((edge(2, 20),), ("e1",))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert list(store.edges_between(0, 100)) == [edge(1, 10)]


STEPS = st.lists(
    st.tuples(st.integers(1, 3), st.sets(st.integers(0, 6), max_size=4), st.sets(st.integers(0, 6), max_size=3)), min_size=1, max_size=12,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_every_moment_is_what_it_was_when_it_was_now(
    steps: list[tuple[int, set[int], set[int]]], tmp_path: Path, empty: Path,
) -> None:
    """On SQLite and in memory: random comings and goings, then every moment asked."""
    shutil.copyfile(empty, tmp_path / "r.db")
    for make in (MemoryRecords, lambda: open_records(tmp_path / "r.db")):
        with contextlib.closing(make()) as store:
            at, then = 0, {}
            for wait, came, went in steps:
                at += wait
                change(store, at, tuple(edge(n, at, b=f"host{at % 4}") for n in sorted(came)), tuple(f"e{n}" for n in sorted(went)))
                then[at] = {(one.id, one.b, one.valid_from) for one in store.edges_at(0)}
            for moment, held in then.items():
                assert {(one.id, one.b, one.valid_from) for one in store.edges_at(moment)} == held


def test_many_edges_at_once_are_streamed_back(database_store: Records) -> None:
    many = tuple(edge(number, 10) for number in range(5_000))
    change(database_store, 10, many)
    change(database_store, 20, (), tuple(one.id for one in many[::2]))
    assert sum(1 for _ in database_store.edges_at(0)) == 2_500
    assert sum(1 for _ in database_store.edges_at(10)) == 5_000
    half = database_store.edges_at(10)
    next(half)
    change(database_store, 30, (edge(9_999, 30),))
    assert sum(1 for _ in half) == 4_999


def test_edges_go_with_the_journal_into_the_past(database_store: Records, tmp_path: Path) -> None:
    """What ended before the oldest row that is kept is forgotten, and whoever asks for such a moment is told so."""
    change(database_store, 1, (edge(1, 1), edge(2, 1)))
    change(database_store, 2, (), ("e1",))
    change(database_store, 300 * DAY, (edge(3, 300 * DAY),), ("e2",))
    assert archive(database_store, tmp_path / "audit", WHO, 301 * DAY, 190, trust_clock=True).rows == 2
    assert [one.id for one in database_store.edges_between(0, 400 * DAY)] == ["e2", "e3"]
    with pytest.raises(InvalidInputError, match="begins at") as error:
        list(database_store.edges_at(1))
    assert error.value.way_out
    with pytest.raises(InvalidInputError):
        database_store.edges_of("vm1", 1)
    assert seen(database_store, 300 * DAY) == ["e3"]
    told = [row.after for row in database_store.journal() if row.action == "graph.forget"]
    assert [(row["edges"], row["before_ms"]) for row in told] == [(1, 300 * DAY)]
    assert database_store.verify(2, database_store.journal()[0].previous).good


@pytest.mark.real
def test_a_backup_carries_what_held(tmp_path: Path, database: Callable[..., str]) -> None:
    store = open_records(tmp_path / "a.db")
    with store.write(WHO, 5) as write:
        write.put("site.add", Site(id="s1", name="莲都机房", level="county"))
    change(store, 10, (edge(1, 10), edge(2, 10)))
    change(store, 20, (), ("e1",))
    records_backup(store, tmp_path / "backup")
    store.close()
    for where in (str(tmp_path / "b.db"), database(fresh=True)):
        records_restore(where, tmp_path / "backup")
        again = open_records(where)
        assert (seen(again, 15), seen(again, 0)) == (["e1", "e2"], ["e2"])
        assert [hit.id for hit in again.lookup("莲都")] == ["s1"]
        again.close()
