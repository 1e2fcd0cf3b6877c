"""Devices that wait to be discovered: those that somebody looks at come first, the others in their order."""

import asyncio
from collections.abc import Iterable


class Line:
    """One loop's. A device waits once."""

    def __init__(self) -> None:
        self._waiting: dict[str, None] = {}
        self._preferred: frozenset[str] = frozenset()
        self._tokens: asyncio.Queue[None] = asyncio.Queue()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, device_id: str) -> None:
        if device_id not in self._waiting:
            self._waiting[device_id] = None
            self._tokens.put_nowait(None)

    def prefer(self, device_ids: Iterable[str]) -> None:
        """These go before all others from now on."""
        self._preferred = frozenset(device_ids)

    def is_preferred(self, device_id: str) -> bool:
        return device_id in self._preferred

    async def get(self) -> str:
        """The next device, once there is one."""
        await self._tokens.get()
        device_id = next((d for d in self._preferred if d in self._waiting), "") or next(iter(self._waiting))
        del self._waiting[device_id]
        return device_id
