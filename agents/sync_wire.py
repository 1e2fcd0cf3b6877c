"""The way of a job's process to the hub: what it may ask with, and what it read, piece by piece over the bus.

The job is plain code that waits for sockets; the bus lives in a thread beside it, so that a page is on its way while the next is read.
"""

import asyncio
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import msgspec

from core.errors import NoAnswerError
from core.nouns import Noun
from core.paths import run_dir
from core.settings import Settings
from core.sources import IntakeReport, Piece, Pieces, SourceGiven, SourceWanted, Told
from links.bus import SocketBus

ASK_S = 60.0
TAKE_S = 3600.0
"""The hub compares and writes everything in one go."""
MOST_RECORDS = 5000
"""Of one piece: a few MB, far below what a frame may hold."""


class HubWire:
    """A connection of one job to the hub, as a context manager."""

    def __init__(self, settings: Settings, job: str) -> None:
        self._path, self._job = run_dir(settings) / "bus.sock", job
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._under_way: Any = None
        self._number = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._bus = self._run(SocketBus(self._path, f"job {self._job[:13]}").start())
        self._run(self._bus.wait_connected(ASK_S))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._run(self._bus.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def given(self) -> SourceGiven:
        """What this job asks with. A hub that was just restarted gets the time to come back."""
        body = msgspec.msgpack.encode(SourceWanted(job=self._job))
        for last in (False, False, True):
            try:
                return msgspec.msgpack.decode(self._run(self._bus.request("hub.source", body, ASK_S / 3)), type=SourceGiven)
            except NoAnswerError as error:
                if last or error.way_out:
                    raise
        raise NoAnswerError

    def send(self, kind: str, records: Sequence[Noun]) -> None:
        """Records of one kind. Returns when the piece before is acknowledged: two are in memory at most."""
        for start in range(0, len(records), MOST_RECORDS):
            self._number += 1
            body = msgspec.msgpack.encode(list(records[start : start + MOST_RECORDS]))
            piece = msgspec.msgpack.encode(Piece(job=self._job, number=self._number, kind=kind, records=body))
            self._settle()
            self._under_way = asyncio.run_coroutine_threadsafe(self._bus.request("hub.piece", piece, ASK_S), self._loop)

    def finish(self, told: Told) -> IntakeReport:
        """All was read: what became of it."""
        self._settle()
        body = msgspec.msgpack.encode(Pieces(job=self._job, count=self._number, told=told))
        return msgspec.msgpack.decode(self._run(self._bus.request("hub.pieces", body, TAKE_S)), type=IntakeReport)

    def _settle(self) -> None:
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
