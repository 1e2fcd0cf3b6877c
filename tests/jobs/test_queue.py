"""The queue of a real hub: jobs in its threads, over restarts, full disks and stops; schedules that fill it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from agents.hub.hub import Hub
from agents.hub.jobs import Kind
from agents.hub.jobs.schedules import SHIPPED
from agents.hub.records import now_ms
from agents.job import Run
from core import jobs
from core.errors import BusyError, ConflictError, ForbiddenError, InvalidInputError, NotFoundError, StorageError
from core.identity import Caller
from core.ports import ListQuery
from core.views import ViewQuery
from core.work import Job, Schedule

Until = Any
Place = Any


class Steps:
    """A runner that counts to `total` and waits at each step for a word; what it did is remembered over hubs."""

    def __init__(self, total: int = 3) -> None:
        self.total = total
        self.go = threading.Semaphore(0)
        self.did: list[int] = []
        self.begun = 0

    def __call__(self, run: Run) -> dict[str, Any]:
        self.begun += 1
        for number in range(run.checkpoint.get("next", 0), self.total):
            run.tell(number, self.total, "counting")
            while not self.go.acquire(timeout=0.02):
                run.tell(number, self.total, "counting")
            self.did.append(number)
            run.keep({"next": number + 1})
        return {"counted": self.total}

    def free(self) -> None:
        for _ in range(100):
            self.go.release()


State = Callable[..., Awaitable[Job]]


@pytest.fixture
def state(until: Until) -> State:
    """`await state(hub, job, "done")`: the job once it is in one of these states."""

    async def wait(hub: Hub, job: Job, *states: str) -> Job:
        async def reached() -> bool:
            return (await hub.work.get(job.id)).state in states

        await until(reached)
        return await hub.work.get(job.id)

    return wait


def register(hub: Hub, steps: Steps, **more: Any) -> None:
    hub.work.register(Kind("count", runner=steps, **more))


async def test_a_job_runs_once_and_shows_how_far_it_is(hub: Hub, admin: Caller, operator: Caller, state: State, until: Until) -> None:
    steps = Steps()
    register(hub, steps)
    job = await hub.work.submit("count", {}, operator)
    await state(hub, job, "running")
    steps.go.release()
    await until(lambda: hub.work.progress().get(job.id) is not None and hub.work.progress()[job.id].done == 1)
    shown = await hub.work.get(job.id)
    assert (shown.done, shown.total, shown.message) == (1, 3, "counting")
    (row,) = hub.lists.window(ViewQuery(view="jobs"), hub.sight(admin, "job.list"))[0].values()
    assert (row["done"], row["total"]) == (1, 3)
    steps.free()
    done = await state(hub, job, *jobs.ENDED)
    assert (done.state, done.result, done.attempt, steps.did, steps.begun) == ("done", {"counted": 3}, 1, [0, 1, 2], 1)
    actions = [row.action for row in hub.store.journal(0, 1000) if row.object_id == job.id]
    assert actions == ["job.add", "job.begin", "job.keep", "job.keep", "job.keep", "job.end"], "progress leaves no rows"


async def test_who_may(hub: Hub, admin: Caller, operator: Caller, who: Callable[..., Caller]) -> None:
    register(hub, Steps())
    viewer = who("viewer", "viewer")
    for person, kind in ((viewer, "count"), (operator, "backup"), (operator, "audit.verify")):
        with pytest.raises(ForbiddenError):
            await hub.work.submit(kind, {}, person)
    with pytest.raises(NotFoundError):
        await hub.work.submit("nothing", {}, admin)
    job = await hub.work.submit("count", {}, admin)
    with pytest.raises(ForbiddenError):
        await hub.work.cancel(viewer, job.id)
    assert (await hub.work.cancel(operator, job.id)).id == job.id


async def test_cancel_reaches_a_running_job_and_resume_goes_on_from_there(hub: Hub, operator: Caller, state: State, until: Until) -> None:
    steps = Steps()
    register(hub, steps, resumable=True)
    job = await hub.work.submit("count", {}, operator)
    steps.go.release()
    await until(lambda: hub.store.get("job", job.id).checkpoint == {"next": 1})
    await hub.work.cancel(operator, job.id)
    cancelled = await state(hub, job, *jobs.ENDED)
    assert (cancelled.state, steps.did) == ("cancelled", [0])
    with pytest.raises(ConflictError):
        await hub.work.cancel(operator, job.id)
    steps.free()
    await hub.work.resume(operator, job.id)
    done = await state(hub, job, "done")
    assert (steps.did, done.attempt) == ([0, 1, 2], 2)
    with pytest.raises(ConflictError):
        await hub.work.resume(operator, job.id)


@pytest.mark.parametrize("resumable", [True, False])
async def test_what_ran_when_the_hub_ended_goes_on_or_has_failed(
    place: Place, resumable: bool, operator: Caller, state: State, until: Until,
) -> None:
    steps = Steps()
    first = await place.hub(lambda hub: register(hub, steps, resumable=resumable))
    job = await first.work.submit("count", {}, operator)
    waiting = await first.work.submit("count", {}, operator)
    steps.go.release()
    await until(lambda: first.store.get("job", job.id).checkpoint == {"next": 1})
    await place.end(first)
    assert steps.begun == 1
    steps.free()
    second = await place.hub(lambda hub: register(hub, steps, resumable=resumable))
    ended = await state(second, job, *jobs.ENDED)
    if resumable:
        assert (ended.state, ended.attempt) == ("done", 2)
        assert steps.did[:3] == [0, 1, 2]
    else:
        assert (ended.state, ended.message, ended.attempt) == ("failed", jobs.INTERRUPTED, 1)
    assert (await state(second, waiting, "done")).attempt == 1, "what waited is not lost"
    assert steps.begun == (3 if resumable else 2)


async def test_an_end_that_cannot_be_written_is_written_later_and_nothing_runs_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, operator: Caller, state: State,
) -> None:
    steps = Steps(1)
    register(hub, steps)
    job = await hub.work.submit("count", {}, operator)
    await state(hub, job, "running")
    real, refused = hub.commits.write, [0]

    async def full(actor: Any, change: Any, key: Any = None) -> Any:
        if refused[0] < 2:
            refused[0] += 1
            raise StorageError("The disk is full.")
        return await real(actor, change, key)

    monkeypatch.setattr(hub.commits, "write", full)
    hub.work.kinds.add(Kind("count", runner=lambda _run: pytest.fail("run twice")))
    steps.free()
    assert (await state(hub, job, *jobs.ENDED)).state in ("done", "failed")
    assert (refused, steps.begun) == ([2], 1)


def _fails(_run: Run) -> dict[str, Any]:
    raise InvalidInputError("It is not good.", way_out="Make it better.")


def _crashes(_run: Run) -> dict[str, Any]:
    raise ZeroDivisionError


async def test_a_failure_is_told_in_a_sentence(hub: Hub, operator: Caller, state: State) -> None:
    hub.work.register(Kind("fails", runner=_fails))
    hub.work.register(Kind("crashes", runner=_crashes))
    hub.work.register(Kind("unkeepable", runner=lambda _run: {"x": object()}))
    failed = await state(hub, await hub.work.submit("fails", {}, operator), "failed")
    assert failed.message == "It is not good. Make it better."
    for kind in ("crashes", "unkeepable"):
        crashed = await state(hub, await hub.work.submit(kind, {}, operator), "failed")
        assert "inside" in crashed.message
        assert "Zero" not in crashed.message


async def test_one_that_runs_too_long_is_stopped(hub: Hub, operator: Caller, state: State) -> None:
    register(hub, Steps(), limit_s=1)
    job = await hub.work.submit("count", {}, operator)
    ended = await state(hub, job, *jobs.ENDED)
    assert (ended.state, ended.message) == ("failed", jobs.TOO_LONG)


async def test_the_queue_has_bounds_and_serves_everybody(hub: Hub, admin: Caller, operator: Caller, state: State) -> None:
    steps = Steps(1)
    register(hub, steps)
    asked = [await hub.work.submit("count", {}, operator) for _ in range(100)]
    await state(hub, asked[0], "running")
    asked.append(await hub.work.submit("count", {}, operator))
    with pytest.raises(BusyError):
        await hub.work.submit("count", {}, operator)
    other = await hub.work.submit("count", {}, admin)
    with pytest.raises(InvalidInputError):
        await hub.work.submit("count", {"x": "y" * 70_000}, admin)
    steps.free()
    await state(hub, other, "done")
    waiting = [job for job in asked if (await hub.work.get(job.id)).state == "waiting"]
    assert len(waiting) > 50, "it did not wait behind all of the other's"


async def test_shipped_schedules_are_there_and_stay(place: Place, admin: Caller) -> None:
    first = await place.hub()
    names = {one.name for one in first.work.schedules.known.values()}
    assert names >= {one.name for one in SHIPPED}
    with pytest.raises(ConflictError):
        await first.work.schedules.remove(admin, "backup")
    await first.work.schedules.change(admin, "backup", {"enabled": False, "cron": "0 1 * * *"})
    await place.end(first)
    second = await place.hub()
    backup = second.work.schedules.named("backup")
    assert (backup.enabled, backup.cron) == (False, "0 1 * * *"), "what a person changed is not put back"


async def every_minute(hub: Hub, admin: Caller, **more: Any) -> Schedule:
    made = Schedule(id="", name="often", kind="count", cron="* * * * *", time_zone="UTC", **more)
    return await hub.work.schedules.add(admin, made)


def of(hub: Hub, name: str) -> list[Job]:
    page = hub.store.page("job", ListQuery(where={"schedule": name}, sort="due_at", limit=100))
    return [msgspec.convert(item, Job) for item in page.items]


async def test_a_due_time_becomes_one_job_over_restarts_and_jumps(place: Place, admin: Caller) -> None:
    steps = Steps(0)
    hub = await place.hub(lambda hub: register(hub, steps))
    made = await every_minute(hub, admin, overlap="queue")
    start = made.last_due
    for now in (start, start + 60_000, start + 60_500, start + 30_000, start + 61_000):  # back by half a minute, too
        await hub.work.schedules.look(now)
    await place.end(hub)
    hub = await place.hub(lambda hub: register(hub, steps))
    for now in (start + 61_000, start + 62_000, start + 10 * 60_000, start + 10 * 60_000 + 1):
        await hub.work.schedules.look(now)
    found = of(hub, "often")  # the hub looks at the real clock meanwhile, which may pass a minute or two
    assert len({job.due_at for job in found}) == len(found), "no due time twice"
    assert found[-1].due_at == (start + 10 * 60_000) // 60_000 * 60_000
    assert 2 <= len(found) <= 5, "after nine minutes of downtime only the newest"
    await hub.work.schedules.look(start + 400 * 86_400_000)
    await hub.work.schedules.look(now_ms())
    before = len(of(hub, "often"))
    await hub.work.schedules.look(now_ms() + 120_000)
    assert len(of(hub, "often")) > before, "a year ahead and back again: it goes on"


def often(minutes_ago: int, **more: Any) -> Schedule:
    """Due every minute, served last so many minutes ago."""
    last = (now_ms() // 60_000 - minutes_ago) * 60_000
    return Schedule(id="often", name="often", kind="count", cron="* * * * *", time_zone="UTC", last_due=last).replace(**more)


async def test_overlap_and_what_is_not_caught_up_are_seen(place: Place, admin: Caller, state: State) -> None:
    steps = Steps()
    before = often(30)
    place.seed(before)
    hub = await place.hub(lambda hub: register(hub, steps))
    await state(hub, (await _some(hub))[0], "running")
    start = hub.work.schedules.named("often").last_due
    await hub.work.schedules.look(start + 60_000)
    skipped = of(hub, "often")[1]
    assert (skipped.state, "before" in skipped.message) == ("missed", True)
    steps.free()
    await state(hub, of(hub, "often")[0], "done")
    await hub.work.schedules.change(admin, "often", {"catch_up": False, "deadline_s": 30})
    await hub.work.schedules.look(start + 10 * 60_000 + 45_000)
    late = of(hub, "often")[-1]
    assert (late.state, "catch up" in late.message) == ("missed", True)


async def _some(hub: Hub) -> list[Job]:
    await hub.work.schedules.look(now_ms())
    return of(hub, "often")


async def test_what_a_schedule_may_not_be(hub: Hub, admin: Caller, operator: Caller) -> None:
    register(hub, Steps())
    made = await every_minute(hub, admin)
    with pytest.raises(NotFoundError):
        await hub.work.schedules.change(admin, "nothing", {"enabled": False})
    for bad in ({"cron": "x"}, {"time_zone": "Mars"}, {"kind": "nothing"}, {"jitter_s": -1}):
        with pytest.raises((InvalidInputError, NotFoundError)):
            await hub.work.schedules.change(admin, "often", bad)
    with pytest.raises(ForbiddenError):
        await hub.work.schedules.add(operator, made)
    with pytest.raises(ConflictError):
        await every_minute(hub, admin)
    await hub.work.schedules.remove(admin, "often")
    assert "often" not in {one.name for one in hub.work.schedules.known.values()}


async def test_a_job_that_could_not_begin_in_time_is_missed(place: Place, state: State) -> None:
    place.seed(often(5, kind="backup", deadline_s=1, overlap="queue"))  # the workers are not there: it waits
    hub = await place.hub()
    missed = await state(hub, (await _some(hub))[0], "missed")
    assert missed.message == jobs.TOO_LATE


async def test_many_ask_at_once(hub: Hub, who: Callable[..., Caller], operator: Caller, state: State) -> None:
    ran: list[str] = []
    hub.work.register(Kind("note", runner=lambda run: ran.append(run.author) or {}, at_once=2))
    people = [who(f"p{number}", "operator") for number in range(5)]
    asked = await asyncio.gather(*(hub.work.submit("note", {}, one) for one in people for _ in range(4)))
    for job in asked:
        await state(hub, job, "done")
    assert len(ran) == len(asked) == 20
