"""Schedules: kept in the records; what is due becomes a job in the very transaction that notes the due time as served."""

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec

from agents.hub.jobs import planner
from agents.hub.records import in_thread, now_ms
from core import jobs
from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import mark, tr
from core.identity import Actor, Caller
from core.nouns import new_id
from core.ports import RecordStore, RecordWrite
from core.width import clean
from core.work import Job, Schedule

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.hub.jobs.part import Work

CLOCK = Actor(name="system:schedule", origin="process")
MOST = 200
MOST_QUEUED = 10
"""Jobs of one schedule that may wait at a time."""
FULL = mark("Too many of its jobs wait already.")
SHIPPED: tuple[Schedule, ...] = (
    Schedule(id="shipped-audit-verify", name="audit-verify", kind="audit.verify", cron="30 3 * * *", jitter_s=900, author=CLOCK.name),
    Schedule(id="shipped-audit-archive", name="audit-archive", kind="audit.archive", cron="30 4 * * 0", jitter_s=900, author=CLOCK.name),
    Schedule(id="shipped-backup", name="backup", kind="backup", cron="30 2 * * *", jitter_s=900, author=CLOCK.name),
)
"""Made at the first start; they can be changed and disabled, but not removed."""

log = logging.getLogger(__name__)


class Schedules:
    """All schedules in memory, as they are in the records."""

    def __init__(self, hub: "Hub", work: "Work") -> None:
        self._hub, self._work = hub, work
        self.known: dict[str, Schedule] = {}
        self._wake_at: dict[str, int] = {}
        """When each is due next; a moment in the past or none: it must be looked at."""
        self._looked_at = 0
        self._one = asyncio.Lock()

    async def start(self) -> None:
        for schedule in await in_thread(lambda: list(self._hub.store.all("schedule"))):
            self.known[schedule.id] = schedule
        now = now_ms()
        new = [one.replace(last_due=now) for one in SHIPPED if one.id not in self.known]
        if new:
            await in_thread(_put_all, self._hub.store, new, now)
        self.known |= {schedule.id: schedule for schedule in new}

    async def look(self, now: int) -> None:
        """Makes the jobs of what is due. A clock that was set back makes every schedule be looked at anew."""
        async with self._one:
            await self._look(now)

    async def _look(self, now: int) -> None:
        if now < self._looked_at:
            self._wake_at.clear()
        self._looked_at = now
        for schedule in list(self.known.values()):
            if schedule.enabled and now >= self._wake_at.get(schedule.id, 0):
                try:
                    await self._serve(schedule, now)
                except YunwangError as error:
                    log.warning("Schedule %s: %s", schedule.name, error)
                    continue
                following = planner.upcoming(self.known.get(schedule.id, schedule), now, 1)
                self._wake_at[schedule.id] = following[0] if following else now + planner.DAY_MS

    async def _serve(self, schedule: Schedule, now: int) -> None:
        if planner.clock_was_ahead(schedule, now):
            log.warning("Schedule %s was served for a time that is far ahead: the clock was wrong. It begins anew.", schedule.name)
            await self._changed(schedule.id, "schedule.clock", lambda found: found.replace(last_due=now))
            return
        before = self._before(schedule)
        if planner.due(schedule, now, before) is None:
            return

        def write(change: RecordWrite) -> tuple[Schedule, Job | None]:
            fresh: Schedule = change.get("schedule", schedule.id)
            due = planner.due(fresh, now, before)
            if due is None:
                return fresh, None
            job = self._job(fresh, due, now)
            served = fresh.replace(last_due=due.at_ms)
            change.put("job.add", job)
            change.put("schedule.serve", served)
            return served, job

        served, job = await self._hub.commits.write(CLOCK, write)
        self.known[schedule.id] = served
        if job is not None:
            self._work.take(job)

    def _job(self, schedule: Schedule, due: planner.Due, now: int) -> Job:
        kind = self._work.kinds.known(schedule.kind)
        job = Job(
            id=new_id(now), kind=schedule.kind, arguments=schedule.arguments, author=CLOCK.name, schedule=schedule.name, due_at=due.at_ms,
            created_at=now, deadline_at=now + schedule.deadline_s * 1000, limit_s=schedule.limit_s or (kind.limit_s if kind else 0),
        )
        waiting = sum(one.schedule == schedule.name and one.state == "waiting" for one in self._work.jobs.values())
        missed = due.missed or (FULL if waiting >= MOST_QUEUED else "")
        return jobs.miss(job, now, missed) if missed else job

    def _before(self, schedule: Schedule) -> planner.Before:
        states = {job.state for job in self._work.jobs.values() if job.schedule == schedule.name}
        return "running" if "running" in states else "waiting" if "waiting" in states else ""

    async def add(self, caller: Caller, schedule: Schedule) -> Schedule:
        """A new schedule: due from now on, never for a time before it was made."""
        await self._hub.allow(caller, "schedule.add", schedule.name)
        self._check(schedule)
        if len(self.known) >= MOST:
            raise ConflictError(tr("There are {count} schedules already.", count=MOST), way_out=tr("Remove one that is not needed."))
        now = now_ms()
        made = schedule.replace(id=new_id(now), author=caller.actor.name, last_due=now, cron=" ".join(schedule.cron.split()))

        def write(change: RecordWrite) -> Schedule:
            change.put("schedule.add", made)
            return made

        added = await self._hub.write(caller, write)
        return self._take(added)

    async def change(self, caller: Caller, name: str, changes: dict[str, object]) -> Schedule:
        """Changes some fields. One that is enabled (again) or gets other times is due from now on."""
        await self._hub.allow(caller, "schedule.add", name)
        schedule_id = self.named(name).id

        def change(found: Schedule) -> Schedule:
            after = msgspec.structs.replace(found, **changes)
            after = after.replace(cron=" ".join(after.cron.split()))
            self._check(after)
            anew = after.enabled and (not found.enabled or (after.cron, after.time_zone) != (found.cron, found.time_zone))
            return after.replace(last_due=now_ms()) if anew else after

        return await self._changed(schedule_id, "schedule.change", change, caller)

    async def remove(self, caller: Caller, name: str) -> None:
        await self._hub.allow(caller, "schedule.remove", name)
        schedule = self.named(name)
        if schedule.id in {one.id for one in SHIPPED}:
            raise ConflictError(
                tr("{name} belongs to Yunwang and is not removed.", name=name), way_out=tr("`yunwang schedule disable {name}`", name=name),
            )
        await self._hub.write(caller, lambda write: write.delete("schedule.remove", "schedule", schedule.id))
        self.known.pop(schedule.id, None)
        self._wake_at.pop(schedule.id, None)

    def named(self, name: str) -> Schedule:
        """By name or id. Raises `NotFoundError`."""
        found = next((one for one in self.known.values() if name in (one.name, one.id)), None)
        if found is None:
            raise NotFoundError(tr("There is no schedule {name}.", name=name[:128]), way_out=tr("`yunwang schedule list` shows all."))
        return found

    def _check(self, schedule: Schedule) -> None:
        if not 1 <= len(schedule.name) <= 64 or clean(schedule.name).strip() != schedule.name:
            raise InvalidInputError(tr("A schedule needs a name of at most 64 characters."))
        planner.check(schedule)
        kind = self._work.kinds.get(schedule.kind)
        self._work.made(kind, schedule.arguments, "", 0)

    async def _changed(self, schedule_id: str, action: str, change: "planner.Change", caller: Caller | None = None) -> Schedule:
        def write(found: RecordWrite) -> Schedule:
            after = change(found.get("schedule", schedule_id))
            found.put(action, after)
            return after

        after = await (self._hub.write(caller, write) if caller else self._hub.commits.write(CLOCK, write))
        return self._take(after)

    def _take(self, schedule: Schedule) -> Schedule:
        self.known[schedule.id] = schedule
        self._wake_at.pop(schedule.id, None)
        return schedule


def _put_all(store: RecordStore, schedules: list[Schedule], now: int) -> None:
    with store.write(CLOCK, now) as write:
        for schedule in schedules:
            write.put("schedule.add", schedule)


