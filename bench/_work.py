"""The work that all SNMP clients of the benchmark share: ten columns of every port and sysUpTime, of each device of a farm."""

import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from core.polling import PollPlan, SnmpSecret, TablePlan, Target
from core.sections import Polling
from lab.run import Handle
from links.snmp.fleet import Fleet

HERE = Path(__file__).parent
IFX, IFT = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1), (1, 3, 6, 1, 2, 1, 2, 2, 1)
COLUMNS = ((*IFX, 6), (*IFX, 10), (*IFT, 14), (*IFT, 20), (*IFT, 13), (*IFT, 19), (*IFT, 8), (*IFT, 7), (*IFX, 7), (*IFX, 11))
METRICS = (
    "ifHCInOctets", "ifHCOutOctets", "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards", "ifOperStatus", "ifAdminStatus",
    "ifHCInUcastPkts", "ifHCOutUcastPkts",
)
"""What these columns are."""
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)


def describe(farm: Handle, path: Path) -> Path:
    """Writes what the clients need to know of a farm."""
    boxes = farm.city.boxes
    devices = [{"address": farm.address_of(n), "indexes": box.layout.indexes} for n, box in enumerate(boxes)]
    path.write_text(json.dumps({"port": farm.port, "devices": devices}))
    return path


def load(path: Path, devices: int = 0) -> list[tuple[Target, PollPlan]]:
    """Targets and plans of a farm as described; the first `devices` of them, 0: all."""
    tree = json.loads(path.read_text())
    plans: dict[tuple[int, ...], PollPlan] = {}
    out = []
    for number, device in enumerate(tree["devices"][: devices or None]):
        indexes = tuple(device["indexes"])
        if indexes not in plans:
            plans[indexes] = PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=COLUMNS, indexes=tuple((i,) for i in indexes)),))
        target = Target(
            device_id=f"d{number}", address=device["address"], port=tree["port"], secret=SnmpSecret(community="public"), timeout_s=2.0
        )
        out.append((target, plans[indexes]))
    return out


def write_floor_plan(work: list[tuple[Target, PollPlan]], path: Path) -> Path:
    """All requests of a fleet for floor.c, those of one device far apart so that it has one in flight."""
    fleet = Fleet(work, Polling(), 0.0)
    fleet.fill(None, 0.0)
    book = fleet.book
    rounds: dict[int, list[int]] = {}
    for device in range(len(work)):
        for turn, slot in enumerate(range(int(book.first[device]), int(book.stop[device]))):
            rounds.setdefault(turn, []).append(slot)
    slots = [slot for turn in sorted(rounds) for slot in rounds[turn]]
    with path.open("wb") as file:
        file.write(b"YWFL" + struct.pack("<I", len(slots)))
        for slot in slots:
            at, size, start, count, named = (int(a[slot]) for a in (book.offset, book.size, book.start, book.count, book.named))
            name = fleet.names[book.device[slot]].tobytes()
            heads = [book.names.heads[v].tobytes() for v in range(named, named + count)]
            names = b"".join(head[3 : 4 + int(size_)] for head, size_ in zip(heads, book.names.size[named : named + count], strict=True))
            file.write(name[4:8] + name[2:4] + struct.pack("<HHHHI", size, int(book.id_at[slot]) - at, count, len(names), start))
            file.write(book.data[at : at + size].tobytes() + names)
    return path


def build(source: str) -> Path | None:
    """Compiles a C program of this folder into a temporary one; None without a compiler."""
    out = Path(tempfile.mkdtemp(prefix="yunwang-bench-")) / Path(source).stem
    try:
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-Wall", "-Wextra", "-o", str(out), str(HERE / source)], check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return out


def in_process(*arguments: str, limit_s: float = 600.0) -> dict[str, Any]:
    """Runs one client of `_clients.py` in a process of its own; its last line of JSON."""
    command = [sys.executable, str(HERE / "_clients.py"), *arguments]
    environ = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit_s, env=environ, check=False)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no reason given"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result
