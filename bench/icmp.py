"""Echoes to three thousand addresses of this machine, beside fping where it is installed (or where FPING says)."""

import contextlib
import math
import os
import resource
import shutil
import subprocess
import time

from links.probes.icmp import Echoes, ping

NAME = "icmp"
_LIMIT_S = 1.0


def run(quick: bool) -> list[tuple[str, str]]:
    """One echo to each, as fping sends them, and the three of a usual round."""
    count = 500 if quick else 3000
    addresses = [f"127.{1 + number // 62500}.{number // 250 % 250}.{number % 250 + 1}" for number in range(count)]
    rows = [("one echo each", _measured(addresses, 1)), ("three echoes each, a round each 0.2 s", _measured(addresses, 3))]
    if program := shutil.which(os.environ.get("FPING", "fping")):
        rows.append(("fping, one echo each, as fast as it sends", _fping(program, addresses)))
    else:
        rows.append(("fping", "not installed here"))
    return rows


def _measured(addresses: list[str], count: int) -> str:
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    found = ping(addresses, count=count)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures = f"{wall:.3f} s (at most {_LIMIT_S:g}), {cpu:.3f} s CPU, {len(addresses)} addresses"
    return f"{figures}, {_lost(found)} echoes lost, median {_median(found):.3f} ms"


def _lost(found: list[Echoes]) -> int:
    return sum(math.isnan(value) for one in found for value in one.rtt_ms)


def _median(found: list[Echoes]) -> float:
    came = sorted(value for one in found for value in one.rtt_ms if not math.isnan(value))
    return came[len(came) // 2] if came else math.nan


def _fping(program: str, addresses: list[str]) -> str:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [program, "-q", "-c", "1", "-i", "0.001" if os.geteuid() == 0 else "1", "-t", "1000"], input="\n".join(addresses), text=True,
        capture_output=True, check=False,
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    lost = 0
    for line in done.stderr.splitlines():
        with contextlib.suppress(IndexError, ValueError):
            lost += line.split("xmt/rcv/%loss = ")[1].split("/")[1] == "0"
    return f"{wall:.3f} s, {cpu:.3f} s CPU, {lost} echoes lost"
