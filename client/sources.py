"""`client.sources`: where the inventory comes from. Secrets go to the hub and never come back."""

from urllib.parse import quote

from client.transport import Transport, decode
from core.nouns import new_id
from core.sources import IntakeReport, NewSource, SourceChange, SourceConfig, SourceRow, SourceTest, SyncWish
from core.work import Job

TEST_TIMEOUT_S = 120.0
FILE_TIMEOUT_S = 300.0


class Sources:
    """Clouds, NetBoxes and the other systems that are asked again and again."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def list(self) -> list[SourceRow]:
        return await self._wire.get("/api/v1/sources", list[SourceRow])

    async def add(self, new: NewSource) -> SourceConfig:
        return await self._wire.send("POST", "/api/v1/sources", SourceConfig, new)

    async def change(self, name: str, change: SourceChange) -> SourceConfig:
        return await self._wire.send("PATCH", f"/api/v1/sources/{_segment(name)}", SourceConfig, change)

    async def remove(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/sources/{_segment(name)}")

    async def test(self, name: str) -> SourceTest:
        """Whether it can be read, and what is wrong."""
        return await self._wire.send("POST", f"/api/v1/sources/{_segment(name)}/test", SourceTest, timeout_s=TEST_TIMEOUT_S)

    async def sync(self, name: str, wish: SyncWish) -> Job:
        """Asks it now, as a job whose result is a `core.sources.IntakeReport`."""
        return await self._wire.send("POST", f"/api/v1/sources/{_segment(name)}/sync", Job, wish)

    async def push(self, name: str, *, dry_run: bool = False) -> Job:
        """Writes to a NetBox what it lacks, as a job whose result is a `core.sources.PushReport`."""
        return await self._wire.send("POST", f"/api/v1/sources/{_segment(name)}/push", Job, SyncWish(dry_run=dry_run))

    async def import_file(self, kind: str, filename: str, content: bytes, *, site: str = "", dry_run: bool = False) -> IntakeReport:
        """A router.db of Oxidized, a csv of LibreNMS or Zabbix."""
        body = await self._wire.raw(
            "POST", "/api/v1/source-files", params={"kind": kind, "filename": filename, "site": site, "dry_run": int(dry_run)},
            content=content, headers={"idempotency-key": new_id(0), "content-type": "application/octet-stream"}, timeout_s=FILE_TIMEOUT_S,
        )
        return decode(body, IntakeReport)


def _segment(text: str) -> str:
    return quote(text, safe="")
