"""Pushes stored samples to one receiver of remote write, in the order in which they were stored, from where it has everything. Blocking.

What comes late (a slow device, a site behind a thin line) is stored late, and so sent late: no sample is missed for its age. What a
receiver misses while it, or this hub, is away lies in the sample store; how far it came is kept beside. A receiver that wants each series
in order of time gets it so: of what is sealed meanwhile nothing is sent that is not newer than the last that was sent of its series, and
where a kill left open whether something was taken, the same requests are sent once more, with nothing else in them.

Prometheus refuses a whole request for one sample that it finds too old. So a request holds samples of one quarter of an hour, the oldest
first, and one that is refused for good is halved a few times: what is wrong with one series costs few others.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.hub.export import remote
from agents.hub.export.mark import Kept, Mark, Place
from agents.hub.export.naming import Names
from agents.hub.export.remote import Series
from core.errors import InvalidInputError, UnavailableError
from core.i18n import tr
from core.sections import Export as Settings
from core.views import DeviceRow
from stores.samples import ParquetSamples
from stores.samples.arrivals import Arrival, Taken
from stores.samples.columns import I64, Rows

if TYPE_CHECKING:
    import httpx

TOGETHER = 200_000
"""Samples that are in memory at once, or one sweep."""
SEND_S = 20.0
PATIENCE_S = 300.0
"""A receiver may ask for so long a pause, and no longer."""
SLICE_MS = 900_000
SPLITS = 64
"""Further requests at most, for what is refused of a chunk."""
FOR_GOOD = frozenset({400, 413, 422})
"""What is answered to a body that will never be taken. All else (a token that ran out, too many requests, a fault) may pass."""


class Chunk(NamedTuple):
    """What is being sent. end: behind it. again: a kill left open whether it was taken, so that a receiver may refuse it as known."""

    rows: Rows
    end: Arrival
    again: bool


class Pushing:
    """Belongs to one thread at a time; only `stop` may be called from another."""

    def __init__(self, how: Settings, folder: Path, store: ParquetSamples) -> None:
        self._how, self._store = how, store
        self._mark = Mark(folder, how.remote_write_url)
        self._names = Names(store, ports=how.remote_write_ports)
        self._place: Place | None = None
        self._sent: I64 = np.zeros(0, np.int64)
        self._chunk: Chunk | None = None
        self._requests = 0
        """How many of the chunk are taken."""
        self._splits = 0
        self._stopped = threading.Event()
        self._http: httpx.Client | None = None
        self.wait_s = 0.0
        """How long the receiver wants to be left alone."""
        self.sent, self.refused = 0, 0
        """Samples."""

    @property
    def skipped_ms(self) -> int:
        """How long a time was never sent because it was too old."""
        return self._place.skipped_ms if self._place else 0

    def stop(self) -> None:
        """The request that is under way is the last."""
        self._stopped.set()

    def behind_ms(self, now_ms: int) -> int:
        return max(0, now_ms - self._place.at_ms) if self._place else 0

    def step(self, rows: Sequence[DeviceRow], now_ms: int) -> bool:
        """What follows, `TOGETHER` samples of it; False: there is none yet. Raises `UnavailableError` when the receiver is away: it waits;
        `InvalidInputError` when it refuses some for good: that is left out; `StorageError`; `SettingsError` where there is no token.
        """
        place = self._place or self._opened(now_ms)
        if self._chunk is None:
            self._names.use(rows)
            self._chunk = self._next(place, now_ms)
        if self._chunk is None:
            self._place = (self._place or place)._replace(at_ms=now_ms)
            return False
        self._splits = 0 if self._chunk.again else SPLITS
        client, refused = self._client(), 0
        for request in islice(self._slices(self._chunk.rows), self._requests, None):
            refused = self._post(client, request) or refused
            self._requests += 1
        again = self._chunk.again
        self._done(self._place or place, self._chunk, now_ms)
        self._tell(0 if again else refused)
        return True

    def _slices(self, rows: Rows) -> Iterator[remote.Request]:
        slices = rows.at // SLICE_MS
        for one in np.unique(slices).tolist():
            yield from remote.requests(self._names.series(rows.take(slices == one)))

    def now(self, series: Iterable[Series]) -> None:
        """What is of this moment only, and nowhere stored. Raises as `step`; nothing of it waits."""
        self._splits = SPLITS
        client = self._client()
        self._tell(max((self._post(client, request) for request in remote.requests(series)), default=0))

    def _opened(self, now_ms: int) -> Place:
        """Where it went on; a new receiver gets what comes from now on."""
        kept = self._mark.read()
        self._arrivals = self._store.arrivals(kept.place.at if kept else None)
        if kept is None:
            kept = Kept(Place(self._arrivals.at, self._arrivals.at, now_ms), self._sent)
            self._mark.write(kept)
        self._place, self._sent = kept
        return kept.place

    def _next(self, place: Place, now_ms: int) -> Chunk | None:
        """Before anything of it is sent its end is on disk: after a kill the same requests follow again."""
        oldest = now_ms - self._how.remote_write_hours * 3_600_000
        if place.at_ms < oldest:
            place = place._replace(at_ms=oldest, skipped_ms=place.skipped_ms + oldest - place.at_ms)
        before, again = self._arrivals.at, place.until > place.at
        taken = self._arrivals.take(TOGETHER, oldest, place.until if again else None)
        self._place = place
        if taken is None:
            return None
        if self._arrivals.at.seq < before.seq - 1:
            self._sent = np.zeros(0, np.int64)  # another store: its numbers stand for other series
        chunk = self._chunk = Chunk(self._new(taken, oldest), self._arrivals.at, again)
        self._place = place._replace(until=chunk.end)
        self._mark.write(Kept(self._place, self._sent))
        return chunk

    def _new(self, taken: Taken, oldest: int) -> Rows:
        rows = taken.rows
        missing = int(rows.series.max()) + 1 - len(self._sent)
        if missing > 0:
            self._sent = np.concatenate([self._sent, np.zeros(missing, np.int64)])
        wanted = rows.at >= oldest
        if taken.sealed:
            wanted &= rows.at > self._sent[rows.series]
        return rows.take(wanted)

    def _done(self, place: Place, chunk: Chunk, now_ms: int) -> None:
        """Taken wholly, or refused for good."""
        np.maximum.at(self._sent, chunk.rows.series, chunk.rows.at)
        newest = int(chunk.rows.at.max()) if len(chunk.rows.at) else 0
        self._place = place._replace(at=chunk.end, until=chunk.end, at_ms=min(max(place.at_ms, newest), now_ms))
        self._chunk, self._requests = None, 0
        self._mark.write(Kept(self._place, self._sent))

    def _post(self, client: "httpx.Client", request: remote.Request) -> int:
        """The status with which any of it was refused for good; 0: it was taken."""
        import httpx

        if self._stopped.is_set():
            raise UnavailableError(tr("The hub ends."))
        try:
            answer = client.post(self._how.remote_write_url, content=request.body, timeout=SEND_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                tr("The receiver of remote write cannot be reached: {reason}", reason=type(error).__name__),
                way_out=tr("Check export.remote_write_url."),
            ) from None
        if answer.status_code in FOR_GOOD:
            halves = request.halves() if self._splits >= 2 else ()
            self._splits -= len(halves)
            if halves:
                return max(self._post(client, half) for half in halves)
            self.refused += request.samples
            return answer.status_code
        if not 200 <= answer.status_code < 300:
            self.wait_s = _asked(answer.headers.get("retry-after", ""))
            raise UnavailableError(tr("The receiver of remote write answers {status}.", status=answer.status_code))
        self.sent += request.samples
        self.wait_s = 0.0
        return 0

    @staticmethod
    def _tell(refused: int) -> None:
        if refused:
            raise InvalidInputError(
                tr("The receiver of remote write answers {status}.", status=refused), way_out=tr("Check export.remote_write_url."),
            )

    def _client(self) -> "httpx.Client":
        """One for all requests; the token is read anew each time, because it may have been changed."""
        import httpx

        from agents.senses.secrets import read_locator

        if self._http is None:
            self._http = httpx.Client(follow_redirects=False, headers=remote.HEADERS)
        at = self._how.remote_write_token
        if at:
            self._http.headers["authorization"] = f"Bearer {read_locator(at).strip()}"
        return self._http


def _asked(text: str) -> float:
    """Retry-After in seconds (RFC 9110, 10.2.3); a date, or nonsense, asks for nothing."""
    return min(float(text), PATIENCE_S) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
