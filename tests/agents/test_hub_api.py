"""The API of a running hub, asked through the client and by hand."""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import httpx
import msgspec
import pytest

from client import Client, connect
from core import i18n
from core.audit import AuditQuery
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.messages import AlertTransitions, Done, LiveDevice, LiveDevices, LiveInterfaces, Observed
from core.model import LISTED
from core.objects import Device, Fact, Interface, Link
from core.ports import JournalRow, ListQuery
from core.settings import Settings
from core.signals import Alert
from core.views import InterfaceRow, ViewDelta, ViewQuery


@pytest.fixture
async def filled(hub: Client, sheets: tuple[bytes, bytes]) -> Client:
    """The hub after both sheets were imported."""
    for name, content in zip(("sites.csv", "devices.csv"), sheets, strict=True):
        if (await hub.health()).devices:
            break
        report = await hub.import_file(name, content)
        assert report.problems == ()
    return hub


async def trail(node: Settings) -> list[JournalRow]:
    """The whole journal, oldest first, as the auditor reads it."""
    async with connect(node) as auditor:
        auditor.identify("", "auditor")
        return list((await auditor.audit.search(AuditQuery(oldest_first=True, limit=1000))).items)


async def test_an_import_is_whole_counted_and_journaled(filled: Client, node: Settings, sheets: tuple[bytes, bytes]) -> None:
    again = await filled.import_file("devices.csv", sheets[1])
    assert (again.added, again.changed, again.unchanged) == ({}, {}, {"device": 3})
    page = await filled.devices(ViewQuery(view="devices", sort="-name"))
    assert [row.name for row in page.rows] == ["QT-PE-1", "LD-ACC-2", "LD-ACC-1"]
    assert page.rows[0].county == "Qingtian"
    rows = await trail(node)
    assert {row.kind for row in rows} >= {"site", "device"}
    assert all(later.previous == earlier.digest for earlier, later in pairwise(rows))
    imported = [row for row in rows if row.action == "inventory.import"]
    assert all(row.origin.startswith("unix:") and row.request for row in imported)


async def test_a_sheet_with_mistakes_changes_nothing(filled: Client) -> None:
    begun = time.time_ns() // 1_000_000
    bad = b"name,address,site,role\nLD-ACC-9,10.1.0.9,LD-1,access\nLD-ACC-10,10.1.0.999,LD-1,access\n"
    report = await filled.import_file("devices.csv", bad)
    assert report.problems_total == 1
    assert (report.problems[0].row, report.problems[0].column.split()[0]) == (3, "B")
    assert (await filled.health()).devices == 3
    assert (await filled.history.changes(begun)).total == 0


async def test_a_dry_run_counts_and_changes_nothing(filled: Client) -> None:
    begun = time.time_ns() // 1_000_000
    report = await filled.import_file("sites.csv", b"name,level,county\nJY-1,county,Jinyun\n", dry_run=True, key="dry")
    assert (report.dry_run, report.added) == (True, {"site": 1})
    assert (await filled.history.changes(begun)).total == 0
    with pytest.raises(NotFoundError):
        await filled.record("site", "JY-1")


async def test_a_repetition_is_told_the_same_and_writes_nothing(filled: Client) -> None:
    content = b"name,level,county\nSY-1,county,Songyang\n"
    first = await filled.import_file("sites.csv", content, key="once")
    revision = (await filled.health()).revision
    again = await filled.import_file("sites.csv", content, key="once")
    assert again == first
    assert 0 < first.revision <= revision
    with pytest.raises(ConflictError):
        await filled.import_file("sites.csv", content + b"SY-2,county,Songyang\n", key="once")


async def test_what_is_no_sheet_is_one_sentence(filled: Client) -> None:
    with pytest.raises(InvalidInputError) as found:
        await filled.import_file("city.xlsx", b"PK\x03\x04 this is no workbook")
    assert found.value.message
    assert (await filled.health()).devices == 3


