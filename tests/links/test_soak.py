"""The stress: a whole city polled every thirty seconds without one missed sweep; shortened unless YUNWANG_SOAK=1."""

import os
import subprocess
import sys
import time

import pytest

import lab.run
from core.polling import PollPlan, PollStatus, SnmpSecret, TablePlan, Target
from core.settings import Polling
from links.snmp.engine import Engine

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
IFX, IFT = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1), (1, 3, 6, 1, 2, 1, 2, 2, 1)
COLUMNS = ((*IFX, 6), (*IFX, 10), (*IFT, 14), (*IFT, 20), (*IFT, 13), (*IFT, 19), (*IFT, 8), (*IFT, 7), (*IFX, 7), (*IFX, 11))
SOAK = os.environ.get("YUNWANG_SOAK") == "1"
DEVICES, INTERVAL_S, POLLS = (3000, 30.0, 20) if SOAK else (150, 1.0, 4)


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
            if time.monotonic() > until + 3 * INTERVAL_S:
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
    """In a process of its own, so that only the engine and its 3,000 plans are measured."""
    program = (
        "import resource, numpy as np\n"
        "from core.polling import PollPlan, SnmpSecret, TablePlan, Target\n"
        "from core.settings import Polling\n"
        "from links.snmp.engine import Engine\n"
        f"columns = {COLUMNS!r}\n"
        "plans = [PollPlan(scalars=((1,3,6,1,2,1,1,3,0),), tables=(TablePlan(columns=columns,"
        " indexes=tuple((i,) for i in range(k, k + 48))),)) for k in range(1, 401)]\n"
        "engine = Engine(Polling())\n"
        "secret = SnmpSecret(community='c')\n"
        "engine.assign([(Target(device_id=f'd{n}', address=f'127.5.{n // 250}.{n % 250 + 1}', port=9, secret=secret), plans[n % 400])"
        " for n in range(3000)])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 400 * 1024
