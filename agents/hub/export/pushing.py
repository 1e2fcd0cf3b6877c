"""Pushes to one receiver of remote write, in the order of time; what it missed is kept for a while and comes first. Blocking."""

import zlib
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from agents.hub.export import remote
from agents.hub.node.metrics import Metric
from core.errors import InvalidInputError, UnavailableError
from core.i18n import tr

KEPT_MS = 3_600_000
MOST_OCTETS = 64 * 1024 * 1024
SEND_S = 20.0
_TOO_MANY = 429


class Body(NamedTuple):
    """One request that waits. packed: the body, deflated."""

    at_ms: int
    packed: bytes
    series: int


class Pushing:
    """Belongs to one thread at a time."""

    def __init__(self, url: str, token_at: str) -> None:
        self._url, self._token_at = url, token_at
        self._waiting: deque[Body] = deque()
        self._octets = 0
        self.dropped = 0
        """Series that no receiver will ever get: kept too long, too many, or refused."""

    @property
    def waiting(self) -> int:
        """Series."""
        return sum(body.series for body in self._waiting)

    def keep(self, metrics: Sequence[Metric], at_ms: int) -> None:
        """Puts figures behind those that wait."""
        left = sum(len(metric.samples) for metric in metrics)
        for body in remote.requests(metrics, at_ms, remote.MOST):
            series = min(left, remote.MOST)
            left -= series
            packed = zlib.compress(body, 1)
            self._waiting.append(Body(at_ms, packed, series))
            self._octets += len(packed)
        while self._waiting and (self._octets > MOST_OCTETS or self._waiting[0].at_ms < at_ms - KEPT_MS):
            self.dropped += self._taken().series

    def send(self) -> int:
        """How many series were taken. Raises `UnavailableError` when the receiver is away: the rest waits; `InvalidInputError` when it
        refuses some for good: they are dropped, the rest was sent; `SettingsError` where there is no token.
        """
        import httpx

        sent, refused = 0, 0
        try:
            with httpx.Client(timeout=SEND_S, follow_redirects=False, headers=self._headers()) as client:
                while self._waiting:
                    status = client.post(self._url, content=zlib.decompress(self._waiting[0].packed)).status_code
                    if status == _TOO_MANY or not 200 <= status < 500:
                        raise UnavailableError(tr("The receiver of remote write answers {status}.", status=status))
                    series = self._taken().series
                    if status >= 300:
                        self.dropped += series
                        refused = status
                    else:
                        sent += series
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnavailableError(
                tr("The receiver of remote write cannot be reached: {reason}", reason=type(error).__name__),
                way_out=tr("Check export.remote_write_url."),
            ) from None
        if refused:
            raise InvalidInputError(
                tr("The receiver of remote write answers {status}.", status=refused), way_out=tr("Check export.remote_write_url."),
            )
        return sent

    def push(self, metrics: Sequence[Metric], at_ms: int) -> int:
        """Keeps, then sends."""
        self.keep(metrics, at_ms)
        return self.send()

    def _taken(self) -> Body:
        body = self._waiting.popleft()
        self._octets -= len(body.packed)
        return body

    def _headers(self) -> dict[str, str]:
        from agents.senses.secrets import read_locator

        token = {"authorization": f"Bearer {read_locator(self._token_at).strip()}"} if self._token_at else {}
        return {**remote.HEADERS, **token}
