"""The other end of a job's process: its order, its words, its end by asking and by force."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable

import msgspec

from agents.job import HEAD, Order, Outcome, Said
from core.errors import YunwangError
from core.i18n import mark

GRACE_S = 5.0
"""After being asked to stop a job may leave things in order for so long."""
MAX_WORD = 64 * 1024 * 1024
MAX_ERRORS = 4096

log = logging.getLogger(__name__)


class CrashedError(YunwangError):
    """The job's process ended without a word."""

    code = "crashed"

    def __init__(self, code: int | None, errors: bytes) -> None:
        super().__init__(mark("The process of the job crashed."), way_out=mark("The log of the workers tells more."))
        self.returncode = code
        self.out_of_bounds = b"MemoryError" in errors or code in (-signal.SIGKILL, -signal.SIGXCPU)
        """It took more memory or processor time than it may."""


class JobProcess:
    """Runs one order. `said` hears every word before the last."""

    def __init__(self, order: Order, said: Callable[[Said], None] = lambda _word: None) -> None:
        self._order, self._said = order, said
        self._process: asyncio.subprocess.Process | None = None
        self._stop = asyncio.Event()
        self._grace_s = GRACE_S

    def stop(self, *, at_once: bool = False) -> None:
        """Asks it to stop; it is killed when it has not after `GRACE_S`, or at once where it only reads."""
        self._grace_s = 0.0 if at_once else GRACE_S
        self._stop.set()

    async def run(self) -> Outcome:
        """Its last word. Raises `CrashedError` when there is none; cancelled, it takes the process with it."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "agents.job", str(os.getpid()),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        stopping = asyncio.create_task(self._stop_when_wanted(process))
        errors = asyncio.create_task(_tail(process.stderr))
        try:
            await self._give(process)
            outcome = await self._listen(process)
            await process.wait()
        finally:
            stopping.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if outcome is not None:
            return outcome
        if self._stop.is_set():
            return Outcome(stopped=True)
        words = await errors
        log.error("A job ended with %s: %s", process.returncode, words.decode("utf-8", "replace"))
        raise CrashedError(process.returncode, words)

    async def _give(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None:
            return
        with contextlib.suppress(ConnectionError):
            process.stdin.write(msgspec.msgpack.encode(self._order))
            await process.stdin.drain()
            process.stdin.close()

    async def _listen(self, process: asyncio.subprocess.Process) -> Outcome | None:
        stream = process.stdout
        while stream is not None:
            try:
                (size,) = HEAD.unpack(await stream.readexactly(HEAD.size))
                word = msgspec.msgpack.decode(await stream.readexactly(min(size, MAX_WORD)), type=Said | Outcome)
            except (asyncio.IncompleteReadError, msgspec.DecodeError):
                return None
            if isinstance(word, Outcome):
                return word
            self._said(word)
        return None

    async def _stop_when_wanted(self, process: asyncio.subprocess.Process) -> None:
        await self._stop.wait()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            await asyncio.sleep(self._grace_s)
            process.kill()


async def _tail(stream: asyncio.StreamReader | None) -> bytes:
    """The last words on stderr."""
    kept = b""
    while stream is not None and (more := await stream.read(65536)):
        kept = (kept + more)[-MAX_ERRORS:]
    return kept
