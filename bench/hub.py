"""The hub as its clients feel it: a real hub on a city's inventory, consoles and the poller's side of the bus as real processes.

`python bench/hub.py WORKER JSON` is how it starts its own helpers.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from agents import launch
from agents.supervisor import read_status
from client import connect
from core import i18n
from core.messages import Done, LiveDevice, LiveDevices
from core.sections import General
from core.settings import Settings
from core.views import ViewQuery
from lab.city import City
from links.bus import SocketBus

NAME = "hub"
CONSOLES = 50
WINDOW = 60
CONNECTIONS = 16
READS = (
    "overview", "window of 60 devices", "window of 60, filtered", "one device by name", "page of 100 records", "whoami",
)
WRITES = ("windows made and ended",)
CHANGED_PER_S = 600
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def run(quick: bool) -> list[tuple[str, str]]:
    """Start, import, small questions, consoles at rest and under change."""
    i18n.use("en")
    devices, seconds = (600, 4) if quick else (3000, 15)
    with tempfile.TemporaryDirectory(prefix="yw-") as folder:
        settings = Settings(general=General(data_dir=f"{folder}/data", run_dir=f"{folder}/run", language="en"))
        with ThreadPoolExecutor(1) as aside:
            first = aside.submit(_first_answer, f"{folder}/run/hub.sock", time.perf_counter())
            launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
            rows = [("start to the first answer, a new folder", f"{first.result():.2f} s (0.7 asked)")]
        try:
            rows += asyncio.run(_import(settings, City(1, devices), Path(folder)))
            rows += _questions(settings, seconds / 3)
            rows += _consoles(settings, seconds)
        finally:
            launch.stop(settings)
    return rows


def _first_answer(path: str, started: float) -> float:
    """Seconds until the hub answers, asked again and again from before its socket is there."""
    while True:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
            sock.sendall(b"GET /healthz HTTP/1.1\r\nhost: hub\r\n\r\n")
            if sock.recv(64).startswith(b"HTTP/1.1"):
                return time.perf_counter() - started
        time.sleep(0.005)


def _pid(settings: Settings, kind: str = "hub") -> int:
    return next(row.pid for row in read_status(Path(settings.general.run_dir)) if row.kind == kind)


def _cpu_s(pid: int) -> float:
    """User and system time of a process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _memory_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def _import(settings: Settings, city: City, folder: Path) -> list[tuple[str, str]]:
    (folder / "community").write_text("public\n")
    (folder / "community").chmod(0o600)
    book = city.workbook(16161, 60, f"file:{folder}/community")
    async with connect(settings) as hub:
        idle = _memory_mb(_pid(settings))
        started = time.perf_counter()
        report = await hub.import_file("city.xlsx", book)
        spent = time.perf_counter() - started
        assert not report.problems_total
        started = time.perf_counter()
        page = await hub.devices(ViewQuery(view="devices", limit=50_000))
        listed = time.perf_counter() - started
    full = _memory_mb(_pid(settings))
    return [
        (f"import of {page.total} devices, xlsx of {len(book) / 1024:.0f} KiB", f"{spent:.2f} s"),
        (f"list of {page.total} devices through the client", f"{listed * 1000:.0f} ms"),
        ("memory of the hub, empty and with the city", f"{idle:.0f} MB, {full:.0f} MB"),
    ]


def _questions(settings: Settings, seconds: float) -> list[tuple[str, str]]:
    """Each question by sixteen connections of another process at once, as fast as answers come."""
    rows = []
    names = asyncio.run(_names(settings))
    pid, socket = _pid(settings), str(Path(settings.general.run_dir) / "hub.sock")
    for kind in (*READS, *WRITES):
        before = _cpu_s(pid)
        command = [sys.executable, "-P", str(Path(__file__).with_name("_load.py")), socket, str(seconds), str(CONNECTIONS), kind]
        done = subprocess.run(command, input=json.dumps(names).encode(), capture_output=True, check=True)
        told = json.loads(done.stdout)
        assert set(told["statuses"]) <= {"200", "201"}, told
        count = sum(told["statuses"].values())
        cpu = (_cpu_s(pid) - before) / count
        text = f"{told['per_s']:.0f}/s, {cpu * 1e6:.0f} us CPU of the hub each: {1 / cpu:.0f}/s of one core; median {told['ms']['50']} ms"
        rows.append((f"{'POST' if kind in WRITES else 'GET'} {kind}", text))
    return rows


