"""What was heard and waits for the log store, bounded; answers wait until what they acknowledge is on the disk."""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable

from core.errors import StorageError
from core.ports import LogStore
from core.signals import RawLine

MAX_WAITING = 100_000
MAX_WAITING_BYTES = 64 * 1024 * 1024
TIGHT_BYTES = MAX_WAITING_BYTES * 3 // 4
BATCH = 5_000
SHARES = 200
AGAIN_S = 1.0
GATHER_S = 0.03
"""What came within it is one write: a write costs as much as reading a hundred lines."""

Answer = Callable[[], None]
log = logging.getLogger(__name__)


class Inbox:
    """Lines in the order in which they came. What does not fit is counted; whoever can wait is asked to (`crowded`)."""

    def __init__(self, most: int = MAX_WAITING) -> None:
        self.received = self.stored = self.dropped = self.informs = 0
        self.news = asyncio.Event()
        self.roomy = asyncio.Event()
        self.roomy.set()
        self._most, self._tight = most, most * 3 // 4
        self._lines: deque[RawLine] = deque()
        self._bytes = 0
        self._taken = 0
        self._answers: deque[tuple[int, Answer]] = deque()
        self._pushing: Counter[str] = Counter()

    @property
    def crowded(self) -> bool:
        return len(self._lines) > self._most // 2 or self._bytes > MAX_WAITING_BYTES // 2

    def put(self, line: RawLine, answer: Answer | None = None) -> bool:
        """Whether there was room. answer: called when the line is on the disk, and never where it was dropped."""
        self.received += 1
        if (len(self._lines) >= self._tight or self._bytes > TIGHT_BYTES) and self._refuses(line):
            self.dropped += 1
            return False
        self._lines.append(line)
        self._bytes += len(line.raw)
        self._taken += 1
        if answer is not None:
            self._answers.append((self._taken, answer))
        if self.crowded:
            self.roomy.clear()
        self.news.set()
        return True

    def _refuses(self, line: RawLine) -> bool:
        """The last quarter is for those who say little: nobody puts more than a share of a batch there until the next one is taken."""
        self._pushing[line.source] += 1
        return (
            len(self._lines) >= self._most or self._bytes + len(line.raw) > MAX_WAITING_BYTES
            or self._pushing[line.source] > max(1, self._most // SHARES)
        )

    def take(self, most: int = BATCH) -> list[RawLine]:
        lines = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
        self._bytes -= sum(len(line.raw) for line in lines)
        self._pushing.clear()
        if not self.crowded:
            self.roomy.set()
        return lines

    def give_back(self, lines: list[RawLine]) -> None:
        self._lines.extendleft(reversed(lines))
        self._bytes += sum(len(line.raw) for line in lines)

    def kept(self, count: int) -> None:
        """So many more are on the disk, in order: what they asked for is answered now."""
        self.stored += count
        while self._answers and self._answers[0][0] <= self.stored:
            self._answers.popleft()[1]()


async def store_lines(inbox: Inbox, store: LogStore, heard: Callable[[list[RawLine]], None]) -> None:
    """Writes batches for ever, and hands on what is written; a store that refuses is tried again while the inbox fills, and then drops
    are counted."""
    while True:
        await inbox.news.wait()
        await asyncio.sleep(GATHER_S)
        inbox.news.clear()
        while lines := inbox.take():
            try:
                await asyncio.to_thread(store.append, lines)
            except StorageError as error:
                log.warning("%s", error)
                inbox.give_back(lines)
                await asyncio.sleep(AGAIN_S)
                continue
            inbox.kept(len(lines))
            heard(lines)


def drain(inbox: Inbox, store: LogStore) -> None:
    """Writes what still waits, at the end."""
    while lines := inbox.take():
        store.append(lines)
        inbox.kept(len(lines))
