"""What a process and the one that started it say to each other: settings down, `ready`, the last word or a wish to stop up.

One line of JSON each, over a socket pair whose one end the child inherits. A child without a parent (in a test, by hand) has none.
"""

import contextlib
import ctypes
import os
import signal
import socket
import sys

import msgspec

from core.failure import Failure
from core.nouns import Noun
from core.settings import Settings

MAX_LINE = 64 * 1024
_PR_SET_PDEATHSIG = 1
_current: list["Lifeline"] = []


KINDS = ("hub", "workers", "ears", "senses")
"""The children of a supervisor, in the order they are started; stopped in the opposite one."""


class Orders(Noun, frozen=True, kw_only=True):
    """What a child is started with."""

    settings: Settings
    language: str
    parent: int = 0
    """Process to die with; 0: none."""
    idle_stop: bool = False
    """Stop some time after the last client, when nothing is polled."""
    kinds: tuple[str, ...] = KINDS
    """The children to run; the hub is always the first."""
    banner: str = ""
    """Message id that every screen must carry."""


class Word(Noun, frozen=True, kw_only=True):
    """What a child tells: exactly one of them."""

    ready: bool = False
    failure: Failure | None = None
    stop: str = ""
    """Why everything should stop."""


class Lifeline:
    """The child's end."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self.orders = _read_orders(self._socket)
        _current[:] = [self]

    def tell(self, word: Word) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendall(msgspec.json.encode(word) + b"\n")

    def die_with_parent(self) -> None:
        if self.orders.parent:
            die_with(self.orders.parent)


def die_with(parent: int) -> None:
    """SIGKILL for this process when its parent dies (prctl(2)): whatever was acknowledged survives that."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def ready() -> None:
    """Tells the parent that this process does its work."""
    for lifeline in _current:
        lifeline.tell(Word(ready=True))


def ask_stop(reason: str) -> None:
    for lifeline in _current:
        lifeline.tell(Word(stop=reason))


def orders() -> Orders | None:
    return _current[0].orders if _current else None


def _read_orders(channel: socket.socket) -> Orders:
    data = b""
    while not data.endswith(b"\n") and len(data) < MAX_LINE:
        more = channel.recv(MAX_LINE)
        if not more:
            break
        data += more
    return msgspec.json.decode(data, type=Orders)
