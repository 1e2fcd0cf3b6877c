"""The secure road: v3 polls on an asyncio loop of their own thread; results are handed to the engine's thread, which stores them."""

import asyncio
import os
import resource
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.errors import UnavailableError
from core.i18n import tr
from core.polling import Kind, PollStatus
from links.snmp.engine_ids import EngineIds
from links.snmp.fleet import Fleet
from links.snmp.peer import Outcome, Peer, settle
from links.snmp.session3 import new_session
from links.snmp.tally import Tally

Ints = npt.NDArray[np.int64]
_AT_ONCE = 256
_SPARE_FILES = 256
_SAVE_S = 60.0
_NO_LIMIT = 1 << 20
_TOGETHER_S = 0.005
"""Results wait this long for others: waking the engine's thread for each one cost as much as the result itself."""
_Job = tuple[int, Peer, int, bool]
"""Number, peer, polls without an answer before this one, whether it is asked only that."""


class SecureRoad:
    """Peers by device id; a device whose target and plan stay keeps its session."""

    def __init__(self, tally: Tally, wake: Callable[[], None], engine_ids: Path | None, wall: Callable[[], float]) -> None:
        self._tally, self._wake, self._wall = tally, wake, wall
        self._ids = EngineIds(engine_ids)
        self._peers: dict[str, Peer] = {}
        self._fleet: Fleet | None = None
        self._ended: deque[tuple[Fleet, int, Outcome]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._saved = 0.0
        self._telling = False

    def assign(self, fleet: Fleet) -> None:
        """Raises `UnavailableError` when this process may not open so many sockets, `InvalidInputError` for a bad credential."""
        mine = [fleet.work[n] for n in np.nonzero(fleet.secure)[0].tolist()]
        allow_files(len(mine))
        old = {} if self._fleet is None else {t.device_id: (t, p) for t, p in self._fleet.work if t.version == "3"}
        kept = {t.device_id: self._peers[t.device_id] for t, p in mine if old.get(t.device_id) == (t, p)}
        for target, plan in mine:
            if target.device_id not in kept:
                new_session(target)
                kept[target.device_id] = Peer(target, plan, self._ids, self._tally)
        self._peers, self._fleet = kept, fleet

    def poll(self, numbers: list[int], now: float) -> None:  # noqa: ARG002 - the schedule's time; the loop has its own
        """Starts polls of these devices."""
        if numbers and self._fleet is not None:
            misses, light = self._fleet.schedule.misses, self._fleet.light
            jobs = [(n, self._peers[self._fleet.targets[n].device_id], int(misses[n]), bool(light[n])) for n in numbers]
            self._running().call_soon_threadsafe(self._start, self._fleet, jobs)

    @property
    def has_results(self) -> bool:
        return bool(self._ended)

    def results(self, fleet: Fleet) -> Ints:
        """Stores what has come; returns the devices whose polls ended."""
        out = []
        while self._ended:
            theirs, number, outcome = self._ended.popleft()
            if theirs is fleet:
                self._store(fleet, number, outcome)
                out.append(number)
        if out and time.monotonic() - self._saved > _SAVE_S:
            self._saved = time.monotonic()
            self._ids.save()
        return np.array(out, np.int64)

    def _store(self, fleet: Fleet, number: int, outcome: Outcome) -> None:
        readings = fleet.readings
        readings.status[number] = outcome.status
        fleet.answered[number] = bool(outcome.values)
        if not outcome.values:
            readings.rtt[number] = np.nan
            return
        light = outcome.status == PollStatus.ALIVE
        span = slice(fleet.base(number), fleet.base(number) + 1) if light else readings.span(number)
        peer = self._peers[fleet.targets[number].device_id]
        raw, kinds, numbers = settle(outcome.values, peer.kinds[:1] if light else peer.kinds, peer.texts)
        readings.raw[span] = np.array(raw, np.uint64)
        readings.kind[span] = np.frombuffer(kinds, np.uint8)
        readings.clock[number], readings.rtt[number] = outcome.first, outcome.rtt
        readings.at[number] = self._wall() - (time.monotonic() - outcome.first)
        if kinds[0] == Kind.TIMETICKS:
            readings.uptime[number] = raw[0]
        if light:
            return
        lacking = len(raw) - numbers
        if lacking and outcome.status == PollStatus.COMPLETE:
            moved = lacking > fleet.lacking[number] and fleet.by_name[number]
            readings.status[number] = PollStatus.REINDEXED if moved else PollStatus.PARTIAL
        fleet.lacking[number] = lacking
        fleet.by_name[number] = True

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name="snmp-v3", daemon=True)
            self._thread.start()
        return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        loop.run_forever()

    def _start(self, fleet: Fleet, jobs: list[_Job]) -> None:
        queue = deque(jobs)
        for _ in range(min(_AT_ONCE, len(jobs))):
            task = asyncio.get_event_loop().create_task(self._work(fleet, queue))
            _TASKS.add(task)
            task.add_done_callback(_TASKS.discard)

    async def _work(self, fleet: Fleet, queue: deque[_Job]) -> None:
        while queue:
            number, peer, misses, light = queue.popleft()
            try:
                outcome = await peer.poll(misses, time.monotonic, light=light)
            except Exception:  # noqa: BLE001 - whatever one device does, the others are polled
                outcome = Outcome(PollStatus.NO_ANSWER, [])
                self._tally.malformed += 1
            self._ended.append((fleet, number, outcome))
            if not self._telling:
                self._telling = True
                asyncio.get_running_loop().call_later(_TOGETHER_S, self._tell)

    def _tell(self) -> None:
        self._telling = False
        self._wake()

    def close(self) -> None:
        """Stops the thread; what was learnt is kept."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(_stop, self._loop)
            self._thread.join(5.0)
            if not self._thread.is_alive():
                self._loop.close()
            self._loop = None
        self._ids.save()


_TASKS: set[asyncio.Task[None]] = set()


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    gathered = asyncio.gather(*tasks, return_exceptions=True)
    gathered.add_done_callback(lambda _: loop.stop())


def most_peers() -> int:
    """How many v3 devices this process can poll at most: each needs a socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if os.geteuid() == 0 or resource.RLIM_INFINITY in (soft, hard):
        return _NO_LIMIT
    return max(soft, hard) - _SPARE_FILES


def allow_files(sockets: int) -> None:
    """Raises this process's limit of open files so that each v3 device can have its socket, or says why that cannot be."""
    need = sockets + _SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= need:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (need, hard if hard == resource.RLIM_INFINITY else max(hard, need)))
    except (OSError, ValueError):
        raise UnavailableError(
            tr("Polling {count} v3 devices takes {need} open files; this process may have {hard}.", count=sockets, need=need, hard=hard),
            way_out=tr("Raise the limit: `ulimit -n`, or LimitNOFILE= of the service."),
        ) from None
