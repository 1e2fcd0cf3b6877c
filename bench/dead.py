"""Two thousand devices of which two in a hundred are dead: one sweep with a time-out of two seconds and one retry."""

import tempfile
import time
from pathlib import Path

import numpy as np
from _work import describe, load

import lab.run
from core.polling import PollStatus
from core.sections import Polling
from links.snmp.engine import Engine

NAME = "dead"
_SHARE = 0.02


def run(quick: bool) -> list[tuple[str, str]]:
    """The first sweep, when nobody knows yet who is dead, and the one after."""
    devices = 400 if quick else 2000
    rows = []
    with lab.run.start(devices, shape="mixed", events=False, dead=_SHARE) as farm:
        with tempfile.TemporaryDirectory(prefix="yunwang-bench-") as folder:
            work = load(describe(farm, Path(folder) / "farm.json"))
        dead = lab.run.dead_numbers(devices, _SHARE)
        engine = Engine(Polling())
        engine.assign(work)
        for name in ("first sweep", "second sweep"):
            started = time.perf_counter()
            engine.sweep()
            wall = time.perf_counter() - started
            complete = engine.readings.status == PollStatus.COMPLETE
            lost = devices - len(dead) - int(np.count_nonzero(np.delete(complete, dead)))
            rows.append((name, f"{wall:.2f} s (at most 4.5), {devices} devices, {len(dead)} dead, {lost} of the living lost"))
        engine.close()
    return rows
