"""The City's first moment: who is up, what is plugged in, how much each interface carries and has carried."""

from typing import TYPE_CHECKING

import numpy as np

from lab import traffic
from lab.state import DEVICE, DOWN, PORT, UP, Array

if TYPE_CHECKING:
    from lab.city import City

_PHASES = 8
_DAY_S = 86_400


def first_state(city: "City", now_us: int) -> tuple[Array, Array]:
    """State of devices and ports (`lab.state.DEVICE`, `PORT`) at `now_us`; in a real city some have run for more than a year."""
    rng = np.random.default_rng(city.seed)
    devices, ports = np.zeros(len(city.boxes), DEVICE), np.zeros(city.port_count, PORT)
    mean, most = (90, 600) if city.shape == "city" else (0.5, 1)
    age = np.minimum(rng.exponential(mean * _DAY_S, len(devices)) + 600, most * _DAY_S)
    devices["alive"] = 1
    devices["boot_us"] = now_us - (age * 1e6).astype(np.int64)
    _ports(city, ports, rng)
    _counters(city, ports, devices["boot_us"][city.owner], now_us)
    return devices, ports


def _ports(city: "City", ports: Array, rng: np.random.Generator) -> None:
    count = len(ports)
    mbps, physical = (_by_layout(city, field) for field in ("mbps", "physical"))
    near, far = (np.array(ends, np.int64) for ends in (list(zip(*((w.port_a, w.port_b) for w in city.wires), strict=True)) or ((), ())))
    wired = np.zeros(count, bool)
    wired[near] = wired[far] = True
    ports["admin"] = np.where((physical > 0) & ~wired & (rng.random(count) < 0.06), DOWN, UP)
    ports["oper"] = np.where((wired | (physical == 0) | (rng.random(count) < 0.55)) & (ports["admin"] == UP), UP, DOWN)
    ports["pattern"], ports["phase"] = rng.integers(0, traffic.PATTERNS, count), rng.integers(0, _PHASES, count)
    ports["packet"] = rng.integers(180, 1300, count)
    ports["err_ppm"] = np.where(rng.random(count) < 0.004, rng.integers(1, 400, count), 0)
    line = mbps.copy()
    line[near] = line[far] = np.minimum(mbps[near], mbps[far])
    used = np.minimum(0.35, np.exp(rng.normal(-4.5, 1.2, count))) * np.where(wired, 2.0, 0.6)
    for side in ("in", "out"):
        share = np.minimum(used * rng.uniform(0.3, 1, count), 1 / traffic.CREST)
        ports[f"rate_{side}"] = np.where(line > 0, np.maximum(share * line * 1e6 / 8 / traffic.RATE_UNIT, 1), 0)
    ports["pattern"][far] = ports["pattern"][near] ^ 1
    ports["phase"][far], ports["packet"][far] = ports["phase"][near], ports["packet"][near]
    ports["rate_in"][far], ports["rate_out"][far] = ports["rate_out"][near], ports["rate_in"][near]


def _by_layout(city: "City", field: str) -> Array:
    """One number of each interface's row in its layout."""
    kept: dict[int, Array] = {}
    for box in city.boxes:
        if id(box.layout) not in kept:
            kept[id(box.layout)] = np.array([getattr(row, field) for row in box.layout.rows], np.float64)
    return np.concatenate([kept[id(box.layout)] for box in city.boxes])


def _counters(city: "City", ports: Array, boot: Array, now_us: int) -> None:
    """As if every interface had carried its mean rate since boot."""
    seconds = ((now_us - boot) // 1_000_000).astype(np.uint64)
    ports["changed_us"] = boot + 40_000_000
    marks = [[traffic.flow(city.patterns, p, phase, now_us) for phase in range(_PHASES)] for p in range(traffic.PATTERNS)]
    table = np.array(marks, np.uint64)
    for side, pattern in (("in", ports["pattern"]), ("out", ports["pattern"] ^ 1)):
        ports[f"mark_{side}"] = table[pattern, ports["phase"]]
        ports[f"base_{side}"] = ports[f"rate_{side}"].astype(np.uint64) * np.uint64(traffic.RATE_UNIT) * seconds
