"""Starting, stopping and finding the hub of a data folder: what the command line and the demo call."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import msgspec

from agents.lifeline import KINDS, MAX_LINE, Orders, Word
from agents.places import Lock, owner, prepare, settled
from core import i18n
from core.errors import ConflictError, ForbiddenError, NoAnswerError, StorageError, UnavailableError, YunwangError
from core.i18n import tr
from core.paths import data_dir, run_dir
from core.settings import Settings
from links.unixsocket import answers, explain

START_S = 90.0
STOP_S = 60.0
OUTPUT = "supervisor.out"
"""What a supervisor prints that could not even set up its log; of the last start only."""


def start(
    settings: Settings, *, idle_stop: bool = False, banner: str = "", die_with_us: bool = False, kinds: tuple[str, ...] = KINDS,
) -> int:
    """Starts a supervisor of its own session and waits until all of it works; returns its pid. Raises why it does not."""
    settings = settled(settings)
    prepare(settings)
    _refuse_a_second(settings)
    orders = Orders(
        settings=settings, language=i18n.language(), idle_stop=idle_stop, banner=banner, kinds=kinds,
        parent=os.getpid() if die_with_us else 0,
    )
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = _spawn(settings, theirs)
        theirs.close()
        ours.sendall(msgspec.json.encode(orders) + b"\n")
        word = _first_word(ours)
    if word is not None and word.ready:
        return process.pid
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    if word is None or word.failure is None:
        process.kill()
        raise NoAnswerError(
            tr("The hub did not start."), way_out=tr("Its log tells more: {file}.", file=data_dir(settings) / "log" / OUTPUT),
        )
    raise word.failure.error()


def _refuse_a_second(settings: Settings) -> None:
    lock = Lock(settings)
    try:
        lock.refuse_if_owned()
    finally:
        lock.release()


def _spawn(settings: Settings, theirs: socket.socket) -> "subprocess.Popen[bytes]":
    path = data_dir(settings) / "log" / OUTPUT
    try:
        output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise explain(error, path) from None
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "agents.supervisor", str(theirs.fileno())], pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )
    finally:
        os.close(output)


def _first_word(channel: socket.socket) -> Word | None:
    channel.settimeout(START_S)
    data = b""
    try:
        while not data.endswith(b"\n") and len(data) < MAX_LINE and (more := channel.recv(MAX_LINE)):
            data += more
        return msgspec.json.decode(data, type=Word)
    except (OSError, msgspec.DecodeError):
        return None


def ensure(settings: Settings) -> None:
    """The hub of this data folder runs afterwards; one that is started here stops by itself when nobody needs it."""
    if owner(settled(settings)):
        return
    with contextlib.suppress(ConflictError):  # another console was faster
        start(settings, idle_stop=True)


def stop(settings: Settings) -> int:
    """Stops the hub in order and waits for the last of its processes; returns the pid it had."""
    settings = settled(settings)
    try:
        pid = owner(settings)
    except StorageError:
        raise ForbiddenError(
            tr("The hub in {folder} belongs to another account.", folder=data_dir(settings)),
            way_out=tr("Stop it as that account or as root."),
        ) from None
    if not pid:
        raise UnavailableError(tr("No hub is running."), way_out=tr("Start it with `yunwang hub start`."))
    try:
        os.kill(pid, signal.SIGTERM)
    except PermissionError:
        raise ForbiddenError(
            tr("The hub (process {pid}) belongs to another account.", pid=pid), way_out=tr("Stop it as that account or as root."),
        ) from None
    wait_for_end(settings)
    return pid


def wait_for_end(settings: Settings) -> None:
    """Until the last process of the hub is gone; where this account may not look at the lock, until nobody answers."""
    deadline = time.monotonic() + STOP_S
    while pid := _running(settings):
        if time.monotonic() > deadline:
            raise NoAnswerError(tr("The hub (process {pid}) does not stop.", pid=pid), way_out=tr("End that process by hand."))
        time.sleep(0.05)


def _running(settings: Settings) -> int:
    try:
        return owner(settings)
    except YunwangError:
        return -1 if answers(run_dir(settings) / "hub.sock") else 0
