"""A slow device in the whole process, over real UDP: asked less often, never taken for dead, its ports kept, and not slow for ever."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents import local
from agents.senses.entry import Entry
from agents.senses.explorer import LAST_PAUSE_S, Explorer, pause_after
from agents.senses.main import Senses
from core import i18n
from core.errors import ForbiddenError, NoAnswerError, ProtocolError, YunwangError
from core.messages import Assign
from core.objects import CredentialRef, Device
from core.polling import Kind, Oid, SnmpSecret, TableRows, Target, VarBind
from core.sections import Polling, Samples
from core.settings import Settings
from core.signals import SeriesKey
from lab import run
from monitors.discovery import Discovered
from monitors.judge import Observation
from monitors.profiles import shipped
from stores.samples import open_samples

Until = Callable[..., Awaitable[None]]


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.fixture(scope="module")
def city() -> Iterator[run.Handle]:
    with run.start(3, seed=7, base=run.random_base(), events=False) as handle:
        yield handle


@pytest.fixture
def slow(city: run.Handle) -> Iterator[str]:
    """The first device answers after 30 ms."""
    name = city.city.devices()[0].name
    assert city.control("slow", name, 30)["ok"]
    yield name
    assert city.control("slow", name, 0)["ok"]


async def test_a_slow_device_is_polled_less_often_and_is_as_others_when_it_no_longer_is(
    city: run.Handle, slow: str, hub_ear: Any, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.senses.explorer.MEASURED_AGAIN_S", 5.0)
    device = Device(
        id="d0", name="n0", address=city.address_of(0), site="s", role="access", credential="c", snmp_port=city.port, interval_s=1,
        timeout_ms=1500,
    )
    secret = CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{city.credential_file}")
    settings = Settings(polling=Polling(dead_probe_s=1, busy_share=0.3, longest_interval_s=10))
    store = open_samples(tmp_path / "samples", Samples())

    def mark() -> str:
        facts = {fact.field: fact.value for fact in hub_ear.observed["d0"].facts} if "d0" in hub_ear.observed else {}
        return str(facts.get("mark", ""))

    def counted(metric: str) -> int:
        keys = [key for key in store.series_of("d0") if key.metric == metric]
        return sum(len(store.read(key, 0, 2**60).at_ms) for key in keys[:1])

    senses = Senses(settings, hub_ear, store, tmp_path, pause_s=0.1)
    await senses.start()
    try:
        await hub_ear.ask("senses.assign", Assign(revision=1, devices=(device,), credentials=(secret,)))
        await until(lambda: mark().startswith("Polled every"))
        every = senses._roster.entry_of("d0").every  # type: ignore[union-attr]
        assert every > 1
        assert f"Polled every {every} s instead of 1" in mark()
        await until(lambda: hub_ear.live["d0"].in_bps >= 0)
        ahead = counted("yw_up") - counted("ifOperStatus")
        await until(lambda: counted("ifOperStatus") and counted("yw_up") - counted("ifOperStatus") >= ahead + 3)
        row = hub_ear.live["d0"]
        truth = city.city.interfaces(slow)
        assert (row.status, row.ports) == ("up", sum(port.if_type == 6 for port in truth)), "all its ports are polled"
        ups = store.read(SeriesKey("d0", "yw_up"), 0, 2**60)
        assert set(ups.mean.tolist()) == {1.0}
        assert city.control("slow", slow, 0)["ok"]
        await until(lambda: "Polled every" not in mark())
        assert senses._roster.entry_of("d0").every == 1  # type: ignore[union-attr]
    finally:
        await senses.stop()
    assert not [alert for alert in hub_ear.alerts if alert.rule == "device-unreachable"]


def test_what_a_slow_device_is_asked_is_explained_and_it_keeps_its_ports(city: run.Handle, slow: str) -> None:
    secret = SnmpSecret(community=Path(city.credential_file).read_text().strip())
    target = local.target_of(city.address_of(0), city.port, "2c", secret, 1.5).replace(interval_s=1.0)
    told = local.explain(Settings(polling=Polling(busy_share=0.3, longest_interval_s=20)), target)
    assert told.interval_s > 1
    assert told.poll_s > 0
    assert told.marks[0].startswith(f"Polled every {told.interval_s:g} s instead of 1, because it needs ")
    short = local.explain(Settings(polling=Polling(busy_share=0.3, longest_interval_s=1)), target)
    assert short.interval_s == 1
    assert short.variables < told.variables
    assert short.marks[-1].startswith("Not polled, as the device can be asked for ")
    ports = {metric for table in short.tables if table.table == "interfaces" for metric in table.metrics}
    assert "ifOperStatus" in ports
    assert not ports & {"ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards"}


class Found:
    """Whom a discovery tells."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.found, self.seen = entry, list[Discovered](), list[Observation]()

    def entry_of(self, device_id: str) -> Entry | None:
        return self.entry if device_id == self.entry.device.id else None

    def take(self, entry: Entry, found: Discovered) -> None:
        del entry
        self.found.append(found)

    def saw(self, device_id: str, observation: Observation) -> None:
        del device_id
        self.seen.append(observation)


class Forgetful:
    """A session that fails so many times and then is a device without any tables."""

    def __init__(self, fails: list[YunwangError]) -> None:
        self.fails = fails

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        if self.fails:
            raise self.fails.pop()
        return [VarBind(oid, Kind.NO_SUCH_OBJECT, None) for oid in oids]

    async def walk(self, root: Oid, limit: int = 0) -> list[VarBind]:
        del root, limit
        return []

    async def table(self, columns: Sequence[Oid], limit: int = 0) -> TableRows:
        del columns, limit
        return TableRows({})

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        return [False for _ in roots]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize("fails", [[NoAnswerError()] * 2, [ProtocolError("x")] * 2, [ForbiddenError(), NoAnswerError()]])
async def test_a_discovery_that_failed_is_tried_again_by_itself(fails: list[YunwangError], until: Until) -> None:
    device = Device(id="d", name="d", address="127.0.0.1", site="s", role="access")
    home = Found(Entry(device, Target(device_id="d", address="127.0.0.1", secret=SnmpSecret(community="c"), timeout_s=0.3)))
    session = Forgetful(list(fails))
    explorer = Explorer(home, shipped(), lambda _target: session, Polling())
    explorer.start()
    try:
        explorer.discover("d")
        await until(lambda: any(found.complete for found in home.found))
    finally:
        await explorer.close()
    assert not session.fails
    assert [one.answer for one in home.seen].count("none") <= 1, "one silence is told once"


def test_a_discovery_that_failed_is_tried_again_soon_and_then_less_and_less_often() -> None:
    pauses = [pause_after(count, 2.0) for count in range(1, 40)]
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_PAUSE_S
    assert 0 < pause_after(1, 0.0) < 1
