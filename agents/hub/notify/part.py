"""From alerts and waiting approvals to messages that somebody gets."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.signals import Alert

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Notify:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def start(self) -> None:
        """Nothing to load yet."""

    async def close(self) -> None:
        """Nothing to close."""

    async def offer(self, alerts: Sequence[Alert], now_ms: int) -> None:
        """Alerts that were stored, raised or cleared or changed: whoever is to be told is told after their time to wait. Never fails."""
