"""A running node: the site's own rules over the shipped ones, alerts of events and compositions, and rules tried over stored samples."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from agents import launch
from agents.places import owner, settled
from cli import work
from cli.main import main
from client import Client, connect
from core.alerting import AlertQuery
from core.errors import YunwangError
from core.events import Event, EventBatch
from core.messages import AlertTransitions, Assign, Done
from core.nouns import new_id
from core.sections import Ears, General, Rules, Samples
from core.settings import Settings
from core.signals import Alert, SampleBlock, SeriesKey
from core.views import AlertRow, ViewQuery
from links.bus import SocketBus
from monitors.rules.book import unpacked
from stores.samples import open_samples

DEADLINE_S = 60.0
MINUTE_MS = 60_000
OWN = """
rules:
  processor-high: {kind: threshold, metric: yw_processor_percent, above: 70, severity: major}
  login-odd: {kind: event, words: odd login, severity: minor, cleared_by: LOGIN_OK,
              says: {zh: "登录异常：{text}", en: "An odd login: {text}"}, hint: {zh: "查来源。", en: "Who was it?"}}
  hot-and-odd: {kind: composed, all: [processor-high, login-odd], severity: critical}
"""
WRONG = "rules:\n  x: {kind: threshold, metric: m, abov: 3, severity: minor}\n"


def _stop(settings: Settings) -> None:
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def node() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    (folder / "data" / "rules").mkdir(parents=True, mode=0o700)
    (folder / "data" / "rules" / "own.yml").write_text(OWN)
    (folder / "data" / "rules" / "wrong.yml").write_text(WRONG)
    general = General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")
    settings = settled(Settings(general=general, ears=Ears(), rules=Rules(follow=False)))
    launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    asyncio.run(_fill(settings, folder))
    yield settings
    _stop(settings)
    shutil.rmtree(folder, ignore_errors=True)


async def _fill(settings: Settings, folder: Path) -> None:
    async with connect(settings) as hub:
        await hub.import_file("sites.csv", b"name,level,county\nLD-1,county,Liandu\n")
        devices = b"name,address,site,role,platform\nA-1,127.9.0.1,LD-1,access,huawei_vrp\nA-2,127.9.0.2,LD-1,core,huawei_vrp\n"
        await hub.import_file("devices.csv", devices)
        ids = {row.name: row.id for row in (await hub.devices(ViewQuery(view="devices"))).rows}
    store = open_samples(folder / "data" / "samples", Samples())
    at = now_ms() - np.arange(3000, 0, -1) * MINUTE_MS
    for name, busy in (("A-1", 3), ("A-2", 0)):
        value = np.full(len(at), 40.0)
        for spell in range(busy):
            value[500 + 600 * spell : 520 + 600 * spell] = 90.0
        (series,) = store.series_ids([SeriesKey(ids[name], "yw_processor_percent", "slot 1")])
        store.append(SampleBlock(np.full(len(at), series, np.uint32), at, value))
    store.close()


Run = Callable[..., str]


@pytest.fixture
def run(node: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", node.general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", node.general.run_dir)
    monkeypatch.setattr(work, "LOOK_S", 0.05)

    def said(*words: str, code: int = 0, lang: str = "en") -> str:
        found = main([*words, "--lang", lang])
        out = capsys.readouterr()
        assert found == code, out
        return out.out + out.err

    return said


def test_the_sites_own_rule_is_in_force_and_its_mistake_is_named(run: Run) -> None:
    said = run("rule", "list", code=5)
    assert "interface-down" in said
    assert "wrong.yml:2: rules.x.abov: there is no such key. Do you mean above?" in said
    assert run("rule", "list", "--own", code=5).count("own.yml:") == 3
    shown = json.loads(run("rule", "show", "processor-high", "--json"))
    assert shown["own"]
    assert shown["body"]["above"] == 70
    assert "登录异常" in run("rule", "show", "login-odd", lang="zh")
    assert "no rule named nothing" in run("rule", "show", "nothing", code=6)


def test_a_rule_in_force_is_tried_over_stored_samples(run: Run) -> None:
    said = run("rule", "test", "processor-high", "--since", "40h")
    assert "would have fired 2 times" in said
    assert "A-1" in said
    report = json.loads(run("rule", "test", "processor-high", "--since", "40d", "--json"))
    (tested,) = report["rules"]
    assert (tested["count"], tested["open"], tested["objects"], tested["series"]) == (3, 0, 2, 2)
    assert tested["seconds"] == 3 * 20 * 60
    assert {alert["device"] for alert in tested["alerts"]} == {"A-1"}
    assert all(float(alert["evidence"]["value"]) == 90 for alert in tested["alerts"])
    assert json.loads(run("rule", "test", "processor-high", "--device", "A-2", "--json"))["rules"][0]["count"] == 0


def test_a_file_is_tried_before_it_is_in_force(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "new.yml"
    file.write_text(
        "rules:\n  calm: {kind: threshold, metric: yw_processor_percent, below: 50, for_s: 3600, severity: info}\n"
        "  both: {kind: composed, all: [processor-high], none: [calm], severity: info}\n"
        "  heard: {kind: event, words: x, severity: info}\n  never: {kind: threshold, metric: nothing, above: 1, severity: info}\n"
    )
    tested = {one["rule"]: one for one in json.loads(run("rule", "test", str(file), "--since", "40d", "--json"))["rules"]}
    assert tested["calm"]["count"] == 5
    assert tested["calm"]["open"] == 2
    assert tested["both"]["count"] == 3
    assert tested["never"]["series"] == 0
    said = run("rule", "test", str(file), "--name", "heard")
    assert "Samples do not show" in said
    file.write_text("rules:\n  calm: {kind: nothing}\n")
    assert "new.yml:2: rules.calm.kind" in run("rule", "test", str(file), code=5)
    assert "yunwang rule list" in run("rule", "test", "nothing", code=8)


async def test_events_and_compositions_become_alerts(node: Settings) -> None:
    senses = await SocketBus(Path(node.general.run_dir) / "bus.sock", "senses").start()
    await senses.wait_connected()
    async with connect(node) as hub:
        (device,) = [row for row in (await hub.devices(ViewQuery(view="devices"))).rows if row.name == "A-1"]
        await _hear(senses, "an odd login of root\x1b[31m", "LOGIN")
        odd = await _until(hub, lambda rows: rows.get("login-odd"))
        assert odd.device == "A-1"
        assert odd.said == {"en": "An odd login: an odd login of root[31m", "zh": "登录异常：an odd login of root[31m"}
        assert odd.hints["en"] == "Who was it?"
        hot = Alert(
            id=new_id(now_ms()), rule="processor-high", device_id=device.id, severity="major", raised_at=now_ms(), evidence={"value": "91"},
        )
        await _tell(senses, hot)
        assert (await _until(hub, lambda rows: rows.get("hot-and-odd"))).severity == "critical"
        await _hear(senses, "fine again", "LOGIN_OK")
        await _until(hub, lambda rows: not {"login-odd", "hot-and-odd"} & rows.keys())
        await _tell(senses, hot.replace(cleared_at=now_ms()))
        counted = {row.name: row.open for row in (await hub.rules.all()).rules}
        assert counted["login-odd"] == 0
    await senses.close()


async def _hear(bus: SocketBus, text: str, mnemonic: str) -> None:
    event = Event(id=new_id(now_ms()), at_ms=now_ms(), source="127.9.0.1", kind="syslog", mnemonic=mnemonic, text=text)
    await bus.publish("live.events", msgspec.msgpack.encode(EventBatch(at_ms=now_ms(), events=(event,))))


async def _tell(bus: SocketBus, alert: Alert) -> None:
    body = msgspec.msgpack.encode(AlertTransitions(key=new_id(now_ms()), alerts=(alert,)))
    assert not msgspec.msgpack.decode(await bus.request("hub.alerts", body, 30), type=Done).error


async def _until(hub: Client, true: Callable[[dict[str, AlertRow]], Any]) -> Any:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        rows = {row.rule: row for row in await _open(hub)}
        if found := true(rows):
            return found
        assert time.monotonic() < deadline, rows
        await asyncio.sleep(0.2)


async def _open(hub: Client) -> list[AlertRow]:
    stream: AsyncIterator[Any] = hub.subscribe(ViewQuery(view="alerts", limit=500))
    async for delta in stream:
        return [row for row in (msgspec.convert(row, AlertRow) for row in delta.rows) if not row.cleared_at]
    return []


def test_rules_are_read_anew_and_a_mistake_changes_nothing(run: Run, node: Settings) -> None:
    folder = Path(node.general.data_dir) / "rules"
    said = run("rule", "reload", code=5)
    assert "wrong.yml:2: rules.x.abov" in said
    assert "Nothing has changed" in said
    assert "rules" in json.loads(run("hub", "status", "--json"))["reasons"][0]["code"]
    (folder / "wrong.yml").unlink()
    (folder / "own.yml").write_text(OWN.replace("above: 70", "above: 60").replace("login-odd", "login-strange"))
    said = run("rule", "reload", "--dry-run")
    assert "changed: hot-and-odd processor-high" in said
    assert json.loads(run("rule", "show", "processor-high", "--json"))["body"]["above"] == 70
    told = json.loads(run("rule", "reload", "--json"))
    assert (told["added"], told["gone"]) == (["login-strange"], ["login-odd"])
    assert json.loads(run("rule", "show", "processor-high", "--json"))["body"]["above"] == 60
    assert "No rule has changed" in run("rule", "reload")
    assert not json.loads(run("hub", "status", "--json")).get("reasons")


async def test_alerts_of_a_rule_that_is_gone_are_closed_and_senses_are_told(node: Settings) -> None:
    own = Path(node.general.data_dir) / "rules" / "own.yml"
    own.write_text(OWN)
    told: asyncio.Queue[Assign] = asyncio.Queue()

    async def assigned(body: bytes) -> bytes:
        told.put_nowait(msgspec.msgpack.decode(body, type=Assign))
        return msgspec.msgpack.encode(Done())

    senses = await SocketBus(Path(node.general.run_dir) / "bus.sock", "senses").start()
    await senses.wait_connected()
    await senses.subscribe("senses.assign", assigned)
    async with connect(node) as hub:
        await hub.rules.reload()
        await _hear(senses, "an odd login of root", "LOGIN")
        await _until(hub, lambda rows: rows.get("login-odd"))
        own.write_text("rules:\n  login-odd:\n    kind: event\n")
        assert (await hub.rules.reload()).problems
        assert "login-odd" in {row.rule for row in await _open(hub)}, "what held before holds"
        own.unlink()
        done = await hub.rules.reload()
        assert (done.closed, set(done.gone)) == (1, {"login-odd", "hot-and-odd"})
        await _until(hub, lambda rows: "login-odd" not in rows)
        (closed,) = (await hub.alerting.matching(AlertQuery(rule="login-odd", being="cleared", roots=False), limit=1)).rows
        assert closed.comments[-1].text == "Its rule is not in force any more."
        while unpacked((await asyncio.wait_for(told.get(), DEADLINE_S)).rules):
            pass
    await senses.close()

