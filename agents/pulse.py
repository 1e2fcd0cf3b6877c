"""Whether the hub really answers: a process that exists but hangs is as good as dead, and only a question can tell."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

ASK_S = 5.0
ANSWER_S = 10.0
DEAD_S = 60.0
"""A hub that has not answered for so long is ended and started again."""
_QUESTION = b"GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"


class Pulse:
    """Asks the hub again and again. `alive` is called at each answer, `dead` once after `dead_s` without one.

    excused: whether the hub may be silent now (it is being started): that counts as an answer.
    """

    def __init__(
        self, path: Path, alive: Callable[[], None], dead: Callable[[], None], excused: Callable[[], bool], watchdog_s: float = 0.0,
    ) -> None:
        self._path, self._alive, self._dead, self._excused = path, alive, dead, excused
        self.ask_s = min(ASK_S, watchdog_s / 4) if watchdog_s else ASK_S
        self.dead_s = min(DEAD_S, watchdog_s * 0.75) if watchdog_s else DEAD_S
        self._last = time.monotonic()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self.ask_s)
            if await answers(self._path, min(ANSWER_S, self.dead_s / 2)) or self._excused():
                self._last = time.monotonic()
                self._alive()
            elif time.monotonic() - self._last > self.dead_s:
                self._last = time.monotonic()
                self._dead()


async def answers(path: Path, patience_s: float) -> bool:
    """Whether somebody answers HTTP at the Unix socket, with whatever status."""
    writer = None
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(_QUESTION)
            return (await reader.readline()).startswith(b"HTTP/")
    except (OSError, TimeoutError, ValueError):
        return False
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
