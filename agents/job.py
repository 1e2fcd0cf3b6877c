"""One job in a process of its own: `python -m agents.job PARENT`, the order on stdin, words and at last the outcome on stdout.

Memory and processor time are limited here, so that a hostile file or a fault ends this process and nothing else. SIGTERM asks the job
to stop at the next moment that suits it.
"""

import importlib
import os
import resource
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, cast

import msgspec

from agents.lifeline import die_with
from core import i18n
from core.errors import YunwangError
from core.failure import Failure
from core.nouns import Noun
from core.settings import Settings

MEMORY = 1536 * 1024 * 1024
MAX_ORDER = 66 * 1024 * 1024
SAY_S = 0.5
"""Progress is told at most so often."""
HEAD = struct.Struct(">I")


class Stopped(BaseException):
    """Raised in a job that shall stop. Not an error: no `except Exception` may swallow it."""


class Order(Noun, frozen=True, kw_only=True):
    """What is to be done."""

    id: str = ""
    """Of the job; empty where it is none of the queue."""
    entry: str
    """`module:function`, which takes a `Run` and returns what can be told as JSON or MessagePack."""
    settings: Settings
    language: str
    body: bytes = b""
    """What the entry needs, as it encoded it itself."""
    author: str = ""
    arguments: dict[str, Any] = {}
    checkpoint: dict[str, Any] = {}
    cpu_s: int = 0
    """Processor time; 0: without limit."""


class Said(Noun, frozen=True, kw_only=True, tag=True):
    """How far it is."""

    done: int = 0
    total: int = 0
    message: str = ""
    checkpoint: dict[str, Any] | None = None
    """Where it could go on: to be kept before it is believed."""


class Outcome(Noun, frozen=True, kw_only=True, tag=True):
    """The last word: a result, or why there is none."""

    result: bytes | None = None
    """MessagePack."""
    failure: Failure | None = None
    stopped: bool = False


class Run(Protocol):
    """What a job sees of the world. `tell` and `keep` raise `Stopped` when it shall stop: leave things in order and let it pass."""

    id: str
    """Of the job: by it the hub knows what it may ask for."""
    settings: Settings
    author: str
    """Who asked for it."""
    arguments: dict[str, Any]
    checkpoint: dict[str, Any]

    def tell(self, done: int, total: int = 0, message: str = "") -> None:
        """How far it is; message: a message id. Cheap: call it as often as it suits."""
        ...

    def keep(self, checkpoint: dict[str, Any]) -> None:
        """Where it goes on when it is interrupted here. Costs a write: every few seconds is enough."""
        ...


Runner = Callable[[Run], dict[str, Any]]


class _Run:
    """A `Run` that speaks over a pipe."""

    def __init__(self, order: Order, out: BinaryIO) -> None:
        self.id, self.settings, self.author, self.body = order.id, order.settings, order.author, order.body
        self.arguments, self.checkpoint = order.arguments, order.checkpoint
        self._out = out
        self._stop = threading.Event()
        self._last = 0.0

    def stop(self) -> None:
        self._stop.set()

    def tell(self, done: int, total: int = 0, message: str = "") -> None:
        self._check()
        now = time.monotonic()
        if now - self._last >= SAY_S:
            self._last = now
            self.say(Said(done=done, total=total, message=message))

    def keep(self, checkpoint: dict[str, Any]) -> None:
        self._check()
        self.say(Said(checkpoint=checkpoint))

    def _check(self) -> None:
        if self._stop.is_set():
            raise Stopped

    def say(self, word: Said | Outcome) -> None:
        data = msgspec.msgpack.encode(word)
        self._out.write(HEAD.pack(len(data)) + data)
        self._out.flush()


def limit(cpu_s: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if cpu_s:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 5))


def _outcome(order: Order, run: _Run) -> Outcome:
    module, _, function = order.entry.partition(":")
    try:
        entry = cast("Callable[[Any], Any]", getattr(importlib.import_module(module), function))
        return Outcome(result=msgspec.msgpack.encode(entry(run)))
    except YunwangError as error:
        return Outcome(failure=Failure.of(error))
    except Stopped:
        return Outcome(stopped=True)


def _own_stdout() -> BinaryIO:
    """The pipe to the parent, out of reach of whatever prints."""
    ours = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(ours, "wb")


def main(arguments: list[str]) -> int:
    die_with(int(arguments[0]))
    out = _own_stdout()
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(MAX_ORDER), type=Order)
    limit(order.cpu_s)
    i18n.use(order.language)
    run = _Run(order, out)
    signal.signal(signal.SIGTERM, lambda *_: run.stop())
    run.say(_outcome(order, run))
    return 0


if __name__ == "__main__":
    from agents.job import main as _main  # the module that jobs import, not a second copy of it named __main__

    sys.exit(_main(sys.argv[1:]))
