"""How a node judges itself, what it tells Prometheus, its heartbeat and its logs."""

import asyncio
import http.client
import json
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from agents import launch
from agents.hub.node import heartbeat
from agents.hub.node.health import CLOCK_TOLD_MS, GIB, MIB, Clock, Facts, judge, worst
from agents.hub.node.metrics import Metric, render
from agents.hub.node.probes import damaged
from agents.supervisor import read_status
from client import connect
from core.errors import NoAnswerError, SettingsError, YunwangError
from core.node import Heartbeat
from core.settings import Settings
from core.views import ProcessRow
from stores.records import open_records

Run = Callable[..., AbstractContextManager[Settings]]
Make = Callable[..., Settings]
NOW = 1_800_000_000_000
GOOD = Facts(now_ms=NOW, disk_size=500 * GIB, disk_free=200 * GIB, processes=(ProcessRow(kind="hub", pid=7, since=NOW - 10**9),))


@pytest.mark.parametrize(("facts", "code", "status"), [
    (GOOD, "", "ok"),
    (GOOD._replace(disk_free=1 * GIB), "disk-low", "degraded"),
    (GOOD._replace(disk_free=10 * MIB), "disk-out", "failed"),
    (GOOD._replace(disk_size=10 * GIB, disk_free=1 * GIB), "", "ok"),
    (GOOD._replace(disk_size=3 * MIB, disk_free=1 * MIB), "", "ok"),
    (GOOD._replace(disk_size=3 * MIB, disk_free=0), "disk-out", "failed"),
    (GOOD._replace(write_error="read-only"), "not-writable", "failed"),
    (GOOD._replace(records_error="damaged"), "records", "failed"),
    (GOOD._replace(refused=3), "storage-refused", "degraded"),
    (GOOD._replace(damaged=("samples/x: bad",)), "segments-damaged", "degraded"),
    (GOOD._replace(processes=(ProcessRow(kind="senses", since=NOW, error="it died"),)), "child-down", "degraded"),
    (GOOD._replace(processes=(ProcessRow(kind="senses"),)), "", "ok"),
    (GOOD._replace(processes=(ProcessRow(kind="ears", pid=9, restarts=2, since=NOW - 1000),)), "child-restarted", "degraded"),
    (GOOD._replace(processes=(ProcessRow(kind="ears", pid=9, restarts=2, since=NOW - 10**9),)), "", "ok"),
    (GOOD._replace(clock_step_ms=-86_400_000, clock_step_at=NOW - 1000), "clock-step", "degraded"),
    (GOOD._replace(clock_step_ms=-86_400_000, clock_step_at=NOW - CLOCK_TOLD_MS), "", "ok"),
    (GOOD._replace(clock_step_ms=100, clock_step_at=NOW), "", "ok"),
    (GOOD._replace(newest_row_ms=NOW + 365 * 86_400_000), "clock-behind", "degraded"),
    (GOOD._replace(samples_error="disk"), "samples", "degraded"),
    (GOOD._replace(seal_error="no way"), "seal", "degraded"),
    (GOOD._replace(backup_error="disk"), "backup", "degraded"),
])
def test_each_fault_has_its_reason(facts: Facts, code: str, status: str) -> None:
    found = judge(facts)
    assert [reason.code for reason in found] == ([code] if code else [])
    assert worst(found) == status
    for reason in found:
        assert "{" not in reason.message.format(**reason.values)


def test_the_worst_comes_first() -> None:
    found = judge(GOOD._replace(samples_error="x", write_error="y", refused=1))
    assert found[0].status == "failed"
    assert worst(found) == "failed"


@pytest.mark.parametrize("step_ms", [-365 * 86_400_000, -6000, 6000, 365 * 86_400_000])
def test_a_step_of_the_clock_is_seen_and_slow_drift_is_none(step_ms: int) -> None:
    clock = Clock(NOW, 0)
    for second in range(1, 100):
        clock = clock.look(NOW + second * 1001, second * 1000)
    assert clock.step_ms == 0
    clock = clock.look(NOW + 100_100 + step_ms, 100_000)
    assert abs(clock.step_ms - step_ms) < 100
    assert clock.look(NOW + 115_100 + step_ms, 115_000).step_ms == clock.step_ms


@pytest.fixture(scope="module")
def node(run: Run, settings_in: Make) -> Iterator[Path]:
    """A hub that several tests look at, with a receiver of its heartbeats."""
    place = Path(tempfile.mkdtemp(prefix="yw-"))
    with receiving() as url, run(settings_in(place, log_format="json", heartbeat_url=url, heartbeat_s=5)):
        yield place
    shutil.rmtree(place, ignore_errors=True)


def test_the_health_of_a_running_node_follows_what_happens(node: Path) -> None:
    assert ask(node, "/healthz")[1]["status"] == "ok"
    folder = node / "data" / "logs" / "damaged"
    folder.mkdir(parents=True)
    (folder / "1.lines.txt").write_text("the index is damaged\n")
    os.kill(next(row.pid for row in read_status(node / "run") if row.kind == "workers"), signal.SIGKILL)
    wanted = {"child-restarted", "segments-damaged"}
    until(lambda: {reason["code"] for reason in ask(node, "/healthz")[1].get("reasons", ())} >= wanted)
    status, answer = ask(node, "/healthz")
    assert (status, answer["status"]) == (200, "degraded")
    until(lambda: "damaged segments were set aside" in (node / "data" / "log" / "hub.log").read_text())


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)


