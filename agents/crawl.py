"""A crawl of the net: a job of the workers. From its seeds it goes on to whatever neighbours tell of, and nothing is accepted by itself."""

import asyncio
import time
from collections import Counter
from typing import Any

import msgspec

from agents.catalogue import shipped
from agents.crawl_spool import Spool, Step
from agents.crawl_visit import Visitor
from agents.job import Run
from core.crawl import CrawlObserved, CrawlReport, CrawlTaken, CrawlTold, CrawlWish
from core.i18n import tr
from core.messages import Done
from core.paths import data_dir, run_dir
from core.sources import Unplaced
from inventory.crawl.frontier import Bounds, Frontier
from inventory.crawl.telling import Outcome, Read, placed, tell
from links.bus import SocketBus

CONNECT_S, TAKE_S, OBSERVE_S = 30.0, 1800.0, 120.0
LOOK_S = 0.1
SHOWN = 200
AT_A_TIME = 20
"""Observations of one message."""


def run(job: Run) -> dict[str, Any]:
    """`arguments`: a `CrawlWish`. The result is a `CrawlReport`. Resumable: what was visited is kept beside the records."""
    return asyncio.run(_Crawl(job).go())


def bounds_of(wish: CrawlWish, denied: tuple[str, ...] = ()) -> Bounds:
    """denied: what the settings forbid to every crawl."""
    return Bounds(
        prefixes=wish.prefixes, seeds=wish.seeds, deny=(*wish.deny, *denied), most=wish.most, hops=wish.hops, at_once=wish.at_once,
        per_second=wish.rate,
    )


class _Crawl:
    def __init__(self, job: Run) -> None:
        self._job = job
        self._wish = msgspec.convert(job.arguments, CrawlWish)
        self._spool = Spool(data_dir(job.settings) / "crawl", job.id)
        self._reads: list[Read] = []
        self._problems: list[Unplaced] = []
        self._outcomes = Counter[str]()

    async def go(self) -> dict[str, Any]:
        bounds = bounds_of(self._wish, self._job.settings.work.crawl_deny)
        before = list(self._spool.steps())
        frontier = Frontier.replay(bounds, [step.visit for step in before])
        for step in before:
            self._note(step)
        bus = await SocketBus(run_dir(self._job.settings) / "bus.sock", f"job {self._job.id[:13]}").start()
        try:
            await bus.wait_connected(CONNECT_S)
            await self._walk(frontier, Visitor(bus, self._job.id, shipped()))
            self._job.tell(frontier.read, frontier.read, tr("handing in what was read"))
            report = await self._hand_in(bus, tell(self._reads, _now_ms()), frontier)
        finally:
            await bus.close()
        self._spool.close(forget=True)
        plain: dict[str, Any] = msgspec.to_builtins(report)
        return plain

    async def _walk(self, frontier: Frontier, visitor: Visitor) -> None:
        """Until there is nowhere to go. Cancelled, what is under way is dropped: it is visited again by whoever resumes."""
        under_way: set[asyncio.Task[Step]] = set()
        try:
            while not frontier.over:
                self._job.tell(frontier.read, 0, tr("known {read}, to visit {waiting}", read=frontier.read, waiting=frontier.waiting))
                while (found := frontier.take(time.monotonic())) is not None:
                    under_way.add(asyncio.create_task(visitor.visit(*found, _now_ms())))
                if not under_way:
                    await asyncio.sleep(LOOK_S)
                    continue
                done, under_way = await asyncio.wait(under_way, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    self._settle(frontier, task.result())
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _settle(self, frontier: Frontier, step: Step) -> None:
        if step.read is not None and frontier.is_known(step.visit.device):
            step = Step(visit=step.visit.replace(outcome="known"))
        frontier.done(step.visit)
        self._spool.add(step)
        self._note(step)

    def _note(self, step: Step) -> None:
        self._outcomes[step.visit.outcome] += 1
        if step.read is not None:
            self._reads.append(step.read)
        elif step.problem and len(self._problems) < SHOWN:
            self._problems.append(Unplaced(kind="device", name=step.visit.address, reason=step.problem))

    async def _hand_in(self, bus: SocketBus, outcome: Outcome, frontier: Frontier) -> CrawlReport:
        job = self._job.id
        body = msgspec.msgpack.encode(CrawlTold(job=job, told=outcome.told))
        taken = msgspec.msgpack.decode(await bus.request("hub.crawl.tell", body, TAKE_S), type=CrawlTaken)
        ids = {read.address: taken.known[read.name[:128]] for read in self._reads if read.name[:128] in taken.known}
        told = {device.address for device in outcome.told.records["device"]}
        ids = {address: device_id for address, device_id in ids.items() if address in told}
        if not self._wish.dry_run:
            observed = [placed(outcome.observed[address], device_id, ids) for address, device_id in ids.items()]
            for start in range(0, len(observed), AT_A_TIME):
                body = msgspec.msgpack.encode(CrawlObserved(job=job, observed=tuple(observed[start : start + AT_A_TIME])))
                msgspec.msgpack.decode(await bus.request("hub.crawl.observed", body, OBSERVE_S), type=Done)
                self._job.tell(start, len(observed), tr("handing in what was read"))
        return CrawlReport(
            read=len(self._reads), links=outcome.links, stations=sum(len(read.stations) for read in self._reads), known=len(ids),
            silent=self._outcomes["silent"], refused=self._outcomes["refused"] + self._outcomes["failed"], left_out=frontier.left_out,
            unreadable=tuple(self._problems), stopped_by="most" if frontier.full else "",
            intake=taken.report.replace(unplaced=taken.report.unplaced[:SHOWN], problems=taken.report.problems[:SHOWN]),
        )


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
