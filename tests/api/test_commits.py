"""Group commit: whatever waits is one commit, each write with its own actor and key, and one that fails leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.hub import commits
from agents.hub.commits import GroupCommit, Key
from core.errors import BusyError, ConflictError, NotFoundError, StorageError
from core.identity import Actor
from core.objects import Site
from core.ports import RecordWrite
from stores.records import open_records


def site(number: int, name: str = "") -> Site:
    return Site(id=f"s{number}", name=name or f"site {number}", level="city")


def who(number: int) -> Actor:
    return Actor(name=f"a{number}", request=f"r{number}")


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Any]:
    store = open_records(tmp_path / "records.db")
    made = GroupCommit(store)
    made.store = store  # type: ignore[attr-defined]
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    made.close()
    store.close()


async def test_many_writes_are_few_commits_and_each_is_its_authors(group: Any) -> None:
    def change(number: int) -> Any:
        return lambda write: write.put("site.add", site(number)) or number

    results = await asyncio.gather(*(group.write(who(n), change(n), Key(f"k{n}", f"d{n}")) for n in range(100)))
    assert results == list(range(100))
    assert group.commits < 20
    assert group.written == 100
    rows = [row for row in group.store.journal(0, 1000) if row.action == "site.add"]
    assert {(row.actor, row.request, row.object_id) for row in rows} == {(f"a{n}", f"r{n}", f"s{n}") for n in range(100)}
    assert [group.store.answered(f"k{n}") for n in (0, 99)] == [{"digest": "d0", "result": 0}, {"digest": "d99", "result": 99}]
    assert not group.store.verify().bad_seq


async def test_one_that_fails_leaves_nothing_and_hurts_nobody(group: Any) -> None:
    def good(write: RecordWrite) -> None:
        write.put("site.add", site(1))

    def half(write: RecordWrite) -> None:
        write.put("site.add", site(2))
        raise NotFoundError("half way")

    def taken(write: RecordWrite) -> None:
        write.put("site.add", site(3, "site 1"))

    def wrong(_write: RecordWrite) -> None:
        raise ZeroDivisionError

    found = await asyncio.gather(
        *(group.write(who(n), change, Key(f"k{n}", "")) for n, change in enumerate((good, half, taken, wrong))), return_exceptions=True,
    )
    assert [type(one) for one in found] == [type(None), NotFoundError, ConflictError, ZeroDivisionError]
    assert [one.id for one in group.store.all("site")] == ["s1"]
    assert [group.store.answered(f"k{n}") is not None for n in range(4)] == [True, False, False, False]


async def test_a_key_is_used_once_also_within_one_commit(group: Any) -> None:
    def change(number: int) -> Any:
        return lambda write: write.put("site.add", site(number))

    found = await asyncio.gather(*(group.write(who(n), change(n), Key("same", "d")) for n in range(5)), return_exceptions=True)
    assert sum(one is None for one in found) == 1
    assert sum(isinstance(one, ConflictError) for one in found) == 4
    assert len(list(group.store.all("site"))) == 1


async def test_a_decision_sees_what_was_written_before_it_in_the_same_commit(group: Any) -> None:
    def count(write: RecordWrite) -> int:
        known = write.find("site", "counter")
        number = int(known.address) + 1 if known else 1
        write.put("site.count", Site(id="c", name="counter", level="city", address=str(number)))
        return number

    assert sorted(await asyncio.gather(*(group.write(who(n), count) for n in range(50)))) == list(range(1, 51))


async def test_when_the_disk_refuses_all_are_told_and_nothing_is_half_there(group: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_write: RecordWrite) -> None:
        raise StorageError("The disk is gone.")

    changes = (lambda write: write.put("site.add", site(1)), broken)
    found = await asyncio.gather(*(group.write(who(n), change) for n, change in enumerate(changes)), return_exceptions=True)
    assert isinstance(found[1], StorageError)
    stored = [one.id for one in group.store.all("site")]
    assert stored == ([] if isinstance(found[0], StorageError) else ["s1"])
    assert await group.write(who(2), lambda write: write.put("site.add", site(2)) or "again") == "again"


async def test_more_than_the_queue_holds_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "MAX_WAITING", 3)
    store = open_records(tmp_path / "records.db")
    made = GroupCommit(store)
    waiting = [asyncio.create_task(made.write(who(n), lambda write: write.note("n", {}))) for n in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await made.write(who(9), lambda write: write.note("n", {}))
    running = asyncio.create_task(made.run())
    await asyncio.gather(*waiting)
    running.cancel()
    made.close()
    store.close()
