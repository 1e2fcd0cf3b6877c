"""Rules over the fresh values of a city, as whole arrays, beside a loop over the same values in the same run. Ratios count."""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from agents.rule_trial import Subjected, Trial
from agents.senses.slow import Slow
from core.messages import Observed
from core.objects import Device
from core.objects import Interface as Port
from core.polling import PollPlan, TablePlan
from core.rulebook import RuleTest
from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.rules.applying import Subject
from monitors.rules.binding import Interface, bound
from monitors.rules.book import shipped
from monitors.rules.fleet import Fleet, Member
from monitors.rules.lasting import Watched
from monitors.rules.rule import LIVE, Rule
from stores.samples import open_samples
from stores.samples.columns import Rows
from stores.samples.rollup import roll_up
from stores.samples.segment import SegmentWriter

NAME = "rules"
METRICS = ("ifHCInOctets", "ifHCOutOctets", "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards")
PORTS = 48
NOW = 1_700_000_000_000
Row = tuple[str, str]


def run(quick: bool) -> Iterator[Row]:
    """The shipped rules over 1.4 million judged values; half a minute."""
    devices, rounds = (500, 3) if quick else (4_900, 5)
    block = bound(shipped().of(*LIVE), _polled(), {n: Interface(10_000_000_000) for n in range(1, PORTS + 1)}, {})
    size = 1 + len(METRICS) * PORTS
    members = [Member(f"d{n}", block, n * size) for n in range(devices)]
    fleet = Fleet(rule.name for rule in block.rules)
    begin = _cpu()
    fleet.assign(members, {}, NOW)
    yield "rows", f"{len(fleet):,} values with a rule, {devices} devices; arranged in {_cpu() - begin:.2f} CPU s"
    value = np.random.default_rng(7).uniform(0, 0.9, size * devices).astype(np.float32)
    everybody = np.arange(devices)
    quiet = [_timed(lambda n=n: fleet.look(everybody, value, NOW + n)) for n in range(rounds)]  # type: ignore[misc]
    yield "  quiet sweep, arrays", f"{min(quiet):.4f} to {max(quiet):.4f} CPU s (at most 0.5)"
    hot = np.random.default_rng(8).choice(len(value), len(value) // 100, replace=False)
    value[hot] = 1e12
    busy = [_timed(lambda n=n: fleet.look(everybody, value, NOW + n * 30_000)) for n in range(1, rounds + 1)]  # type: ignore[misc]
    yield "  one in a hundred pending", f"{max(busy):.4f} CPU s"
    fleet.look(everybody, value, NOW + 3_600_000)
    again = _timed(lambda: fleet.look(everybody, value, NOW + 3_630_000))
    yield "  the same, raised", f"{again:.4f} CPU s"
    loop = _timed(lambda: _loop(value, block, members))
    yield "  quiet sweep, a loop over each value", f"{loop:.3f} CPU s = {loop / min(quiet):.0f} x arrays"
    yield from _windows(quick)
    yield from _dry_run(quick)


def _windows(quick: bool) -> Iterator[Row]:
    """Rules over a while as senses run them: read from a store on disk as roll-ups, judged one by one."""
    many, days = (3_000, 1) if quick else (12_000, 2)
    rules = [
        Rule(name="p95", kind="percentile", severity="minor", metric=("m",), above=1e12, window_s=86_400),
        Rule(name="forecast", kind="forecast", severity="minor", metric=("m",), above=1e12, window_s=days * 86_400, within_days=90),
        Rule(name="rate", kind="rate", severity="minor", metric=("m",), above=1e12, window_s=3_600),
    ]
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as folder:
        store = open_samples(Path(folder), Samples(seal_s=600))
        keys = [SeriesKey(f"d{n // 40}", "m", str(n % 40)) for n in range(many)]
        ids, noise = store.series_ids(keys), np.random.default_rng(7)
        for at in range(NOW - days * 86_400_000, NOW, 150_000):
            store.append(SampleBlock(ids, np.full(many, at), noise.uniform(0, 1e9, many)))
            store.maintain(at)
        things = [Watched(f"d{n}", Subject(), series=keys[40 * n : 40 * n + 40]) for n in range(many // 40)]
        judge = Slow(rules, store, lambda: things, lambda _alerts: None)
        for rule in rules:
            begin, wall = _cpu(), time.perf_counter()
            judge.judge(rule, things, NOW)
            spent, lasted = _cpu() - begin, time.perf_counter() - wall
            yield (f"windowed, {rule.name} of {rule.window_s / 3600:.0f} h, {many:,} series",
                   f"{spent:.2f} CPU s, {lasted:.2f} s; 60,000 series: {lasted / many * 60_000:.0f} s (at most 300)")
        store.close()


def _dry_run(quick: bool) -> Iterator[Row]:
    """`rule test` over thirty days of roll-ups on disk, in one process: a rule of one figure, a rule of lines, and all that are shipped."""
    devices, days = (20, 30) if quick else (400, 30)
    book = shipped().rules
    with tempfile.TemporaryDirectory(prefix="yw-bench-") as folder:
        things = _month(Path(folder), devices, days)
        samples = open_samples(Path(folder), Samples(), readonly=True)
        wish = RuleTest(start_ms=NOW - days * 86_400_000, end_ms=NOW)
        leaves = [rule for rule in book.values() if rule.kind != "event" and not rule.fact]
        for what, rules in (("processor-high", [book["processor-high"]]), ("line-in-busy", [book["line-in-busy"]]), ("all", leaves)):
            trial = Trial(rules, book, _Ports(), samples, wish, {})  # type: ignore[arg-type]
            begin, wall = _cpu(), time.perf_counter()
            found = trial.run(things, lambda _count: None)
            spent, lasted = _cpu() - begin, time.perf_counter() - wall
            series, fires = sum(one.series for one in found.values()), sum(one.count for one in found.values())
            whole = f"3,000 devices: {spent / devices * 3000:.0f} CPU s"
            told = f"{spent:.1f} CPU s, {lasted:.1f} s; {series:,} series under a rule, fired {fires:,} times; {whole}"
            yield f"rule test, {what} over {days} days of {devices} devices", told
        samples.close()


class _Ports:
    """Records as far as a trial asks them: ten ports of 1 Gbit/s."""

    def observed(self, device_id: str) -> Observed:
        ports = tuple(Port(device_id=device_id, if_index=n, name=f"GE0/0/{n}", if_type=6, speed_bps=10**9) for n in range(1, 11))
        return Observed(device_id=device_id, at_ms=NOW, interfaces=ports, facts=(), links=())


def _month(root: Path, devices: int, days: int) -> list[Subjected]:
    """Twenty-seven series of each device, as the store keeps what is older than a week: segments of whole days."""
    known = [Device(id=f"d{n:05}", name=f"D-{n}", address="", site="", role="access") for n in range(devices)]
    things = [Subjected(device.id, device.name, device) for device in known]
    own = [("yw_up", ""), ("yw_rtt_ms", ""), ("yw_processor_percent", "0"), ("yw_memory_percent", "0"), ("yw_storage_percent", "flash")]
    own += [("yw_probe_up", "icmp"), ("yw_probe_rtt_ms", "icmp")]
    own += [(metric, f"GE0/0/{n}") for n in range(1, 11) for metric in ("ifHCInOctets", "ifHCOutOctets")]
    store, noise = open_samples(root, Samples()), np.random.default_rng(7)
    ids = store.series_ids([SeriesKey(one.id, *what) for one in things for what in own])
    store.close()
    usual = np.tile([1.0, 20.0, 40.0, 40.0, 40.0, 1.0, 20.0] + [2e7] * 20, devices)
    steps = 288
    for day in range(days):
        start = NOW // 86_400_000 * 86_400_000 - (days - day) * 86_400_000
        at = start + np.arange(steps) * 300_000
        value = np.round(usual[:, None] * noise.uniform(0.8, 1.2, (len(ids), steps)), 1)
        value[noise.random(value.shape) < 2e-5] *= 5
        value[:: len(own)] = value[own.index(("yw_probe_up", "icmp")) :: len(own)] = 1.0
        flat = value.ravel()
        rows = Rows(np.repeat(ids, steps), np.tile(at, len(ids)), flat, (flat, flat, np.full(len(flat), 10.0)))
        for tier, some in (("5m", rows), ("1h", roll_up(rows, 3_600_000))):
            writer = SegmentWriter(root, tier, 0, start // 3_600_000, 24, (0, 0))
            writer.write(some)
            writer.close()
    return things


def _loop(value: np.ndarray, block: object, members: list[Member]) -> int:
    """What a rule engine does that judges value by value; without alerts."""
    count = 0
    var, sign, limit = (getattr(block, name).tolist() for name in ("var", "sign", "raise_at"))
    flat = value.tolist()
    for member in members:
        first = member.first
        for at, side, level in zip(var, sign, limit, strict=True):
            if flat[first + at] * side > level:
                count += 1
    return count


def _polled() -> Polled:
    columns = tuple(ColumnMeaning(name=name, metric=name) for name in METRICS)
    plan = PollPlan(
        scalars=((1, 3, 6, 1, 2, 1, 1, 3, 0),),
        tables=(TablePlan(columns=tuple((1, n) for n in range(len(METRICS))), indexes=tuple((n,) for n in range(1, PORTS + 1))),),
    )
    table = TableMeaning(
        table="interfaces", columns=columns, labels=tuple(f"GE1/0/{n}" for n in range(1, PORTS + 1)),
        indexes=tuple(range(1, PORTS + 1)), physical=(True,) * PORTS,
    )
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


def _timed(work: Callable[[], object]) -> float:
    begin = _cpu()
    work()
    return _cpu() - begin


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
