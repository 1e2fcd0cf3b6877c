"""The part of the hub that pushes figures of all devices to a receiver of Prometheus remote write."""

import asyncio
import logging
from typing import TYPE_CHECKING

from agents.hub.export import figures
from agents.hub.export.pushing import Pushing
from agents.hub.filtering import Filter
from agents.hub.node.metrics import Metric
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from core.errors import YunwangError

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_DEVICES = 100_000
log = logging.getLogger(__name__)


class Export:
    """A part of the hub. What a receiver that is away misses is kept for an hour; the samples are stored here all the same."""

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
        """At each interval; a receiver that is away is told of once in the log, and gets what it missed when it is back."""
        how = self._hub.settings.export
        pushing = Pushing(how.remote_write_url, how.remote_write_token)
        while True:
            await asyncio.sleep(how.remote_write_s)
            try:
                self.sent += await in_thread(pushing.push, self.devices(), now_ms())
                self.error = ""
            except YunwangError as error:
                if not self.error:
                    log.warning("Remote write: %s", error)
                self.error = str(error)
