"""The part of the hub that pushes figures of all devices to a receiver of Prometheus remote write."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.export import figures, remote
from agents.hub.filtering import Filter
from agents.hub.node.metrics import Metric
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from core.errors import UnavailableError, YunwangError
from core.i18n import tr

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_DEVICES = 100_000
SEND_S = 20.0
log = logging.getLogger(__name__)


class Export:
    """A part of the hub. What a receiver that is away misses is not kept: the samples are stored here all the same."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.error = ""
        self.sent = 0

    async def start(self) -> None:
        if self._hub.settings.export.remote_write_url:
            self._hub.spawn(self._push())

    async def close(self) -> None:
        """Its task ends with the hub."""

    def devices(self, sight: Sight = EVERYTHING) -> list[Metric]:
        """The figures of all devices within this sight."""
        rows, _ = self._hub.table.devices(Filter(limit=MOST_DEVICES), sight)
        return figures.of_devices(rows, now_ms())

    async def _push(self) -> None:
        """At each interval; a receiver that is away is told of once in the log."""
        how = self._hub.settings.export
        while True:
            await asyncio.sleep(how.remote_write_s)
            try:
                self.sent += await in_thread(_send, how.remote_write_url, how.remote_write_token, self.devices(), now_ms())
                self.error = ""
            except YunwangError as error:
                if not self.error:
                    log.warning("Remote write: %s", error)
                self.error = str(error)


def _send(url: str, token_at: str, metrics: list[Metric], at_ms: int) -> int:
    """Blocking. How many series were taken. Raises `UnavailableError`, `SettingsError`."""
    import httpx

    from agents.senses.secrets import read_locator

    headers = dict(remote.HEADERS)
    if token_at:
        headers["authorization"] = f"Bearer {read_locator(token_at).strip()}"
    try:
        with httpx.Client(timeout=SEND_S, follow_redirects=False) as client:
            for body in remote.requests(metrics, at_ms):
                answer = client.post(url, content=body, headers=headers)
                if not answer.is_success:
                    raise UnavailableError(tr("The receiver of remote write answers {status}.", status=answer.status_code))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UnavailableError(
            tr("The receiver of remote write cannot be reached: {reason}", reason=type(error).__name__),
            way_out=tr("Check export.remote_write_url."),
        ) from None
    return sum(len(metric.samples) for metric in metrics)
