"""The poller against the C floor and other SNMP clients, on one farm, in one run. Ratios count; seconds are the machine's."""

import json
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from _work import build, describe, in_process, load, write_floor_plan

import lab.run

NAME = "poller"
_SWEEPS = 10
_ROUNDS = 3
Rows = list[tuple[str, str]]


def run(quick: bool) -> Rows:
    """Medians of three rounds of ten sweeps; each round runs floor and poller side by side."""
    devices, rounds = (400, 1) if quick else (2000, _ROUNDS)
    rows: Rows = []
    with tempfile.TemporaryDirectory(prefix="yunwang-bench-") as folder:
        floor = build("floor.c")
        for shape in ("mixed", "alike"):
            with lab.run.start(devices, shape=shape, events=False) as farm:
                path = describe(farm, Path(folder) / f"{shape}.json")
                layouts = len({box.layout.indexes for box in farm.city.boxes})
                rows.append((f"farm {shape}", f"{devices} devices, {layouts} layouts, player {farm.player}"))
                figures = _compare(path, floor, rounds, rows, Path(folder))
                if shape == "mixed":
                    _others(path, farm, figures, rows, quick)
    return rows


def _compare(path: Path, floor: Path | None, rounds: int, rows: Rows, folder: Path) -> float:
    """Floor, poller and poller with storing in turn; returns the poller's CPU seconds per million variables."""
    ours, floors, stored, polling, walls, result = [], [], [], [], [], {}
    for number in range(rounds):
        if floor is not None:
            floors.append(_floor(floor, path))
        result = in_process("ours", str(path), "--sweeps", str(_SWEEPS))
        ours.append(_cost(result))
        polling.append(_cost(result, "polling"))
        walls.append(statistics.median(s["wall"] for s in result["sweeps"]))
        kept = in_process("ours", str(path), "--sweeps", str(_SWEEPS), "--store", str(folder / f"samples{number}"))
        if "error" not in kept:
            stored.append(_cost(kept))
    cost, least = statistics.median(ours), statistics.median(floors) if floors else float("nan")
    rows += [
        ("  C floor", f"{least:.4f} CPU s/M variables"),
        ("  poller, decoded, checked", f"{statistics.median(polling):.4f} = {statistics.median(polling) / least:.2f} x floor"),
        ("  poller with rates, into the store's arrays", f"{cost:.4f} = {cost / least:.2f} x floor (at most 2.7, stretch 1.6)"),
        ("  poller with storing", _ratio(stored, least, "x floor (at most 5)")),
        ("  sweep", f"{statistics.median(walls):.2f} s wall, {result['rss_mb']:.0f} MB peak, set-up {result['setup']:.2f} s"),
    ]
    return cost


def _others(path: Path, farm: Any, cost: float, rows: Rows, quick: bool) -> None:
    few = "100" if quick else "400"
    for name, arguments, goal in (
        ("gufo-snmp get_many", ("gufo", "--sweeps", "2"), "5.5"),
        ("pysnmp", ("pysnmp", "--sweeps", "1", "--devices", few), "300"),
    ):
        result = in_process(arguments[0], str(path), *arguments[1:])
        said = result.get("error") or f"{_cost(result):.3f} = {_cost(result) / cost:.1f} x poller (at least {goal})"
        rows.append((f"  {name}", said))
    from _exporter import measure

    found = measure([farm.address_of(n) for n in range(int(few))], farm.port)
    rows.append(("  snmp_exporter", f"{found:.3f} = {found / cost:.1f} x poller (at least 27)" if found else "not installed"))


def _floor(program: Path, path: Path) -> float:
    plan = write_floor_plan(load(path), path.with_suffix(".plan"))
    done = subprocess.run([str(program), str(plan), str(_SWEEPS), "256", "2000", "1"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    assert result["bad"] == 0, result
    return float(result["cpu"] / result["variables"] * 1e6)


def _cost(result: dict[str, Any], what: str = "cpu") -> float:
    """CPU seconds per million variables: the median sweep."""
    return statistics.median(s[what] / s["variables"] * 1e6 for s in result["sweeps"])


def _ratio(costs: list[float], least: float, unit: str) -> str:
    return f"{statistics.median(costs):.4f} = {statistics.median(costs) / least:.2f} {unit}" if costs else "the sample store did not open"
