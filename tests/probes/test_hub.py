"""Probes from the command line to the samples, through a real hub and real senses."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import pytest

from agents import launch
from agents.places import owner, settled
from cli.main import main
from client import Client, connect
from core.custody import NewCredential
from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.measured import MEMORY
from core.objects import BusinessSystem, CredentialRef, Device, Site, Unit
from core.organisation import DataLine
from core.probes import LOAD, LOSS, ROWS_AGE_RATIO, RTT, UP, NewProbe, NewProbes, ProbeChange, ProbeRow
from core.sections import General, Probes
from core.settings import Settings

T = TypeVar("T")
DEADLINE_S = 60.0
LINES = """probes:
  - name: population-fresh
    kind: sql
    object: data_line:population
    target: 127.0.0.1
    credential: line-reader
    interval_s: 300
    options:
      database: hub
      statement: SELECT count(*) AS rows, max(at) AS latest FROM moved
"""


class Node(NamedTuple):
    """A running hub with senses, on its first day: whoever asks on its socket is the administrator."""

    settings: Settings
    config: Path

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        async def run() -> T:
            async with connect(self.settings) as hub:
                return await question(hub)

        return asyncio.run(run())

    def type(self, *words: str) -> int:
        """A command, as a person types it."""
        return main([*words, "--config", str(self.config), "--lang", "en"])

    def until(self, name: str, right: Callable[[ProbeRow], bool]) -> ProbeRow:
        """The probe's row, once it is as it should be."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            rows = {row.probe.name: row for row in self.ask(lambda hub: hub.probes.list())}
            if name in rows and right(rows[name]):
                return rows[name]
            time.sleep(0.2)
        raise AssertionError(rows)

    def alert(self, instance: str, *, cleared: bool) -> Any:
        """The newest alert of this instance, once it is so."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            rows = [row for row in self.ask(lambda hub: hub.alerts(open_only=False)).rows if row.instance == instance]
            if rows and bool(rows[0].cleared_at) is cleared:
                return rows[0]
            time.sleep(0.2)
        raise AssertionError(rows)

    def stored(self, of: Callable[[Client, int, int], Awaitable[Any]]) -> list[float]:
        """Values of a series, once there are any."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            now = time.time_ns() // 1_000_000
            frame = self.ask(lambda hub: of(hub, now - 3_600_000, now + 1000))  # noqa: B023 -- asked at once
            if len(frame.mean):
                return [float(value) for value in frame.mean]
            time.sleep(0.2)
        raise AssertionError("nothing is stored")


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settled(Settings(
        general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"), probes=Probes(ping_s=2),
    ))
    config = folder / "yunwang.toml"
    config.write_text(f'[general]\ndata_dir = "{folder / "data"}"\nrun_dir = "{folder / "run"}"\nlanguage = "en"\n')
    made = Node(settings, config)
    try:
        launch.start(settings, kinds=("hub", "senses", "workers"), die_with_us=True)
        made.ask(_declare)
        yield made
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


async def _declare(hub: Client) -> None:
    await hub.put_record("unit", Unit(id="", name="大数据局", level="city"))
    await hub.put_record("site", Site(id="", name="LD-1", level="city"))
    for name in ("OA", "Portal"):
        await hub.put_record("system", BusinessSystem(id="", name=name, unit="大数据局", protection_level=3))
    await hub.put_record("data_line", DataLine(
        id="", name="population", source_system="OA", target_system="Portal", unit="大数据局", fresh_minutes=10, rows_per_day=1000,
    ))
    await hub.put_record("credential", CredentialRef(id="", name="community", kind="snmp-community", locator="env:YW_NOT_SET"))
    device = Device(id="", name="LD-WEB-1", address="127.0.0.1", site="LD-1", role="server", unit="大数据局", credential="community")
    await hub.put_record("device", device.replace(interval_s=3600))


