"""Recorded devices of the real world, played over UDP."""

import contextlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.polling import Session, SnmpSecret, Target
from links.snmp.session import open_session


@pytest.fixture(scope="session")
def corpus(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the recordings, unpacked."""
    archive = Path(pytestconfig.rootpath).parent / "shared" / "corpus" / "snmp-dev.tar.xz"
    if not archive.exists():
        pytest.skip("the recordings are not beside this checkout")
    folder = tmp_path_factory.mktemp("corpus")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "dev"


@pytest.fixture(scope="session")
def truths(corpus: Path) -> list[dict[str, Any]]:
    """What is known of each recorded device."""
    return [json.loads(line) for line in (corpus / "facts.jsonl").read_text("utf-8").splitlines()]


@contextlib.contextmanager
def playing(folder: Path) -> Iterator[int]:
    """The port at which the recordings of a folder answer."""
    command = [sys.executable, "-m", "lab.player", "--recordings", str(folder), "--address", "127.0.0.1", "--max-size", "8000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as player:
        try:
            assert player.stdout is not None
            yield int(player.stdout.readline().split()[1])
        finally:
            player.terminate()


@pytest.fixture(scope="session")
def recorded_port(corpus: Path) -> Iterator[int]:
    """Where the recorded devices answer on 127.0.0.1, each to its name as community."""
    with playing(corpus / "snmprec") as port:
        yield port


@pytest.fixture(scope="session")
def recorded_device(recorded_port: int) -> Callable[[str], Session]:
    """A session to a recorded device by name."""

    def opened(name: str) -> Session:
        secret = SnmpSecret(community=name)
        return open_session(Target(device_id=name, address="127.0.0.1", port=recorded_port, secret=secret, timeout_s=10.0))

    return opened
