"""Jobs in processes of the workers: progress, checkpoints, stopping, crashes, and what happens when hub or workers are gone for a while."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from agents import jobprocess
from agents.hub.hub import Hub
from agents.hub.jobs import Kind
from agents.workforce import Workforce
from core import jobs
from core.identity import Caller
from core.work import Job

Until = Any
Place = Any
ENTRY = "jobs_of_tests:"


def kinds(hub: Hub) -> None:
    hub.work.register(Kind("count", entry=ENTRY + "count"))
    hub.work.register(Kind("recount", entry=ENTRY + "count", resumable=True))
    for name in ("stubborn", "fails", "crashes", "dies", "greedy"):
        hub.work.register(Kind(name, entry=ENTRY + name, limit_s=0))
    hub.work.register(Kind("long", entry=ENTRY + "stubborn", limit_s=1))
    hub.work.register(Kind("missing", entry="no_such_module:run"))


@pytest.fixture(autouse=True)
def _entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "jobs_of_tests"))
    monkeypatch.setattr(jobprocess, "GRACE_S", 0.3)


class Crew:
    """Workers on a place, that may be killed."""

    def __init__(self, place: Place) -> None:
        self.place = place

    async def start(self) -> "Crew":
        self.bus = await self.place.bus("workers")
        self.force = Workforce(self.bus, self.place.settings, 2)
        await self.force.start()
        return self

    async def kill(self) -> None:
        """As kill -9 does it: no word to anybody, the job's process gone with it."""
        await self.bus.close()
        await self.force.close()


async def ended(hub: Hub, job: Job, until: Until, *states: str) -> Job:
    await until(lambda: hub.store.get("job", job.id).state in (states or jobs.ENDED))
    return await hub.work.get(job.id)


def steps(folder: Path) -> list[int]:
    file = folder / "steps"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


async def test_progress_checkpoints_and_result(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    job = await hub.work.submit("count", {"folder": str(tmp_path), "total": 2}, operator)
    await until(lambda: job.id in hub.work.progress())
    (tmp_path / "go-0").touch()
    await until(lambda: hub.store.get("job", job.id).checkpoint == {"next": 1})
    await until(lambda: hub.work.progress()[job.id].done == 1)
    (tmp_path / "go-1").touch()
    done = await ended(hub, job, until)
    assert (done.state, done.result["counted"], done.result["author"], done.attempt) == ("done", 2, "op", 1)
    assert done.result["pid"] != os.getpid()
    assert steps(tmp_path) == [0, 1]
    await until(lambda: not hub.work.running.places.placed and not hub.work.progress())
    await crew.kill()


async def test_stopping_asks_first_and_kills_then(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    polite = await hub.work.submit("count", {"folder": str(tmp_path), "total": 1}, operator)
    deaf = await hub.work.submit("stubborn", {}, operator)
    long = await hub.work.submit("long", {}, operator)
    await until(lambda: {polite.id, deaf.id} <= hub.work.progress().keys())
    for job in (polite, deaf):
        await hub.work.cancel(operator, job.id)
    assert (await ended(hub, polite, until)).state == "cancelled"
    assert (await ended(hub, deaf, until)).state == "cancelled"
    late = await ended(hub, long, until)
    assert (late.state, late.message) == ("failed", jobs.TOO_LONG)
    await crew.kill()


async def test_what_goes_wrong_is_one_sentence(place: Place, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    expected = {"fails": "not good", "crashes": "crashed", "dies": "crashed", "greedy": "crashed", "missing": "crashed"}
    asked = {kind: await hub.work.submit(kind, {}, operator) for kind in expected}
    for kind, words in expected.items():
        failed = await ended(hub, asked[kind], until)
        assert (failed.state, words in failed.message) == ("failed", True), (kind, failed.message)
        assert "secret" not in failed.message
    await crew.kill()


@pytest.mark.parametrize("kind", ["count", "recount"])
async def test_workers_that_die_take_their_job_with_them(place: Place, tmp_path: Path, operator: Caller, until: Until, kind: str) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    job = await hub.work.submit(kind, {"folder": str(tmp_path), "total": 2}, operator)
    (tmp_path / "go-0").touch()
    await until(lambda: hub.store.get("job", job.id).checkpoint == {"next": 1})
    await crew.kill()
    (tmp_path / "go-1").touch()
    crew = await Crew(place).start()
    after = await ended(hub, job, until)
    if kind == "recount":
        assert (after.state, after.attempt, steps(tmp_path)) == ("done", 2, [0, 1])
    else:
        assert (after.state, after.attempt, after.message, steps(tmp_path)) == ("failed", 1, jobs.INTERRUPTED, [0])
    await crew.kill()


async def test_a_job_outlives_the_hub_and_its_end_is_told_to_the_next(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    job = await hub.work.submit("count", {"folder": str(tmp_path), "total": 2}, operator)
    await until(lambda: job.id in hub.work.progress())
    await place.end(hub)
    (tmp_path / "go-0").touch()
    (tmp_path / "go-1").touch()
    await until(lambda: steps(tmp_path) == [0, 1])
    await asyncio.sleep(0.1)
    hub = await place.hub(kinds)
    done = await ended(hub, job, until)
    assert (done.state, done.attempt, steps(tmp_path)) == ("done", 1, [0, 1]), "it ran once"
    await crew.kill()


async def test_a_job_that_died_while_the_hub_was_away_is_seen(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    job = await hub.work.submit("count", {"folder": str(tmp_path), "total": 1}, operator)
    await until(lambda: job.id in hub.work.progress())
    await place.end(hub)
    await crew.kill()
    hub, crew = await place.hub(kinds), await Crew(place).start()
    assert (await ended(hub, job, until)).message == jobs.INTERRUPTED
    assert steps(tmp_path) == []
    await crew.kill()


async def test_a_job_waits_while_there_are_no_workers(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub = await place.hub(kinds)
    (tmp_path / "go-0").touch()
    asked = [await hub.work.submit("count", {"folder": str(tmp_path), "total": 1}, operator) for _ in range(2)]
    await asyncio.sleep(0.1)
    assert {hub.store.get("job", job.id).state for job in asked} == {"waiting"}
    crew = await Crew(place).start()
    for job in asked:
        done = await ended(hub, job, until)
        assert (done.state, done.attempt) == ("done", 1)
    assert steps(tmp_path) == [0, 0]
    await crew.kill()


async def test_a_killed_process_of_a_job_is_told(place: Place, tmp_path: Path, operator: Caller, until: Until) -> None:
    hub, crew = await place.hub(kinds), await Crew(place).start()
    job = await hub.work.submit("stubborn", {}, operator)
    await until(lambda: job.id in hub.work.progress() and hub.work.progress()[job.id].done == 1)
    process = crew.force._running[job.id].process
    assert process is not None
    assert process._process is not None
    os.kill(process._process.pid, signal.SIGKILL)
    assert "crashed" in (await ended(hub, job, until)).message
    await crew.kill()