async def test_records_are_listed_paged_and_found(filled: Client) -> None:
    first = await filled.page("device", ListQuery(limit=2))
    rest = await filled.page("device", ListQuery(limit=2, cursor=first.cursor))
    assert [item["name"] for item in (*first.items, *rest.items)] == ["LD-ACC-1", "LD-ACC-2", "QT-PE-1"]
    assert (first.total, rest.cursor) == (3, "")
    found = await filled.record("device", "QT-PE-1")
    assert isinstance(found, Device)
    assert found.address == "10.2.0.1"
    only = await filled.page("device", ListQuery(where={"role": "PE"}))
    assert only.total == 1


@pytest.mark.parametrize(("path", "status", "code"), [
    ("/api/v1/devices/nobody", 404, "not-found"), ("/api/v1/nothing", 404, "not-found"), ("/api/v1/records/gods", 400, "invalid-input"),
    ("/api/v1/records/device?sort=id;drop", 400, "invalid-input"), ("/api/v1/views/devices?sort=1%20desc", 400, "invalid-input"),
    ("/api/v1/views/devices?limit=many", 400, "invalid-input"), ("/api/v1/views/devices?colour=red", 400, "invalid-input"),
    ("/api/v1/views/devices?where.drop=1", 400, "invalid-input"), ("/api/v1/stream?view=cellar", 400, "invalid-input"),
    ("/api/v1/stream?view=interfaces&device_id=nobody", 404, "not-found"), ("/api/v1/export/device?format=exe", 400, "invalid-input"),
    ("/api/v1/export/gods", 400, "invalid-input"), ("/api/v1/export/all?format=csv", 400, "invalid-input"),
    ("/api/v1/devices/LD-ACC-1/samples?metric=x&start=9&end=1", 400, "invalid-input"),
    ("/api/v1/devices/LD-ACC-1/samples?metric=x", 400, "invalid-input"), ("/api/v1/alerts?where.colour=red", 400, "invalid-input"),
    ("/api/v1/views/jobs?sort=colour", 400, "invalid-input"), ("/api/v1/views/jobs?where.state=1&offset=-1", 400, "invalid-input"),
    ("/api/v1/views/cellar", 400, "invalid-input"), ("/api/v1/views/audit", 403, "forbidden"),
    ("/api/v1/stream?view=audit", 403, "forbidden"),
    ("/api/v1/records/account_secret", 400, "invalid-input"), ("/api/v1/records/session", 400, "invalid-input"),
    ("/api/v1/records/sealed_secret/x", 400, "invalid-input"), ("/api/v1/records/device?limit=0", 400, "invalid-input"),
    ("/api/v1/records/device?units=x", 400, "invalid-input"), ("/api/v1/records/device?cursor=abc", 400, "invalid-input"),
    ("/api/v1/journal", 404, "not-found"), ("/api/v1/schema/nothing", 404, "not-found"),
    ("/api/v1/alerts?offset=99999999999999999999999999", 400, "invalid-input"),
    ("/api/v1/views/devices?text=" + "x" * 5000, 400, "invalid-input"),
])
async def test_errors_have_one_shape(filled: Client, node: Settings, path: str, status: int, code: str) -> None:
    answer = await _get(node, path)
    assert answer.status_code == status, answer.text
    if code:
        assert set(answer.json()["error"]) >= {"code", "message"}
        assert answer.json()["error"]["code"] == code
    assert "Traceback" not in answer.text


async def test_messages_speak_the_language_that_is_asked_for(filled: Client, node: Settings) -> None:
    english = (await _get(node, "/api/v1/devices/nobody", "en")).json()["error"]["message"]
    chinese = (await _get(node, "/api/v1/devices/nobody", "zh-CN,zh;q=0.9")).json()["error"]["message"]
    assert english == "There is no device nobody."
    assert chinese != english
    assert "nobody" in chinese
    assert (await _get(node, "/api/v1/devices/nobody?lang=zh", "en")).json()["error"]["message"] == chinese


async def test_bodies_are_bounded(node: Settings) -> None:
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=_socket(node), verify=False), base_url="http://hub") as http:
        answer = await http.post("/api/v1/imports?filename=a.csv", content=bytes(64 * 1024 * 1024 + 1), timeout=60)
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "invalid-input"


