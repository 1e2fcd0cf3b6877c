"""The review queue as the hub holds it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Queue:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to close."""