def ask(place: Path, path: str, method: str = "GET") -> tuple[int, Any]:
    connection = http.client.HTTPConnection("hub")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(place / "run" / "hub.sock"))
    connection.request(method, path, headers={"x-request-id": "abc-123"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    kind = answer.headers.get("content-type", "")
    return answer.status, json.loads(body) if kind.startswith("application/json") else body.decode()


def test_a_node_whose_disk_cannot_be_written_has_failed_and_says_so(small_disk: Path, settings_in: Make, run: Run) -> None:
    with run(settings_in(small_disk), kinds=("hub",)):
        full = small_disk / "fill"
        with full.open("wb", buffering=0) as out:
            try:
                while out.write(bytes(4096)):
                    pass
            except OSError:
                pass
        until(lambda: ask(small_disk, "/healthz")[0] == 503)
        status, answer = ask(small_disk, "/healthz")
        assert (status, answer["status"]) == (503, "failed")
        assert {reason["code"] for reason in answer["reasons"]} & {"not-writable", "disk-out"}
        full.unlink()
        until(lambda: ask(small_disk, "/healthz")[0] == 200)


def test_prometheus_understands_the_figures_and_lines_of_the_log_are_whole(node: Path) -> None:
    ask(node, "/api/v1/overview")
    ask(node, "/api/v1/nothing?token=very-secret")
    status, text = ask(node, "/metrics")
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(text)}
    answered = {(s.labels["method"], s.labels["status"]): s.value for s in families["yunwang_hub_requests"].samples}
    assert answered["GET", "404"] == 1
    assert families["yunwang_hub_request_seconds"].type == "histogram"
    assert {s.labels["process"] for s in families["yunwang_process_up"].samples} == {"hub", "workers"}
    assert families["yunwang_process_resident_memory_bytes"].samples[0].value > 1e6
    log = node / "data" / "log"
    until(lambda: (log / "access.log").exists() and "/api/v1/nothing" in (log / "access.log").read_text())
    lines = [json.loads(line) for line in (log / "access.log").read_text().splitlines()]
    line = next(line for line in lines if line["path"] == "/api/v1/nothing")
    assert (line["method"], line["status"], line["request"], line["process"]) == ("GET", 404, "abc-123", "hub")
    assert line["caller"]
    assert "very-secret" not in (log / "access.log").read_text()
    for text in (log / "hub.log").read_text().splitlines():
        assert {"at", "level", "message"} <= json.loads(text).keys()


def test_labels_that_look_like_syntax_stay_labels() -> None:
    text = render([Metric("m", "gauge", "h", [("", {"a": 'x"} 1\nm2 \\'}, 1.0)])]).decode()
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"a": 'x"} 1\nm2 \\'}


class Receiver(BaseHTTPRequestHandler):
    """Takes heartbeats."""

    heard: ClassVar[list[Heartbeat]] = []
    status: ClassVar[int] = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append(msgspec.json.decode(body, type=Heartbeat))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Silent."""


@contextmanager
def receiving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/beat/secret-path"
    server.shutdown()
    server.server_close()


def test_heartbeats_arrive_and_their_address_stays_out_of_the_logs(node: Path) -> None:
    until(lambda: bool(Receiver.heard))
    first = Receiver.heard[0]
    assert (first.number, first.status, first.every_s, first.devices) == (1, "ok", 5, 0)
    until(lambda: Receiver.heard[-1].number > 1)
    assert "secret-path" not in "".join(path.read_text() for path in (node / "data" / "log").iterdir())


def beat() -> Heartbeat:
    return Heartbeat(node="n", version="0", at_ms=1, number=1, every_s=60, status="ok", revision=1, devices=1, alerts=0)


def test_a_receiver_that_refuses_or_is_away_is_one_sentence_without_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Receiver, "status", 302)
    with receiving() as url, pytest.raises(NoAnswerError, match="HTTP 302") as found:
        heartbeat.post(heartbeat.parse(url), beat())
    assert "secret-path" not in str(found.value)
    with pytest.raises(NoAnswerError, match="refused"):
        heartbeat.post(heartbeat.parse("http://127.0.0.1:1/x"), beat())


@pytest.mark.parametrize("url", ["ftp://h/x", "https://", "nonsense", "http://user:pw@h/", "http://h:99999/", "http://h/a b", "http://[::1/x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError):
        heartbeat.parse(url)


def test_damage_is_listed_with_its_reason(place: Path) -> None:
    for store in ("samples", "logs"):
        (place / store / "damaged").mkdir(parents=True)
        (place / store / "damaged" / "x.txt").write_text("why\nmore\n")
    assert damaged(place) == ("samples/x: why", "logs/x: why")
    assert damaged(place / "nothing") == ()


def test_stopping_is_asked_of_the_hub_and_written_down(place: Path, settings_in: Make, run: Run) -> None:
    with run(settings_in(place), kinds=("hub",)) as settings:
        async def stop() -> None:
            async with connect(settings) as hub:
                await hub.node.stop()

        asyncio.run(stop())
        launch.wait_for_end(settings)
        with pytest.raises(YunwangError, match="No hub is running"):
            asyncio.run(stop())
    store = open_records(place / "data" / "records.db", readonly=True)
    actions = [row.action for row in store.journal()]
    store.close()
    assert "hub.stop" in actions