@pytest.mark.parametrize("garbage", [
    b"\x00" * 100, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000,
    b"POST /api/v1/imports HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
])
async def test_garbage_harms_nobody(filled: Client, node: Settings, garbage: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(_socket(node))
    writer.write(garbage)
    try:
        await writer.drain()
        await asyncio.wait_for(reader.read(), 10)
    except ConnectionError:
        pass
    writer.close()
    assert (await filled.health()).devices == 3


async def test_exports_come_back_as_they_went(filled: Client, node: Settings, tmp_path: Path) -> None:
    for format_ in ("csv", "xlsx"):
        content = await filled.export("device", format_)
        report = await filled.import_file(f"device.{format_}", content)
        assert (report.problems, report.unchanged) == ((), {"device": 3})
    assert len(json.loads(await filled.export("device", "json"))) == 3
    (tmp_path / "all.db").write_bytes(await filled.export("all", "sqlite"))
    with contextlib.closing(sqlite3.connect(tmp_path / "all.db")) as tables:
        assert tables.execute("SELECT count(*), count(DISTINCT address) FROM device WHERE site <> ''").fetchone() == (3, 3)
        assert tables.execute("SELECT count(*) FROM system").fetchone() == (0,)
    assert set(json.loads(await filled.export("all", "json"))) == set(LISTED)
    assert [row.action for row in await trail(node)][-1] == "inventory.export"


async def test_whom_nobody_knows_may_neither_read_nor_write(
    filled: Client, node: Settings, sheets: tuple[bytes, bytes], missing: Callable[[str], None],
) -> None:
    if os.geteuid() != 0:
        missing("only root may become another account")
    run = Path(node.general.run_dir)
    opened = [run.parent, run]
    for folder in opened:
        folder.chmod(0o711)
    (run / "hub.sock").chmod(0o666)
    try:
        answers = await asyncio.to_thread(_as_nobody, run / "hub.sock")
    finally:
        (run / "hub.sock").chmod(0o660)
        for folder in opened:
            folder.chmod(0o700)
    assert answers == {"read": 401, "write": [401, 401]}
    refused = [row.after["action"] for row in await trail(node) if row.action == "refused" and row.actor == "nobody"]
    assert refused == ["read"], "whoever is nobody gets no further than the door, and is noted there once"


def _as_nobody(path: Path) -> dict[str, object]:
    program = (
        "import http.client, json, os, socket, sys\n"
        "os.setgid(65534); os.setuid(65534)\n"
        "def ask(method, target, body=None):\n"
        "    c = http.client.HTTPConnection('hub'); c.sock = socket.socket(socket.AF_UNIX); c.sock.connect(sys.argv[1])\n"
        "    c.request(method, target, body); return c.getresponse().status\n"
        "post = '/api/v1/imports?filename=a.csv'\n"
        "print(json.dumps({'read': ask('GET', '/api/v1/overview'), 'write': [ask('POST', post, b'x'), ask('POST', post, b'x')]}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True, timeout=30)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


async def test_senses_are_told_what_to_poll_and_what_they_say_is_seen(filled: Client, senses, node: Settings) -> None:  # type: ignore[no-untyped-def]
    await _until(lambda: bool(senses.assigned))
    assert {device.name for device in senses.assigned[-1].devices} == {"LD-ACC-1", "LD-ACC-2", "QT-PE-1"}
    device = next(d for d in senses.assigned[-1].devices if d.name == "LD-ACC-1")
    row = LiveDevice(id=device.id, status="up", since=5, polled_at=6, rtt_ms=1.5, in_bps=1e9, ports=48, ports_up=20)
    stranger = LiveDevice(id="stranger", status="up", since=5, polled_at=6)
    await senses.bus.publish("live.devices", msgspec.msgpack.encode(LiveDevices(at_ms=7, rows=(row, stranger))))

    async def seen() -> bool:
        overview = await filled.overview()
        return overview.up == 1 and overview.interfaces_up == 20 and bool(overview.busiest)

    await _until_async(seen)
    found = await filled.device("LD-ACC-1")
    assert (found.row.status, found.row.rtt_ms, found.device.id) == ("up", 1.5, device.id)


async def test_observations_are_durable_when_acknowledged(filled: Client, senses) -> None:  # type: ignore[no-untyped-def]
    await _until(lambda: bool(senses.assigned))
    ids = [device.id for device in senses.assigned[-1].devices]
    seen = [
        Observed(
            device_id=device_id, at_ms=10, interfaces=(Interface(device_id=device_id, if_index=1, name="GE0/0/1"),),
            facts=(Fact(object_id=device_id, field="serial", value="S1", source="observed", confidence=1.0, valid_from=10),),
            links=(Link(device_a=device_id, port_a="GE0/0/1", device_b="x", port_b="y", source="lldp", confidence=0.9, valid_from=10),),
        )
        for device_id in ids
    ]
    answers = await asyncio.gather(*(senses.bus.request("hub.observed", msgspec.msgpack.encode(one)) for one in seen))
    assert all(msgspec.msgpack.decode(answer, type=Done) == Done(count=1) for answer in answers)
    assert (await filled.facts("LD-ACC-1"))[0].value == "S1"
    assert (await filled.links("LD-ACC-1"))[0].port_a == "GE0/0/1"
    assert [row.name for row in await filled.interfaces("LD-ACC-1")] == ["GE0/0/1"]
    stranger = seen[0].replace(device_id="stranger")
    with pytest.raises(NotFoundError):
        await senses.bus.request("hub.observed", msgspec.msgpack.encode(stranger))


async def test_alerts_are_raised_once_and_cleared(filled: Client, senses, node: Settings) -> None:  # type: ignore[no-untyped-def]
    await _until(lambda: bool(senses.assigned))
    device = senses.assigned[-1].devices[0]
    alert = Alert(id="a1", rule="device-unreachable", device_id=device.id, severity="critical", evidence={"misses": "3"}, raised_at=100)
    body = msgspec.msgpack.encode(AlertTransitions(key="k1", alerts=(alert,)))
    for _ in range(2):
        await senses.bus.request("hub.alerts", body)
    page = await filled.alerts()
    assert [(row.rule, row.device, row.cleared_at) for row in page.rows] == [("device-unreachable", device.name, 0)]
    assert (await filled.device(device.id)).row.alerts == 1
    assert (await filled.overview()).alerts == {"critical": 1}
    await senses.bus.request("hub.alerts", msgspec.msgpack.encode(AlertTransitions(key="k2", alerts=(alert.replace(cleared_at=200),))))
    assert (await filled.alerts()).total == 0
    assert [row.cleared_at for row in (await filled.alerts(open_only=False)).rows] == [200]
    assert [row.action for row in await trail(node) if row.kind == "alert"] == ["alert.raise", "alert.clear"]


async def test_the_stream_carries_only_what_a_window_sees(filled: Client, senses) -> None:  # type: ignore[no-untyped-def]
    await _until(lambda: bool(senses.assigned))
    devices = {device.name: device for device in senses.assigned[-1].devices}
    events: asyncio.Queue[ViewDelta] = asyncio.Queue()

    async def listen() -> None:
        async for event in filled.subscribe(ViewQuery(view="devices", where={"county": "Liandu"}, limit=1)):
            await events.put(event)

    listener = asyncio.create_task(listen())
    try:
        first = await asyncio.wait_for(events.get(), 10)
        assert (first.kind, first.total, [row["name"] for row in first.rows]) == ("snapshot", 2, ["LD-ACC-1"])
        for name, rtt in (("QT-PE-1", 1.0), ("LD-ACC-2", 2.0), ("LD-ACC-1", 3.0)):
            row = LiveDevice(id=devices[name].id, status="up", since=1, polled_at=1, rtt_ms=rtt)
            await senses.bus.publish("live.devices", msgspec.msgpack.encode(LiveDevices(at_ms=1, rows=(row,))))
        delta = await asyncio.wait_for(events.get(), 10)
        assert (delta.kind, delta.id, delta.order) == ("delta", first.id + 1, None)
        assert [(row["name"], row["rtt_ms"]) for row in delta.rows] == [("LD-ACC-1", 3.0)]
    finally:
        listener.cancel()


async def test_interfaces_are_watched_while_somebody_looks(filled: Client, senses) -> None:  # type: ignore[no-untyped-def]
    await _until(lambda: bool(senses.assigned))
    device = next(d for d in senses.assigned[-1].devices if d.name == "LD-ACC-2")
    events: asyncio.Queue[ViewDelta] = asyncio.Queue()

    async def listen() -> None:
        async for event in filled.subscribe(ViewQuery(view="interfaces", device_id="LD-ACC-2", sort="if_index")):
            await events.put(event)

    listener = asyncio.create_task(listen())
    try:
        assert (await asyncio.wait_for(events.get(), 10)).kind == "snapshot"
        await _until(lambda: any(watch.device_ids == (device.id,) for watch in senses.watched))
        rows = (InterfaceRow(if_index=2, name="GE0/0/2", in_bps=5.0), InterfaceRow(if_index=1, name="GE0/0/1"))
        await senses.bus.publish("live.interfaces", msgspec.msgpack.encode(LiveInterfaces(device_id=device.id, at_ms=1, rows=rows)))
        while not (delta := await asyncio.wait_for(events.get(), 10)).order:
            pass
        assert (delta.order, delta.total) == (("1", "2"), 2)
    finally:
        listener.cancel()
    await _until(lambda: senses.watched[-1].device_ids == ())


async def _get(node: Settings, path: str, language: str = "en") -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=_socket(node), verify=False), base_url="http://hub") as http:
        return await http.get(path, headers={"accept-language": language}, timeout=20)