@pytest.fixture(scope="module")
def door() -> Iterator[int]:
    """A port that accepts, for as long as any probe asks it."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def wall() -> Iterator[int]:
    """A port at which nothing listens, and that nobody else can take meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def test_from_the_command_to_the_samples(node: Node, door: int, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("probe", "add", "tcp", "web-port", "--object", "LD-WEB-1", "--port", str(door), "--interval", "5", "--timeout", "2")
    assert node.type(*words, "--dry-run") == 0
    assert "Nothing was changed" in capsys.readouterr().out
    assert not node.ask(lambda hub: hub.probes.list())
    assert node.type(*words) == 0
    row = node.until("web-port", lambda row: row.outcome.answer == "ok")
    assert (row.host, row.unit, row.site) == ("127.0.0.1", "大数据局", "LD-1")
    device_id = node.ask(lambda hub: hub.record("device", "LD-WEB-1")).id
    assert set(node.stored(lambda hub, start, end: hub.samples(device_id, UP, "web-port", start_ms=start, end_ms=end))) == {1.0}
    assert all(value > 0 for value in node.stored(lambda hub, start, end: hub.probes.samples("web-port", RTT, start_ms=start, end_ms=end)))
    capsys.readouterr()
    assert node.type("probe", "test", "web-port", "--json") == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "ok"
    assert node.type("probe", "list") == 0
    assert "It answers as it should." in capsys.readouterr().out


def test_every_polled_device_is_sent_echoes(node: Node) -> None:
    """Nobody added a probe, and the device answers no SNMP."""
    device_id = node.ask(lambda hub: hub.record("device", "LD-WEB-1")).id
    assert set(node.stored(lambda hub, start, end: hub.samples(device_id, LOSS, "icmp", start_ms=start, end_ms=end))) == {0.0}


def test_what_is_down_is_told_and_off_is_off(node: Node, door: int, wall: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert node.type("probe", "add", "tcp", "nobody", "--target", "127.0.0.1", "--port", str(wall), "--interval", "5") == 0
    row = node.until("nobody", lambda row: row.outcome.answer == "closed")
    assert row.outcome.figure(UP) == 0.0
    capsys.readouterr()
    assert node.type("probe", "list", "--bad") == 0
    out = capsys.readouterr().out
    assert "nobody" in out
    assert "web-port" not in out
    assert node.type("probe", "test", "nobody") == 3
    assert node.type("probe", "test", "nobody") == 3
    alert = node.alert("nobody", cleared=False)
    assert (alert.rule, alert.severity) == ("probe-down", "major")
    assert "Nothing listens on that port." in alert.evidence["why"]
    assert node.type("probe", "set", "nobody", "--off") == 0
    assert node.type("probe", "test", "nobody") == 6
    assert node.type("probe", "set", "nobody", "--on", "--port", str(door)) == 0
    node.until("nobody", lambda row: row.outcome.answer == "ok")
    node.alert("nobody", cleared=True)
    assert node.type("probe", "remove", "nobody") == 0
    assert node.type("probe", "remove", "nobody") == 6


def test_many_from_a_file(node: Node, tmp_path: Path, door: int, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "probes.yml"
    file.write_text(LINES + f"  - name: door\n    kind: tcp\n    target: 127.0.0.1\n    port: {door}\n    interval_s: 30\n", "utf-8")
    assert node.type("probe", "add", "--file", str(file)) == 5
    assert "no credential named line-reader" in capsys.readouterr().err
    assert not {"door", "population-fresh"} & {row.probe.name for row in node.ask(lambda hub: hub.probes.list())}
    new = NewCredential(name="line-reader", kind="password", username="reader", secret="s3cret-of-the-line")
    node.ask(lambda hub: hub.custody.add(new))
    assert node.type("probe", "add", "--file", str(file)) == 0
    row = node.until("population-fresh", lambda row: row.outcome.answer not in ("pending", "unusable"))
    assert row.outcome.answer == "closed"
    assert row.unit == "大数据局"
    assert node.type("probe", "add", "--file", str(file)) == 8
    capsys.readouterr()
    assert node.type("probe", "add", "--file", str(file), "--replace", "--json") == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == ["population-fresh", "door"]
    assert ROWS_AGE_RATIO not in {figure.metric for figure in row.outcome.figures}
    secret_free = node.ask(lambda hub: hub.probes.list())
    assert "s3cret-of-the-line" not in repr(secret_free)
    with pytest.raises(ConflictError, match="is used by the probe population-fresh"):
        node.ask(lambda hub: hub.custody.remove("line-reader"))
    moved = ProbeChange(target="127.0.0.2")
    with pytest.raises(ConflictError):
        node.ask(lambda hub: hub.probes.change("population-fresh", moved))


@pytest.mark.parametrize(("probe", "problem"), [
    (NewProbe(name="a", kind="tcp", object="no-such", port=1), "has no device called no-such"),
    (NewProbe(name="a", kind="tcp", object_kind="nothing", object="x", port=1), "no kind of object called nothing"),
    (NewProbe(name="a", kind="tcp", target="127.0.0.1"), "Which port"),
    (NewProbe(name="a", kind="icmp"), "needs a target"),
    (NewProbe(name="a", kind="icmp", object_kind="system", object="OA"), "no address of its own"),
    (NewProbe(name="a", kind="host", target="10.0.0.1"), "goes nowhere else"),
    (NewProbe(name="a", kind="host", object="LD-WEB-1"), "needs a credential"),
    (NewProbe(name="a", kind="host", object="LD-WEB-1", credential="community"), "does not fit"),
    (NewProbe(name="a", kind="http", target="ftp://x/"), "no address of a page"),
    (NewProbe(name="a", kind="http", target="http://u:p@x/"), "no address of a page"),
    (NewProbe(name="a", kind="http", target="http://x/", options={"statuss": "1"}), "knows no option statuss"),
    (NewProbe(name="a", kind="http", target="http://x/", options={"status": "20x"}), "no list of status codes"),
    (NewProbe(name="a", kind="dns", target="10.0.0.1"), "needs the option name"),
    (NewProbe(name="a", kind="ntp", target="10.0.0.1", interval_s=1), "at least 5 s"),
    (NewProbe(name="a", kind="ntp", target="a b".replace(" ", "/")), "no host or address"),
    (NewProbe(name="a", kind="sql", target="x", options={"engine": "mysql"}), "only PostgreSQL"),
    (NewProbe(name="a", kind="sql", target="x", options={"database": "d", "statement": "DROP TABLE x"}), "one statement that reads"),
])
def test_definitions_that_cannot_be(node: Node, probe: NewProbe, problem: str) -> None:
    with pytest.raises(InvalidInputError, match=problem):
        node.ask(lambda hub: hub.probes.add(NewProbes(probes=(probe,))))


def test_one_mistake_in_a_file_is_named_by_its_line(node: Node, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yml"
    for text, problem in (
        ("probes:\n  - name: a\n    kind: tcp\n    target: x\n", "bad.yml:2"),
        ("probes:\n  - {name: a, kind: what}\n", "kind"),
        ("probes:\n  - &x {name: a}\n  - *x\n", "anchors"),
        ("- a\n", "probes"),
    ):
        file.write_text(text, "utf-8")
        assert node.type("probe", "add", "--file", str(file)) == 5
        assert problem in capsys.readouterr().err


def test_an_object_that_goes_is_told(node: Node, door: int) -> None:
    device = Device(id="", name="GOES", address="127.0.0.1", snmp_port=1161, site="LD-1", role="server", polled=False)
    node.ask(lambda hub: hub.put_record("device", device))
    wish = NewProbes(probes=(NewProbe(name="goes", kind="tcp", object="GOES", port=door, interval_s=5),))
    node.ask(lambda hub: hub.probes.add(wish))
    node.until("goes", lambda row: row.outcome.answer == "ok")
    node.ask(lambda hub: hub.remove_record("device", "GOES"))
    row = node.until("goes", lambda row: row.outcome.answer == "unusable")
    assert "no longer in the inventory" in row.outcome.said
    with pytest.raises(NotFoundError):
        node.ask(lambda hub: hub.probes.test("no-such-probe"))


@pytest.mark.real
def test_a_host_by_its_sealed_key(node: Node, sshd: Any) -> None:
    """Its key is pinned at first sight, by the hub; the secret is lent to senses and shown nowhere."""
    new = NewCredential(name="ssh-reader", kind="ssh", username=sshd.user, secret=sshd.user_key)
    node.ask(lambda hub: hub.custody.add(new))
    words = ("probe", "add", "host", "machine", "--object", "LD-WEB-1", "--port", str(sshd.port), "--credential", "ssh-reader")
    assert node.type(*words, "--timeout", "30") == 0
    row = node.until("machine", lambda row: row.outcome.answer == "ok")
    assert {figure.metric for figure in row.outcome.figures} >= {UP, MEMORY, LOAD}
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        pinned = {(key.address, key.port): key for key in node.ask(lambda hub: hub.custody.host_keys())}
        if ("127.0.0.1", sshd.port) in pinned:
            break
        time.sleep(0.2)
    key = pinned["127.0.0.1", sshd.port]
    assert row.outcome.facts["host_key"] == f"{key.algorithm} {key.fingerprint}"
    assert "PRIVATE KEY" not in repr(node.ask(lambda hub: hub.probes.list()))
    assert node.type("probe", "test", "machine") == 0
