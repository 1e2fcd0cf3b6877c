"""A whole node: traps and lines come in, and are shown, listed, followed and searched, within what each person may see."""

import asyncio
import contextlib
import io
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from agents import launch
from agents.places import owner, settled
from cli.main import main
from client import Client, connect
from core.errors import NotFoundError, YunwangError
from core.events import EarsCount, EventPage, EventQuery, EventRow
from core.sections import Ears, General
from core.settings import Settings
from core.views import ViewQuery
from links import traps
from links.snmp import ber

DEVICES = b"name,address,site,role,platform\nLD-ACC-1,127.0.0.21,LD-1,access,huawei_vrp\nLD-ACC-2,127.0.0.22,LD-1,access,h3c_comware\n"
SITES = b"name,level,county\nLD-1,county,Liandu\n"
LINE = "<189>%s LD-ACC-1 %%%%01IFNET/4/IF_STATE(l)[%d]:Interface GigabitEthernet0/0/%d has turned into DOWN state. 光缆中断"


def free_ports(count: int) -> list[int]:
    probes = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def node() -> Iterator[Settings]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    syslog, trap, tcp = free_ports(3)
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general, ears=Ears(syslog_port=syslog, trap_port=trap, syslog_tcp_port=tcp)))
    launch.start(settings, kinds=("hub", "workers", "ears"), die_with_us=True)

    async def declare() -> None:
        async with connect(settings) as hub:
            await hub.import_file("sites.csv", SITES)
            await hub.import_file("devices.csv", DEVICES)

    asyncio.run(declare())
    yield settings
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def hub(node: Settings) -> AsyncIterator[Client]:
    async with connect(node) as client:
        yield client


def say(source: str, port: int, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for raw in datagrams:
            sender.sendto(raw, ("127.0.0.1", port))


def line(number: int, port: int) -> bytes:
    return (LINE % (time.strftime("%Y-%m-%d %H:%M:%S"), number, port)).encode("gb18030")


def link_down(index: int) -> bytes:
    def bound(oid: tuple[int, ...], value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)

    variables = [
        bound(traps.UPTIME, ber.integer(4242, 0x43)), bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body((*traps.GENERIC, 3)))),
        bound((1, 3, 6, 1, 2, 1, 2, 2, 1, 1, index), ber.integer(index)), bound((1, 3, 6, 1, 2, 1, 2, 2, 1, 7, index), ber.integer(1)),
    ]
    return ber.message(ber.V2C, b"s3cret-community", ber.pdu(traps.TRAP_V2, 77, 0, 0, ber.tlv(0x30, b"".join(variables))))


async def until_kept(hub: Client, count: int) -> EarsCount:
    async with asyncio.timeout(90):
        while (found := await hub.events.heard()).stored < count:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.05)
    return found


async def first(hub: Client, query: ViewQuery, count: int) -> list[EventRow]:
    """The rows of the view once there are so many."""
    rows: dict[str, EventRow] = {}
    async with asyncio.timeout(90):
        async for delta in hub.subscribe(query):
            rows |= {row["id"]: msgspec.convert(row, EventRow) for row in delta.rows}
            if len(rows) >= count:
                return sorted(rows.values(), key=lambda row: row.text)
    raise AssertionError


async def test_what_is_said_is_shown_listed_and_searched(hub: Client, node: Settings) -> None:
    before = (await hub.events.heard()).stored
    say("127.0.0.21", node.ears.syslog_port, line(1, 7), line(2, 7), line(3, 8))
    say("127.0.0.22", node.ears.trap_port, link_down(17))
    say("127.0.0.99", node.ears.syslog_port, b"<30>Nov 23 10:00:00 unknown sshd[1]: session opened")
    _, writer = await asyncio.open_connection("127.0.0.1", node.ears.syslog_tcp_port)
    writer.write(b"<13>by TCP\n")
    await writer.drain()
    writer.close()
    heard = await until_kept(hub, before + 6)
    assert (heard.dropped, heard.rejected) == (0, 0)

    shown = await first(hub, ViewQuery(view="events", device_id=(await hub.device("LD-ACC-1")).row.id), 2)
    assert [(row.device, row.mnemonic, row.fields["ifName"], row.count, row.priority) for row in shown] == [
        ("LD-ACC-1", "IFNET/4/IF_STATE", "GigabitEthernet0/0/7", 2, 4), ("LD-ACC-1", "IFNET/4/IF_STATE", "GigabitEthernet0/0/8", 1, 4),
    ]
    assert "光缆中断" in shown[0].text
    (down,) = await first(hub, ViewQuery(view="events", where={"kind": "trap"}), 1)
    assert (down.device, down.mnemonic, down.fields["ifIndex"]) == ("LD-ACC-2", "linkDown", "17")
    assert down.said["zh"].startswith("端口 17 断开")

    page = await hub.events.list(EventQuery(device="LD-ACC-1"))
    assert [row.mnemonic for row in page.rows] == ["IFNET/4/IF_STATE"] * 3
    assert page.complete
    assert [row.source for row in (await hub.events.list(EventQuery(grep="光缆", kind="syslog"))).rows] == ["127.0.0.21"] * 3
    assert [row.mnemonic for row in (await hub.events.list(EventQuery(priority=3))).rows] == ["linkDown"]
    assert {row.source for row in (await hub.events.list(EventQuery())).rows} >= {"127.0.0.21", "127.0.0.22", "127.0.0.99", "127.0.0.1"}
    assert (await hub.events.list(EventQuery(source="127.0.0.98"))).rows == ()
    with pytest.raises(NotFoundError):
        await hub.events.list(EventQuery(device="nobody"))