def _socket(node: Settings) -> str:
    return str(Path(node.general.run_dir) / "hub.sock")


async def _until(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(15):
        while not condition():  # noqa: ASYNC110 -- the condition is anybody's
            await asyncio.sleep(0.02)


async def _until_async(condition) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(15):
        while not await condition():  # noqa: ASYNC110 -- the same
            await asyncio.sleep(0.05)


def test_forbidden_is_a_permission_error() -> None:
    assert issubclass(ForbiddenError, PermissionError)


async def test_the_mistakes_of_a_sheet_are_told_in_the_language_of_who_asks(filled: Client, node: Settings) -> None:
    told = {}
    for language in ("en", "zh"):
        i18n.use(language)
        report = await filled.import_file("sites.csv", b"name,level,county\nXX-1,galactic,Liandu\n", dry_run=True)
        told[language] = report.problems[0].message
    i18n.use("en")
    assert "is not one of" in told["en"]
    assert "is not one of" not in told["zh"]
    assert all("galactic" in message for message in told.values())


async def test_alerts_are_filtered_by_their_fields_their_device_and_what_is_read(filled: Client, senses) -> None:  # type: ignore[no-untyped-def]
    ids = {row.name: row.id for row in (await filled.devices(ViewQuery(view="devices"))).rows}
    alerts = (
        Alert(id="f1", rule="interface-down", device_id=ids["LD-ACC-1"], instance="GE0/0/7", severity="major", raised_at=1,
              evidence={"oper": "down"}),
        Alert(id="f2", rule="device-unreachable", device_id=ids["QT-PE-1"], severity="critical", raised_at=2, evidence={"misses": "3"}),
    )
    await senses.bus.request("hub.alerts", msgspec.msgpack.encode(AlertTransitions(key="filtering", alerts=alerts)))
    for text, where, found in (
        ("", {"severity": "critical"}, ["f2"]), ("", {"rule": "interface-down"}, ["f1"]), ("", {"device": "QT-PE-1"}, ["f2"]),
        ("", {"county": "Qingtian"}, ["f2"]), ("", {"role": "access", "severity": "critical"}, []), ("ge0/0/7", {}, ["f1"]),
        ("ld-acc", {}, ["f1"]), ("does not answer", {}, ["f2"]), ("无应答", {}, ["f2"]), ("紧急", {}, ["f2"]), ("nothing like it", {}, []),
    ):
        query = ViewQuery(view="alerts", text=text, where={**where, "cleared_at": "0"}, sort="severity")
        async for event in filled.subscribe(query):
            assert [row["id"] for row in event.rows if row["id"] in ("f1", "f2")] == found, (text, where)
            break
    with pytest.raises(InvalidInputError):
        await anext(aiter(filled.subscribe(ViewQuery(view="alerts", where={"colour": "red"}))))
    cleared = tuple(alert.replace(cleared_at=3) for alert in alerts)
    await senses.bus.request("hub.alerts", msgspec.msgpack.encode(AlertTransitions(key="filtering-done", alerts=cleared)))
