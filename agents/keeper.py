"""One child as its parent sees it: started, heard, its log kept in bounds, restarted when it dies."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from agents.lifeline import Orders, Word
from agents.rotating import LogFile
from core.failure import Failure
from core.i18n import tr
from core.views import ProcessRow

FIRST_PAUSE_S, LAST_PAUSE_S = 0.2, 10.0
STEADY_S = 60.0
"""A child that lived this long starts over with the shortest pause."""
MAX_LINE = 8192
LAST_WORDS_S = 5.0

log = logging.getLogger(__name__)


class Keeper:
    """Keeps one kind of child running until told to stop."""

    def __init__(self, kind: str, orders: Orders, folder: Path, keep_fd: int, changed: Callable[[], None]) -> None:
        self.kind, self.orders = kind, orders
        self.pid = self.restarts = self.since = 0
        self.ready = False
        """It has said so since it was started last."""
        self.began = 0.0
        """When that was, by the monotonic clock."""
        self.failure: Failure | None = None
        self.first_word: asyncio.Future[Failure | None] = asyncio.get_running_loop().create_future()
        """Settled when the child is ready (None) or could not start."""
        self.on_stop: Callable[[str], None] = lambda _reason: None
        self._keep_fd, self._changed = keep_fd, changed
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self._log = LogFile(folder / f"{kind}.log")

    def row(self) -> ProcessRow:
        error = self.failure.message if self.failure else ""
        return ProcessRow(kind=self.kind, pid=self.pid, restarts=self.restarts, since=self.since, error=error)

    async def run(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._stopping:
            began = time.monotonic()
            code = await self._live_once()
            if self._stopping:
                return
            if not self.first_word.done():
                self.first_word.set_result(self.failure or _died(self.kind, code))
                return
            log.warning("%s ended with %s and is started again.", self.kind, code)
            self.restarts += 1
            self.failure = self.failure or _died(self.kind, code)
            self._changed()
            pause = FIRST_PAUSE_S if time.monotonic() - began > STEADY_S else pause
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE_S)

    async def _live_once(self) -> int:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", "agents.child", self.kind, str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
                pass_fds=(theirs.fileno(), self._keep_fd), process_group=0, limit=MAX_LINE,
            )
            theirs.close()
            self.ready, self.began = False, time.monotonic()
            self.pid, self.since = self._process.pid, time.time_ns() // 1_000_000
            self._changed()
            ours.sendall(msgspec.json.encode(self.orders) + b"\n")
            listener = asyncio.create_task(self._listen(ours))
            copier = asyncio.create_task(self._copy_log(self._process))
            code = await self._process.wait()
            await asyncio.wait([listener, copier], timeout=1.0)
            for task in (listener, copier):
                task.cancel()
        self.pid, self.ready = 0, False
        self._changed()
        return code

    async def _listen(self, channel: socket.socket) -> None:
        """The child's words. The socket's end is no end of the child."""
        channel.setblocking(False)
        reader, _writer = await asyncio.open_unix_connection(sock=channel.dup(), limit=MAX_LINE * 8)
        try:
            while line := await reader.readline():
                self._hear(msgspec.json.decode(line, type=Word))
        except (ValueError, OSError, msgspec.DecodeError):
            log.warning("%s said something that was not understood.", self.kind)
        finally:
            _writer.close()

    def _hear(self, word: Word) -> None:
        if word.failure:
            self.failure = word.failure
        elif word.ready:
            self.failure, self.ready = None, True
            if not self.first_word.done():
                self.first_word.set_result(None)
        elif word.stop:
            self.on_stop(word.stop)
        self._changed()

    async def _copy_log(self, process: asyncio.subprocess.Process) -> None:
        """Whole lines: a dying child writes its last words in several small pieces."""
        stream, rest = process.stdout, b""
        while stream is not None and (data := await stream.read(MAX_LINE)):
            whole, rest = whole_lines(rest + data)
            self._log.put(whole.decode("utf-8", "replace"))
        self._log.put(rest.decode("utf-8", "replace"))

    def signal(self, number: int) -> None:
        """Passes a signal on to the child, once it is there."""
        if self._process is not None and self._process.returncode is None and self.first_word.done():
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def replace_hanging(self) -> None:
        """Ends a child that lives but does not answer; SIGABRT first, so that its log shows where it hung."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGABRT)
            process.send_signal(signal.SIGCONT)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    async def stop(self, patience_s: float) -> None:
        """SIGTERM, and SIGKILL for what is still there after `patience_s`."""
        self._stopping = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            log.warning("%s did not stop by itself.", self.kind)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def whole_lines(data: bytes) -> tuple[bytes, bytes]:
    """What can be written now and what waits for its end; a line longer than `MAX_LINE` does not wait."""
    end = data.rfind(b"\n") + 1
    return (data[:end], data[end:]) if len(data) - end <= MAX_LINE else (data, b"")


def _died(kind: str, code: int) -> Failure:
    message = tr("The process {kind} ended unexpectedly ({code}).", kind=kind, code=code)
    return Failure(code="error", message=message, way_out=tr("Its log tells more: {file}.", file=f"log/{kind}.log"))
