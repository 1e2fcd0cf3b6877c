"""Starting, stopping and falling back."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import UnavailableError
from lab import farm
from lab.__main__ import main
from lab.city import City
from lab.events import Events
from lab.run import Options, dead_numbers, random_base, start
from lab.script import Script
from lab.state import State


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _wait_gone(pids: list[int]) -> None:
    for _ in range(400):
        if all(_gone(pid) for pid in pids):
            return
        time.sleep(0.05)
    pytest.fail(f"still there: {[pid for pid in pids if not _gone(pid)]}")


def test_stop_leaves_nothing():
    handle = start(5, base=random_base(), events=False)
    pids = [handle.player_pid, handle._process.pid]
    assert oct((handle.folder / "control").stat().st_mode)[-3:] == "600"
    assert oct(handle.credential_file.stat().st_mode)[-3:] == "600"
    assert handle.credential_file.read_text().strip() == handle.community
    handle.stop()
    _wait_gone(pids)
    assert not handle.folder.exists()


@pytest.mark.parametrize("player", ["auto", "python"])
def test_it_dies_with_a_parent_that_is_killed(player):
    program = (
        "import sys, time; from lab.run import start\n"
        f"h = start(5, base={random_base()!r}, player={player!r}); print(h.player_pid, h._process.pid, h.folder, flush=True)\n"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        first, second, folder = parent.stdout.readline().split()
        parent.kill()
    _wait_gone([int(first), int(second)])
    for _ in range(200):
        if not Path(folder).exists():
            break
        time.sleep(0.05)
    assert not Path(folder).exists()


def test_no_player_outlives_a_city_that_is_killed():
    handle = start(5, base=random_base(), events=False)
    handle._process.kill()
    _wait_gone([handle.player_pid])
    with pytest.raises(UnavailableError):
        handle.control("log")
    handle.stop()
    assert not handle.folder.exists()


def test_a_started_city_survives_the_thread_that_started_it(request_of):
    """A console starts it aside; a death signal tied to a thread would end it with that thread."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as aside:
        handle = aside.submit(start, 3, base=random_base(), events=False).result()
    with handle, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.sendto(request_of(0xA0, [(1, 3, 6, 1, 2, 1, 1, 3, 0)]), (handle.address_of(0), handle.port))
        assert sock.recv(2000)


def test_no_compiler_no_farm(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "no-such-compiler")
    assert farm.binary() is None
    with start(3, base=random_base(), events=False) as handle:
        assert handle.player == "python"
    with pytest.raises(UnavailableError, match="compiler"):
        start(3, base=random_base(), player="c")


def test_a_broken_compiler_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CC", "false")
    assert farm.binary() is None
    assert list(farm.cache_dir().iterdir()) == []


@pytest.mark.real
def test_the_binary_is_kept(monkeypatch, tmp_path, need):
    need("cc")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = farm.binary()
    written = first.stat().st_mtime_ns
    assert farm.binary().stat().st_mtime_ns == written
    first.chmod(0o777)
    assert farm.binary().stat().st_mode & 0o022 == 0, "one that others may write is made anew"


@pytest.mark.parametrize("player", ["auto", "python"])
def test_a_taken_port_is_a_sentence(player):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("0.0.0.0", 0))
        with pytest.raises(UnavailableError, match="did not start"):
            start(3, base=random_base(), port=sock.getsockname()[1], player=player)


def test_wrong_addresses_are_a_sentence(capsys):
    with pytest.raises(UnavailableError, match="127"):
        start(3, base="10.0.0.0")
    assert main(["list", "--base", "10.0.0.0"]) != 0
    assert "Traceback" not in capsys.readouterr().err


def test_dead_and_slow_by_option(request_of):
    assert dead_numbers(100, 0.02) == [49, 99]
    with (
        start(100, base=random_base(), dead=0.02, events=False, community="secret") as handle,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
    ):
        sock.settimeout(5)
        data = [request_of(0xA0, [(1, 3, 6, 1, 2, 1, 1, 3, 0)], community=word) for word in (b"public", b"secret")]
        sock.sendto(data[1], (handle.address_of(49), handle.port))
        sock.sendto(data[0], (handle.address_of(48), handle.port))
        sock.sendto(data[1], (handle.address_of(50), handle.port))
        assert sock.recvfrom(2000)[1][0] == handle.address_of(50)
        assert handle.counts["silent"] == 1


def test_by_hand(capsys, tmp_path):
    assert main(["list", "--devices", "12"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 12
    assert main(["workbook", str(tmp_path / "city.xlsx"), "--devices", "12"]) == 0
    assert (tmp_path / "city.xlsx").stat().st_size > 5000
    assert main(["do", str(tmp_path / "nobody"), "kill", "x"]) != 0
    assert "does not answer" in capsys.readouterr().err


def test_a_day_happens_the_same_for_the_same_seed():
    told = []
    for _ in range(2):
        city = City(2, 400)
        devices, ports = city.first_state(10**15)
        live = State.create(bytearray(State.size(len(devices), len(ports))), city.patterns, devices, ports, 10**15)
        live.freeze(10**15)
        events = Events(city, live)
        script, now = Script(city, events, 2), 0.0
        script.begin(now)
        while now < 1200:
            live.freeze(10**15 + round(now * 1e6))
            now = max(script.step(now), now + 0.01)
        told.append(list(events.log))
    assert told[0] == told[1]
    assert {"linkDown", "linkUp", "dead", "revived", "reboot", "shutdown", "no shutdown", "slow", "lossy"} <= {h.what for h in told[0]}
    dark = [h for h in told[0] if h.what == "dead"]
    assert len(dark) > 5


@pytest.mark.parametrize("devices", [1, 20, 100])
def test_a_small_city_lives_its_day_too(devices):
    city = City(1, devices)
    rows, ports = city.first_state(10**15)
    live = State.create(bytearray(State.size(len(rows), len(ports))), city.patterns, rows, ports, 10**15)
    live.freeze(10**15)
    events = Events(city, live)
    script, now = Script(city, events, 1), 0.0
    script.begin(now)
    while now < 3600:
        now = max(script.step(now), now + 0.01)
    assert events.log


def test_options_say_all():
    assert {"devices", "seed", "port", "base", "player", "shape", "events"} <= set(Options.__struct_fields__)
