"""A cloud as a source: through a real hub, its workers and the lab's OpenStack API."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from client import Client
from core import jobs
from core.sources import IntakeReport, SourceChange, SyncWish
from core.work import Job
from lab.cloud import REGION, Cloud
from lab.openstack import Served

SECRET = "lab-cloud-secret"
NAME = "lishui"


@pytest.fixture(scope="module")
def ready(node: Any, served: Served) -> Any:
    """The node with the cloud added."""
    node.add(name=NAME, kind="openstack", url=served.auth_url, username=served.user, secret=SECRET, options={"region": REGION})
    return node


def test_a_dry_run_counts_and_changes_nothing(ready: Any, cloud: Cloud) -> None:
    before = ready.revision()
    report = ready.sync(NAME, dry_run=True)
    assert report.dry_run
    assert report.added["vm"] == len(cloud.vms)
    assert ready.records("vm") == []
    assert ready.revision() - before < 10  # the job's own rows


def test_what_is_there_comes_in_and_a_second_time_nothing(ready: Any, cloud: Cloud) -> None:
    report = ready.sync(NAME)
    assert report.added["vm"] == len(cloud.vms)
    assert report.unplaced_total == 0, report.unplaced
    for kind, theirs in (("vm", cloud.vms), ("host", cloud.hosts), ("volume", cloud.volumes), ("project", cloud.projects)):
        assert {one["key"] for one in ready.records(kind)} == {one.key for one in theirs}
    again = ready.sync(NAME)
    assert not again.added
    assert not again.changed
    assert not again.removed
    assert again.unchanged["vm"] == len(cloud.vms)


@pytest.fixture
def troubled(ready: Any, between: Any) -> Iterator[str]:
    """The same cloud, seen through what stands between: a source of its own, that is gone afterwards."""
    ready.add(name="troubled", kind="openstack", url=between.url, username="lab-reader", secret=SECRET,
              options={"region": REGION, "platform": "troubled"})
    yield "troubled"
    ready.ask(lambda hub: hub.sources.remove("troubled"))


def state(node: Any) -> dict[str, list[Any]]:
    return {kind: sorted(map(str, node.records(kind))) for kind in ("vm", "vport", "project", "volume", "difference")}


def test_a_cloud_that_fails_on_its_seventh_page_changes_nothing(ready: Any, between: Any, troubled: str) -> None:
    before = state(ready)
    between.at_page = lambda number: 500 if number == 7 else 0
    job = ready.job(troubled)
    assert job.state == "failed"
    assert "500" in job.message
    assert between.pages >= 7
    assert state(ready) == before


def test_a_cancelled_sync_ends_at_the_next_page_and_changes_nothing(ready: Any, between: Any, troubled: str) -> None:
    before = state(ready)
    reached, go_on = threading.Event(), threading.Event()

    def at_page(number: int) -> int:
        if number == 3:
            reached.set()
            go_on.wait(30)
        return 0

    between.at_page = at_page

    async def question(hub: Client) -> Job:
        job = await hub.sources.sync(troubled, SyncWish())
        await asyncio.to_thread(reached.wait, 30)
        await hub.work.cancel(job.id)
        go_on.set()
        return await until_ended(hub, job.id)

    assert ready.ask(question).state == "cancelled"
    assert state(ready) == before
    assert between.pages < 8


async def until_ended(hub: Client, job_id: str) -> Job:
    async with asyncio.timeout(60):
        while True:
            job = await hub.work.job(job_id)
            if job.state in jobs.ENDED:
                return job
            await asyncio.sleep(0.05)


def test_killed_workers_leave_nothing_half_done_and_the_next_ones_do_it(ready: Any, between: Any, troubled: str, cloud: Cloud) -> None:
    before = len(ready.records("vm"))
    killed = threading.Event()

    def at_page(number: int) -> int:
        if number == 3:
            os.kill(pid, signal.SIGKILL)
            killed.set()
        return 0

    between.at_page = at_page

    async def question(hub: Client) -> Job:
        job = await hub.sources.sync(troubled, SyncWish(dry_run=True))
        return await until_ended(hub, job.id)

    pid = next(one.pid for one in ready.ask(lambda hub: hub.health()).processes if one.kind == "workers")
    job = ready.ask(question)
    assert killed.is_set()
    assert (job.state, job.attempt) == ("done", 2), job.message
    assert msgspec.convert(job.result, IntakeReport).unchanged["vm"] == before == len(cloud.vms)


def test_what_the_cloud_has_no_more_is_gone_here_too(ready: Any, between: Any, troubled: str, cloud: Cloud) -> None:
    """Of kinds that were told wholly: a cloud that hides its disks does not lose them."""
    victim = cloud.vms[-1].key

    def change(path: str, body: Any) -> None:
        if "servers" in body:
            body["servers"] = [one for one in body["servers"] if one["id"] != victim]
        if "ports" in body:
            body["ports"] = [one for one in body["ports"] if one["device_id"] != victim]
        if "token" in body:
            catalog = body["token"]["catalog"]
            body["token"]["catalog"] = [one for one in catalog if "volume" not in one["type"] and "block" not in one["type"]]

    ready.ask(lambda hub: hub.sources.change("troubled", SourceChange(options={"platform": NAME})))
    volumes = len(ready.records("volume"))
    between.change = change
    tried = ready.sync(troubled, dry_run=True)
    assert tried.removed == {"vm": 1, "vport": 1}
    report = ready.sync(troubled)
    assert report.removed == {"vm": 1, "vport": 1}
    assert victim not in {one["key"] for one in ready.records("vm")}
    assert len(ready.records("volume")) == volumes
    assert ready.sync(NAME).added == {"vm": 1, "vport": 1}


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"secret": "wrong"}, "refuses the user"),
    ({"url": "http://no-such-host.invalid:5000/v3", "options": {"plain": "yes"}}, "is not known here"),
    ({"url": "http://127.0.0.1:9/v3"}, "Nothing listens on port 9"),
    ({"options": {"region": "elsewhere"}}, "has no region elsewhere"),
])
def test_what_is_wrong_is_said_in_one_sentence(ready: Any, served: Served, fields: dict[str, Any], sentence: str) -> None:
    ready.add(**{"name": "wrong", "kind": "openstack", "url": served.auth_url, "username": served.user, "secret": SECRET, **fields})
    try:
        found = ready.ask(lambda hub: hub.sources.test("wrong"))
    finally:
        ready.ask(lambda hub: hub.sources.remove("wrong"))
    assert not found.ok
    assert sentence in found.message
    assert found.way_out


def test_a_source_that_can_be_read_says_so(ready: Any, cloud: Cloud) -> None:
    found = ready.ask(lambda hub: hub.sources.test(NAME))
    assert found.ok, found.message
    assert f"region {REGION}, {len(cloud.hosts)} hypervisors" in found.about


def test_an_application_credential_opens_it_too(ready: Any, served: Served) -> None:
    ready.add(name="applied", kind="openstack", url=served.auth_url, username=served.user, secret=SECRET,
              options={"login": "application-credential", "platform": NAME})
    found = ready.ask(lambda hub: hub.sources.test("applied"))
    ready.ask(lambda hub: hub.sources.remove("applied"))
    assert found.ok, found.message


def test_the_secret_is_sealed_and_shown_nowhere(ready: Any) -> None:
    rows = ready.ask(lambda hub: hub.sources.list())
    assert SECRET not in msgspec.json.encode(rows).decode()
    assert [row.source.credential for row in rows if row.source.name == NAME] == [f"source-{NAME}"]
    journal = b"".join(file.read_bytes() for file in Path(ready.settings.general.data_dir).glob("records.db*"))
    assert SECRET.encode() not in journal
