"""The stress: a whole city polled every thirty seconds without one missed sweep; shortened unless YUNWANG_SOAK=1."""

import json
import os
import subprocess
import sys
import time

import pytest

import lab.run
from core.polling import PollPlan, PollStatus, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp.engine import Engine

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
IFX, IFT = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1), (1, 3, 6, 1, 2, 1, 2, 2, 1)
COLUMNS = ((*IFX, 6), (*IFX, 10), (*IFT, 14), (*IFT, 20), (*IFT, 13), (*IFT, 19), (*IFT, 8), (*IFT, 7), (*IFX, 7), (*IFX, 11))
SOAK = os.environ.get("YUNWANG_SOAK") == "1"
DEVICES, INTERVAL_S, POLLS = (3000, 30.0, 20) if SOAK else (150, 1.0, 4)


MEMORY = """
import json, pathlib, re, sys
from core.polling import PollPlan, PollStatus, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp.engine import Engine

port, community, columns, devices = json.load(sys.stdin)
secret, plans, work = SnmpSecret(community=community), {}, []
for number, (address, indexes) in enumerate(devices):
    key = tuple(indexes)
    if key not in plans:
        table = TablePlan(columns=tuple(map(tuple, columns)), indexes=tuple((index,) for index in key))
        plans[key] = PollPlan(scalars=((1, 3, 6, 1, 2, 1, 1, 3, 0),), tables=(table,))
    work.append((Target(device_id=f"d{number}", address=address, port=port, secret=secret), plans[key]))
devices.clear()
engine = Engine(Polling())
engine.assign(work)
for turn in range(4):
    engine.sweep()
    if turn == 2:
        engine.assign(work)
complete = int((engine.readings.status == PollStatus.COMPLETE).sum())
peak = re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text()).group(1)
print(json.dumps([complete, engine.counters().variables, int(peak)]))
"""


def work_of(farm):
    out = []
    for number, box in enumerate(farm.city.boxes):
        plan = PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=COLUMNS, indexes=tuple((i,) for i in box.layout.indexes)),))
        secret = SnmpSecret(community=farm.community)
        address = farm.address_of(number)
        out.append((Target(device_id=f"d{number}", address=address, port=farm.port, secret=secret, interval_s=INTERVAL_S), plan))
    return out


def poll(devices):
    """(polls finished by device, incomplete ones, variables) of a city that is polled at its interval."""
    with lab.run.start(devices, shape="mixed", events=False, base=lab.run.random_base()) as farm:
        engine = Engine(Polling())
        engine.assign(work_of(farm))
        finished, incomplete = [0] * devices, 0
        until = time.monotonic() + INTERVAL_S * (POLLS - 1)
        while time.monotonic() < until or min(finished) < POLLS - 1:
            for number in engine.step(0.5):
                finished[number] += 1
                incomplete += engine.readings.status[number] != PollStatus.COMPLETE
            if time.monotonic() > until + (3 * INTERVAL_S if SOAK else 90):  # shortened, nothing is said of time
                break
        variables = engine.counters().variables
        engine.close()
    return finished, incomplete, variables


@pytest.mark.soak
def test_a_city_is_polled_every_interval_without_one_missed_sweep():
    finished, incomplete, variables = poll(DEVICES)
    assert incomplete == 0
    assert min(finished) >= POLLS - 1
    assert variables >= DEVICES * 481 * (POLLS - 1)
    print(f"{DEVICES} devices, {sum(finished)} polls, {variables} variables, none missed")  # noqa: T201 - make soak prints its counts


@pytest.mark.soak
def test_the_engine_of_a_city_needs_less_than_400_mb():
    """In a process of its own that does nothing but poll: 400 layouts, read whole thrice and assigned anew. 600 devices unless in soak.

    60 MB of the limit are Python's and numpy's, whatever the number of devices.
    """
    count, most_mb = (3000, 400) if SOAK else (600, 60 + 340 // 5)
    with lab.run.start(count, shape="mixed", events=False, base=lab.run.random_base()) as farm:
        devices = [(farm.address_of(n), box.layout.indexes) for n, box in enumerate(farm.city.boxes)]
        done = subprocess.run(
            [sys.executable, "-c", MEMORY], input=json.dumps([farm.port, farm.community, COLUMNS, devices]),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    complete, variables, peak_kb = json.loads(done.stdout)
    assert complete == count
    assert variables >= 3 * count * 481
    assert peak_kb < most_mb * 1024
    print(f"{count} devices polled, {variables} variables, {peak_kb // 1024} MB at most")  # noqa: T201 - make soak prints its counts
