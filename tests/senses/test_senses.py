"""The whole process against a City over real UDP: discovers, polls, stores, judges; and what happens when something breaks."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents import local
from agents.senses import judging
from agents.senses.entry import Entry
from agents.senses.main import Senses
from agents.senses.roster import Roster
from core.errors import DiskFullError
from core.measured import MeasuredNow
from core.messages import Assign, Watch
from core.objects import CredentialRef, Device
from core.polling import PollPlan, SnmpSecret, TablePlan
from core.ports import SampleStore
from core.rules import sentence
from core.sections import Polling, Samples
from core.settings import Settings
from core.signals import SampleBlock, SeriesKey
from lab import run
from monitors.discovery import Discovered
from monitors.judge import DeviceState
from stores.samples import open_samples

Until = Callable[..., Awaitable[None]]
pytestmark = pytest.mark.usefixtures("on_a_busy_machine")


@pytest.fixture(scope="module")
def city() -> Iterator[run.Handle]:
    with run.start(6, seed=7, base=run.random_base(), events=False) as handle:
        yield handle


def assignment(city: run.Handle, devices: int = 4, **more: Any) -> Assign:
    known = {"site": "s", "role": "access", "credential": "c", "snmp_port": city.port, "interval_s": 1, "timeout_ms": 1500, "retries": 1}
    made = tuple(Device(id=f"d{n}", name=f"n{n}", address=city.address_of(n), **known) for n in range(devices))  # type: ignore[arg-type]
    secret = CredentialRef(id="c", name="c", kind="snmp-community", locator=f"file:{city.credential_file}")
    return Assign(revision=1, devices=made, credentials=(secret,), **more)


class Breakable:
    """A sample store whose disk can be full."""

    def __init__(self, store: SampleStore) -> None:
        self._store, self.full = store, False

    def append(self, block: SampleBlock) -> None:
        if self.full:
            raise DiskFullError("The disk is full.")
        self._store.append(block)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@contextlib.asynccontextmanager
async def running(hub_ear: Any, tmp_path: Path) -> AsyncIterator[tuple[Senses, Breakable]]:
    store = Breakable(open_samples(tmp_path / "samples", Samples()))
    senses = Senses(Settings(polling=Polling(dead_probe_s=1)), hub_ear, store, tmp_path, pause_s=0.1)  # type: ignore[arg-type]
    await senses.start()
    try:
        yield senses, store
    finally:
        await senses.stop()


async def test_a_city_is_discovered_polled_stored_and_watched(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    async with running(hub_ear, tmp_path):
        done = await hub_ear.ask("senses.assign", assignment(city))
        assert (done.error, done.count) == ("", 4)
        await hub_ear.ask("senses.watch", Watch(device_ids=("d0",)))
        await until(lambda: len(hub_ear.observed) == 4)
        await until(lambda: all(hub_ear.live.get(f"d{n}") and hub_ear.live[f"d{n}"].in_bps > 0 for n in range(4)))
        await until(lambda: any(row.in_bps > 0 for row in hub_ear.interfaces["d0"].rows))
        row = hub_ear.live["d0"]
        assert (row.status, row.ports > 0, row.rtt_ms > 0, row.uptime_s > 0) == ("up", True, True, True)
    for number, device in enumerate(city.city.devices()[:4]):
        facts = {f.field: f.value for f in hub_ear.observed[f"d{number}"].facts}
        assert facts["sysName"] == device.name
        assert facts["platform"] == device.platform
        truth = {(i.if_index, i.name) for i in city.city.interfaces(device.name)}
        assert {(i.if_index, i.name) for i in hub_ear.observed[f"d{number}"].interfaces} == truth
    assert hub_ear.health.polls > 0
    assert hub_ear.health.storage_error == ""
    kept = open_samples(tmp_path / "samples", Samples(), readonly=True)
    assert kept.read(SeriesKey("d1", "yw_up"), 0, 2**60).mean.tolist()
    assert {key.metric for key in kept.series_of("d1")} >= {"ifHCInOctets", "ifOperStatus", "yw_rtt_ms"}
    kept.close()


async def test_a_device_that_dies_is_reported_and_cleared_when_it_returns(
    city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path
) -> None:
    name = city.city.devices()[1].name
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d1") and hub_ear.live["d1"].in_bps >= 0)
        assert city.control("silence", name, True)["ok"]
        await until(lambda: any(a.rule == "device-unreachable" and a.device_id == "d1" for a in hub_ear.alerts))
        assert hub_ear.live["d1"].status == "down"
        assert city.control("silence", name, False)["ok"]
        await until(lambda: any(a.cleared_at and a.device_id == "d1" and a.rule == "device-unreachable" for a in hub_ear.alerts))
        await until(lambda: hub_ear.live["d1"].status == "up")
    about = [a for a in hub_ear.alerts if a.rule == "device-unreachable"]
    assert {a.device_id for a in about} == {"d1"}, "the living are not accused"
    assert len({a.id for a in about}) == 1


async def test_a_port_that_goes_down_raises_an_alert(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    device = city.city.devices()[2]
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d2") and hub_ear.live["d2"].in_bps >= 0)
        up = next(i for i in hub_ear.observed["d2"].interfaces if i.oper_status == 1 and i.if_type == 6 and i.admin_status == 1)
        assert city.control("cut", device.name, up.name)["ok"]
        await until(lambda: any(a.rule == "interface-down" and a.instance == up.name for a in hub_ear.alerts))
        assert city.control("mend", device.name, up.name)["ok"]


async def test_alerts_wait_for_a_hub_that_does_not_answer(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    name = city.city.devices()[3].name
    hub_ear.deaf = True
    async with running(hub_ear, tmp_path) as (senses, _):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d3") and hub_ear.live["d3"].in_bps >= 0)
        city.control("silence", name, True)
        await until(lambda: senses._outbox._alerts)
        assert not hub_ear.alerts
        assert not hub_ear.observed
        hub_ear.deaf = False
        await until(lambda: any(a.device_id == "d3" for a in hub_ear.alerts) and len(hub_ear.observed) == 4)
        city.control("silence", name, False)
        await until(lambda: any(a.device_id == "d3" and a.cleared_at for a in hub_ear.alerts))


async def test_a_reboot_is_told_and_makes_no_spike(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    name = city.city.devices()[1].name
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d1") and hub_ear.live["d1"].in_bps >= 0)
        assert city.control("reboot", name, 0.5, True)["ok"]
        await until(lambda: any(a.rule == "device-rebooted" and a.device_id == "d1" for a in hub_ear.alerts))
        await until(lambda: hub_ear.live["d1"].status == "up" and hub_ear.live["d1"].in_bps >= 0)
        fastest = sum(i.speed_bps for i in hub_ear.observed["d1"].interfaces)
        truth = {i.if_index for i in city.city.interfaces(name)}
        await until(lambda: {i.if_index for i in hub_ear.observed["d1"].interfaces} != truth)
    kept = open_samples(tmp_path / "samples", Samples(), readonly=True)
    for key in kept.series_of("d1"):
        if key.metric in ("ifHCInOctets", "ifHCOutOctets"):
            assert all(0 <= rate * 8 <= fastest for rate in kept.read(key, 0, 2**60).mean.tolist())
    kept.close()


async def test_a_full_disk_never_stops_the_polling_and_loses_nothing(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    async with running(hub_ear, tmp_path) as (_, store):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d0") and hub_ear.live["d0"].in_bps >= 0)
        store.full = True
        await until(lambda: hub_ear.health.storage_error == "The disk is full.")
        polls = hub_ear.health.polls
        await until(lambda: hub_ear.health.polls > polls + 8)
        store.full = False
        await until(lambda: not hub_ear.health.storage_error)
        at_last = hub_ear.health.polls
    kept = open_samples(tmp_path / "samples", Samples(), readonly=True)
    ups = sum(len(kept.read(SeriesKey(f"d{n}", "yw_up"), 0, 2**60).at_ms) for n in range(4))
    kept.close()
    assert ups >= at_last


async def test_a_restart_takes_over_open_alerts(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    name = city.city.devices()[0].name
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d0") and hub_ear.live["d0"].in_bps >= 0)
        city.control("silence", name, True)
        await until(lambda: any(a.rule == "device-unreachable" for a in hub_ear.alerts))
    [alert] = [a for a in hub_ear.alerts if a.rule == "device-unreachable"]
    foreign = alert.replace(id="gone", device_id="no longer there")
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city, open_alerts=(alert, foreign)))
        await until(lambda: any(a.id == "gone" and a.cleared_at for a in hub_ear.alerts))
        await until(lambda: hub_ear.live.get("d0") and hub_ear.live["d0"].status == "down")
        city.control("silence", name, False)
        await until(lambda: any(a.id == alert.id and a.cleared_at for a in hub_ear.alerts))
        await until(lambda: hub_ear.live["d0"].status == "up")
    assert [a.id for a in hub_ear.alerts if a.rule == "device-unreachable" and not a.cleared_at] == [alert.id]


async def test_a_credential_that_is_not_there_stops_only_its_devices(
    city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path
) -> None:
    whole = assignment(city)
    broken = whole.devices[0].replace(credential="nowhere")
    async with running(hub_ear, tmp_path):
        done = await hub_ear.ask("senses.assign", whole.replace(devices=(broken, *whole.devices[1:])))
        assert "nowhere" in done.error
        await until(lambda: hub_ear.live.get("d1") and hub_ear.live["d1"].in_bps >= 0)
        await until(lambda: any(a.device_id == "d0" for a in hub_ear.alerts))
        [alert] = [a for a in hub_ear.alerts if a.device_id == "d0"]
        assert (alert.rule, alert.cleared_at, hub_ear.live["d0"].status) == ("polling-refused", 0, "refused")
        assert "nowhere" in sentence(alert.rule, alert.instance, alert.evidence)
        await hub_ear.ask("senses.assign", whole.replace(open_alerts=(alert,)))
        await until(lambda: any(a.id == alert.id and a.cleared_at for a in hub_ear.alerts) and hub_ear.live["d0"].status == "up")


async def test_a_credential_that_v3_does_not_allow_stops_only_its_devices(
    city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YW_TEST_SHORT", "short")
    whole = assignment(city)
    user = CredentialRef(id="u", name="u", kind="snmp-v3", locator="env:YW_TEST_SHORT", username="yun", auth="SHA256")
    broken = whole.devices[0].replace(credential="u", snmp_version="3")
    async with running(hub_ear, tmp_path):
        done = await hub_ear.ask(
            "senses.assign", whole.replace(devices=(broken, *whole.devices[1:]), credentials=(*whole.credentials, user))
        )
        assert done.error.startswith("n0: ")
        await until(lambda: hub_ear.live.get("d1") and hub_ear.live["d1"].status == "up" and hub_ear.live["d0"].status == "refused")


async def test_a_port_that_went_down_while_nobody_watched_is_an_alert(city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path) -> None:
    device = city.city.devices()[2]
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: hub_ear.live.get("d2") and hub_ear.live["d2"].in_bps >= 0)
        up = next(i for i in hub_ear.observed["d2"].interfaces if i.oper_status == 1 and i.if_type == 6 and i.admin_status == 1)
    assert city.control("cut", device.name, up.name)["ok"]
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: any(a.rule == "interface-down" and a.instance == up.name for a in hub_ear.alerts))
    assert city.control("mend", device.name, up.name)["ok"]


async def test_a_plan_that_cannot_be_polled_keeps_no_other_device_from_it(
    city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    truly = Roster.take

    def take(roster: Roster, entry: Entry, found: Discovered) -> None:
        if entry.device.id == "d1":
            table = TablePlan(columns=((1, 3, -6),), indexes=((1,),))
            found = found.replace(polled=found.polled.replace(plan=PollPlan(scalars=found.polled.plan.scalars, tables=(table,))))
        truly(roster, entry, found)

    monkeypatch.setattr(Roster, "take", take)
    async with running(hub_ear, tmp_path):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: all(hub_ear.live.get(f"d{n}") and hub_ear.live[f"d{n}"].in_bps >= 0 for n in (0, 2, 3)))
        await until(lambda: "What was discovered of d1 cannot be polled" in caplog.text)
        hub_ear.live.clear()
        await until(lambda: hub_ear.live.get("d1") and hub_ear.live["d1"].status == "up")
    assert hub_ear.health.faults == 0


async def test_a_fault_of_our_own_is_told_and_polling_goes_on(
    city: run.Handle, hub_ear: Any, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    truly, broken = judging.judge, []

    def judge(state: Any, rules: Any, observation: Any, now_ms: int) -> Any:
        if state.device_id in broken and observation is not None:
            raise ZeroDivisionError
        return truly(state, rules, observation, now_ms)

    monkeypatch.setattr(judging, "judge", judge)
    monkeypatch.setattr(DeviceState, "quiet", False)
    async with running(hub_ear, tmp_path) as (senses, _):
        await hub_ear.ask("senses.assign", assignment(city))
        await until(lambda: all(hub_ear.live.get(f"d{n}") and hub_ear.live[f"d{n}"].in_bps >= 0 for n in range(4)))
        broken.append("d1")
        await until(lambda: "ZeroDivisionError" in hub_ear.health.polling_error)
        assert "Traceback" in caplog.text
        polls = hub_ear.health.polls
        await until(lambda: hub_ear.health.polls > polls + 8)
        senses._sweeper._engine.readings.at = None  # type: ignore[assignment]
        faults = hub_ear.health.faults
        broken.clear()
        await until(lambda: hub_ear.health.faults > faults)
        polls, hub_ear.live = hub_ear.health.polls, {}
        await until(lambda: hub_ear.health.polls > polls + 8)
        await until(lambda: all(hub_ear.live.get(f"d{n}") and hub_ear.live[f"d{n}"].status == "up" for n in range(4)))


async def test_what_a_device_measures_is_told_with_the_values_of_the_last_poll(
    city: run.Handle, hub_ear: Any, tmp_path: Path, until: Until
) -> None:
    async with running(hub_ear, tmp_path) as (senses, _):
        del senses
        await hub_ear.ask("senses.assign", assignment(city, 1))
        await until(lambda: "d0" in hub_ear.observed)

        async def told() -> MeasuredNow:
            body = await hub_ear.handlers["senses.measured"](msgspec.msgpack.encode("d0"))
            return msgspec.msgpack.decode(body, type=MeasuredNow)

        now = await told()
        assert now.found_ms > 0
        assert "standard-interfaces" in now.profiles
        empty = await hub_ear.handlers["senses.measured"](msgspec.msgpack.encode("nobody"))
        assert msgspec.msgpack.decode(empty, type=MeasuredNow) == MeasuredNow(device_id="nobody")


def test_what_polling_costs_a_device_is_explained_and_bounded(city: run.Handle) -> None:
    secret = SnmpSecret(community=Path(city.credential_file).read_text().strip())
    target = local.target_of(city.address_of(0), city.port, "2c", secret, 1.0)
    told = local.explain(Settings(), target)
    assert told.variables == sum(table.variables for table in told.tables)
    ports = next(table for table in told.tables if table.table == "interfaces")
    assert (ports.profile, ports.rows > 1, "ifHCInOctets" in ports.metrics) == ("standard-interfaces", True, True)
    assert 0 < told.requests < told.variables
    assert told.octets_in > told.variables
    assert not told.marks
    tight = local.explain(Settings(polling=Polling(most_variables=100)), target)
    assert tight.variables <= 100
    assert "100" in tight.marks[0]
