"""An alert of a running hub: taken on, noted and silenced from the console, followed by `yunwang watch`, and all figures for Prometheus."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import httpx
import msgspec
import pytest

from client import connect
from core.messages import AlertTransitions, Done
from core.nouns import new_id
from core.signals import Alert
from core.views import ViewQuery
from links.bus import SocketBus
from tui.form import Form
from tui.rows import Rows


async def _say(settings, alert):
    """As senses tell it."""
    bus = await SocketBus(Path(settings.general.run_dir) / "bus.sock", "senses-of-test").start()
    await bus.wait_connected()
    body = msgspec.msgpack.encode(AlertTransitions(key=new_id(1), alerts=(alert,)))
    assert not msgspec.msgpack.decode(await bus.request("hub.alerts", body, 60), type=Done).error
    await bus.close()


@pytest.fixture
async def known(fresh):
    """Settings, and a device of the inventory."""
    settings, city = fresh
    async with connect(settings) as hub:
        query = ViewQuery(view="devices", where={"address": city.address_of(5)}, limit=1)
        if not (await hub.devices(query)).rows:
            await hub.import_file("city.xlsx", city.city.workbook(city.port, locator=f"file:{city.credential_file}"))
        yield settings, (await hub.devices(query)).rows[0]


def _alert(device_id, instance):
    now = time.time_ns() // 1_000_000
    return Alert(id=new_id(now), rule="interface-down", device_id=device_id, instance=instance, severity="major", raised_at=now)


async def test_taken_on_noted_and_silenced(known, console):
    settings, row = known
    alert = _alert(row.id, "GE0/0/77")
    await _say(settings, alert)
    async with console(connect(settings), (120, 30)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        await c.keys("f4")
        await c.until(lambda: c.app.screen.NAME == "alerts" and c.app.screen.query_one(Rows).row is not None)
        screen = c.app.screen
        screen.listing.narrow("77")
        await c.until(lambda: getattr(screen.query_one(Rows).row, "id", "") == alert.id)
        for begin, fields in (
            (lambda: c.app.simulate_key("ctrl+v"), {"reason": "换光模块"}), (screen.action_note, {"text": "已到现场"}),
            (lambda: c.app.simulate_key("ctrl+z"), {"reason": "今晚更换"}),
        ):
            begin()
            await c.until(lambda: isinstance(c.app.screen, Form))
            for name, words in fields.items():
                c.app.screen.query_one(f"#field-{name}").value = words
            await c.keys("f8")
            await c.until(lambda: c.app.screen is screen)
        story = await c.app.hub.alerting.story(alert.id)
        assert story.alert.ack_reason == "换光模块"
        assert {"acked", "commented"} <= {step.what for step in story.history}
        windows = await c.app.hub.view(ViewQuery(view="windows", limit=20))
        assert any(one["kind"] == "silence" and one["reason"] == "今晚更换" for one in windows.rows)


async def test_watch_tells_what_is_raised_and_what_is_over(known):
    settings, row = known
    environment = {**os.environ, "YUNWANG_GENERAL_DATA_DIR": settings.general.data_dir, "YUNWANG_GENERAL_RUN_DIR": settings.general.run_dir}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", "--lang", "en", "watch", "--alerts", "--json",
        stdout=asyncio.subprocess.PIPE, env=environment,
    )
    alert = _alert(row.id, "GE0/0/88")
    try:
        async with asyncio.timeout(60):
            await _say(settings, alert)
            raised = await _told(process, alert.id)
            assert (raised["change"], raised["device"], raised["rule"]) == ("raised", row.name, "interface-down")
            await _say(settings, alert.replace(cleared_at=alert.raised_at + 1000))
            assert (await _told(process, alert.id))["change"] == "cleared"
    finally:
        process.terminate()
        await process.wait()


async def _told(process, alert_id):
    while line := await process.stdout.readline():
        told = json.loads(line)
        if told.get("id") == alert_id:
            return told
    raise AssertionError("watch ended")


async def test_prometheus_fetches_polled_devices(known):
    settings, row = known
    transport = httpx.AsyncHTTPTransport(uds=str(Path(settings.general.run_dir) / "hub.sock"))
    async with connect(settings) as hub, httpx.AsyncClient(transport=transport, base_url="http://hub", timeout=30) as http:
        async with asyncio.timeout(60):
            while not (await hub.device(row.id)).row.polled_at:  # noqa: ASYNC110 - the poller tells nobody else
                await asyncio.sleep(0.2)
        every = (await http.get("/metrics/devices")).text
        assert f'device="{row.name}"' in every
        one = await http.get("/metrics/devices", params={"device": row.name})
        assert one.status_code == 200
        assert "yw_" in one.text or "yunwang_" in one.text
        assert (await http.get("/metrics/devices", params={"device": "nobody"})).status_code == 404