async def _names(settings: Settings) -> list[str]:
    async with connect(settings) as hub:
        return [row.name for row in (await hub.devices(ViewQuery(view="devices", limit=50_000))).rows]


def _consoles(settings: Settings, seconds: int) -> list[tuple[str, str]]:
    """Share of one processor that the hub takes while so many consoles look on."""
    rows = []
    for windows in (1, CONSOLES):
        for rate in (0, CHANGED_PER_S):
            helpers = [_worker(settings, "consoles", windows=windows)]
            if rate:
                helpers.append(_worker(settings, "change", rate=rate))
            for helper in helpers:
                assert helper.stdout
                helper.stdout.readline()
            pid = _pid(settings)
            before, began = _cpu_s(pid), time.perf_counter()
            time.sleep(seconds)
            share = (_cpu_s(pid) - before) / (time.perf_counter() - began)
            outputs = [helper.communicate()[0] for helper in helpers]
            told = json.loads(outputs[0])
            label = f"{CONSOLES} consoles on {windows} window{'s' if windows > 1 else ''}, {rate or 'no'} rows changed a second"
            rows.append((label, f"{share:.1%} of a processor; {told['events']} events with {told['rows']} rows"))
    return rows


def _worker(settings: Settings, name: str, **more: Any) -> "subprocess.Popen[bytes]":
    """A helper that says a line when it is ready, works until its input ends, and says what it counted."""
    text = json.dumps({"settings": msgspec.to_builtins(settings), **more})
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-P", __file__, name, text]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)


async def consoles(settings: Settings, windows: int) -> None:
    """Worker: consoles that follow their windows and count what they are told."""
    count, there = {"events": 0, "rows": 0}, asyncio.Semaphore(0)

    async def follow(number: int) -> None:
        query = ViewQuery(view="devices", offset=number % windows * WINDOW, limit=WINDOW)
        async with connect(settings) as hub:
            async for event in hub.subscribe(query):
                if event.kind == "snapshot":
                    there.release()
                else:
                    count["events"] += 1
                    count["rows"] += len(event.rows)

    tasks = [asyncio.create_task(follow(number)) for number in range(CONSOLES)]
    for _ in tasks:
        await there.acquire()
    await _until_told()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(count))


async def _until_told() -> None:
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def change(settings: Settings, rate: int) -> None:
    """Worker: the poller's side of the bus, telling twice a second that devices changed."""
    bus = await SocketBus(Path(settings.general.run_dir) / "bus.sock", "senses").start()

    async def done(_body: bytes) -> bytes:
        return msgspec.msgpack.encode(Done())

    await bus.subscribe("senses.assign", done)
    await bus.subscribe("senses.watch", done)
    async with connect(settings) as hub:
        ids = [row.id for row in (await hub.devices(ViewQuery(view="devices", limit=50_000))).rows]
    work = asyncio.create_task(_change(bus, ids, rate // 2))
    await _until_told()
    work.cancel()
    await bus.close()


async def _change(bus: SocketBus, ids: list[str], at_once: int) -> None:
    place = 0
    while True:
        now = time.time_ns() // 1_000_000
        live = tuple(
            LiveDevice(id=ids[(place + step) % len(ids)], status="up", since=1, polled_at=now, rtt_ms=1.5, uptime_s=now // 1000,
                       in_bps=float(now % 10**9), out_bps=float(now % 10**8), ports_up=20, ports=24)
            for step in range(at_once)
        )
        place += at_once
        await bus.publish("live.devices", msgspec.msgpack.encode(LiveDevices(at_ms=now, rows=live)))
        await asyncio.sleep(0.5)


def main(name: str, text: str) -> None:
    told = json.loads(text)
    settings = msgspec.convert(told.pop("settings"), Settings)
    asyncio.run({"consoles": consoles, "change": change}[name](settings, **told))


if __name__ == "__main__":
    main(*sys.argv[1:])
