"""A storm: 50,000 alerts of a city within a minute, through the hub's one door; then it is listed, taken on by its roots, and over.

All devices but the backbone fall silent, and ports go down all over. Told are how long it took until all was stored and settled, how long
the hub's loop was held at most (a console feels it), memory, bytes of the records, and what people do with so many.
"""

import asyncio
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.hub.alerting import acting, choosing
from agents.hub.hub import Hub
from core import i18n
from core.alerting import MOST_AT_ONCE, AlertOrder, AlertQuery
from core.identity import EVERYWHERE, Actor, Caller, Grant
from core.messages import Observed
from core.nouns import new_id
from core.objects import Site
from core.sections import General
from core.settings import Settings
from core.signals import Alert
from lab.records import records
from links.broker import Broker
from links.bus import SocketBus
from stores.records import open_records

NAME = "alerts"
BATCH = 500
OPERATOR = Caller(actor=Actor(name="bench", origin="test"), account="bench",
                  grants=(Grant(id="g", account="bench", role="operator", scope=EVERYWHERE),))
PATIENCE_S = 300.0
SENSES = Actor(name="system:senses", origin="process")


def run(quick: bool) -> list[tuple[str, str]]:
    """One storm."""
    i18n.use("en")
    folder = Path(tempfile.mkdtemp(prefix="yw-"))
    try:
        return asyncio.run(_measure(folder, *((600, 10_000) if quick else (3000, 50_000))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _measure(folder: Path, devices: int, count: int) -> list[tuple[str, str]]:
    for name in ("run", "data"):
        (folder / name).mkdir()
    found, links = records(devices)
    path = folder / "data" / "records.db"
    _fill(path, found, links)
    broker = Broker(folder / "run" / "bus.sock")
    await broker.start()
    bus = await SocketBus(folder / "run" / "bus.sock", "hub").start()
    await bus.wait_connected()
    settings = Settings(general=General(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language="en"))
    hub = Hub(settings, open_records(path), str(path), bus)
    await hub.start()
    try:
        return [row async for row in _storm(hub, found, count, path)]
    finally:
        await hub.close()
        await bus.close()
        hub.store.close()
        await broker.close()


def _fill(path: Path, found: dict[str, list[Any]], links: list[Any]) -> None:
    store = open_records(path)
    ends: dict[str, list[Any]] = {}
    for link in links:
        ends.setdefault(link.device_a, []).append(link)
    with store.write(Actor(name="bench"), 1) as write:
        for name in {device.site for device in found["device"]}:
            write.put("add", Site(id=new_id(1), name=name, level="county"))
        for number, device in enumerate(found["device"]):
            write.put("add", device.replace(address=f"127.{1 + number // 65000}.{number // 250 % 250}.{number % 250 + 1}"))
            mine = tuple(ends.get(device.id, ()))
            write.observe("device.observe", Observed(device_id=device.id, at_ms=1, interfaces=(), facts=(), links=mine))
    store.close()


def _alerts(found: dict[str, list[Any]], count: int) -> Iterator[Alert]:
    """Silent devices first, then ports of all."""
    at = time.time_ns() // 1_000_000
    boxes = [device for device in found["device"] if device.role != "P"]
    for device in boxes:
        yield Alert(id=new_id(at), rule="device-unreachable", device_id=device.id, severity="critical", raised_at=at)
    for number in range(count - len(boxes)):
        device = boxes[number % len(boxes)]
        yield Alert(id=new_id(at), rule="interface-down", device_id=device.id, instance=f"GE1/0/{number // len(boxes)}", severity="major",
                    raised_at=at, evidence={"oper": "down", "alias": "to somewhere"})


async def _storm(hub: Hub, found: dict[str, list[Any]], count: int, path: Path) -> Any:
    some = list(_alerts(found, count))
    await hub.suppress.surroundings()
    memory, size = _memory(), _size(path)
    held, spent = Held(), time.process_time()
    watch = asyncio.create_task(held.run())
    began = time.monotonic()
    for start in range(0, count, BATCH):
        await hub.alerting.receive(some[start : start + BATCH], SENSES, f"alerts:{new_id(1)}")
    stored = time.monotonic() - began
    await _settled(hub, count)
    settled = time.monotonic() - began
    roots = [row for row in hub.table.open_alerts() if not row.suppressed_by]
    yield f"{count} alerts in batches of {BATCH}: stored, settled", f"{stored:.1f} s, {settled:.1f} s, {len(roots)} roots"
    yield "CPU for it", f"{time.process_time() - spent:.1f} s"
    yield "the hub's loop was held at most", f"{held.most * 1000:.0f} ms"
    yield "memory, per alert", f"+{(_memory() - memory) / 1024:.0f} MiB, {(_memory() - memory) * 1024 / count:.0f} bytes"
    yield "records with their journal, per alert", f"+{(_size(path) - size) / 2**20:.0f} MiB, {(_size(path) - size) / count:.0f} bytes"
    held.most = 0.0
    began = time.monotonic()
    first = await choosing.chosen(hub, AlertQuery(roots=False), hub.sight(OPERATOR))
    page = first.page("", 200)
    yield "one page of 200 out of all", f"{(time.monotonic() - began) * 1000:.0f} ms"
    cursor, pages, seen = page[2], 1, len(page[0])
    while cursor:
        rows, _, cursor = (await choosing.chosen(hub, AlertQuery(roots=False), hub.sight(OPERATOR))).page(cursor, 5000)
        pages, seen = pages + 1, seen + len(rows)
    assert seen == count, f"{seen} were listed"
    worst = max(roots, key=lambda row: row.suppressed)
    began, done, after = time.monotonic(), 0, ""
    while True:
        order = AlertOrder(alerts=AlertQuery(root=worst.id), text="the road is dug up", after=after)
        told = await acting.act(hub, OPERATOR, "ack", order)
        done, after = done + len(told.done), told.cursor
        if not after:
            break
    yield f"the worst root with its {worst.suppressed} taken on, by {MOST_AT_ONCE}", f"{time.monotonic() - began:.1f} s, {done} done"
    assert done == worst.suppressed + 1
    yield "held at most meanwhile", f"{held.most * 1000:.0f} ms"
    held.most, spent = 0.0, time.process_time()
    began = time.monotonic()
    for start in range(0, count, BATCH):
        over = [one.replace(cleared_at=time.time_ns() // 1_000_000) for one in some[start : start + BATCH]]
        await hub.alerting.receive(over, SENSES, f"alerts:{new_id(1)}")
    yield "all over", f"{time.monotonic() - began:.1f} s, {time.process_time() - spent:.1f} s of CPU"
    yield "held at most meanwhile", f"{held.most * 1000:.0f} ms"
    assert not hub.table.open_alerts()
    watch.cancel()


class Held:
    """How long the loop did not come round."""

    def __init__(self) -> None:
        self.most = 0.0

    async def run(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.005)
            self.most = max(self.most, time.monotonic() - began - 0.005)


async def _settled(hub: Hub, count: int) -> None:
    """Until every alert is a root or is counted on one."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        rows = hub.table.open_alerts()
        roots = {row.id: row.suppressed for row in rows if not row.suppressed_by}
        if len(rows) == count == len(roots) + sum(roots.values()) and all(row.suppressed_by in roots for row in rows if row.suppressed_by):
            return
        assert time.monotonic() < deadline, "it was not settled"
        await asyncio.sleep(0.2)


def _memory() -> int:
    """KiB at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob("records.db*"))
