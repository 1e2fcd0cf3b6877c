"""What the hub is made of: each trade has a folder here, a part that the hub holds, and a router of `agents.hub.app.ROUTERS`."""

from typing import Protocol


class Part(Protocol):
    """Made with the hub, started after the records are there and before the first question, closed in the opposite order.

    `start` is short: what takes long is a task that it spawns (`hub.spawn`). Large libraries are imported at their first use.
    """

    async def start(self) -> None: ...

    async def close(self) -> None: ...
