"""The thread that makes events of what was stored. It lags where more comes than can be read, and what it then leaves out is counted."""

import logging
import threading
from collections import deque

from agents.hearing import Hearing
from core.events import Event
from core.signals import RawLine
from monitors.events import Folder

MAX_WAITING = 200_000
"""Lines: some seconds of the worst storm. They are on the disk already."""
STEP = 500

log = logging.getLogger(__name__)


class Reading:
    """prefix: makes ids of this run differ from all others."""

    def __init__(self, prefix: str, zone_s: int = 0, most: int = MAX_WAITING) -> None:
        self.events = self.unread = 0
        self._hearing, self._folder, self._most = Hearing(zone_s), Folder(prefix), most
        self._waiting: deque[list[RawLine]] = deque()
        self._lines = 0
        self._news = threading.Condition()
        self._folding = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="events", daemon=True)

    def start(self) -> "Reading":
        self._thread.start()
        return self

    def stop(self) -> None:
        with self._news:
            self._ended = True
            self._news.notify()
        self._thread.join(5.0)

    @property
    def waiting(self) -> int:
        return self._lines

    def offer(self, lines: list[RawLine]) -> None:
        with self._news:
            if self._lines + len(lines) > self._most:
                self.unread += len(lines)
                return
            self._waiting.append(lines)
            self._lines += len(lines)
            self._news.notify()

    def take(self, now_ms: int) -> list[Event]:
        """What is new since the last time."""
        with self._folding:
            return self._folder.take(now_ms)

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._waiting and not self._ended:
                    self._news.wait()
                if self._ended:
                    return
                lines = self._waiting.popleft()
            for start in range(0, len(lines), STEP):
                self._read(lines[start : start + STEP])
            with self._news:
                self._lines -= len(lines)

    def _read(self, lines: list[RawLine]) -> None:
        with self._folding:
            try:
                self._hearing.fold(lines, self._folder)
            except Exception:
                log.exception("Some messages could not be read; they are kept.")
                self.unread += len(lines)
                return
        self.events += len(lines)