async def test_who_spoke_is_listed_and_lines_by_a_relay_are_its_devices(
    hub: Client, node: Settings, capsys: pytest.CaptureFixture[str],
) -> None:
    before = (await hub.events.heard()).stored
    say("127.0.0.77", node.ears.syslog_port, line(9, 9), b"<13>Nov 23 10:00:00 SOMEBODY app: of another")
    await until_kept(hub, before + 2)
    async with asyncio.timeout(30):
        while "LD-ACC-1" not in {host for row in (await hub.events.senders(unknown=True)).rows for host in row.hosts}:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    senders = {row.address: row for row in (await hub.events.senders()).rows}
    assert (senders["127.0.0.21"].device, senders["127.0.0.22"].kinds) == ("LD-ACC-1", ("trap",))
    unknown = {row.address: row for row in (await hub.events.senders(unknown=True)).rows}
    assert {"127.0.0.77", "127.0.0.99"} <= unknown.keys()
    assert not unknown.keys() & {"127.0.0.21", "127.0.0.22"}
    assert set(unknown["127.0.0.77"].hosts) == {"LD-ACC-1", "SOMEBODY"}
    page = await hub.events.list(EventQuery(device="LD-ACC-1"))
    assert {row.source for row in page.rows} == {"127.0.0.21", "127.0.0.77"}
    assert "of another" not in {row.text for row in page.rows}, "the relay speaks for others, too"
    assert [row.source for row in (await hub.events.list(EventQuery(device="LD-ACC-1", source="127.0.0.77"))).rows] == ["127.0.0.77"]
    listed = json.loads(await asyncio.to_thread(told, node, capsys, "event", "senders", "--unknown", "--json"))
    assert "127.0.0.77" in {one["address"] for one in listed["senders"]}
    assert "127.0.0.99" in await asyncio.to_thread(told, node, capsys, "event", "senders")
    found = json.loads(await asyncio.to_thread(told, node, capsys, "event", "search", "0", "--device", "LD-ACC-1", "--json"))
    assert {one["source"] for one in found["events"]} == {"127.0.0.21", "127.0.0.77"}


def test_no_community_is_ever_kept(node: Settings) -> None:
    kept = b"".join(path.read_bytes() for path in (Path(node.general.data_dir) / "logs").rglob("*") if path.is_file())
    assert kept
    import zstandard

    found = [at for at in range(len(kept)) if kept.startswith(b"\x28\xb5\x2f\xfd", at)]
    opened = b"".join(zstandard.ZstdDecompressor().decompressobj().decompress(kept[at:]) for at in found)
    assert b"GigabitEthernet" in opened
    assert b"s3cret-community" not in opened


def told(node: Settings, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    config = Path(node.general.data_dir).parent / "yunwang.toml"
    config.write_text(f'[general]\ndata_dir = "{node.general.data_dir}"\nrun_dir = "{node.general.run_dir}"\nlanguage = "en"\n')
    assert main([*words, "--config", str(config), "--lang", "en"]) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def test_in_the_shell(node: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(told(node, capsys, "event", "list", "--grep", "GigabitEthernet0/0/8", "--json"))
    assert [one["device"] for one in listed["events"]] == ["LD-ACC-1"]
    assert "GigabitEthernet0/0/8" in told(node, capsys, "event", "list", "--since", "1h", "--severity", "warning")
    found = json.loads(told(node, capsys, "event", "search", "光缆中断", "--since", "2h", "--json"))
    assert found["count"] == 4
    assert {one["mnemonic"] for one in found["events"]} == {"IFNET/4/IF_STATE"}
    heard = json.loads(told(node, capsys, "event", "heard", "--json"))
    assert heard["received"] == heard["stored"] > 0
    assert heard["dropped"] == 0
    assert "stored" in told(node, capsys, "event", "heard")


def test_parsing_needs_no_hub(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(line(5, 9) + b"\n\n" + b"x" * 200_000 + b"\n<13>last")

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert main(["event", "parse", "--from", "10.0.0.9", "--json", "--lang", "en"]) == 0
    events = [json.loads(one) for one in capsys.readouterr().out.splitlines()]
    assert [one["source"] for one in events] == ["10.0.0.9"] * 3
    assert events[0]["fields"]["ifName"] == "GigabitEthernet0/0/9"
    assert events[2]["text"] == "last"
    assert all(len(one["text"]) <= 4096 for one in events)

    class Trap:
        buffer = io.BytesIO(link_down(3).hex().encode() + b"\n")

    monkeypatch.setattr(sys, "stdin", Trap)
    assert main(["event", "parse", "--trap", "--lang", "en"]) == 0
    assert "linkDown" in capsys.readouterr().out


async def test_a_hub_that_starts_again_remembers_the_newest(node: Settings) -> None:
    process = next(row for row in (await _health(node)).processes if row.kind == "hub")
    os.kill(process.pid, signal.SIGKILL)
    async with asyncio.timeout(90):
        while True:
            with contextlib.suppress(YunwangError):
                async with connect(node) as hub:
                    page: EventPage = await hub.events.list(EventQuery(device="LD-ACC-1", source="127.0.0.21"))
                    shown = await first(hub, ViewQuery(view="events", where={"kind": "syslog"}), 4)
                    break
            await asyncio.sleep(0.1)
    assert len(page.rows) == 3
    assert {row.device for row in shown} >= {"LD-ACC-1"}


async def _health(node: Settings):  # type: ignore[no-untyped-def]
    async with connect(node) as hub:
        return await hub.health()
