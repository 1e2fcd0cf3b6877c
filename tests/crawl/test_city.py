"""A city that nobody has declared is crawled: from one device on to all, into the review queue, and never into what is denied."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import pytest

from agents import launch
from agents.places import owner, settled
from client import Client, connect
from core import i18n, jobs
from core.crawl import KIND, CrawlReport
from core.custody import NewCredential, NewCredentialSet
from core.errors import YunwangError
from core.ports import ListQuery
from core.sections import General
from core.settings import Settings
from core.work import Job
from lab.mib import Feature
from lab.projection import features
from lab.run import Handle, random_base, start

T = TypeVar("T")
DEVICES, COMMUNITY, DEADLINE_S = 60, "lab-crawl-community", 60.0


class Place(NamedTuple):
    """A hub with workers, and a city beside it that it does not know."""

    settings: Settings
    city: Handle

    def ask(self, question: Callable[[Client], Awaitable[T]]) -> T:
        async def run() -> T:
            async with connect(self.settings) as hub:
                return await question(hub)

        return asyncio.run(run())

    def job(self, **wish: Any) -> Job:
        """A crawl that has ended."""

        async def question(hub: Client) -> Job:
            begun = await hub.work.run(KIND, {"prefixes": [self.net], "port": self.city.port, "rate": 500.0, **wish})
            async with asyncio.timeout(DEADLINE_S):
                while (job := await hub.work.job(begun.id)).state not in jobs.ENDED:
                    await asyncio.sleep(0.05)
            return job

        return self.ask(question)

    def crawl(self, **wish: Any) -> CrawlReport:
        """What came of a crawl that went well."""
        job = self.job(**wish)
        assert job.state == "done", job.message
        return msgspec.convert(job.result, CrawlReport)

    def waiting(self) -> list[dict[str, Any]]:
        """What waits in the review queue about new devices."""
        page = self.ask(lambda hub: hub.page("difference", ListQuery(where={"state": "open", "object_kind": "device"}, sort="first_seen", limit=500)))
        return list(page.items)

    @property
    def net(self) -> str:
        return f"{self.city.address_of(0).rpartition('.')[0]}.0/24"

    def address(self, device: int) -> str:
        return self.city.address_of(device)

    @property
    def seed(self) -> str:
        """A device in the middle: it has most wires."""
        wires = [end for wire in self.city.city.wires for end in (wire.a, wire.b)]
        return self.address(max(set(wires), key=wires.count))


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@contextlib.contextmanager
def running() -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")))
    try:
        launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
        yield settings
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with start(DEVICES, 7, base=random_base(), events=False, community=COMMUNITY) as city, running() as settings:
        found = Place(settings, city)

        async def prepare(hub: Client) -> None:
            await hub.custody.add(NewCredential(name="lab", kind="snmp-community", secret=COMMUNITY))
            await hub.custody.put_set(NewCredentialSet(name="city", prefixes=(found.net,), credentials=("lab",), most_failures=5))

        found.ask(prepare)
        yield found


def reachable(city: Any, first: int, denied: frozenset[int] = frozenset()) -> set[int]:
    """Devices that LLDP and default routes lead to."""
    speaks = [bool(features(box) & Feature.LLDP) for box in city.boxes]
    onward: dict[int, set[int]] = {}
    for wire in city.wires:
        if speaks[wire.a] and speaks[wire.b]:
            for near, far in ((wire.a, wire.b), (wire.b, wire.a)):
                if city.boxes[far].slot.role != "server":
                    onward.setdefault(near, set()).add(far)
    for box in city.boxes:
        if box.slot.above:
            onward.setdefault(box.number, set()).add(box.slot.above[0])
    found, left = {first}, [first]
    while left:
        for far in onward.get(left.pop(), set()) - found - denied:
            found.add(far)
            left.append(far)
    return found


def number(place: Place, address: str) -> int:
    return [place.address(n) for n in range(DEVICES)].index(address)


def test_from_one_device_on_all_that_can_be_reached_wait_in_the_queue(place: Place) -> None:
    """The one test of the walk: a dry run changes nothing, what is denied is never asked, and nothing is accepted by itself."""
    first = number(place, place.seed)
    everybody = reachable(place.city.city, first)
    denied = max(everybody - {first})
    less = reachable(place.city.city, first, frozenset({denied}))
    before = place.ask(lambda hub: hub.health()).revision
    tried = place.crawl(seeds=[place.seed], dry_run=True, deny=[f"{place.address(denied)}/32"])
    assert tried.read == len(less)
    assert tried.intake.dry_run
    assert place.waiting() == []
    asked = {entry["object_kind"] for entry in place.waiting()}
    assert asked == set()
    report = place.crawl(seeds=[place.seed])
    assert report.read == len(everybody)
    assert report.silent == 0
    names = {row["name"] for row in place.waiting() if row["what"] == "new"}
    assert names == {place.city.city.boxes[n].name for n in everybody}
    assert place.ask(lambda hub: hub.page("device", ListQuery())).total == 0
    assert place.ask(lambda hub: hub.health()).revision > before
    assert report.links > len(everybody)
    assert report.stations > 0


def test_a_second_crawl_finds_the_same_and_adds_nothing(place: Place) -> None:
    place.crawl(seeds=[place.seed])
    before = {row["id"]: row["last_seen"] for row in place.waiting()}
    report = place.crawl(seeds=[place.seed])
    assert {row["id"] for row in place.waiting()} == before.keys()
    assert sum(report.intake.added.values()) == 0
