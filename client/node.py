"""Questions about the node itself, and the few things that can be done to it."""

import msgspec

from client.transport import Transport, failure
from core.node import Backup, Exported, StorageReport
from core.views import Health
from core.work import Job

STORAGE_TIMEOUT_S = 120.0


class Node:
    """The node behind a hub."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def health(self) -> Health:
        """Also of a hub that has failed: its 503 says why."""
        answer = await self._wire.answer("GET", "/healthz", accept=(503,))
        try:
            return msgspec.json.decode(answer.content, type=Health)
        except msgspec.DecodeError:
            raise failure(answer.status_code, answer.content) from None

    async def metrics(self) -> str:
        return (await self._wire.raw("GET", "/metrics")).decode("utf-8", "replace")

    async def storage(self) -> StorageReport:
        body = await self._wire.raw("GET", "/api/v1/node/storage", timeout_s=STORAGE_TIMEOUT_S)
        return msgspec.json.decode(body, type=StorageReport)

    async def backups(self) -> tuple[Backup, ...]:
        return await self._wire.get("/api/v1/node/backups", tuple[Backup, ...])

    async def backup(self, *, with_key: bool = False, key: str = "") -> Job:
        """Asks for a backup now: a job that can be followed."""
        return await self._wire.send("POST", "/api/v1/node/backups", Job, params={"with_key": int(with_key)}, key=key)

    async def export(self) -> Exported:
        """Settings, rules and schedules as files."""
        return await self._wire.get("/api/v1/node/export", Exported)

    async def stop(self) -> None:
        """Asks the hub to stop in order; it answers before it does."""
        await self._wire.tell("POST", "/api/v1/node/stop")
