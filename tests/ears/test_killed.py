"""kill -9 of the ears in the middle of a storm, and a disk that is full: what was acknowledged is kept, what was not is sent again."""

import contextlib
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agents.hub.events.searching import lines_of
from core.ports import LogQuery
from core.sections import Logs
from links import traps
from links.snmp import ber
from stores.logs import open_logs

LISTENER = """
import sys
from agents.ears import main
from core.sections import Ears, General
from core.settings import Settings
data, run, port = sys.argv[1:]
main(Settings(general=General(data_dir=data, run_dir=run), ears=Ears(address="127.0.0.1", trap_port=int(port))))
"""
ROUNDS = 25 if os.environ.get("YUNWANG_SOAK") == "1" else 2
AT_ONCE = 400


def inform(number: int, size: int = 8) -> bytes:
    def bound(oid: tuple[int, ...], value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)

    body = (
        bound(traps.UPTIME, ber.integer(4242, 0x43)) + bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body((*traps.GENERIC, 3))))
        + bound((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1), ber.tlv(4, b"number=%08d " % number + os.urandom(size)))
    )
    return ber.message(ber.V2C, b"public", ber.pdu(traps.INFORM, number, 0, 0, ber.tlv(0x30, body)))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Sender:
    """Sends informs until each is answered, as RFC 3416 (4.2.7) wants it."""

    def __init__(self, port: int, size: int = 8) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._to, self._size = ("127.0.0.1", port), size
        self.open: set[int] = set()
        self.answered: set[int] = set()
        self._next = 1

    def say(self, count: int) -> None:
        """So many new ones."""
        for number in range(self._next, self._next + count):
            self.open.add(number)
            self._send(number)
        self._next += count

    def again(self) -> None:
        for number in sorted(self.open):
            self._send(number)

    def _send(self, number: int) -> None:
        with contextlib.suppress(ConnectionError):
            self.socket.sendto(inform(number, self._size), self._to)

    def hear(self, seconds: float) -> None:
        """Takes answers until all are there, at most so long."""
        until = time.monotonic() + seconds
        while self.open and (left := until - time.monotonic()) > 0:
            if not select.select([self.socket], [], [], left)[0]:
                return
            with contextlib.suppress(ConnectionError):
                number = int(self.socket.recv(65_536).partition(b"number=")[2][:8])
                self.open.discard(number)
                self.answered.add(number)


def started(data: Path, run: Path, port: int) -> "subprocess.Popen[bytes]":
    run.mkdir(exist_ok=True)
    words = [sys.executable, "-c", LISTENER, str(data), str(run), str(port)]
    return subprocess.Popen(words, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stdout=subprocess.DEVNULL)


def kept(data: Path) -> list[int]:
    """The numbers of all informs that lie in the logs."""
    store = open_logs(data / "logs", Logs(), readonly=True)
    chunks = lines_of(store, LogQuery(start_ms=0, end_ms=2**50))  # each try of a sender is a line: there may be very many
    numbers = [int(line.raw.partition(b"number=")[2][:8]) for lines in chunks for line in lines]
    assert store.damaged() == []
    return numbers


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.mark.soak
def test_kill_9_in_a_storm_loses_nothing_that_was_acknowledged(tmp_path: Path, port: int) -> None:
    choose, data = random.Random(9), tmp_path / "data"
    sender = Sender(port)
    for _ in range(ROUNDS):
        child = started(data, tmp_path / "run", port)
        try:
            before = len(sender.answered)
            while len(sender.answered) == before and child.poll() is None:  # until it listens, and answers what was left over
                sender.say(5)
                sender.again()
                sender.hear(0.2)
            for _ in range(choose.randrange(3, 12)):
                sender.say(AT_ONCE)
                sender.hear(0.05 * choose.random())
            sender.say(AT_ONCE)  # and nobody waits for the answers
        finally:
            child.send_signal(signal.SIGKILL)
            child.wait()
        sender.hear(0.3)
        assert sender.answered <= set(kept(data))
    assert sender.open, "it was killed in the middle of its work"
    child = started(data, tmp_path / "run", port)
    try:
        while sender.open and child.poll() is None:
            sender.again()
            sender.hear(1.0)
    finally:
        child.terminate()
        child.wait()
    assert set(kept(data)) == sender.answered == set(range(1, max(sender.answered) + 1))
    print(f"\nears: {ROUNDS} kill -9, {len(sender.answered):,} informs acknowledged, none lost")  # noqa: T201  soak prints its counts


def test_a_full_disk_acknowledges_nothing_and_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path, port: int) -> None:
    data, filler = small_disk / "data", small_disk / "filler"
    child = started(data, tmp_path / "run", port)
    sender = Sender(port, size=400)
    try:
        while not sender.answered and child.poll() is None:
            sender.say(1)
            sender.again()
            sender.hear(0.3)
        filler.write_bytes(b"")
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(os.urandom(4096)):
                pass
        stuck = 0
        while stuck < 3:
            sender.say(50)
            before = len(sender.answered)
            sender.hear(0.4)
            stuck = stuck + 1 if len(sender.answered) == before else 0
        assert sender.open
        assert sender.answered <= set(kept(data)), "what was acknowledged before is there"
        filler.unlink()
        while sender.open and child.poll() is None:
            sender.again()
            sender.hear(2.0)
        assert child.poll() is None
    finally:
        child.terminate()
        child.wait()
    assert set(kept(data)) == sender.answered
    assert len(sender.answered) >= 150
