"""The thread that makes events of what was stored. It lags where more comes than can be read, and what it then leaves out is counted."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from operator import attrgetter

from agents.hearing import Hearing
from core.events import Event, EventKind, Sender
from core.signals import RawLine
from monitors.events import Folder, Senders

MAX_WAITING = 200_000
"""Lines: some seconds of the worst storm. They are on the disk already."""
STEP = 500
PRESSED_WAITING = 20_000
"""The same while more is received than there is time for."""
WAITS, WAIT_S = 5, 0.01
MIN_SHARE = 500
"""Lines of one source that may always wait."""
Source = tuple[str, EventKind]
_source = attrgetter("source", "kind")

log = logging.getLogger(__name__)


class Reading:
    """prefix: makes ids of this run differ from all others.

    Where more waits than can be read soon, whoever said most of it is not read but counted as a storm: the others are read as ever.
    """

    def __init__(
        self, prefix: str, zone_s: int = 0, pressed: Callable[[], bool] = lambda: False, most: int = MAX_WAITING,
        senders: Iterable[Sender] = (),
    ) -> None:
        self.events = self.unread = 0
        self._hearing, self._folder, self._most = Hearing(zone_s), Folder(prefix), most
        self._pressed, self._senders = pressed, Senders(senders)
        self._waiting: deque[list[RawLine]] = deque()
        self._lines = 0
        self._of_source: Counter[Source] = Counter()
        self._told: deque[tuple[int, Counter[Source]]] = deque()
        self._passed: deque[tuple[int, Counter[Source]]] = deque()
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
        """Lines that are on the disk."""
        told = Counter(map(_source, lines))
        with self._news:
            self._told.append((lines[-1].at_ms, told))
            most = min(PRESSED_WAITING, self._most) if self._pressed() else self._most
            if self._lines + len(lines) > most // 2:
                lines, told = self._fair(lines, told, most)
            if lines:
                self._waiting.append(lines)
                self._lines += len(lines)
                self._of_source.update(told)
                self._news.notify()

    def _fair(self, lines: list[RawLine], told: "Counter[Source]", most: int) -> "tuple[list[RawLine], Counter[Source]]":
        """Those that are read, and how many of whom: nobody takes more than its share of the room. The others are counted."""
        room = most - self._lines
        share = max(MIN_SHARE, most // 2 // max(1, len(self._of_source | told)))
        taken: Counter[Source] = Counter()
        kept: list[RawLine] = []
        for line in lines:
            source = _source(line)
            if len(kept) < room and self._of_source[source] + taken[source] < share:
                taken[source] += 1
                kept.append(line)
        passed = told - taken
        if passed:
            self._passed.append((lines[-1].at_ms, passed))
            self.unread += passed.total()
        return kept, taken

    def take(self, now_ms: int) -> list[Event]:
        """What is new since the last time."""
        with self._folding:
            while self._passed:
                at_ms, passed = self._passed.popleft()
                for (source, kind), count in passed.items():
                    self._folder.storm(source, kind, at_ms, count)
            while self._told:
                at_ms, told = self._told.popleft()
                self._senders.heard(told, at_ms)
            events = self._folder.take(now_ms)
            self._senders.named(events)
            return events

    def senders(self) -> list[Sender]:
        """Everybody who spoke, up to the last `take`."""
        with self._folding:
            return self._senders.rows()

    def _run(self) -> None:
        while True:
            with self._news:
                while not self._waiting and not self._ended:
                    self._news.wait()
                if self._ended:
                    return
                lines = self._waiting.popleft()
            for start in range(0, len(lines), STEP):
                self._give_way()
                self._read(lines[start : start + STEP])
            with self._news:
                self._lines -= len(lines)
                self._of_source -= Counter(map(_source, lines))

    def _give_way(self) -> None:
        """What is not received in time is lost for good; what is not read yet can be read later."""
        for _ in range(WAITS):
            if not self._pressed():
                return
            time.sleep(WAIT_S)

    def _read(self, lines: list[RawLine]) -> None:
        with self._folding:
            try:
                self._hearing.fold(lines, self._folder)
            except Exception:
                log.exception("Some messages could not be read; they are kept.")
                self.unread += len(lines)
                return
        self.events += len(lines)
