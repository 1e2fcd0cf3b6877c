"""What keeps senses going when something of our own breaks: faults are logged with their traceback, counted and told; work goes on."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from core.i18n import tr

FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 10.0
QUIET_S = 60.0
"""A fault is told for so long after it last happened."""
LOG_S = 5.0
"""A traceback is written at most so often; all faults are counted."""
log = logging.getLogger(__name__)


class Trouble:
    """Faults in one thread. `count`: since the start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = 0
        self._clock = clock
        self._at = self._logged = float("-inf")
        self._pause = FIRST_PAUSE_S
        self._kind = ""

    def note(self, error: Exception, about: str) -> None:
        """Called where the exception is handled. about: what was being done, for the log."""
        self.count += 1
        self._at, self._kind = self._clock(), type(error).__name__
        if self._at - self._logged >= LOG_S:
            self._logged = self._at
            log.error("%s failed; polling goes on (%s faults so far).", about, self.count, exc_info=error)

    def pause(self) -> float:
        """Seconds to wait before everything is begun anew: longer each time, until it has been quiet for a while."""
        if self._clock() - self._at > QUIET_S:
            self._pause = FIRST_PAUSE_S
        pause, self._pause = self._pause, min(self._pause * 2, LAST_PAUSE_S)
        return pause

    @property
    def sentence(self) -> str:
        """What a person should know right now; empty: nothing."""
        if self._clock() - self._at > QUIET_S:
            return ""
        return tr("Polling met {count} faults of its own, the last one {kind}; its log tells more.", count=self.count, kind=self._kind)


async def kept(work: Callable[[], Awaitable[None]]) -> None:
    """Runs a loop that must not end, begun anew after a fault."""
    pause = FIRST_PAUSE_S
    while True:
        try:
            await work()
        except Exception:
            log.exception("%s is begun anew.", getattr(work, "__qualname__", "A loop"))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LAST_PAUSE_S)
        else:
            return


async def ended(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancels tasks until they have ended: a task that is given what it waits for in the same instant may miss being cancelled."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.2)
