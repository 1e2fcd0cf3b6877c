"""`client.work`: jobs, schedules, windows. The queue and the windows are the views `jobs` and `windows`."""

from typing import Any
from urllib.parse import quote

from client.transport import Transport
from core.work import (
    Job,
    JobWish,
    KindRow,
    Schedule,
    ScheduleChange,
    ScheduleWish,
    Window,
    WindowAdded,
    WindowKind,
    WindowWish,
)


class Work:
    """Work that runs by itself, and the windows that hold it back."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def kinds(self) -> tuple[KindRow, ...]:
        return await self._wire.get("/api/v1/job-kinds", tuple[KindRow, ...])

    async def job(self, job_id: str) -> Job:
        return await self._wire.get(f"/api/v1/jobs/{_segment(job_id)}", Job)

    async def run(self, kind: str, arguments: dict[str, Any] | None = None) -> Job:
        """Puts a job into the queue."""
        return await self._wire.send("POST", "/api/v1/jobs", Job, JobWish(kind=kind, arguments=arguments or {}))

    async def cancel(self, job_id: str) -> Job:
        return await self._wire.send("POST", f"/api/v1/jobs/{_segment(job_id)}/cancel", Job)

    async def resume(self, job_id: str) -> Job:
        """Puts a job that did not end well into the queue again, from where it was."""
        return await self._wire.send("POST", f"/api/v1/jobs/{_segment(job_id)}/resume", Job)

    async def schedules(self) -> tuple[Schedule, ...]:
        return await self._wire.get("/api/v1/schedules", tuple[Schedule, ...])

    async def add_schedule(self, wish: ScheduleWish) -> Schedule:
        return await self._wire.send("POST", "/api/v1/schedules", Schedule, wish)

    async def change_schedule(self, name: str, change: ScheduleChange) -> Schedule:
        return await self._wire.send("PATCH", f"/api/v1/schedules/{_segment(name)}", Schedule, change)

    async def enable_schedule(self, name: str, enabled: bool) -> Schedule:
        return await self.change_schedule(name, ScheduleChange(enabled=enabled))

    async def remove_schedule(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/schedules/{_segment(name)}")

    async def next_times(self, name: str, count: int = 5) -> tuple[int, ...]:
        return await self._wire.get(f"/api/v1/schedules/{_segment(name)}/next", tuple[int, ...], {"count": count})

    async def add_window(
        self, *, kind: WindowKind, name: str, ends_at: int, reason: str, starts_at: int = 0, units: tuple[str, ...] = (),
        sites: tuple[str, ...] = (), devices: tuple[str, ...] = (),
    ) -> WindowAdded:
        """starts_at 0: now. units, sites, devices: names; all empty: everywhere."""
        wish = WindowWish(
            kind=kind, name=name, starts_at=starts_at, ends_at=ends_at, units=units, sites=sites, devices=devices, reason=reason,
        )
        return await self._wire.send("POST", "/api/v1/windows", WindowAdded, wish)

    async def end_window(self, name: str) -> Window:
        """By id, or by the name of one that holds or comes."""
        return await self._wire.send("POST", f"/api/v1/windows/{_segment(name)}/end", Window)


def _segment(text: str) -> str:
    return quote(text, safe="")
