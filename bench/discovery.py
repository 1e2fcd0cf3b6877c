"""A whole city that nobody knows yet: seconds until senses has discovered it, the CPU and the memory that it took.

    python bench/discovery.py PORT BASE CREDENTIAL DEVICES FOLDER      the process that is measured; prints one line of JSON
"""

import asyncio
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from core.messages import Assign, Done, LiveDevices, Observed
from core.objects import CredentialRef, Device
from core.sections import Samples
from core.settings import Settings

NAME = "discovery"
_LIMIT_S = 300.0
_SETTLE_S = 65.0
"""Until the whole city was polled once more, so that the memory is what senses needs in daily life."""


class Listener:
    """A bus with a hub that notes when it heard of whom first."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], Awaitable[bytes | None]]] = {}
        self.up: set[str] = set()
        self.polled: set[str] = set()
        self.told: dict[str, int] = {}

    async def publish(self, subject: str, body: bytes) -> None:
        if subject == "live.devices":
            rows = msgspec.msgpack.decode(body, type=LiveDevices).rows
            self.up |= {row.id for row in rows if row.status == "up"}
            self.polled |= {row.id for row in rows if row.ports > 0}

    async def request(self, subject: str, body: bytes, timeout_s: float = 5.0) -> bytes:  # noqa: ARG002 - the bus's signature
        if subject == "hub.observed":
            observed = msgspec.msgpack.decode(body, type=Observed)
            self.told[observed.device_id] = len(observed.interfaces)
        return msgspec.msgpack.encode(Done())

    async def subscribe(self, subject: str, handler: Callable[[bytes], Awaitable[bytes | None]], workers: int = 1) -> None:  # noqa: ARG002
        self.handlers[subject] = handler

    async def close(self) -> None:
        """Nothing is open."""


def assignment(port: int, base: str, credential: str, devices: int) -> Assign:
    """Everything there is in the city."""
    first = int(ipaddress.IPv4Address(base)) + 1
    common: dict[str, Any] = {"site": "s", "role": "access", "credential": "c", "snmp_port": port}
    addresses = [str(ipaddress.IPv4Address(first + n)) for n in range(devices)]
    made = tuple(Device(id=f"{n:032x}", name=f"n{n}", address=address, **common) for n, address in enumerate(addresses))
    secret = CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{credential}")
    return Assign(revision=1, devices=made, credentials=(secret,))


async def measure(port: int, base: str, credential: str, devices: int, folder: Path) -> dict[str, float]:
    """Seconds until all are up, planned and polled, told; CPU milliseconds a device; resident megabytes."""
    from agents.allocation import return_large_arrays
    from agents.senses.main import Senses
    from stores.samples import open_samples

    return_large_arrays()
    bus = Listener()
    out: dict[str, float] = {}
    senses = Senses(Settings(), bus, open_samples(folder / "samples", Samples()), folder)
    await senses.start()
    started, cpu = time.monotonic(), time.process_time()
    await bus.handlers["senses.assign"](msgspec.msgpack.encode(assignment(port, base, credential, devices)))
    goals: dict[str, Callable[[], int]] = {"up": lambda: len(bus.up), "polled": lambda: len(bus.polled), "told": lambda: len(bus.told)}
    while goals and time.monotonic() - started < _LIMIT_S:
        await asyncio.sleep(0.1)
        for name in [n for n, count in goals.items() if count() >= devices]:
            del goals[name]
            out[f"{name}_s"] = time.monotonic() - started
            out[f"{name}_cpu_ms"] = (time.process_time() - cpu) * 1000 / devices
    out |= {"interfaces": sum(bus.told.values()), "mb_at_end": _resident_mb()}
    if devices >= 1000:
        await asyncio.sleep(_SETTLE_S)
        out["mb_settled"] = _resident_mb()
    out["mb_most"] = _status_mb("VmHWM")
    await senses.stop()
    return out


def _resident_mb() -> float:
    return _status_mb("VmRSS")


def _status_mb(field: str) -> float:
    line = next(part for part in Path("/proc/self/status").read_text().splitlines() if part.startswith(field))
    return int(line.split()[1]) / 1024


def run(quick: bool) -> list[tuple[str, str]]:
    """Senses in a process of its own against a City of 3,000 devices."""
    import lab.run

    devices = 300 if quick else 3000
    with lab.run.start(devices, events=False) as city, tempfile.TemporaryDirectory(prefix="yunwang-bench-") as folder:
        arguments = [str(city.port), city.options.base, str(city.credential_file), str(devices), folder]
        environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        done = subprocess.run([sys.executable, __file__, *arguments], env=environ, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return [(name, f"{figure:,.1f}") for name, figure in figures.items()]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), Path(sys.argv[5])))))
