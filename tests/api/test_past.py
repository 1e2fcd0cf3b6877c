"""What was and what is removed, asked of a running hub by those who may and those who may not."""

import time
from typing import Any

import pytest

from core.audit import AuditQuery
from core.errors import ChangedError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.objects import Site


def now_ms() -> int:
    """A moment of its own."""
    time.sleep(0.002)
    at = time.time_ns() // 1_000_000
    time.sleep(0.002)
    return at


async def test_a_change_is_seen_by_those_whose_it_is(node: Any) -> None:
    start = now_ms()
    async with node.client("administrator") as admin:
        for name in ("LD-ACC", "LD-DIV"):
            device = await admin.record("device", name)
            await admin.put_record("device", device.replace(note="seen"))
        middle = now_ms()
        everything = await admin.history.changes(start)
        assert {change.name for change in everything.objects} == {"LD-ACC", "LD-DIV"}
        assert [(one.field, one.before, one.after) for one in everything.objects[0].fields] == [("note", "", "seen")]
        assert (await admin.history.changes(start, start)).total == 0
        assert (await admin.history.changes(middle)).total == 0
        assert (await admin.history.changes(start, middle, ["site"])).total == 0
        assert ((await admin.history.then("device", "LD-ACC", start)).record or {})["note"] == ""
        assert ((await admin.history.then("device", "LD-ACC")).record or {})["note"] == "seen"
        assert (await admin.history.then("device", "LD-ACC", 1)).record is None, "before there was anything"
        with pytest.raises(NotFoundError):
            await admin.history.then("device", "nobody", start)
        with pytest.raises(InvalidInputError):
            await admin.history.changes(middle, start)
        with pytest.raises(InvalidInputError):
            await admin.history.changes(start, 0, ["gods"])
        with pytest.raises(InvalidInputError):
            await admin.history.then("credential", "x", start)
    async with node.client("contact") as contact:
        assert {change.name for change in (await contact.history.changes(start)).objects} == {"LD-DIV"}
        assert (await contact.history.then("device", "LD-DIV", start)).record
        with pytest.raises(NotFoundError):
            await contact.history.then("device", "LD-ACC", start)


async def test_a_record_is_added_once_and_removed_by_who_knows_it(node: Any) -> None:
    async with node.client("administrator") as admin:
        attic = Site(id="", name="At/tic", level="city")
        assert (await admin.put_record("site", attic, new=True, dry_run=True)).name == "At/tic"
        with pytest.raises(NotFoundError):
            await admin.record("site", "At/tic")
        await admin.put_record("site", attic, new=True)
        with pytest.raises(ConflictError):
            await admin.put_record("site", attic.replace(address="other"), new=True)
        _, tag = await admin.tagged("site", "At/tic")
        await admin.put_record("site", attic.replace(address="moved"))
        with pytest.raises(ChangedError):
            await admin.remove_record("site", "At/tic", tag=tag)
        with pytest.raises(ConflictError) as found:
            await admin.remove_record("site", "LD-1")
        assert "device LD-ACC" in found.value.message
        assert "device LD-DIV" in found.value.message
        before = now_ms()
        _, tag = await admin.tagged("site", "At/tic")
        assert (await admin.remove_record("site", "At/tic", tag=tag, dry_run=True)).address == "moved"
        assert (await admin.remove_record("site", "At/tic", tag=tag)).address == "moved"
        with pytest.raises(NotFoundError):
            await admin.remove_record("site", "At/tic")
        gone = (await admin.history.changes(before)).objects
        assert [(change.what, change.name) for change in gone] == [("removed", "At/tic")]
        assert ((await admin.history.then("site", "At/tic", before)).record or {})["address"] == "moved"
    for name in ("operator", "viewer", "security", "contact"):
        async with node.client(name) as other:
            with pytest.raises(ForbiddenError):
                await other.remove_record("site", "QT-1")
            with pytest.raises(ForbiddenError):
                await other.diff_file("sites.csv", b"name,level\nX,city\n")


async def test_what_an_import_would_change(node: Any) -> None:
    async with node.client("administrator") as admin:
        begun = time.time_ns() // 1_000_000
        found = await admin.diff_file("sites.csv", "站点名称,级别,县市区\nLD-1,县级,Elsewhere\nNew,市级,\nQT-1,县级,Seeded\n".encode())
        assert [(change.what, change.name) for change in found.objects] == [("changed", "LD-1"), ("added", "New")]
        assert [(one.field, one.after) for one in found.objects[0].fields] == [("county", "Elsewhere")]
        assert (await admin.diff_file("sites.csv", b"name,level\nLD-1,high\n")).problems_total == 1
        assert (await admin.history.changes(begun)).total == 0


async def test_removals_are_in_the_trail_with_who_and_what(node: Any) -> None:
    async with node.client("administrator") as admin:
        await admin.put_record("site", Site(id="", name="Trail", level="city"))
        await admin.remove_record("site", "Trail")
    async with node.client("auditor") as auditor:
        rows = (await auditor.audit.search(AuditQuery(limit=1000))).items
    removed = [row for row in rows if row.action == "inventory.edit" and row.kind == "site" and row.before.get("name") == "Trail"]
    assert [row.actor for row in removed] == ["administrator"]
    assert removed[0].after == {}
