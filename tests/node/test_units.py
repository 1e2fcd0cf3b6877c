"""The units: accepted and rated by systemd's own tools, and a hub that lives under what they forbid."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.notify import Notifier
from agents.pulse import Pulse
from agents.supervisor import read_status
from agents.units import render, writable
from core.errors import SettingsError
from core.sections import Audit, General, Service
from core.settings import Settings

PROGRAM = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"
MOST_EXPOSURE = 1.5
_SANDBOX = "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
"""prctl(2), PR_SET_MDWE: what MemoryDenyWriteExecute= does, for this process and all it starts."""


def files(settings: Settings | None = None) -> dict[str, str]:
    return render(settings or Settings(), Path("/usr/bin/true"), Path("/etc/yunwang/yunwang.toml"))


@pytest.mark.real
def test_systemd_rates_the_exposure_low(need: Callable[[str], str], tmp_path: Path) -> None:
    unit = tmp_path / "yunwang.service"
    unit.write_text(files()["systemd/system/yunwang.service"])
    command = [need("systemd-analyze"), "security", "--offline=true", f"--threshold={int(MOST_EXPOSURE * 10)}", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"exposure level for yunwang.service: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSURE
    assert done.returncode == 0


@pytest.mark.real
def test_systemd_finds_no_mistake_in_the_unit(need: Callable[[str], str], tmp_path: Path) -> None:
    unit = tmp_path / "yunwang.service"
    settings = Settings(service=Service(backup_dir="/srv/back up 100%"))
    unit.write_text(files(settings)["systemd/system/yunwang.service"])
    done = subprocess.run([need("systemd-analyze"), "verify", str(unit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "yunwang.service" not in done.stderr


def test_folders_outside_the_data_folder_stay_writable() -> None:
    service = Service(backup_dir="/srv/b", export_git="/srv/git")
    settings = Settings(general=General(data_dir="/data/yw"), service=service, audit=Audit(tip_file="/mnt/t/tip"))
    assert [str(path) for path in writable(settings)] == ["/srv/b", "/srv/git", "/mnt/t", "/data/yw"]
    text = files(settings)["systemd/system/yunwang.service"]
    assert text.count("ReadWritePaths=") == 4
    assert "@" not in text.replace("@system-service", "").replace("@privileged @resources", "")


@pytest.mark.parametrize("path", ["relative/yunwang", "/opt/x\nExecStartPre=/bin/evil", '/opt/"x"', "/opt/$HOME/x"])
def test_a_path_that_would_be_read_as_something_else_is_refused(path: str) -> None:
    with pytest.raises(SettingsError):
        render(Settings(), Path(path), Path("/etc/y.toml"))


def test_the_notifier_takes_its_socket_out_of_the_environment(tmp_path: Path) -> None:
    env = {"NOTIFY_SOCKET": str(tmp_path / "n"), "WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid()), "HOME": "/"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "n"))
        heard.settimeout(60)
        notifier = Notifier(env)
        assert env == {"HOME": "/"}
        assert notifier.watchdog_s == 4.0
        notifier.tell(READY=1, STATUS="one\ntwo")
        assert heard.recv(1024) == b"READY=1\nSTATUS=one two"
    notifier.tell(WATCHDOG=1)  # nobody there any more
    Notifier({}).tell(READY=1)


@pytest.mark.real
def test_a_service_as_systemd_runs_it(need: Callable[[str], str], place: Path) -> None:
    """Ready, signs of life, a hub that hangs is ended and started again, stopped in order; no page ever writable and executable."""
    need("systemd-analyze")
    (place / "yunwang.toml").write_text(f'[general]\ndata_dir = "{place}/data"\nrun_dir = "{place}/run"\nlanguage = "en"\n')
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(place / "notify"))
        heard.settimeout(60)
        env = {**os.environ, "NOTIFY_SOCKET": str(place / "notify"), "WATCHDOG_USEC": "5000000"}
        command = [sys.executable, "-c", _SANDBOX, "-c", PROGRAM, "--config", str(place / "yunwang.toml"), "hub", "start", "--foreground"]
        service = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            assert f"MAINPID={service.pid}" in until_told(heard, "READY=1")
            until_told(heard, "WATCHDOG=1")
            hub = pid_of(place, "hub")
            os.kill(hub, signal.SIGSTOP)
            until_told(heard, "does not answer")
            until_told(heard, "WATCHDOG=1")
            assert pid_of(place, "hub") not in (0, hub)
        finally:
            service.send_signal(signal.SIGTERM)
            output = service.communicate(timeout=60)[0]
        assert service.returncode == 0, output
        until_told(heard, "STOPPING=1")
    assert b"Traceback" not in output
    assert "Fatal Python error: Aborted" in (place / "data" / "log" / "hub.log").read_text()


async def test_a_hub_that_is_being_started_is_no_hanging_one(place: Path) -> None:
    """Nobody answers; as long as that is excused it counts as alive."""
    alive, dead = asyncio.Event(), asyncio.Event()
    excused = [True]
    pulse = Pulse(place / "hub.sock", alive.set, dead.set, lambda: excused[0], watchdog_s=0.2)
    running = asyncio.create_task(pulse.run())
    await asyncio.wait_for(alive.wait(), 60)
    assert not dead.is_set()
    excused[0] = False
    alive.clear()
    await asyncio.wait_for(dead.wait(), 60)
    assert not alive.is_set()
    running.cancel()


def until_told(heard: socket.socket, word: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        text = heard.recv(4096).decode()
        if word in text:
            return text
    raise AssertionError(word)


def pid_of(place: Path, kind: str) -> int:
    return next((row.pid for row in read_status(place / "run") if row.kind == kind), 0)
