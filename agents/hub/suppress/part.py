"""Alerts on their way into the records: each is told what is behind it, by all that is open and by the graph."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.signals import Alert

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Suppress:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def start(self) -> None:
        """Nothing to load: what is open lies in the table."""

    async def close(self) -> None:
        """Nothing to close."""

    async def settle(self, changed: Sequence[Alert], now_ms: int) -> Sequence[Alert]:
        """The changed alerts as they are to be stored, and others that stand otherwise because of them. Never fails: at worst they stay as
        they are, and are settled a second later."""
        return changed
