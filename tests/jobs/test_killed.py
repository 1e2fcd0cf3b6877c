"""A real node whose hub and workers are killed with -9 while a job runs: it ran once, and what became of it is told."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents import launch
from agents.places import owner, settled
from agents.supervisor import read_status
from cli.main import main
from client import Client, connect
from core import jobs
from core.errors import NoAnswerError, ProtocolError, UnavailableError, YunwangError
from core.sections import General
from core.settings import Settings
from core.work import Job

LOST = (UnavailableError, NoAnswerError, ProtocolError)
DEADLINE_S = 60.0


@pytest.fixture(scope="module")
def node() -> Iterator[Settings]:
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    settings = settled(Settings(general=general))
    launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    yield settings
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


def pid_of(settings: Settings, kind: str) -> int:
    return next((row.pid for row in read_status(Path(settings.general.run_dir)) if row.kind == kind), 0)


def frozen_job(workers: int) -> int:
    """Stops the process of the job that these workers run, as soon as there is one: then it runs as long as we like. 0: none yet."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                if int((folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[1]) == workers:
                    os.kill(int(folder.name), signal.SIGSTOP)
                    return int(folder.name)
    return 0


async def frozen(settings: Settings, hub: Client) -> tuple[Job, int]:
    """A backup that runs and does not get on, and its process."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        job, workers = await hub.work.run("backup"), pid_of(settings, "workers")
        while (await hub.work.job(job.id)).state not in jobs.ENDED:
            if pid := frozen_job(workers):
                return await hub.work.job(job.id), pid
            await asyncio.sleep(0.005)
    raise AssertionError("no job could be caught while it ran")


async def until(settings: Settings, job_id: str, enough: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        with contextlib.suppress(*LOST):
            async with connect(settings) as hub:
                while True:
                    job = await hub.work.job(job_id)
                    if enough(job):
                        return job
                    await asyncio.sleep(0.05)
                    assert time.monotonic() < deadline, job
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def has_ended(job: Job) -> bool:
    return job.state in jobs.ENDED


async def test_workers_killed_while_a_job_runs(node: Settings) -> None:
    async with connect(node) as hub:
        job, _ = await frozen(node, hub)
        assert (job.state, job.attempt) == ("running", 1)
        os.kill(pid_of(node, "workers"), signal.SIGKILL)
        failed = await until(node, job.id, has_ended)
        assert (failed.state, failed.attempt, failed.message) == ("failed", 1, jobs.INTERRUPTED)
        assert (await hub.work.resume(job.id)).state == "waiting"
        done = await until(node, job.id, has_ended)
        assert (done.state, done.attempt) == ("done", 2)


async def test_hub_killed_while_a_job_runs(node: Settings) -> None:
    async with connect(node) as hub:
        job, pid = await frozen(node, hub)
        before = pid_of(node, "hub")
    os.kill(before, signal.SIGKILL)
    running = await until(node, job.id, lambda _job: pid_of(node, "hub") not in (0, before))
    assert (running.state, running.attempt) == ("running", 1), "its process does not need the hub"
    os.kill(pid, signal.SIGCONT)
    done = await until(node, job.id, has_ended)
    assert (done.state, done.attempt) == ("done", 1), "it ran once, and its end was told to the next hub"


async def test_an_import_ends_with_who_asked_for_it(node: Settings) -> None:
    async with connect(node) as hub:
        workers = pid_of(node, "workers")
        asking = asyncio.create_task(hub.import_file("sites.csv", b"name,level\nGone,city\n"))
        deadline = time.monotonic() + DEADLINE_S
        while not (pid := frozen_job(workers)):
            assert not asking.done()
            assert time.monotonic() < deadline
            await asyncio.sleep(0.002)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        assert (await hub.import_file("sites.csv", b"name,level\nHere,city\n")).added == {"site": 1}, "it holds up nobody"
        assert [item["name"] for item in (await hub.page("site")).items] == ["Here"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def run(node: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setenv("YUNWANG_GENERAL_DATA_DIR", node.general.data_dir)
    monkeypatch.setenv("YUNWANG_GENERAL_RUN_DIR", node.general.run_dir)
    return main([*words, "--lang", "en"])


def test_the_commands(node: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str, code: int = 0) -> str:
        assert run(node, monkeypatch, *words) == code, words
        out = capsys.readouterr()
        return out.out + out.err

    assert "done" in said("job", "run", "audit.verify", "--follow")
    short = said("job", "list", "--kind", "audit.verify").splitlines()[1].split()[0]
    assert "audit.verify" in said("job", "show", short)
    assert '"state": "done"' in said("job", "show", short, "--json")
    assert "already" in said("job", "cancel", short, code=8)
    assert "did not end well" in said("job", "resume", short, code=8)
    assert "There is no" in said("job", "show", "zzzzzzzz", code=6)
    assert "NAME=VALUE" in said("job", "run", "backup", "--argument", "x", code=2)
    assert "audit.archive" in said("job", "kinds")
    assert "hourly: on" in said("schedule", "add", "hourly", "--kind", "backup", "--cron", "0 * * * *", "--time-zone", "UTC")
    assert said("schedule", "next", "hourly", "--count", "3").count(":00:00 ") == 3
    assert "off" in said("schedule", "disable", "hourly")
    assert "hourly" in said("schedule", "list")
    assert "hourly: on" in said("schedule", "enable", "hourly")
    assert "Removed" in said("schedule", "remove", "hourly")
    assert "cron" in said("schedule", "add", "bad", "--kind", "backup", "--cron", "0 0 30 2 *", code=5)
    assert "freeze Feast" in said("window", "add", "freeze", "Feast", "--until", "+2h", "-m", "holiday")
    assert "Mind: freeze Feast" in said("window", "add", "maintenance", "Swap", "--from", "+1h", "--until", "+30m", "-m", "swap")
    assert said("window", "list").count("holiday") == 1
    assert "needs its end" in said("window", "add", "silence", "x", "-m", "y", code=2)
    assert "at most 7 days" in said("window", "add", "silence", "x", "--until", "+8d", "-m", "y", code=5)
    assert "has ended" in said("window", "end", "Feast")
    assert "Nothing is there" in said("approval", "list")
    assert "login-reset" in said("approval", "rules")
    assert "There is no" in said("approval", "show", "00000000", code=6)
    shipped = str(Path(__file__).parents[2] / "agents" / "hub" / "approvals" / "rules.yml")
    assert "can be used" in said("approval", "check", shipped)
    assert "cannot be read" in said("approval", "check", "/nowhere.yml", code=4)
