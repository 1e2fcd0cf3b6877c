"""A full sync of a cloud, reconciled, beside the time that the SDK's own resource objects take for its servers and ports alone.

Both ask the same lab cloud in the same run. Peak memory is VmHWM of the job's process and of the hub. With 60,000 servers only once.
"""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from agents import launch
from agents.places import settled
from client import connect
from core import jobs
from core.sections import General
from core.settings import Settings
from core.sources import NewSource, SyncWish
from core.work import Job

NAME = "sync"
SECRET = "bench"
CLOUD = """
import sys, uuid
from lab.city import City
from lab.cloud import REGION, Cloud
from lab.openstack import serve
cloud, times = Cloud(City(3, int(sys.argv[1]))), int(sys.argv[2]) // 3000
def other(key, n):
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{key}|{n}")) if key and n else key
for kind, field in (("snapshots", "volume"), ("volumes", "vm"), ("ports", "vm"), ("vms", "")):
    cloud.__dict__[kind] = [
        one.replace(key=other(one.key, n), **({field: other(getattr(one, field), n)} if field else {}))
        for n in range(times) for one in getattr(cloud, kind)
    ]
with serve(cloud, sys.argv[3]) as found:
    print(found.auth_url, found.user, sys.argv[3], REGION, flush=True)
    sys.stdin.read()
"""
"""A cloud of 3,000 servers, or so many times that."""
DEVICES, LOOK_S = 3000, 0.02
PLAIN = """
import json, sys, time
import openstack
auth_url, user, secret, region = sys.argv[1:]
begun = time.perf_counter()
cloud = openstack.connect(auth_url=auth_url, username=user, password=secret, project_name="admin", user_domain_name="Default",
                          project_domain_name="Default", region_name=region, load_envvars=False, load_yaml_config=False)
servers = sum(1 for _ in cloud.compute.servers(details=True, all_projects=True))
ports = sum(1 for _ in cloud.network.ports())
print(json.dumps({"s": time.perf_counter() - begun, "servers": servers, "ports": ports}))
"""


def run(quick: bool) -> Iterator[tuple[str, str]]:
    """The city's cloud; with 60,000 servers unless quick."""
    yield from _measured(3000, plainly=True)
    if not quick:
        yield from _measured(60_000, plainly=False)


def _measured(vms: int, *, plainly: bool) -> Iterator[tuple[str, str]]:
    """plainly: also by the SDK's resource objects, which take a quarter of an hour for 60,000."""
    with _cloud(vms) as entry, _node() as settings:
        label, plain_s = f"{vms:,} servers", 0.0
        if plainly:
            done = subprocess.run([sys.executable, "-c", PLAIN, *entry], capture_output=True, check=True, text=True)
            plain_s = float(json.loads(done.stdout)["s"])
            yield f"{label}: openstacksdk's servers and ports alone", f"{plain_s:.1f} s"
        asyncio.run(_add(settings, entry))
        for turn in ("first sync, everything reconciled", "second sync, nothing new"):
            with _watched(settings) as peaks:
                job, took = asyncio.run(_sync(settings))
            if job.state != "done":
                raise SystemExit(job.message)
            parts = {name: sum(job.result.get(name, {}).values()) for name in ("added", "changed", "unchanged", "removed")}
            faster = f" ({plain_s / took:.1f} times faster)" if plainly else ""
            yield f"{label}: {turn}", f"{took:.1f} s{faster}, {parts}"
            yield f"{label}: peak of the job and of the hub", f"{peaks.get('job', 0) / 1024:.0f} MB, {peaks.get('hub', 0) / 1024:.0f} MB"


@contextlib.contextmanager
def _cloud(vms: int) -> Iterator[tuple[str, str, str, str]]:
    """Address, user, password and region of a cloud in a process of its own."""
    command = [sys.executable, "-c", CLOUD, str(DEVICES), str(vms), SECRET]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        assert process.stdin
        assert process.stdout
        try:
            auth_url, user, secret, region = process.stdout.readline().split()
            yield auth_url, user, secret, region
        finally:
            process.stdin.close()


@contextlib.contextmanager
def _node() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")))
    try:
        launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
        yield settings
    finally:
        launch.stop(settings)
        shutil.rmtree(folder, ignore_errors=True)


async def _add(settings: Settings, entry: tuple[str, str, str, str]) -> None:
    auth_url, user, secret, region = entry
    async with connect(settings) as hub:
        new = NewSource(name="bench", kind="openstack", url=auth_url, username=user, secret=secret, options={"region": region})
        await hub.sources.add(new)


async def _sync(settings: Settings) -> tuple[Job, float]:
    begun = time.perf_counter()
    async with connect(settings) as hub:
        job = await hub.sources.sync("bench", SyncWish())
        while job.state not in jobs.ENDED:
            await asyncio.sleep(0.1)
            job = await hub.work.job(job.id)
    return job, time.perf_counter() - begun


@contextlib.contextmanager
def _watched(settings: Settings) -> Iterator[dict[str, int]]:
    """Peaks in KB of the hub and of the processes of jobs, looked at while they live."""
    peaks: dict[str, int] = {}
    stop = threading.Event()

    def look() -> None:
        while not stop.wait(LOOK_S):
            for status in Path("/proc").glob("[0-9]*/status"):
                with contextlib.suppress(OSError):
                    command = status.with_name("cmdline").read_bytes()
                    kind = "job" if b"agents.job\0" in command else "hub" if int(status.parent.name) == hub_pid else ""
                    if kind:
                        found = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM")), "VmHWM: 0")
                        peaks[kind] = max(peaks.get(kind, 0), int(found.split()[1]))

    async def pid() -> int:
        async with connect(settings) as hub:
            return next((one.pid for one in (await hub.health()).processes if one.kind == "hub"), 0)

    hub_pid = asyncio.run(pid())
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        stop.set()
        thread.join()
