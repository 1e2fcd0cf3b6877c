"""The views of records over the stream of a real hub: followed as they are written, and only by whom they concern."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from agents.supervisor import read_status
from client import Client
from core.errors import ForbiddenError
from core.identity import NewGrant
from core.messages import LiveDevice, LiveDevices
from core.rows import AuditRow, WindowRow
from core.views import ViewDelta, ViewQuery
from links.bus import SocketBus

DEADLINE_S = 60


class Follower:
    """A client that applies what its stream says."""

    def __init__(self, client: Client, query: ViewQuery) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.order: tuple[str, ...] = ()
        self.total = 0
        self.kinds: list[str] = []
        self._news = asyncio.Event()
        self.task = asyncio.create_task(self._follow(client.subscribe(query)))

    async def _follow(self, events: AsyncIterator[ViewDelta]) -> None:
        async for event in events:
            self.kinds.append(event.kind)
            if event.kind == "snapshot":
                self.rows = {}
            if event.kind != "resync":
                self.rows |= {row["id"]: row for row in event.rows}
                self.order = self.order if event.order is None else event.order
                self.total = event.total
            self._news.set()

    async def until(self, condition: Callable[["Follower"], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition(self):
                if self.task.done():
                    self.task.result()
                self._news.clear()
                await self._news.wait()

    async def ended(self) -> BaseException | None:
        async with asyncio.timeout(DEADLINE_S):
            await asyncio.wait([self.task])
        return self.task.exception()


def window(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kind": "silence", "ends_at": time.time_ns() // 1_000_000 + 3_600_000, "reason": "test", **more}


async def test_windows_and_the_trail_are_followed_as_they_are_written(node: Any) -> None:
    async with node.client("viewer") as viewer, node.client("auditor") as auditor, node.client("contact") as contact:
        all_of_them = Follower(viewer, ViewQuery(view="windows"))
        trail = Follower(auditor, ViewQuery(view="audit", limit=5, where={"action": "window"}))
        own = Follower(contact, ViewQuery(view="windows"))
        for follower in (all_of_them, trail, own):
            await follower.until(lambda one: bool(one.kinds))
        with node.http("operator") as http:
            assert http.post("/api/v1/windows", json=window("their", units=["Office"])).status_code == 201
            assert http.post("/api/v1/windows", json=window("ours", units=["Bureau/Division"])).status_code == 201
        await all_of_them.until(lambda one: len(one.order) == 2)
        assert {msgspec.convert(row, WindowRow).name for row in all_of_them.rows.values()} == {"their", "ours"}
        await own.until(lambda one: len(one.order) == 1)
        assert [row["name"] for row in own.rows.values()] == ["ours"]
        await trail.until(lambda one: len(one.order) == 2)
        newest = msgspec.convert(trail.rows[trail.order[0]], AuditRow)
        assert (newest.action, newest.actor, newest.name) == ("window.add", "operator", "ours")
        with node.http("operator") as http:
            assert http.post("/api/v1/windows/ours/end").status_code == 200
        await own.until(lambda one: any(row["ended_early_at"] for row in one.rows.values()))
        for follower in (all_of_them, trail, own):
            follower.task.cancel()


async def test_a_stream_ends_when_the_role_is_taken_back_and_changes_when_the_scope_does(node: Any) -> None:
    async with node.client("operator") as operator, node.client("contact") as contact, node.client("security") as security:
        jobs, devices = Follower(operator, ViewQuery(view="jobs")), Follower(contact, ViewQuery(view="devices"))
        await jobs.until(lambda one: bool(one.kinds))
        await devices.until(lambda one: len(one.order) == 1)
        held = {(grant.account, grant.role): grant for grant in await security.accounts.grants()}
        await security.accounts.grant(NewGrant(account="contact", role="unit-contact", scope={"units": ("Office",)}))  # type: ignore[arg-type]
        await devices.until(lambda one: len(one.order) == 3)
        await security.accounts.revoke_grant(held[node.ids["operator"], "operator"].id)
        assert isinstance(await jobs.ended(), ForbiddenError)
        assert devices.kinds.count("resync") == 1
        devices.task.cancel()


async def test_a_job_is_seen_in_the_queue_until_it_is_done(node: Any) -> None:
    async with node.client("viewer") as viewer:
        jobs = Follower(viewer, ViewQuery(view="jobs"))
        await jobs.until(lambda one: bool(one.kinds))
        with node.http("auditor") as http, node.http("administrator") as administrator:
            asked = [caller.post("/api/v1/jobs", json={"kind": "audit.verify"}) for caller in (http, administrator)]
        assert 201 in [answer.status_code for answer in asked], [answer.text for answer in asked]
        await jobs.until(lambda one: any(row["state"] == "done" for row in one.rows.values()))
        jobs.task.cancel()


async def test_a_stream_of_records_goes_on_where_it_was_after_the_death_of_the_hub(node: Any) -> None:
    async with node.client("viewer") as viewer:
        follower = Follower(viewer, ViewQuery(view="windows"))
        await follower.until(lambda one: bool(one.kinds))
        run = Path(node.settings.general.run_dir)
        os.kill(next(row.pid for row in read_status(run) if row.kind == "hub"), signal.SIGKILL)
        await follower.until(lambda one: len(one.kinds) == 2)
        assert follower.kinds == ["snapshot", "delta"]
        follower.task.cancel()


async def test_who_does_not_read_stops_nobody(node: Any) -> None:
    """One console that does not read, one that does, and rows that change all the time."""
    bus = await SocketBus(Path(node.settings.general.run_dir) / "bus.sock", "senses").start()
    await bus.wait_connected()
    async with node.client("viewer") as viewer:
        ids = [row.id for row in (await viewer.devices(ViewQuery(view="devices"))).rows]
        reader, writer = await asyncio.open_unix_connection(node.socket, limit=1024)
        who = f"authorization: Bearer {node.bearers['viewer']}\r\n"
        writer.write(f"GET /api/v1/stream?view=devices HTTP/1.1\r\nhost: h\r\n{who}\r\n".encode())
        await reader.readuntil(b"event:snapshot")
        writer.transport.pause_reading()
        follower = Follower(viewer, ViewQuery(view="devices"))
        count = 200
        for number in range(1, count):
            rows = tuple(LiveDevice(id=one, status="up", since=number, polled_at=number) for one in ids)
            await bus.publish("live.devices", msgspec.msgpack.encode(LiveDevices(at_ms=number, rows=rows)))
        await follower.until(lambda one: bool(one.rows) and all(row["polled_at"] == count - 1 for row in one.rows.values()))
        follower.task.cancel()
        writer.close()
    await bus.close()
