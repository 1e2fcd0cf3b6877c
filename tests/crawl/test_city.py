"""A city that nobody has declared is crawled: from one device on to all, into the review queue, and never into what is denied."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
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
from core.errors import InvalidInputError, YunwangError
from core.ports import ListQuery
from core.sections import General
from core.settings import Settings
from core.work import Job
from lab.cloud import Cloud
from lab.mib import Feature
from lab.projection import features
from lab.run import Handle, random_base, start
from stores.records import open_records, records_at

T = TypeVar("T")
DEVICES, COMMUNITY, DEADLINE_S = 30, "lab-crawl-community", 60.0


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
            return await ended(hub, begun.id)

        return self.ask(question)

    def crawl(self, **wish: Any) -> CrawlReport:
        """What came of a crawl that went well."""
        job = self.job(**wish)
        assert job.state == "done", job.message
        return msgspec.convert(job.result, CrawlReport)

    def waiting(self) -> list[dict[str, Any]]:
        """What waits in the review queue about new devices."""
        query = ListQuery(where={"state": "open", "object_kind": "device"}, sort="first_seen", limit=500)
        page = self.ask(lambda hub: hub.page("difference", query))
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


async def ended(hub: Client, job_id: str) -> Job:
    async with asyncio.timeout(DEADLINE_S):
        while True:
            job = await hub.work.job(job_id)
            if job.state in jobs.ENDED:
                return job
            await asyncio.sleep(0.05)


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
    first = number(place, place.seed)
    everybody = reachable(place.city.city, first)
    denied = max(everybody - {first})
    tried = place.crawl(seeds=[place.seed], dry_run=True, deny=[f"{place.address(denied)}/32"])
    assert tried.read == len(reachable(place.city.city, first, frozenset({denied}))) < len(everybody)
    assert tried.intake.dry_run
    assert tried.intake.queued["device"] == tried.read
    assert tried.left_out > 0
    assert place.waiting() == []
    report = place.crawl(seeds=[place.seed])
    assert (report.read, report.known, report.silent, report.refused) == (len(everybody), 0, 0, 0)
    names = {row["name"] for row in place.waiting() if row["what"] == "new"}
    assert names == {place.city.city.boxes[n].name for n in everybody}
    assert place.ask(lambda hub: hub.page("device", ListQuery())).total == 0


def test_without_a_seed_every_address_is_asked(place: Place) -> None:
    """Several prefixes may stand in one text, as schedules have them."""
    swept = place.crawl(prefixes=f"{place.address(7)}/31, {place.address(20)}/32", dry_run=True)
    assert swept.read == 3


def test_no_secret_goes_where_none_belongs(place: Place) -> None:
    """Outside of every credential set nothing is asked, and nothing but a running crawl is given anything."""
    other = place.crawl(prefixes=["127.1.2.3/32"], dry_run=True)
    assert (other.read, other.refused) == (0, 1)
    assert "credential set" in other.unreadable[0].reason
    for arguments, word in (
        ({"prefixes": ["nonsense"]}, "prefix"), ({"prefixes": ["10.0.0.0/8"]}, "--seed"), ({"prefixes": []}, "crawl"),
        ({"prefixes": ["10.0.0.0/8"], "seeds": ["11.0.0.1"]}, "outside"), ({"prefixes": ["10.0.0.1/32"], "most": 0}, "most"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            place.ask(lambda hub, it=arguments: hub.work.run(KIND, it))  # type: ignore[misc]
        assert word in f"{refused.value} {refused.value.way_out}"


def test_a_cancelled_crawl_goes_on_where_it_was(place: Place) -> None:
    async def question(hub: Client) -> Job:
        begun = await hub.work.run(KIND, {"prefixes": [place.net], "port": place.city.port, "rate": 8.0, "seeds": [place.seed]})
        async with asyncio.timeout(DEADLINE_S):
            while (await hub.work.job(begun.id)).done < 3:  # noqa: ASYNC110 - a person looks again and again, too
                await asyncio.sleep(0.1)
        await hub.work.cancel(begun.id)
        stopped = await ended(hub, begun.id)
        assert stopped.state == "cancelled"
        spool = list((Path(place.settings.general.data_dir) / "crawl").glob("*.crawl"))
        assert len(spool) == 1
        assert COMMUNITY.encode() not in spool[0].read_bytes()
        await hub.work.resume(begun.id)
        return await ended(hub, begun.id)

    before = {row["id"] for row in place.waiting()}
    job = place.ask(question)
    assert job.state == "done", job.message
    assert {row["id"] for row in place.waiting()} == before, "found again is the same line of the queue"
    assert job.attempt == 2
    assert msgspec.convert(job.result, CrawlReport).read == len(reachable(place.city.city, number(place, place.seed)))
    assert list((Path(place.settings.general.data_dir) / "crawl").glob("*.crawl")) == []


def test_the_command_line_crawls_and_tells(place: Place) -> None:
    command = [
        "--lang", "en", "inventory", "import", f"discover:{place.net}", "--seed", place.seed, "--port", str(place.city.port),
        "--rate", "500", "--max", "5",
    ]
    environment = {**os.environ, "YUNWANG_GENERAL_DATA_DIR": place.settings.general.data_dir,
                   "YUNWANG_GENERAL_RUN_DIR": place.settings.general.run_dir}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from cli.main import main; sys.exit(main())", *command, "--dry-run", "--json"],
        capture_output=True, text=True, timeout=DEADLINE_S, check=False, env=environment,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["read"], told["stopped_by"]) == (5, "most")


def test_what_is_declared_is_observed(place: Place) -> None:
    """The last test of the module: the city becomes known, then its links, stations, addresses and VLANs are its devices' own words."""
    city = place.city.city
    book = city.workbook(place.city.port, locator=f"file:{place.city.credential_file}")
    place.ask(lambda hub: hub.import_file("city.xlsx", book))
    report = place.crawl(prefixes=[f"{place.address(n)}/32" for n in range(DEVICES)])
    assert (report.read, report.known) == (DEVICES, DEVICES)
    store = open_records(records_at(place.settings), readonly=True)
    try:
        names = {device.id: device.name for device in store.all("device")}
        links = {(names[li.device_a], li.port_a, names.get(li.device_b, li.device_b), li.port_b): li for li in store.all_links()}
        stations = list(store.all_stations())
        facts = {(names[i], fact.field) for i in names for fact in store.observed(i).facts}
    finally:
        store.close()
    speaks = [bool(features(box) & Feature.LLDP) for box in city.boxes]
    told = [link for link, wire in zip(city.links(), city.wires, strict=True) if speaks[wire.a] and speaks[wire.b]]
    for one in told:
        assert (one.device_a, one.port_a, one.device_b, one.port_b) in links
        assert (one.device_b, one.port_b, one.device_a, one.port_a) in links
    assert {links[key].source for key in links} >= {"lldp", "mac"}
    real = {(a.device_a, a.port_a, a.device_b, a.port_b) for a in city.links()}
    real |= {(b, q, a, p) for a, p, b, q in real}
    guessed = [key for key, link in links.items() if link.source == "mac"]
    assert guessed
    assert set(guessed) <= real
    seen = {(names[one.device_id], one.mac) for one in stations}
    for host in Cloud(city).hosts:
        assert any(mac == card for card in host.macs for _, mac in seen), host.name
    assert {field for _, field in facts} >= {"address", "vlan", "vrf", "chassis"}
