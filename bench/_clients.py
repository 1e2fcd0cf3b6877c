"""One SNMP client polls a farm; prints one line of JSON: variables, cpu and wall seconds by sweep, peak memory.

    python _clients.py ours|gufo|pysnmp FARM.json [--devices N] [--sweeps N] [--store FOLDER]
"""

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from _work import METRICS, load

from core.polling import PollStatus
from core.sections import Polling, Samples
from core.signals import SampleBlock

AT_ONCE = 64
WARM_SWEEPS = 60


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def ours(args: Any) -> dict[str, Any]:
    """The engine, rates and the store's arrays; as it runs once every device's largest answer is known. With a store, then with storing."""
    from links.snmp.engine import Engine
    from monitors.rates import Meter

    work = load(args.farm, args.devices)
    engine = Engine(Polling())
    started = time.perf_counter()
    engine.assign(work)
    setup = time.perf_counter() - started
    readings = engine.readings
    meter, everyone = Meter(readings), np.arange(len(work))
    series = np.arange(int(readings.offset[-1]), dtype=np.uint32)
    store = _store(args.store, work) if args.store else None
    for _ in range(args.warm):
        before = engine.counters().slow_path
        engine.sweep()
        meter.advance(readings, everyone)
        if engine.counters().slow_path == before and _ > 3:
            break
    everything = len(series)

    judge = _rules(work, readings.offset)
    fresh = np.zeros(len(series), np.float32)

    def sweep(append: Callable[[SampleBlock], None] | None, *, judged: bool = False) -> dict[str, Any]:
        before, c, t = engine.counters(), cpu(), time.perf_counter()
        engine.sweep()
        polled = cpu()
        progress = meter.advance(readings, everyone)
        stamps = np.repeat((readings.at[progress.device] * 1000).astype(np.int64), np.diff(readings.offset)[progress.device])
        whose = series if len(progress.variable) == everything else series[progress.variable]
        block = SampleBlock(whose, stamps, progress.value)
        if append is not None:
            append(block)
        if judged:
            fresh[progress.variable] = progress.value
            judge(progress.device, fresh)
        return {
            "variables": engine.counters().variables - before.variables, "cpu": cpu() - c, "polling": polled - c,
            "wall": time.perf_counter() - t, "complete": int((readings.status == PollStatus.COMPLETE).sum()),
        }

    sweeps = [sweep(None) for _ in range(args.sweeps)]
    ruled = [sweep(None, judged=True) for _ in range(args.sweeps)]
    stored = [] if store is None else [sweep(store) for _ in range(args.sweeps)]
    seen = engine.counters()
    engine.close()
    return {
        "sweeps": sweeps, "ruled": ruled, "stored": stored, "setup": setup, "resent": seen.resent, "slow": seen.slow_path,
        "timeouts": seen.timeouts,
    }


def _rules(work: Any, offset: Any) -> Callable[[Any, Any], None]:
    """Judges fresh values by the shipped rules, as senses does."""
    from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
    from monitors.rules.binding import Interface, bound
    from monitors.rules.book import shipped
    from monitors.rules.fleet import Fleet, Member
    from monitors.rules.rule import LIVE

    rules = shipped().of(*LIVE)
    columns = tuple(ColumnMeaning(name=metric, metric=metric) for metric in METRICS)
    blocks: dict[int, Any] = {}
    for _, plan in work:
        if id(plan) not in blocks:
            indexes = tuple(index[0] for index in plan.tables[0].indexes)
            table = TableMeaning(
                table="interfaces", columns=columns, labels=tuple(map(str, indexes)), indexes=indexes, physical=(True,) * len(indexes),
            )
            polled = Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))
            blocks[id(plan)] = bound(rules, polled, dict.fromkeys(indexes, Interface(10_000_000_000)), {})
    fleet = Fleet(rule.name for rule in rules)
    fleet.assign([Member(target.device_id, blocks[id(plan)], int(offset[n])) for n, (target, plan) in enumerate(work)], {}, 0)

    def judge(devices: Any, values: Any) -> None:
        fleet.look(devices, values, time.time_ns() // 1_000_000)

    return judge


def _store(folder: str, work: Any) -> Callable[[SampleBlock], None]:
    from core.signals import SeriesKey
    from stores.samples import open_samples

    store = open_samples(Path(folder), Samples())
    keys = [SeriesKey(t.device_id, f"m{n % 11}", str(n)) for t, p in work for n in range(p.size)]
    ids = store.series_ids(keys)

    def append(block: SampleBlock) -> None:
        store.append(block._replace(series=ids[block.series]))

    return append


async def _pool(work: list[Any], one: Callable[[Any, Any], Awaitable[int]]) -> int:
    queue, total = iter(work), 0

    async def worker() -> None:
        nonlocal total
        for target, plan in queue:
            got = await one(target, plan)
            total += got

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return total


def _sweeps(args: Any, one: Callable[[Any, Any], Awaitable[int]]) -> dict[str, Any]:
    work, sweeps = load(args.farm, args.devices), []

    async def run() -> None:
        for _ in range(args.sweeps):
            c, t = cpu(), time.perf_counter()
            got = await _pool(work, one)
            sweeps.append({"variables": got, "cpu": cpu() - c, "wall": time.perf_counter() - t})

    asyncio.run(run())
    return {"sweeps": sweeps}


def gufo(args: Any) -> dict[str, Any]:
    """gufo-snmp, get_many of sixty names."""
    from gufo.snmp.aio import SnmpSession

    groups: dict[int, list[list[str]]] = {}

    async def one(target: Any, plan: Any) -> int:
        if id(plan) not in groups:
            names = [".".join(map(str, oid)) for oid in plan.oids()]
            groups[id(plan)] = [names[n : n + 60] for n in range(0, len(names), 60)]
        session, got = SnmpSession(target.address, target.port, community="public", timeout=2.0), 0
        for group in groups[id(plan)]:
            got += len(await session.get_many(group))
        return got

    return _sweeps(args, one)


def pysnmp(args: Any) -> dict[str, Any]:
    """pysnmp, GETBULK of the ten columns, six rows at a time."""
    from pysnmp.hlapi.v3arch.asyncio import CommunityData, ContextData, ObjectIdentity, ObjectType, SnmpEngine, UdpTransportTarget, bulk_cmd

    engine, community, context = SnmpEngine(), CommunityData("public"), ContextData()

    async def one(target: Any, plan: Any) -> int:
        transport = await UdpTransportTarget.create((target.address, target.port), timeout=2.0, retries=1)
        table, got = plan.tables[0], 0
        for row in range(0, len(table.indexes), 6):
            before = table.indexes[row - 1] if row else ()
            names = [ObjectType(ObjectIdentity(column + before)) for column in table.columns]
            if not row:
                names.insert(0, ObjectType(ObjectIdentity(plan.scalars[0][:-1])))
            rows = min(6, len(table.indexes) - row)
            error, status, _, found = await bulk_cmd(engine, community, transport, context, int(not row), rows, *names, lookupMib=False)
            got += 0 if error or status else len(found)
        return got

    return _sweeps(args, one)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("client", choices=["ours", "gufo", "pysnmp"])
    parser.add_argument("farm", type=Path)
    parser.add_argument("--devices", type=int, default=0)
    parser.add_argument("--sweeps", type=int, default=10)
    parser.add_argument("--warm", type=int, default=WARM_SWEEPS)
    parser.add_argument("--store", default="")
    args = parser.parse_args()
    result = {"ours": ours, "gufo": gufo, "pysnmp": pysnmp}[args.client](args)
    print(json.dumps({**result, "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
