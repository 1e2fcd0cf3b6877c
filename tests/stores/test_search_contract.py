"""Searching the trail: the same on every store, and through an index where there is one."""

from itertools import count
from typing import Any

import pytest

from core.audit import AuditQuery
from core.errors import InvalidInputError
from core.identity import Actor
from core.objects import Site
from core.ports import JournalRow
from stores.memory import MemoryRecords
from stores.records import Records, searching

LI, WANG = Actor(name="li", origin="unix:7", request="r1"), Actor(name="wang", origin="10.1.2.3", request="r2")


def site(number: int, **changes: Any) -> Site:
    return Site(**{"id": f"s{number}", "name": f"机房{number}", "level": "county", **changes})


@pytest.fixture
def filled(store: Any) -> Any:
    """Seven rows; the clock steps back once."""
    steps = [
        (LI, 10, "site.add", site(1)), (LI, 20, "site.add", site(2)), (WANG, 30, "site.change", site(1, address="人民路 1 号")),
        (LI, 25, "user.login-failed", None), (WANG, 40, "refused", None), (WANG, 50, "site.add", site(3)), (LI, 60, "user.add", None),
    ]
    for actor, at, action, record in steps:
        with store.write(actor, at) as write:
            if record:
                write.put(action, record)
            else:
                write.note(action, {"account": "100% 甲_乙"})
    return store


def walk(store: Any, query: AuditQuery, limit: int = 2) -> list[JournalRow]:
    """All pages."""
    rows: list[JournalRow] = []
    query = query.replace(limit=limit)
    for pages in count():
        assert pages < 50
        page = store.search(query)
        rows += page.items
        if not page.cursor:
            return rows
        query = query.replace(cursor=page.cursor)
    raise AssertionError


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        (AuditQuery(), [7, 6, 5, 3, 4, 2, 1]),
        (AuditQuery(oldest_first=True), [1, 2, 4, 3, 5, 6, 7]),
        (AuditQuery(actor="wang"), [6, 5, 3]),
        (AuditQuery(actor="wang", oldest_first=True), [3, 5, 6]),
        (AuditQuery(action="site"), [6, 3, 2, 1]),
        (AuditQuery(action="site."), [6, 3, 2, 1]),
        (AuditQuery(action="site.add"), [6, 2, 1]),
        (AuditQuery(action="sit"), []),
        (AuditQuery(kind="site", object_id="s1"), [3, 1]),
        (AuditQuery(kind="site", object_id="s1", actor="li"), [1]),
        (AuditQuery(kind="site", actor="li", action="site.add"), [2, 1]),
        (AuditQuery(object_id="s2"), [2]),
        (AuditQuery(refused=True), [5, 4]),
        (AuditQuery(refused=True, actor="li"), [4]),
        (AuditQuery(origin="10.1."), [6, 5, 3]),
        (AuditQuery(origin="%"), []),
        (AuditQuery(request="r2", action="refused"), [5]),
        (AuditQuery(word="人民"), [3]),
        (AuditQuery(word="100% 甲_"), [7, 5, 4]),
        (AuditQuery(word="100% _甲"), []),
        (AuditQuery(word="SITE", end_ms=30), [2, 1]),
        (AuditQuery(start_ms=20, end_ms=40), [3, 4, 2]),
        (AuditQuery(start_ms=20, end_ms=40, actor="li"), [4, 2]),
        (AuditQuery(actor="' OR 1=1 --"), []),
    ],
)
def test_rows_are_found_in_order_of_time(filled: Any, query: AuditQuery, seqs: list[int]) -> None:
    for limit in (1, 2, 100):
        assert [row.seq for row in walk(filled, query, limit)] == seqs


@pytest.mark.parametrize("query", [AuditQuery(limit=0), AuditQuery(limit=10**6), AuditQuery(cursor="x"), AuditQuery(cursor="WzAsMSwyXQ=="),
                                   AuditQuery(cursor="WzEsOTk5OTk5OTk5OTk5OTk5OTk5OTk5LDJd", oldest_first=True)])
def test_what_makes_no_sense_is_refused(filled: Any, query: AuditQuery) -> None:
    with pytest.raises(InvalidInputError):
        filled.search(query.replace(oldest_first=not query.oldest_first) if query.cursor == "WzAsMSwyXQ==" else query)


def test_what_no_index_knows_is_looked_for_a_step_at_a_time(store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A needle in a hay of many steps: pages may be empty, but they go on, and each looks at no more than a step."""
    monkeypatch.setattr(searching, "STEP", 10)
    for number in range(95):
        with store.write(LI if number % 2 else WANG, number) as write:
            write.put("site.add", site(number, address="needle" if number in (3, 4, 50) else ""))
    for query in (AuditQuery(word="needle"), AuditQuery(word="needle", action="site"), AuditQuery(word="needle", oldest_first=True)):
        wanted = [51, 5, 4] if not query.oldest_first else [4, 5, 51]
        assert [row.seq for row in walk(store, query, 2)] == wanted
    assert [row.seq for row in walk(store, AuditQuery(word="needle", actor="li"))] == [4]
    if not isinstance(store, MemoryRecords):
        first = store.search(AuditQuery(word="needle"))
        assert (first.items, bool(first.cursor)) == ((), True)


LED = {
    "journal_time": AuditQuery(), "journal_actor": AuditQuery(actor="li", start_ms=1), "journal_action": AuditQuery(action="site.add"),
    "journal_object": AuditQuery(kind="site", object_id="s1", word="x"),
}


@pytest.mark.parametrize("index", LED)
def test_a_search_is_led_by_its_index_and_sorts_nothing(database_store: Records, index: str) -> None:
    """So that ten million rows cost no more than ten."""
    with database_store.write(WANG, 1) as write:  # what is sought is rare, and PostgreSQL knows it: else any index will do for it
        for number in range(2, 300):
            write.put("site.change", site(number))
    with database_store.write(LI, 2) as write:
        write.put("site.add", site(1))
    explain = "EXPLAIN QUERY PLAN" if database_store.name == "sqlite" else "EXPLAIN"
    asked: list[str] = []
    with database_store.snapshot() as db:
        if database_store.name == "postgresql":
            db.run("ANALYZE journal")
            db.run("SET LOCAL enable_seqscan = off")  # a table of one row is read through whatever the index
            db.run("SET LOCAL enable_bitmapscan = off")
        plan = searching._plan(db, LED[index])
        real = db._execute

        def explained(sql: str, values: Any) -> Any:
            if "ORDER BY" in sql:
                asked.append("\n".join(str(row[-1]) for row in real(f"{explain} {sql}", values)))
            return real(sql, values)

        db._execute = explained  # type: ignore[method-assign]
        searching._part(db, LED[index], plan, plan.streams[0], 10)
        db._execute = real  # type: ignore[method-assign]
    assert asked
    for steps in asked:
        assert index in steps
        sorted_by_hand = steps.count("TEMP B-TREE") + steps.count("Sort Key")
        assert sorted_by_hand <= (1 if "part" in steps else 0), steps  # only the few that were found of a step


def test_people_are_found_among_the_processes_of_the_hub(filled: Any) -> None:
    with filled.write(Actor(name="system:senses", origin="process"), 70) as write:
        write.note("device.observe", {})
    assert next(row.seq for row in walk(filled, AuditQuery())) == 8
    assert [row.seq for row in walk(filled, AuditQuery(people=True))] == [7, 6, 5, 3, 4, 2, 1]
    assert walk(filled, AuditQuery(people=True, actor="system:senses")) == []
