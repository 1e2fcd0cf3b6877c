"""The poller against the C floor and other SNMP clients, on one farm, in one run. Ratios count; seconds are the machine's."""

import json
import math
import statistics
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from _work import build, describe, in_process, load, write_floor_plan

import lab.run

NAME = "poller"
_SWEEPS = 6
Row = tuple[str, str]
Results = list[dict[str, Any]]


def run(quick: bool) -> Iterator[Row]:
    """Medians of rounds of six sweeps; each round runs floor and poller side by side. About three minutes."""
    devices, rounds = (400, 1) if quick else (2000, 3)
    with tempfile.TemporaryDirectory(prefix="yunwang-bench-") as folder:
        floor = build("floor.c")
        for shape in ("mixed", "alike"):
            with lab.run.start(devices, shape=shape, events=False) as farm:
                path = describe(farm, Path(folder) / f"{shape}.json")
                layouts = len({box.layout.indexes for box in farm.city.boxes})
                yield f"farm {shape}", f"{devices} devices, {layouts} layouts, player {farm.player}"
                if shape == "mixed":
                    cost = yield from _compare(path, floor, rounds, Path(folder))
                    yield from _others(path, farm, cost, quick)
                else:
                    yield from _compare(path, floor, 1, None)


def _compare(path: Path, floor: Path | None, rounds: int, folder: Path | None) -> Generator[Row, None, float]:
    """Floor and poller in turn, with storing where there is a folder; returns the poller's CPU seconds per million variables."""
    floors: list[float] = []
    results: Results = []
    for number in range(rounds):
        if floor is not None:
            floors.append(_floor(floor, path))
        store = () if folder is None else ("--store", str(folder / f"samples{number}"))
        results.append(in_process("ours", str(path), "--sweeps", str(_SWEEPS), *store))
        if error := results[-1].get("error"):
            yield "  poller", f"failed: {error}"
            return float("nan")
        yield f"  round {number + 1}", f"floor {floors[-1] if floors else math.nan:.4f}, poller {_cost(results[-1]):.4f}"
    least = statistics.median(floors) if floors else math.nan
    cost, polling = statistics.median(map(_cost, results)), statistics.median(_cost(r, "polling") for r in results)
    yield "  C floor", f"{least:.4f} CPU s/M variables"
    yield "  poller, decoded, checked", f"{polling:.4f} = {polling / least:.2f} x floor"
    yield "  poller with rates, into the store's arrays", f"{cost:.4f} = {cost / least:.2f} x floor (at most 2.7, stretch 1.6)"
    ruled = statistics.median(_cost(r, "cpu", "ruled") for r in results)
    yield "  the same with the shipped rules judged", f"{ruled:.4f} = {ruled / least:.2f} x floor"
    if folder is not None:
        kept = statistics.median(_cost(r, "cpu", "stored") for r in results)
        yield "  poller with storing", f"{kept:.4f} = {kept / least:.2f} x floor (at most 5)"
    wall = statistics.median(s["wall"] for r in results for s in r["sweeps"])
    yield "  sweep", f"{wall:.2f} s wall, {results[-1]['rss_mb']:.0f} MB peak, set-up {results[-1]['setup']:.2f} s"
    return cost


def _others(path: Path, farm: Any, cost: float, quick: bool) -> Iterator[Row]:
    few = "100" if quick else "200"
    for name, arguments, goal in (
        ("gufo-snmp get_many", ("gufo", "--sweeps", "2"), "5.5"),
        ("pysnmp", ("pysnmp", "--sweeps", "1", "--devices", few), "300"),
    ):
        result = in_process(arguments[0], str(path), *arguments[1:])
        yield f"  {name}", result.get("error") or f"{_cost(result):.3f} = {_cost(result) / cost:.1f} x poller (at least {goal})"
    from _exporter import measure

    found = measure([farm.address_of(n) for n in range(int(few))], farm.port)
    yield "  snmp_exporter", f"{found:.3f} = {found / cost:.1f} x poller (at least 27)" if found else "not installed"


def _floor(program: Path, path: Path) -> float:
    plan = write_floor_plan(load(path), path.with_suffix(".plan"))
    done = subprocess.run([str(program), str(plan), str(_SWEEPS), "256", "2000", "1"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["bad"] == 0, result
    return float(result["cpu"] / result["variables"] * 1e6)


def _cost(result: dict[str, Any], what: str = "cpu", which: str = "sweeps") -> float:
    """CPU seconds per million variables: the median sweep."""
    return statistics.median(s[what] / s["variables"] * 1e6 for s in result[which])
