"""Processes that die, are stopped, or cannot start: real ones, killed for real."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from agents import launch
from agents.keeper import MAX_LINE, whole_lines
from agents.places import Lock, owner
from agents.supervisor import read_status
from client import connect
from core.errors import ConflictError, DiskFullError, SettingsError, SocketInUseError, StorageError, UnavailableError, YunwangError
from core.settings import Settings
from core.views import ProcessRow, ViewQuery

KINDS = ("hub", "workers", "ears")
Make = Callable[..., Settings]


@pytest.fixture
def place() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def rows(settings: Settings) -> dict[str, ProcessRow]:
    return {row.kind: row for row in read_status(Path(settings.general.run_dir))}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    return True


async def ask(settings: Settings, what: Callable[..., Awaitable[object]]) -> object:
    async with connect(settings) as hub:
        return await what(hub)


async def names(settings: Settings) -> list[str]:
    async with connect(settings) as hub:
        return [row.name for row in (await hub.devices(ViewQuery(view="devices"))).rows]


async def fill(settings: Settings, sheets: tuple[bytes, bytes]) -> int:
    async with connect(settings) as hub:
        await hub.import_file("sites.csv", sheets[0])
        return (await hub.import_file("devices.csv", sheets[1], key="k")).revision


def test_every_child_that_is_killed_comes_back_and_nothing_acknowledged_is_lost(node: Settings, sheets: tuple[bytes, bytes]) -> None:
    revision = asyncio.run(fill(node, sheets))
    for kind in KINDS:
        before = rows(node)[kind]
        os.kill(before.pid, signal.SIGKILL)
        until(lambda kind=kind, before=before: rows(node)[kind].pid not in (0, before.pid))  # type: ignore[misc]
        assert rows(node)[kind].restarts == before.restarts + 1
        if kind == "hub":
            until(lambda: not _refuses(node))
        assert asyncio.run(names(node)) == ["LD-ACC-1", "LD-ACC-2", "QT-PE-1"]
    until(lambda: asyncio.run(_imports(node, sheets, revision)))


def _refuses(settings: Settings) -> bool:
    try:
        asyncio.run(names(settings))
    except UnavailableError:
        return True
    return False


async def _imports(settings: Settings, sheets: tuple[bytes, bytes], revision: int) -> bool:
    """Whether the restarted workers take an import; the same key writes nothing again and is told the first answer."""
    async with connect(settings) as hub:
        report = await hub.import_file("devices.csv", sheets[1], key="k")
        checked = await hub.import_file("devices.csv", sheets[1], dry_run=True)
        assert report.revision == revision
        return report.added == {"device": 3} and checked.unchanged == {"device": 3}


def test_children_die_with_their_parent_and_the_next_start_finds_everything(own_node: Settings, sheets: tuple[bytes, bytes]) -> None:
    asyncio.run(fill(own_node, sheets))
    children = [row.pid for row in rows(own_node).values()]
    supervisor = owner(own_node)
    os.kill(supervisor, signal.SIGKILL)
    while not is_gone(supervisor):
        time.sleep(0.01)
    launch.start(own_node, kinds=KINDS, die_with_us=True)
    assert all(is_gone(pid) for pid in children)
    assert asyncio.run(names(own_node)) == ["LD-ACC-1", "LD-ACC-2", "QT-PE-1"]


def test_only_one_hub_runs_on_a_folder(node: Settings) -> None:
    pid = owner(node)
    with pytest.raises(ConflictError, match=str(pid)) as found:
        launch.start(node, kinds=KINDS)
    assert "hub stop" in found.value.way_out
    assert owner(node) == pid
    launch.ensure(node)
    assert owner(node) == pid


def test_stop_ends_every_process_and_removes_the_sockets(own_node: Settings) -> None:
    pids = [row.pid for row in rows(own_node).values()]
    pid = owner(own_node)
    assert launch.stop(own_node) == pid
    assert all(is_gone(one) for one in pids)
    assert not list(Path(own_node.general.run_dir).iterdir())
    with pytest.raises(UnavailableError, match="No hub is running"):
        launch.stop(own_node)


def test_a_port_in_use_is_one_sentence(place: Path, settings_in: Make) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings = settings_in(place, syslog_port=taken.getsockname()[1])
        with pytest.raises(SocketInUseError, match=str(taken.getsockname()[1])) as found:
            launch.start(settings, kinds=KINDS)
    assert "ears.syslog_port" in found.value.way_out
    assert owner(settings) == 0


def test_a_path_too_long_for_a_socket_is_one_sentence(place: Path, settings_in: Make) -> None:
    settings = settings_in(place / ("x" * 100))
    with pytest.raises(SettingsError, match="too long") as found:
        launch.start(settings, kinds=KINDS)
    assert "general.run_dir" in found.value.way_out


def test_a_missing_right_is_one_sentence(place: Path, settings_in: Make) -> None:
    settings = settings_in(place / "mine")
    place.chmod(0o555)
    program = (
        "import os, sys, msgspec\n"
        "from agents import launch\nfrom core.settings import Settings\nfrom core.errors import YunwangError\n"
        "from core import i18n\ni18n.catalogue('zh')\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "try: launch.start(msgspec.json.decode(sys.argv[1], type=Settings))\n"
        "except YunwangError as error: print(error.code, '|', error.message, '|', error.way_out)\n"
    )
    text = msgspec.json.encode(settings).decode()
    done = subprocess.run([sys.executable, "-c", program, text], capture_output=True, text=True, timeout=60, check=False)
    place.chmod(0o755)
    assert not done.stderr
    code, message, way_out = done.stdout.strip().split(" | ")
    assert code == StorageError.code
    assert str(place / "mine") in message
    assert "chown" in way_out


def test_a_full_disk_is_one_sentence(disk_of: Callable[[str], Path], settings_in: Make) -> None:
    full = disk_of("40k")
    with pytest.raises(DiskFullError, match=str(full)) as found:
        launch.start(settings_in(full), kinds=KINDS)
    assert found.value.way_out


def test_a_damaged_store_is_told_to_the_person_who_starts(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    data = Path(settings.general.data_dir)
    data.mkdir(parents=True)
    (data / "records.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(YunwangError, match=r"records\.db"):
        launch.start(settings, kinds=KINDS)
    assert owner(settings) == 0


def test_a_lock_is_free_when_its_owner_is_gone(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    Path(settings.general.data_dir).mkdir(parents=True)
    first, second = Lock(settings), Lock(settings)
    first.take()
    assert second.owner() == os.getpid()
    with pytest.raises(ConflictError):
        second.take(wait_s=0)
    first.release()
    second.take(wait_s=0)
    second.release()
    assert owner(settings) == 0


def test_a_hub_that_nobody_needs_stops_by_itself(place: Path, settings_in: Make) -> None:
    settings = settings_in(place)
    settings = settings.replace(general=settings.general.replace(idle_stop_s=3))
    pid = launch.start(settings, idle_stop=True, kinds=KINDS, die_with_us=True)
    assert asyncio.run(names(settings)) == []
    until(lambda: is_gone(pid))
    assert owner(settings) == 0


def test_logs_hold_what_children_say(node: Settings) -> None:
    os.kill(rows(node)["workers"].pid, signal.SIGABRT)
    log = Path(node.general.data_dir) / "log" / "workers.log"
    until(lambda: log.exists() and "Fatal Python error: Aborted" in log.read_text())
    assert log.stat().st_mode & 0o077 == 0 or log.parent.stat().st_mode & 0o077 == 0


def test_last_words_that_come_in_pieces_stay_one_line() -> None:
    written, rest = b"", b""
    for piece in (b"Fatal Python error: ", b"Aborted", b"\n\nThread", b"x" * (MAX_LINE + 1)):
        whole, rest = whole_lines(rest + piece)
        written += whole
    assert written == b"Fatal Python error: Aborted\n\nThread" + b"x" * (MAX_LINE + 1)
    assert rest == b""
