"""The part of the hub that gives figures of devices away: fetched by Prometheus, or pushed to a receiver of its remote write."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from agents.hub.export import figures
from agents.hub.export.remote import Series, named
from agents.hub.filtering import Filter
from agents.hub.node.metrics import Metric, counter, gauge
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from core.errors import InvalidInputError, YunwangError
from core.paths import data_dir
from core.views import DeviceRow

if TYPE_CHECKING:
    from agents.hub.export.pushing import Pushing
    from agents.hub.hub import Hub

MOST_DEVICES = 100_000
STORED = frozenset({"yunwang_device_up", "yunwang_device_rtt_ms"})
"""These are samples, and go as such."""
log = logging.getLogger(__name__)


class Export:
    """A part of the hub. How far a receiver came is kept on disk; what it misses lies in the sample store."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._pushing: Pushing | None = None
        self.error = ""

    async def start(self) -> None:
        if self._hub.settings.export.remote_write_url:
            self._hub.spawn(self._push())

    async def close(self) -> None:
        if self._pushing:
            self._pushing.stop()

    def devices(self, sight: Sight = EVERYTHING) -> list[Metric]:
        """The figures of all devices within this sight."""
        return figures.of_devices(self._rows(sight), now_ms())

    def metrics(self) -> list[Metric]:
        """How the pushing goes; nothing where nobody wants it."""
        found = self._pushing
        if found is None:
            return []
        return [
            gauge("yunwang_remote_write_ok", "Whether the last push was taken.", float(not self.error)),
            gauge("yunwang_remote_write_behind_seconds", "How far the receiver is behind.", found.behind_ms(now_ms()) / 1000),
            counter("yunwang_remote_write_samples_total", "Samples that were taken.", found.sent),
            counter("yunwang_remote_write_refused_total", "Samples that were refused for good.", found.refused),
            counter("yunwang_remote_write_skipped_seconds_total", "Time that was too old to be sent.", found.skipped_ms / 1000),
        ]

    def _rows(self, sight: Sight = EVERYTHING) -> Sequence[DeviceRow]:
        rows, _ = self._hub.table.devices(Filter(limit=MOST_DEVICES), sight)
        return rows

    async def _push(self) -> None:
        """At each interval; a receiver that is away is told of once in the log, and gets what it missed when it is back."""
        how = self._hub.settings.export
        self._pushing = await in_thread(self._opened)
        skipped = 0
        while True:
            await self._caught_up(self._pushing)
            if self._pushing.skipped_ms > skipped:
                hours = (self._pushing.skipped_ms - skipped) / 3_600_000
                log.warning("Remote write: %.1f hours of samples were older than %d hours and are not sent.", hours, how.remote_write_hours)
            skipped = self._pushing.skipped_ms
            await asyncio.sleep(max(how.remote_write_s, self._pushing.wait_s))

    def _opened(self) -> "Pushing":
        from agents.hub.export.pushing import Pushing
        from stores.samples import open_samples

        folder, settings = data_dir(self._hub.settings), self._hub.settings
        return Pushing(settings.export, folder / "export", open_samples(folder / "samples", settings.samples, readonly=True))

    async def _caught_up(self, pushing: "Pushing") -> None:
        try:
            await self._stored(pushing)
            await in_thread(pushing.now, list(_of_now(self.devices(), now_ms())))
            self.error = ""
        except YunwangError as error:
            if not self.error:
                log.warning("Remote write: %s", error)
            self.error = str(error)

    async def _stored(self, pushing: "Pushing") -> None:
        """All that there is. What is refused for good holds nothing up, and is told at the end."""
        more, refused = True, None
        while more:
            try:
                more = await in_thread(pushing.step, self._rows(), now_ms())
            except InvalidInputError as error:
                refused = error
        if refused:
            raise refused


def _of_now(metrics: Sequence[Metric], at_ms: int) -> Iterator[Series]:
    for metric in metrics:
        if metric.name not in STORED:
            for suffix, labels, value in metric.samples:
                yield Series(named(metric.name + suffix, labels), ((at_ms, value),))
