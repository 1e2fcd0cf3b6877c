"""The traffic of the whole city over the last hour, so that a console that opens has something to draw at once."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from agents.hub.records import now_ms
from core.views import TrafficHistory

if TYPE_CHECKING:
    from agents.hub.hub import Hub

PERIOD_S = 5.0
KEPT = 720


class Trend:
    """A part of the hub. Kept in memory: after a start of the hub it begins anew."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._points: deque[tuple[int, float, float]] = deque(maxlen=KEPT)

    async def start(self) -> None:
        self._hub.spawn(self._watch())

    async def close(self) -> None:
        """Nothing to close."""

    def history(self) -> TrafficHistory:
        at, inward, outward = zip(*self._points, strict=True) if self._points else ((), (), ())
        return TrafficHistory(period_s=PERIOD_S, at_ms=at, in_bps=inward, out_bps=outward)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            seen = self._hub.overview()
            self._points.append((now_ms(), seen.in_bps, seen.out_bps))
