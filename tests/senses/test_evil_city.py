"""Hostile agents through a running hub, over real UDP: a clear mark where people look, bounds on what they cost, the others unharmed."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents import launch
from agents.places import owner, prepare, settled
from agents.senses.main import Senses
from cli import inventory
from cli.poll import poll
from client import connect
from core import i18n
from core.errors import YunwangError
from core.identity import Actor
from core.measured import PollCost
from core.nouns import new_id
from core.objects import CredentialRef, Device, Site
from core.polling import Oid
from core.sections import Accounts, General, Polling, Probes, Samples
from core.settings import Settings
from core.views import ViewQuery
from links.bus import SocketBus
from links.snmp import ber
from stores.samples import open_samples

PARTS: Oid = (1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1)
"""ENTITY-MIB: every device is asked for it."""
Found = tuple[Oid, bytes] | None


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


def _next(name: Oid) -> tuple[Oid, int]:
    """The column asked for, and the row after that of the name."""
    column = name[: len(PARTS) + 1] if len(name) > len(PARTS) else (*PARTS, 2)
    return column, (name[len(PARTS) + 1] if len(name) > len(PARTS) + 1 else 0) + 1


def a_hundred_thousand(name: Oid) -> Found:
    column, row = _next(name)
    return ((*column, row), ber.integer(row)) if row <= 100_000 else None


def never_ends(name: Oid) -> Found:
    """Each name one number longer, then the next row."""
    below = name if len(name) > len(PARTS) else (*PARTS, 2)
    return ((*below, 1) if len(below) < 100 else (*below[:13], below[13] + 1)), ber.integer(1)


def lies_about_its_index(name: Oid) -> Found:
    return (*_next(name)[0], 5), ber.integer(1)


def wrong_types(name: Oid) -> Found:
    column, row = _next(name)
    odd = (ber.tlv(4, b"\xff\xfe[bold]{0}\x1b[2J"), ber.tlv(6, ber.oid_body((1, 3, 6, 1))), ber.tlv(0x44, b"\x9f\x78\x04\x42"), b"\x05\x00")
    return ((*column, row), odd[row % len(odd)]) if row <= 20 else None


def nothing_odd(_name: Oid) -> Found:
    return None


EVIL: dict[str, tuple[Any, dict[str, Any], str]] = {
    "many": (a_hundred_thousand, {}, "entities: "), "endless": (never_ends, {}, ""), "liar": (lies_about_its_index, {}, "do not grow"),
    "odd": (wrong_types, {}, ""), "trickle": (a_hundred_thousand, {"delay_s": 0.2}, "takes too long"),
    "broken": (a_hundred_thousand, {"broken": b"\x30\x82\xff\xff\x02\x01\x01"}, "entities"), "honest": (nothing_odd, {}, ""),
}
"""What it does, how, and what its mark says."""
MARKED = frozenset(EVIL) - {"odd", "honest"}


@pytest.fixture(scope="module")
def agents(liar: Callable[..., Any]) -> dict[str, Any]:
    return {name: liar(evil, below=PARTS, **more) for name, (evil, more, _) in EVIL.items()}


@pytest.fixture(scope="module")
def node(agents: dict[str, Any]) -> Iterator[Settings]:
    """A running hub that knows them all."""
    path = Path(tempfile.mkdtemp(prefix="yw-"))
    general = General(data_dir=str(path / "data"), run_dir=str(path / "run"), language="en")
    polling = Polling(dead_probe_s=1, busy_share=1.0)
    settings = settled(Settings(general=general, accounts=Accounts(second_factor="nobody"), polling=polling, probes=Probes(ping_s=0)))
    prepare(settings)
    (path / "community").write_text("c")
    (path / "community").chmod(0o600)
    now = time.time_ns() // 1_000_000
    store = open_records(settings)
    with store.write(Actor(name="seed", origin="test"), now) as write:
        write.put("seed", Site(id=new_id(now), name="S", level="county"))
        write.put("seed", CredentialRef(id=new_id(now), name="c", kind="snmp-community", locator=f"file:{path / 'community'}"))
        for name, agent in agents.items():
            write.put("seed", Device(
                id=name, name=name, address="127.0.0.1", snmp_port=agent.target.port, site="S", role="access", credential="c",
                interval_s=1, timeout_ms=1000, retries=0,
            ))
    store.close()
    launch.start(settings, kinds=("hub",), die_with_us=True)
    yield settings
    with contextlib.suppress(YunwangError):
        launch.stop(settings)
    if pid := owner(settings):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path, ignore_errors=True)


def open_records(settings: Settings) -> Any:
    from stores.records import open_records

    return open_records(Path(settings.general.data_dir) / "records.db")


async def test_hostile_agents_are_marked_and_cost_the_others_nothing(
    node: Settings, agents: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("agents.senses.discovery.LONGEST_S", 8.0)
    bus = await SocketBus(Path(node.general.run_dir) / "bus.sock", "senses").start()
    senses = Senses(node, bus, open_samples(tmp_path / "samples", Samples()), tmp_path, pause_s=0.1)
    await senses.start()
    try:
        async with connect(node) as hub, asyncio.timeout(90):
            found: dict[str, dict[str, str]] = {}
            while not all("mark" in found.get(name, {}) for name in MARKED) or not all(found.get(name) for name in EVIL):
                found = {name: {fact.field: fact.value for fact in await hub.facts(name)} for name in EVIL}
                await asyncio.sleep(0.2)
            rows = {row.id: row for row in (await hub.devices(ViewQuery(view="devices"))).rows}
            while not all(row.status == "up" and row.ports == 2 for row in rows.values()):
                rows = {row.id: row for row in (await hub.devices(ViewQuery(view="devices"))).rows}
                await asyncio.sleep(0.2)
            measured = {name: await hub.measured(name) for name in EVIL}
            told = {name: await hub.cost(name) for name in EVIL}
            words = Namespace(host="many", community="", v3_user="", explain=True, json=True)
            assert await asyncio.to_thread(poll, words, node) == 0
            assert msgspec.json.decode(capsys.readouterr().out, type=PollCost) == told["many"], "the shell asks the hub"
            cost = {name: agent.requests for name, agent in agents.items()}
            await asyncio.sleep(2.0)
            after = {name: agent.requests - cost[name] for name, agent in agents.items()}
    finally:
        await senses.stop()
        await bus.close()
    for name, (_, _, said) in EVIL.items():
        assert said in found[name].get("mark", ""), (name, found[name])
        assert bool(measured[name].marks) == (name in MARKED), "the console shows it on the health tab"
        assert bool(told[name].marks) == (name in MARKED)
        assert told[name].variables == sum(one.variables for one in told[name].tables)
        assert told[name].requests > 0
    assert "mark" not in found["honest"]
    assert all("\x1b" not in value for facts in found.values() for value in facts.values())
    assert max(cost.values()) < 1500
    assert max(after.values()) < 40, "it is polled on, and no more than that"
    for name in ("many", "honest"):
        assert await asyncio.to_thread(inventory.show, Namespace(kind="device", name=name, at="", json=False), node) == 0
        shown = capsys.readouterr().out
        assert ("entities: " in shown) == (name == "many")
