"""Fixtures for all tests."""

import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

# Hundreds of processes are started here; none of them shall compile all of Yunwang for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
SOAK = os.environ.get("YUNWANG_SOAK") == "1"
# A busy machine is no reason to fail. `make test` tries the same few examples every time, `make soak` many new ones.
settings.register_profile("house", deadline=None, derandomize=not SOAK, max_examples=200 if SOAK else 30)
settings.load_profile("house")
gc.disable()  # until all is collected: nothing of thousands of tests is garbage
SLOW = (
    "lab/test_real_openstack.py", "senses/test_senses.py", "links/test_engine.py", "tui/test_screens.py", "tui/test_work.py",
    "agents/test_city.py", "tui/test_journeys.py", "senses/test_pace.py", "exists/test_xray.py", "custody/test_life.py",
    "probes/test_hub.py", "exists/test_objects.py", "sources/test_cloud.py", "node/test_backup.py", "custody/test_leaks.py",
    "rules/test_node.py", "node/test_setup.py", "tui/test_real.py", "stores/test_search_contract.py", "api/test_semantics.py",
    "crawl/test_city.py", "tui/test_identity.py", "cli/test_editing.py", "sources/test_commands.py", "tui/test_real_people.py",
    "agents/test_processes.py", "exists/test_real.py", "exists/test_queue.py", "stores/test_records_contract.py", "ears/test_killed.py",
    "stores/test_portable.py", "agents/test_survival.py", "cli/test_inventory.py", "device/test_check.py",
)
"""Files that take longest: they begin first, so that no process waits for one of them at the end."""
WHO = ("YUNWANG_AS", "YUNWANG_TOKEN")


def _missing(reason: str) -> NoReturn:
    """What a test needs is not here."""
    if os.environ.get("YUNWANG_REQUIRE_REAL") == "1":
        pytest.fail(f"{reason}, and YUNWANG_REQUIRE_REAL=1 asks for it")
    pytest.skip(reason)


def _need(program: str) -> str:
    if found := shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
        return found
    _missing(f"{program} is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, the others as they were collected; what draws its examples is run with all of them in the soak."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("soak")
    places = {name: place for place, name in enumerate(SLOW)}
    items.sort(key=lambda item: places.get("/".join(item.path.parts[-2:]), len(SLOW)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage looks at it again."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """The end of the process looks at everything again."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """`need("snmpd")`: the path of a program; skips where it is missing, fails with YUNWANG_REQUIRE_REAL=1."""
    return _need


@pytest.fixture(scope="session")
def missing() -> Callable[[str], NoReturn]:
    """`missing("no namespace can be made here")`: skips, or fails with YUNWANG_REQUIRE_REAL=1."""
    return _missing


class Commands:
    """`yunwang` as a process of its own, forked from one that has imported it (tests/forking.py): what a shell would start, but sooner."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            program = [sys.executable, "-P", str(Path(__file__).with_name("forking.py")), str(theirs.fileno())]
            paths = os.pathsep.join(filter(None, (str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(program, pass_fds=[theirs.fileno()], env={**os.environ, "PYTHONPATH": paths})
        self._said = self._channel.makefile("r")

    def run(
        self, *words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None, stdin: bytes = b"", timeout: float = 120.0,
    ) -> "subprocess.CompletedProcess[str]":
        """env: the whole environment, by default this one's. Ends when the command has ended and nobody holds its output any more."""
        asked = {"words": words, "env": dict(os.environ if env is None else env), "cwd": str(cwd or Path.cwd())}
        pipes = [os.pipe() for _ in range(3)]
        ours, theirs = [pipes[0][1], pipes[1][0], pipes[2][0]], [pipes[0][0], pipes[1][1], pipes[2][1]]
        socket.send_fds(self._channel, [json.dumps(asked).encode()], theirs)
        for file in theirs:
            os.close(file)
        child = int(self._said.readline())
        giving = threading.Thread(target=_give, args=(ours[0], stdin))
        giving.start()
        try:
            out, err = _read_all(ours[1:], timeout)
        except TimeoutError:
            os.kill(child, signal.SIGKILL)
            raise subprocess.TimeoutExpired(["yunwang", *words], timeout) from None
        finally:
            code = int(self._said.readline())
            giving.join()
        return subprocess.CompletedProcess(["yunwang", *words], code, out.decode(), err.decode())

    def close(self) -> None:
        self._said.close()
        self._channel.close()
        self._process.wait(60)


def _give(file: int, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), open(file, "wb") as pipe:
        pipe.write(data)


def _read_all(files: list[int], timeout: float) -> list[bytes]:
    """What each of these pipes gives up to its end."""
    deadline, read = time.monotonic() + timeout, dict.fromkeys(files, b"")
    with selectors.DefaultSelector() as waiting:
        for file in files:
            waiting.register(file, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                more = os.read(key.fd, 1 << 16)
                read[key.fd] += more
                if not more:
                    waiting.unregister(key.fd)
                    os.close(key.fd)
    return list(read.values())


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """`commands.run("inventory", "list", "device", env=...)`: a command as a process of its own."""
    made = Commands()
    yield made
    made.close()


@pytest.fixture
def disk_of() -> Iterator[Callable[[str], Path]]:
    """`disk_of("3m")`: a file system of that size of its own, at a path that is short enough for sockets."""
    made: list[Path] = []

    def mount(size: str) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="yw-"))
        words = [_need("mount"), "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder]
        mounted = subprocess.run(words, capture_output=True, check=False)
        if mounted.returncode:
            folder.rmdir()
            _missing(f"a small file system cannot be mounted here ({mounted.stderr.decode().strip()})")
        made.append(folder)
        return folder

    yield mount
    for folder in made:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@pytest.fixture
def small_disk(disk_of: Callable[[str], Path]) -> Path:
    """A file system of 4 MB of its own."""
    return disk_of("4m")


@pytest.fixture(autouse=True)
def nobody_in_particular() -> Iterator[None]:
    """What one test's command line chose (`--as`, a token) is not the next one's."""
    for name in WHO:
        os.environ.pop(name, None)
    yield
    for name in WHO:
        os.environ.pop(name, None)
