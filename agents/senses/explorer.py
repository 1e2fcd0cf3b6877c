"""The discovery of all devices: the first part of each as soon as possible, the rest when there is time; failures are tried again later."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Protocol

from agents.senses.discovery import Discovery, budget_of
from agents.senses.entry import Entry
from agents.senses.line import Line
from agents.senses.steady import ended, kept
from core.errors import ForbiddenError, NoAnswerError, YunwangError
from core.polling import Session, Target
from core.sections import Polling
from monitors.discovery import Discovered
from monitors.judge import Observation
from monitors.profiles import Catalogue

FIRST_WORKERS, REST_WORKERS = 48, 12
SHORTEST_PAUSE_S, LAST_PAUSE_S = 0.25, 3600.0
"""After a discovery that failed though the device lives: its own time-out at first, twice as long each time, at most this."""
SILENT_TRIES = 3
MEASURED_AGAIN_S = 600.0
"""A slow device is discovered anew so soon, to see whether it still is; twice as late each time."""
log = logging.getLogger(__name__)


class Home(Protocol):
    """Whose devices are discovered."""

    def entry_of(self, device_id: str) -> Entry | None: ...

    def take(self, entry: Entry, found: Discovered) -> None:
        """What was found; `found.complete` tells whether it is all."""

    def saw(self, device_id: str, observation: Observation) -> None: ...


class Explorer:
    """Lives in the loop. A device is discovered anew `rediscover_s` after it was discovered whole."""

    def __init__(self, home: Home, catalogue: Catalogue, opener: Callable[[Target], Session], settings: Polling) -> None:
        self._home, self._catalogue, self._opener, self._settings = home, catalogue, opener, settings
        self._first, self._rest = Line(), Line()
        self._queued: set[str] = set()
        self._beginning = 0
        self._begun: dict[str, tuple[Target, Discovery]] = {}
        self._failures: dict[str, int] = {}
        self._slow: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        work = [kept(self._clockwork)]
        work += [self._worker(self._first, self._begin) for _ in range(FIRST_WORKERS)]
        work += [self._worker(self._rest, self._finish) for _ in range(REST_WORKERS)]
        self._tasks = [asyncio.create_task(w) for w in work]

    async def close(self) -> None:
        await ended(self._tasks)

    @property
    def busy(self) -> bool:
        """Devices are being discovered, or wait for it."""
        return bool(self._queued)

    @property
    def first_ones(self) -> bool:
        """Devices wait for their first plan."""
        return bool(len(self._first) or self._beginning)

    def discover(self, device_id: str) -> None:
        """Soon, unless it is under way."""
        entry = self._home.entry_of(device_id)
        if entry is not None and device_id not in self._queued:
            self._queued.add(device_id)
            (self._rest if entry.known else self._first).put(device_id)

    def heard(self, device_id: str) -> None:
        """A device answers of which too little is known: discovers it, unless that failed lately."""
        if device_id not in self._failures or device_id not in self._due:
            self.discover(device_id)

    def prefer(self, device_ids: Iterable[str]) -> None:
        """Devices that somebody looks at come first."""
        for line in (self._first, self._rest):
            line.prefer(device_ids)

    def forget(self, device_ids: Iterable[str]) -> None:
        for device_id in device_ids:
            for memory in (self._begun, self._failures, self._slow, self._due):
                memory.pop(device_id, None)

    async def _worker(self, line: Line, what: Callable[[Entry], Awaitable[None]]) -> None:
        while True:
            device_id = await line.get()
            entry = self._home.entry_of(device_id)
            if entry is None:
                self._queued.discard(device_id)
                continue
            try:
                await what(entry)
            except NoAnswerError:
                self._failed(entry, Observation("none", address=entry.target.address))
            except ForbiddenError:
                self._failed(entry, Observation("refused", address=entry.target.address))
            except (YunwangError, OSError) as error:
                log.warning("%s: %s", entry.device.name, error)
                self._failed(entry, None)
            except Exception:
                log.exception("Discovering %s failed.", entry.device.name)
                self._failed(entry, None)

    def _failed(self, entry: Entry, seen: Observation | None) -> None:
        """The device answered a poll, so it is asked again soon, and then less and less often; one that stays silent, when the engine
        hears it."""
        device_id = entry.device.id
        self._queued.discard(device_id)
        self._begun.pop(device_id, None)
        count = self._failures[device_id] = self._failures.get(device_id, 0) + 1
        if seen is not None and (count == 1 or seen.answer == "refused"):
            self._home.saw(device_id, seen)
        if seen is None or seen.answer != "none" or count <= SILENT_TRIES:
            self._due[device_id] = time.monotonic() + pause_after(count, entry.target.timeout_s)

    async def _begin(self, entry: Entry) -> None:
        self._beginning += 1
        try:
            async with _session(self._opener, entry.target) as session:
                discovery = self._discovery(session, entry)
                found = await discovery.begin(_now_ms())
        finally:
            self._beginning -= 1
        self._home.take(entry, found)
        self._home.saw(entry.device.id, Observation("yes", discovery.uptime_s, address=entry.target.address))
        discovery.put_aside()
        self._begun[entry.device.id] = (entry.target, discovery)
        self._rest.put(entry.device.id)

    def _discovery(self, session: Session, entry: Entry) -> Discovery:
        budget = budget_of(self._settings, entry.target.interval_s)
        return Discovery(session, self._catalogue, entry.device.id, budget=budget)

    async def _finish(self, entry: Entry) -> None:
        device_id = entry.device.id
        while len(self._first) and not self._rest.is_preferred(device_id):  # noqa: ASYNC110 - many wait, and none of them urgently
            await asyncio.sleep(0.2)
        target, begun = self._begun.pop(device_id, (None, None))
        async with _session(self._opener, entry.target) as session:
            same = begun is not None and target == entry.target
            discovery = begun.resume(session) if same and begun else self._discovery(session, entry)
            found = await discovery.finish(_now_ms())
        self._queued.discard(device_id)
        self._failures.pop(device_id, None)
        self._due[device_id] = time.monotonic() + self._until_next(device_id, found)
        self._home.take(entry, found)

    def _until_next(self, device_id: str, found: Discovered) -> float:
        """Seconds until it is discovered anew."""
        if not found.slow:
            self._slow.pop(device_id, None)
            return self._settings.rediscover_s
        count = self._slow[device_id] = self._slow.get(device_id, 0) + 1
        return min(MEASURED_AGAIN_S * (1 << min(count - 1, 16)), self._settings.rediscover_s)

    async def _clockwork(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            for device_id in [d for d, at in self._due.items() if at <= now]:
                del self._due[device_id]
                self.discover(device_id)


@contextlib.asynccontextmanager
async def _session(opener: Callable[[Target], Session], target: Target) -> AsyncIterator[Session]:
    session = opener(target)
    try:
        yield session
    finally:
        await session.close()


def pause_after(failures: int, timeout_s: float) -> float:
    """Seconds until a device is asked again whose discovery failed so many times in a row."""
    doubled: int = 1 << min(failures - 1, 24)
    return min(max(timeout_s, SHORTEST_PAUSE_S) * doubled, LAST_PAUSE_S)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
