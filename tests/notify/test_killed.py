"""A hub of its own process is killed while a message waits: nobody is forgotten."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from agents import launch
from agents.places import settled
from agents.supervisor import read_status
from client import connect
from core.errors import YunwangError
from core.messages import AlertTransitions, Done
from core.notices import NewChannel, NewContact, Way
from core.nouns import new_id
from core.sections import General
from core.settings import Settings
from links.bus import SocketBus

DEADLINE_S = 90.0


async def until(condition: Any) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            if await condition():
                return
        except YunwangError:
            pass
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.1)


async def test_a_message_survives_kill_9(mail: Any, alert: Any) -> None:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")))
    launch.start(settings, kinds=("hub",), die_with_us=True)
    try:
        await _killed(settings, mail, alert("device-unreachable", "d1", ago_s=200))
    finally:
        await asyncio.to_thread(launch.stop, settings)
        shutil.rmtree(folder, ignore_errors=True)


async def _killed(settings: Settings, mail: Any, one: Any) -> None:
    run = Path(settings.general.run_dir)
    mail.refuse = 1_000_000
    async with connect(settings) as hub:
        await hub.notify.add_channel(NewChannel(
            name="post", kind="mail", url=f"smtp://127.0.0.1:{mail.port}", options={"sender": "yunwang@city.example"},
        ))
        await hub.notify.put_contact(NewContact(name="duty", ways=(Way(channel="post", to="duty@city.example"),), language="en"))
    bus = await SocketBus(run / "bus.sock", "senses").start()
    await bus.wait_connected()
    body = msgspec.msgpack.encode(AlertTransitions(key=new_id(1), alerts=(one,)))
    assert not msgspec.msgpack.decode(await bus.request("hub.alerts", body, 30), type=Done).error
    await bus.close()

    async def tried() -> bool:
        async with connect(settings) as hub:
            return any(found.attempts for found in await hub.notify.messages())

    await until(tried)
    before = next(row.pid for row in read_status(run) if row.kind == "hub")
    os.kill(before, signal.SIGKILL)
    mail.refuse = 0

    async def sent() -> bool:
        async with connect(settings) as hub:
            return [found.state for found in await hub.notify.messages()] == ["sent"]

    await until(sent)
    assert next(row.pid for row in read_status(run) if row.kind == "hub") != before
    assert len(mail.mails) == 1
