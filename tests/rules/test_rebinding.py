"""Rules change and devices come, go and change while real processes poll them: every row follows, and no alert is raised twice or left."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import lab.run
from agents import launch
from agents.places import owner, settled
from client import Client, connect
from core.errors import YunwangError
from core.sections import Ears, General, Rules
from core.settings import Settings
from core.views import AlertRow, ViewQuery

DEADLINE_S = 60.0
DEVICES = 4
BUSY = "rules:\n  busy: {{kind: threshold, metric: {metric}, above: {above}, severity: minor, where: {{{where}}}}}\n"
WRONG = "rules:\n  busy: {kind: threshold, metric: m, abov: 3, severity: minor}\n"


class Node(NamedTuple):
    settings: Settings
    city: lab.run.Handle

    @property
    def names(self) -> list[str]:
        return [box.name for box in self.city.city.boxes]

    def rule(self, above: float, where: str = "", metric: str = "ifHCInOctets") -> None:
        write(self.settings, BUSY.format(above=above, where=where, metric=metric))

    def hang_up(self) -> None:
        """As an administrator does: the node, not one of its processes, is told."""
        pid = owner(self.settings)
        assert pid
        os.kill(pid, signal.SIGHUP)


def write(settings: Settings, text: str) -> None:
    """Never half of it."""
    path = Path(settings.general.data_dir) / "rules" / "own.yml"
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


@contextlib.contextmanager
def running(kinds: tuple[str, ...], *, follow: bool) -> Iterator[Settings]:
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    (folder / "data" / "rules").mkdir(parents=True, mode=0o700)
    general = General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en")
    settings = settled(Settings(general=general, ears=Ears(), rules=Rules(follow=follow)))
    try:
        launch.start(settings, kinds=kinds, die_with_us=True)
        yield settings
    finally:
        with contextlib.suppress(YunwangError):
            launch.stop(settings)
        if pid := owner(settings):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def follower() -> Iterator[Settings]:
    """A hub that follows its files, which have changed."""
    with running(("hub",), follow=True) as settings:
        write(settings, BUSY.format(above=7, where="", metric="m"))
        yield settings


@pytest.fixture(scope="module")
def node(follower: Settings) -> Iterator[Node]:
    with (
        lab.run.start(DEVICES, base=lab.run.random_base(), shape="mixed", events=False) as city,
        running(("hub", "workers", "senses"), follow=False) as settings,
    ):
        asyncio.run(_imported(settings, city))
        yield Node(settings, city)


async def _imported(settings: Settings, city: lab.run.Handle) -> None:
    async with connect(settings) as hub:
        report = await hub.import_file("city.xlsx", city.city.workbook(city.port, 1, f"file:{city.credential_file}"))
        assert report.added["device"] == DEVICES
        await until(hub, lambda: _all_discovered(hub))


async def _all_discovered(hub: Client) -> bool:
    rows = (await hub.devices(ViewQuery(view="devices"))).rows
    return len(rows) == DEVICES and all([await hub.facts(row.id) for row in rows])


async def until(hub: Client, true: Callable[[], Any]) -> Any:
    async with asyncio.timeout(DEADLINE_S):
        while not (found := await true()):  # noqa: ASYNC110 - the hub is asked
            await asyncio.sleep(0.1)
        return found


async def ours(hub: Client) -> list[AlertRow]:
    return [row for row in (await hub.alerts(ViewQuery(view="alerts", limit=500))).rows if row.rule == "busy" and not row.cleared_at]


@contextlib.asynccontextmanager
async def asked(node: Node) -> AsyncIterator[tuple[Client, Callable[[Callable[[list[AlertRow]], bool]], Any]]]:
    """The hub, and how to wait for what is open of our rule."""
    async with connect(node.settings) as hub:

        async def wait(true: Callable[[list[AlertRow]], bool]) -> list[AlertRow]:
            async def look() -> list[list[AlertRow]]:
                rows = await ours(hub)
                return [rows] if true(rows) else []

            (rows,) = await until(hub, look)
            return list(rows)

        yield hub, wait


def devices_of(rows: list[AlertRow]) -> set[str]:
    return {row.device for row in rows}


async def test_a_hang_up_of_the_node_puts_new_rules_in_force_in_every_process(node: Node) -> None:
    async with asked(node) as (hub, wait):
        node.rule(above=-1)
        node.hang_up()
        before = await wait(lambda rows: devices_of(rows) == set(node.names))
        write(node.settings, WRONG)
        node.hang_up()
        await until(hub, lambda: _problems(hub))
        assert {row.id for row in before} <= {row.id for row in await ours(hub)}, "with a mistake what held before holds"
        one = node.names[1]
        node.rule(above=-1, where=f"name: {one}")
        node.hang_up()
        after = await wait(lambda rows: devices_of(rows) == {one})
        assert {row.id for row in after} == {row.id for row in before if row.device == one}, "what goes on is not raised again"
        assert not await _problems(hub)
        write(node.settings, "rules: {}\n")
        node.hang_up()
        await wait(lambda rows: not rows)


async def _problems(hub: Client) -> Any:
    return (await hub.rules.all()).problems


async def test_a_device_that_is_changed_comes_under_a_rule_and_leaves_it(node: Node) -> None:
    async with asked(node) as (hub, wait):
        node.rule(above=-1, where="tag: watched")
        node.hang_up()
        await until(hub, lambda: _in_force(hub, "busy"))
        for name, note, there in ((node.names[0], "#watched", True), (node.names[2], "#watched", True), (node.names[0], "", False)):
            device, tag = await hub.tagged("device", name)
            await hub.put_record("device", device.replace(note=note), tag=tag)
            await wait(partial(_is_there, name, there))
        assert devices_of(await ours(hub)) == {node.names[2]}


def _is_there(name: str, there: bool, rows: list[AlertRow]) -> bool:
    return (name in devices_of(rows)) == there


async def _in_force(hub: Client, name: str) -> bool:
    return any(row.name == name for row in (await hub.rules.all()).rules)


async def test_a_device_that_goes_takes_its_alerts_along_and_comes_back_with_new_ones(node: Node) -> None:
    async with asked(node) as (hub, wait):
        node.rule(above=-1)
        node.hang_up()
        before = await wait(lambda rows: devices_of(rows) == set(node.names))
        gone = node.names[3]
        device, tag = await hub.tagged("device", gone)
        await hub.put_record("device", device.replace(polled=False), tag=tag)
        rest = await wait(lambda rows: gone not in devices_of(rows))
        assert {row.id for row in rest} == {row.id for row in before if row.device != gone}
        device, tag = await hub.tagged("device", gone)
        await hub.put_record("device", device.replace(polled=True), tag=tag)
        again = await wait(lambda rows: gone in devices_of(rows))
        assert {row.id for row in again if row.device != gone} == {row.id for row in rest}
        assert not {row.id for row in again if row.device == gone} & {row.id for row in before}


async def test_rows_follow_ports_whose_index_has_moved(node: Node) -> None:
    """The device restarts, and half of its interfaces have other numbers: the alert of such a port stays, and its values still count."""
    async with asked(node) as (hub, wait):
        name = node.names[1]
        port = node.city.city.interfaces(name)[-1]
        node.rule(above=-1, where=f"name: {name}, instance: '{port.name}'")
        node.hang_up()
        (before,) = await wait(lambda rows: [(row.device, row.instance) for row in rows] == [(name, port.name)])
        node.city.control("reboot", name, 0, True)
        await until(hub, lambda: _moved(hub, before.device_id, port.name, port.if_index))
        assert [row.id for row in await ours(hub)] == [before.id]
        node.rule(above=1e15, where=f"name: {name}, instance: '{port.name}'")
        node.hang_up()
        await wait(lambda rows: not rows)


async def _moved(hub: Client, device_id: str, name: str, index: int) -> bool:
    return any(port.name == name and port.if_index != index for port in await hub.interfaces(device_id))


async def test_files_that_have_changed_are_followed(follower: Settings) -> None:
    async with connect(follower) as hub:
        await until(hub, lambda: _in_force(hub, "busy"))
