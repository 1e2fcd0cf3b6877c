"""The City's state: who is alive, which port is up, what it carried. One mmapped file that the City writes and every player reads.

Layout: `HEADER`, then `DEVICE` per device, then `PORT` per port, all little-endian and 64 bytes each. A writer makes `seq` odd, writes,
and makes it even again; a reader that saw an odd or changed `seq` reads once more.
"""

import contextlib
import mmap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.traffic import RATE_UNIT, Patterns, carried, flow

MAGIC = b"YWSTATE1"
HEADER = np.dtype(
    [
        ("magic", "S8"),
        ("devices", "<u4"),
        ("ports", "<u4"),
        ("epoch_us", "<i8"),
        ("mono_us", "<i8"),
        ("frozen_us", "<i8"),
        ("pad", "<u8", 3),
        ("received", "<u8"),
        ("sent", "<u8"),
        ("variables", "<u8"),
        ("silent", "<u8"),
        ("lost", "<u8"),
        ("malformed", "<u8"),
        ("spare", "<u8", 2),
    ]
)
"""Wall time `epoch_us` was at CLOCK_MONOTONIC `mono_us`; `frozen_us`, when not 0, is the time that stands still. Then the players'
counts."""
DEVICE = np.dtype(
    [
        ("seq", "<u4"),
        ("alive", "u1"),
        ("pad0", "u1"),
        ("max_size", "<u2"),
        ("boot_us", "<i8"),
        ("latency_us", "<u4"),
        ("loss_ppm", "<u4"),
        ("shift_from", "<u4"),
        ("shift", "<u4"),
        ("pad", "<u8", 4),
    ]
)
"""Silent while not alive or before `boot_us`. max_size 0: the player's own. ifIndex of the rows from `shift_from` on is higher by
`shift`."""
PORT = np.dtype(
    [
        ("seq", "<u4"),
        ("admin", "u1"),
        ("oper", "u1"),
        ("pattern", "u1"),
        ("phase", "u1"),
        ("changed_us", "<i8"),
        ("base_in", "<u8"),
        ("base_out", "<u8"),
        ("mark_in", "<u8"),
        ("mark_out", "<u8"),
        ("rate_in", "<u4"),
        ("rate_out", "<u4"),
        ("packet", "<u2"),
        ("err_ppm", "<u2"),
        ("pad", "<u4"),
    ]
)
"""In flows pattern, out flows pattern ^ 1. Octets since boot are base + rate * (flow - mark) while oper is up (1)."""

UP, DOWN = 1, 2

Array = npt.NDArray[Any]


class State:
    """The state over a buffer: a file's for real, plain memory in tests."""

    def __init__(self, buffer: Any, patterns: Patterns) -> None:
        self.buffer = buffer
        self.patterns = patterns
        self.header: Array = np.frombuffer(buffer, HEADER, 1)
        devices, ports = int(self.header["devices"][0]), int(self.header["ports"][0])
        self.devices: Array = np.frombuffer(buffer, DEVICE, devices, HEADER.itemsize)
        self.ports: Array = np.frombuffer(buffer, PORT, ports, HEADER.itemsize + DEVICE.itemsize * devices)

    @classmethod
    def create(cls, buffer: Any, patterns: Patterns, devices: Array, ports: Array, now_us: int) -> "State":
        """Fills the buffer (`size` bytes) with a first state."""
        head = np.frombuffer(buffer, HEADER, 1)
        head["magic"], head["devices"], head["ports"] = MAGIC, len(devices), len(ports)
        head["epoch_us"], head["mono_us"] = now_us, time.monotonic_ns() // 1000
        state = cls(buffer, patterns)
        state.devices[:], state.ports[:] = devices, ports
        return state

    @staticmethod
    def size(devices: int, ports: int) -> int:
        """Bytes of a state."""
        return HEADER.itemsize + DEVICE.itemsize * devices + PORT.itemsize * ports

    def now_us(self) -> int:
        """The City's time."""
        frozen = int(self.header["frozen_us"][0])
        return frozen or int(self.header["epoch_us"][0]) + time.monotonic_ns() // 1000 - int(self.header["mono_us"][0])

    def freeze(self, at_us: int) -> None:
        """Makes time stand still, for tests; 0 lets it run again."""
        self.header["frozen_us"] = at_us

    def octets(self, port: int, out: bool, now_us: int) -> int:
        """Octets that a port carried since boot."""
        p = self.ports[port]
        side, pattern = ("out", int(p["pattern"]) ^ 1) if out else ("in", int(p["pattern"]))
        return carried(
            self.patterns,
            int(p[f"base_{side}"]),
            int(p[f"mark_{side}"]),
            int(p[f"rate_{side}"]),
            pattern,
            int(p["phase"]),
            p["oper"] == UP,
            now_us,
        )

    @contextlib.contextmanager
    def _changing(self, row: Array) -> Iterator[None]:
        row["seq"] |= 1
        try:
            yield
        finally:
            row["seq"] += 1

    def set_port(self, port: int, now_us: int, *, admin: int | None = None, oper: int | None = None, rate_bps: int | None = None) -> None:
        """Changes a port; its counters go on from where they are."""
        row = self.ports[port]
        octets = [self.octets(port, out, now_us) for out in (False, True)]
        with self._changing(row):
            self._rebase(row, octets, now_us)
            if admin is not None:
                row["admin"] = admin
            if oper is not None and oper != row["oper"]:
                row["oper"], row["changed_us"] = oper, now_us
            if rate_bps is not None:
                row["rate_in"] = row["rate_out"] = rate_bps // 8 // RATE_UNIT

    def _rebase(self, row: Array, octets: list[int], now_us: int) -> None:
        pattern, phase = int(row["pattern"]), int(row["phase"])
        row["base_in"], row["base_out"] = octets
        row["mark_in"] = flow(self.patterns, pattern, phase, now_us)
        row["mark_out"] = flow(self.patterns, pattern ^ 1, phase, now_us)

    def reboot(self, device: int, ports: slice, now_us: int, silent_us: int, shift: tuple[int, int] | None = None) -> None:
        """The device answers again after `silent_us`: sysUpTime and counters from 0, ifIndex moved by shift (from row, by) where given."""
        row, boot = self.devices[device], now_us + silent_us
        with self._changing(row):
            row["boot_us"] = boot
            if shift is not None:
                row["shift_from"], row["shift"] = shift
        for port in self.ports[ports]:
            with self._changing(port):
                self._rebase(port, [0, 0], boot)
                port["changed_us"] = boot

    def set_device(self, device: int, **fields: int) -> None:
        """Changes alive, latency_us, loss_ppm or max_size of a device."""
        row = self.devices[device]
        with self._changing(row):
            for name, value in fields.items():
                row[name] = value


def open_file(path: Path, patterns: Patterns, *, write: bool) -> State:
    """The state in a file that `create_file` made."""
    with path.open("r+b" if write else "rb") as file:
        buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
    return State(buffer, patterns)


def create_file(path: Path, patterns: Patterns, devices: Array, ports: Array, now_us: int) -> State:
    """A new state file."""
    with path.open("w+b") as file:
        file.truncate(State.size(len(devices), len(ports)))
        buffer = mmap.mmap(file.fileno(), 0)
    return State.create(buffer, patterns, devices, ports, now_us)


def counts(path: Path) -> Array:
    """The header of a state file: the players' counts are in it."""
    with path.open("rb") as file:
        header: Array = np.frombuffer(file.read(HEADER.itemsize), HEADER)[0]
    return header
