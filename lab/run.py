"""Starts the City as processes of its own: one that lives its day and answers the control socket, and a player that answers SNMP."""

import ipaddress
import json
import os
import secrets
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import msgspec

from core.errors import UnavailableError
from core.i18n import language, tr
from core.nouns import Noun
from lab import state as states
from lab.city import City, Shape
from lab.control import Control

Player = Literal["auto", "c", "python"]
READY_S = 60.0


class Options(Noun, frozen=True, kw_only=True):
    """How a City is run."""

    devices: int = 3000
    seed: int = 1
    port: int = 0
    """0: any free one."""
    base: str = "127.64.0.0"
    """Device d answers at base + 1 + d."""
    player: Player = "auto"
    """auto: the C farm where it can be had."""
    shape: Shape = "city"
    ports: int = 48
    """Ports of a device where the shape is not `city`."""
    threads: int = 1
    events: bool = True
    """Things happen by themselves; False: only what is asked for."""
    max_size: int = 1400
    """Longest answer, bytes."""
    latency_ms: float = 0.0
    loss: float = 0.0
    """Share of requests lost, 0 to 1."""
    dead: float = 0.0
    """Share of devices that never answer, spread evenly; `dead_numbers`."""
    community: str = ""
    """Empty: any."""
    trap_port: int = 0
    """UDP port on the loopback interface that devices send traps to; 0: they send none."""
    syslog_port: int = 0
    """The same of log lines."""
    language: str = ""
    """Of its messages; empty: as in this process."""


def dead_numbers(devices: int, share: float) -> list[int]:
    """Which devices are dead for a share: d is when floor((d + 1) * share) > floor(d * share)."""
    return [d for d in range(devices) if int((d + 1) * share + 1e-9) > int(d * share + 1e-9)]


class Handle:
    """A running City. Ends with `stop`, with the `with` block, or with the process that started it."""

    def __init__(self, options: Options, folder: Path, process: "subprocess.Popen[bytes]", ready: dict[str, Any]) -> None:
        self.options, self.folder, self._process = options, folder, process
        self.port: int = ready["port"]
        self.player: Literal["c", "python"] = ready["player"]
        self.player_pid: int = ready["pid"]
        """Whose CPU time is the players'."""
        self.devices = options.devices
        self.community = options.community or "public"
        self.control = Control(folder / "control")
        self.credential_file = folder / "community"
        """Owner-only file with the community, for a credential reference `file:...`."""
        self._base = int(ipaddress.IPv4Address(options.base))

    def address_of(self, device: int) -> str:
        """Where device number `device` answers."""
        return str(ipaddress.IPv4Address(self._base + 1 + device))

    @cached_property
    def city(self) -> City:
        """The same City, built in this process."""
        o = self.options
        return City(o.seed, o.devices, base=o.base, shape=o.shape, ports=o.ports)

    @cached_property
    def state(self) -> states.State:
        """The City's state as it is now, read only."""
        return states.open_file(self.folder / "state", self.city.patterns, write=False)

    @property
    def counts(self) -> dict[str, int]:
        """What the player received, sent, ... since it started."""
        head = states.counts(self.folder / "state")
        return {name: int(head[name]) for name in ("received", "sent", "variables", "silent", "lost", "malformed")}

    def stop(self) -> None:
        """Ends all its processes and removes its files."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start(devices: int = 3000, seed: int = 1, port: int = 0, base: str = "127.64.0.0", **more: Any) -> Handle:
    """Starts a City and waits until it answers. more: further fields of `Options`."""
    options = Options(devices=devices, seed=seed, port=port, base=base, **{"language": language(), **more})
    folder = Path(tempfile.mkdtemp(prefix="yunwang-lab-"))
    command = [sys.executable, "-P", "-m", "lab.town", str(folder), *_arguments(options)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors)
        ready = _wait(process)
        if ready is None:
            process.kill()
            process.communicate()
            errors.seek(0)
            said = errors.read(65_536).decode("utf-8", "replace").strip().splitlines()[-1:]
            shutil.rmtree(folder, ignore_errors=True)
            reason = " ".join(said).rstrip(".") or tr("no reason given")
            raise UnavailableError(
                tr("The City did not start: {reason}.", reason=reason), way_out=tr("Choose another port, base or player.")
            )
    _secret_file(folder / "community", options.community or "public")
    return Handle(options, folder, process, ready)


def _arguments(options: Options) -> Sequence[str]:
    return [msgspec.json.encode(options).decode()]


def _wait(process: "subprocess.Popen[bytes]") -> dict[str, Any] | None:
    """The ready line, or None when the process ended or took too long."""
    deadline = time.monotonic() + READY_S
    if process.stdout is None:
        return None
    while time.monotonic() < deadline:
        if select.select([process.stdout], [], [], 0.5)[0]:
            line = process.stdout.readline()
            ready: dict[str, Any] | None = json.loads(line) if line else None
            return ready
    return None


def _secret_file(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")


def random_base() -> str:
    """A base that other Cities of this machine hardly have, for tests that run side by side."""
    return f"127.{secrets.randbelow(180) + 66}.{secrets.randbelow(200)}.0"
