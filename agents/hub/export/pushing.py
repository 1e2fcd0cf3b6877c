"""Pushes stored samples to one receiver of remote write, window by window, from where it has everything. Blocking.

What a receiver misses while it, or this hub, is away lies in the sample store; only how far it came is kept beside. A window is sent again
when it was not taken wholly: the same samples with the same times, which a receiver knows already.
"""

import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agents.hub.export import remote, stored
from agents.hub.export.mark import Mark
from agents.hub.export.remote import Series
from core.errors import InvalidInputError, UnavailableError
from core.i18n import tr
from core.ports import SampleStore
from core.sections import Export as Settings
from core.views import DeviceRow

if TYPE_CHECKING:
    import httpx

SETTLE_MS = 15_000
"""Samples younger than this may still be on their way into the store."""
WINDOW_MS = 300_000
TOGETHER = 50
"""Devices whose samples are in memory at once."""
SEND_S = 20.0
PATIENCE_S = 300.0
"""A receiver may ask for so long a pause, and no longer."""
FOR_GOOD = frozenset({400, 413, 422})
"""What is answered to a body that will never be taken. All else (a token that ran out, too many requests, a fault) may pass."""


class Window(NamedTuple):
    """[start, end) of these devices; what they were called when it was begun stays."""

    start_ms: int
    end_ms: int
    rows: Sequence[DeviceRow]


class Pushing:
    """Belongs to one thread at a time; only `stop` may be called from another."""

    def __init__(self, how: Settings, folder: Path, store: SampleStore) -> None:
        self._how, self._store = how, store
        self._mark = Mark(folder, how.remote_write_url)
        self._at_ms = -1
        self._window: Window | None = None
        self._batches = 0
        """How many of the window are taken."""
        self._stopped = threading.Event()
        self.wait_s = 0.0
        """How long the receiver wants to be left alone."""
        self.sent, self.refused, self.skipped_ms = 0, 0, 0
        """Samples; samples; how long a time was never sent because it was too old."""

    def stop(self) -> None:
        """The request that is under way is the last."""
        self._stopped.set()

    def behind_ms(self, now_ms: int) -> int:
        return now_ms - self._at_ms if self._at_ms >= 0 else 0

    def step(self, rows: Sequence[DeviceRow], now_ms: int) -> bool:
        """One window; False: there is none yet. Raises `UnavailableError` when the receiver is away: the window waits;
        `InvalidInputError` when it refuses some for good: that is left out; `StorageError`; `SettingsError` where there is no token.
        """
        window = self._window or self._next(rows, now_ms)
        if window is None:
            return False
        self._window = window
        refused = 0
        with self._client() as client:
            for number in range(self._batches, -(-len(window.rows) // TOGETHER)):
                some = window.rows[number * TOGETHER : (number + 1) * TOGETHER]
                wish = stored.Wish(ports=self._how.remote_write_ports)
                refused = self._post(client, stored.series(self._store, some, window.start_ms, window.end_ms, wish)) or refused
                self._batches = number + 1
        self._mark.write(window.end_ms, self.skipped_ms)
        self._at_ms, self._window, self._batches = window.end_ms, None, 0
        self._tell(refused)
        return True

    def now(self, series: Iterable[Series]) -> None:
        """What is of this moment only, and nowhere stored. Raises as `step`; nothing of it waits."""
        with self._client() as client:
            self._tell(self._post(client, series))

    def _next(self, rows: Sequence[DeviceRow], now_ms: int) -> Window | None:
        until = now_ms - SETTLE_MS
        if self._at_ms < 0:
            kept = self._mark.read()
            self._at_ms, self.skipped_ms = (kept.at_ms, kept.skipped_ms) if kept else (until - self._how.remote_write_s * 1000, 0)
            if kept is None:
                self._mark.write(self._at_ms, 0)
        oldest = until - self._how.remote_write_hours * 3_600_000
        if self._at_ms < oldest:
            self.skipped_ms += oldest - self._at_ms
            self._at_ms = oldest
        self._at_ms = min(self._at_ms, until)  # a clock that was set back
        end = min(until, self._at_ms + WINDOW_MS)
        return Window(self._at_ms, end, tuple(rows)) if end > self._at_ms else None

    def _post(self, client: "httpx.Client", series: Iterable[Series]) -> int:
        """The status of the last that was refused; 0: none was."""
        import httpx

        refused = 0
        try:
            for request in remote.requests(series):
                if self._stopped.is_set():
                    raise UnavailableError(tr("The hub ends."))
                answer = client.post(self._how.remote_write_url, content=request.body)
                if answer.status_code in FOR_GOOD:
                    self.refused += request.samples
                    refused = answer.status_code
                elif not 200 <= answer.status_code < 300:
                    self.wait_s = _asked(answer.headers.get("retry-after", ""))
                    raise UnavailableError(tr("The receiver of remote write answers {status}.", status=answer.status_code))
                else:
                    self.sent += request.samples
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                tr("The receiver of remote write cannot be reached: {reason}", reason=type(error).__name__),
                way_out=tr("Check export.remote_write_url."),
            ) from None
        self.wait_s = 0.0
        return refused

    @staticmethod
    def _tell(refused: int) -> None:
        if refused:
            raise InvalidInputError(
                tr("The receiver of remote write answers {status}.", status=refused), way_out=tr("Check export.remote_write_url."),
            )

    def _client(self) -> "httpx.Client":
        import httpx

        from agents.senses.secrets import read_locator

        at = self._how.remote_write_token
        token = {"authorization": f"Bearer {read_locator(at).strip()}"} if at else {}
        return httpx.Client(timeout=SEND_S, follow_redirects=False, headers={**remote.HEADERS, **token})


def _asked(text: str) -> float:
    """Retry-After in seconds (RFC 9110, 10.2.3); a date, or nonsense, asks for nothing."""
    return min(float(text), PATIENCE_S) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
