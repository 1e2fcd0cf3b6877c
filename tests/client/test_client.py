"""The client: errors as what they were, and a stream that outlives its hub."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents import launch
from agents.supervisor import read_status
from client import connect
from client.api import window_params
from client.streaming import parse
from client.transport import decode, failure
from core.errors import NotFoundError, ProtocolError, UnavailableError
from core.settings import Settings
from core.views import Overview, ViewDelta, ViewQuery

SITES = b"name,level\nA,city\n"
DEVICES = b"name,address,site,role\nD1,10.0.0.1,A,access\n"


async def test_without_a_hub_the_way_out_is_said(private: Settings) -> None:
    with pytest.raises(UnavailableError) as found:
        async with connect(private):
            pass
    assert "hub start" in found.value.way_out or "启动" in found.value.way_out


async def test_a_stream_goes_on_after_the_hub_was_killed(private: Settings) -> None:
    await asyncio.to_thread(launch.start, private, kinds=("hub", "workers"))
    try:
        states: list[bool] = []
        events: asyncio.Queue[ViewDelta] = asyncio.Queue()

        async def listen() -> None:
            async with connect(private) as hub:
                async for event in hub.subscribe(ViewQuery(view="devices"), states.append):
                    await events.put(event)

        listener = asyncio.create_task(listen())
        assert (await asyncio.wait_for(events.get(), 60)).total == 0
        pid = next(row.pid for row in read_status(Path(private.general.run_dir)) if row.kind == "hub")
        os.kill(pid, signal.SIGKILL)
        again = await asyncio.wait_for(events.get(), 60)
        assert (again.kind, again.rows, again.order) == ("delta", (), None), "nothing was missed"
        assert states == [True, False, True]
        async with asyncio.timeout(60), connect(private) as hub:
            assert not (await hub.import_file("sites.csv", SITES)).problems
            assert not (await hub.import_file("devices.csv", DEVICES)).problems
        delta = await asyncio.wait_for(events.get(), 60)
        assert [row["name"] for row in delta.rows] == ["D1"]
        listener.cancel()
    finally:
        await asyncio.to_thread(launch.stop, private)


@given(st.lists(st.tuples(st.integers(0, 99), st.binary(min_size=1, max_size=40).map(lambda b: b.hex().encode()))), st.integers(1, 50))
def test_events_survive_any_portions(events: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(b":\n\nid:%d\nevent:x\ndata: %s\n\n" % event for event in events)

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    async def run() -> list[tuple[str, bytes]]:
        return [event async for event in parse(chunks())]

    assert asyncio.run(run()) == [(str(number), body) for number, body in events]


def test_errors_arrive_as_what_they_were() -> None:
    error = failure(404, b'{"error":{"code":"not-found","message":"No.","way_out":"Look."}}')
    assert isinstance(error, NotFoundError)
    assert (error.message, error.way_out) == ("No.", "Look.")
    assert isinstance(failure(502, b"<html>"), ProtocolError)
    with pytest.raises(ProtocolError):
        decode(b"{}", Overview)


def test_a_window_is_its_parameters() -> None:
    query = ViewQuery(view="devices", text="莲都 core", where={"status": "down"}, sort="-rtt_ms", offset=20, limit=40)
    assert window_params(query) == {
        "view": "devices", "text": "莲都 core", "where.status": "down", "sort": "-rtt_ms", "offset": 20, "limit": 40,
    }
