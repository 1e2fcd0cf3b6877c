"""What rules would have raised: a job of the workers over the stored samples of all devices, on several processors, with progress; nothing
is changed by it."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec

from agents.job import Run
from agents.lifeline import die_with
from agents.rule_trial import SLICE, Subjected, Tally, ToldOf, Trial, leaves
from agents.rulebook import rulebook
from core.errors import InvalidInputError, NotFoundError, UnavailableError, YunwangError
from core.failure import Failure
from core.i18n import mark, tr
from core.measured import MeasuredNow
from core.objects import Device
from core.paths import data_dir, run_dir
from core.ports import RecordStore
from core.probes import Probe
from core.rulebook import RuleTest, TestReport
from core.settings import Settings
from links.bus import SocketBus
from monitors.rules.binding import Told, told_by
from monitors.rules.reading import put_together, read_rules
from monitors.rules.replay import metrics_of
from monitors.rules.rule import Rule
from stores.records import open_records, records_at
from stores.samples import open_samples

CONNECT_S, ASK_S = 10.0, 8.0
ASKED_AT_ONCE = 32
MOST_PROCESSES = 4
ALONE = 50
"""So few devices are no work for several processes."""
SHARE = SLICE
"""Devices that a process is given at a time."""
NICE = 5
"""Polling goes first."""
NO_TRACE = mark("Samples do not show what it looks at.")
DAY_MS = 86_400_000
LONGEST_MS = 400 * DAY_MS


def run(job: Run) -> dict[str, Any]:
    """`arguments`: a `RuleTest`. The result is a `TestReport`."""
    wish = msgspec.convert(job.arguments, RuleTest)
    wish = wish.replace(end_ms=wish.end_ms or time.time_ns() // 1_000_000)
    book, wanted = chosen(job.settings, wish)
    records = open_records(records_at(job.settings), readonly=True)
    try:
        things = list(_things(records, wish))
    finally:
        records.close()
    job.tell(0, len(things))
    told = _told(job.settings, things) if any(map(_needs_told, leaves(wanted, book))) else {}
    order = Order(wish, tuple(book.values()), wanted, told)
    found = _alone(job, order, things) if len(things) <= ALONE or processors() < 2 else _together(job, order, things)
    report = TestReport(
        start_ms=wish.start_ms, end_ms=wish.end_ms,
        rules=tuple(found.get(rule.name, Tally()).told(rule, NO_TRACE if _leaves_no_trace(rule) else "") for rule in wanted),
    )
    plain: dict[str, Any] = msgspec.to_builtins(report)
    return plain


class Order:
    """What is to be tried; goes to other processes."""

    def __init__(self, wish: RuleTest, book: Sequence[Rule], wanted: Sequence[Rule], told: ToldOf) -> None:
        self.wish, self.book, self.wanted, self.told = wish, book, wanted, told


def checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of such a job. Raises `InvalidInputError`."""
    try:
        wish = msgspec.convert(arguments, RuleTest)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("This is no test of a rule: {reason}.", reason=str(error)), way_out="yunwang rule test NAME") from None
    if not wish.name and not wish.text:
        raise InvalidInputError(tr("Which rule?"), way_out="yunwang rule list")
    end = wish.end_ms or time.time_ns() // 1_000_000
    if not 0 <= wish.start_ms < end or end - wish.start_ms > LONGEST_MS:
        raise InvalidInputError(tr("The time ends before it begins, or is longer than 400 days."), way_out=tr("Name another time."))
    if wish.text:
        read_rules(wish.file or "-", wish.text)
    plain: dict[str, Any] = msgspec.to_builtins(wish)
    return plain


def chosen(settings: Settings, wish: RuleTest) -> tuple[Mapping[str, Rule], tuple[Rule, ...]]:
    """All rules, with those of the text over them; and those that are tried. Raises `InvalidInputError`, `NotFoundError`."""
    in_force = rulebook(settings).book.rules
    own = read_rules(wish.file or "-", wish.text) if wish.text else ()
    book = put_together((tuple(in_force.values()), own))
    wanted = tuple(rule for rule in own or book.values() if not wish.name or rule.name == wish.name)
    if not wanted:
        raise NotFoundError(tr("There is no rule named {name}.", name=wish.name[:64]), way_out=tr("They are shown by `yunwang rule list`."))
    return book, tuple(rule.replace(off=False) for rule in wanted)


def processors() -> int:
    """How many processes share the work."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def _leaves_no_trace(rule: Rule) -> bool:
    return rule.kind == "event" or (rule.kind in ("poll", "change") and not metrics_of(rule))


def _needs_told(rule: Rule) -> bool:
    return any(isinstance(one, str) for one in (rule.above, rule.below, *rule.bad))


def _things(records: RecordStore, wish: RuleTest) -> Iterator[Subjected]:
    """What is looked at, as far as one may see it."""
    found, only, sees_all = False, wish.device, wish.units is None and wish.sites is None
    for device in records.all("device"):
        if not isinstance(device, Device) or only not in ("", device.id, device.name):
            continue
        if sees_all or device.unit in (wish.units or ()) or device.site in (wish.sites or ()):
            found = True
            yield Subjected(device.id, device.name, device)
    seen = set()
    for probe in records.all("probe"):
        if not isinstance(probe, Probe) or probe.object_kind == "device" or only not in ("", probe.object):
            continue
        about = records.find(probe.object_kind, probe.object)
        if about is not None and about.id not in seen and (
            sees_all or getattr(about, "unit", "") in (wish.units or ()) or getattr(about, "site", "") in (wish.sites or ())
        ):
            seen.add(about.id)
            found = True
            yield Subjected(about.id, probe.object)
    if only and not found:
        raise NotFoundError(tr("There is no device {name}.", name=only[:128]))


def _told(settings: Settings, things: Sequence[Subjected]) -> dict[str, dict[str, Told]]:
    """What discovery told of sensors, by object, then metric and name; only a poller that runs can say it."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def one(bus: SocketBus, thing_id: str) -> tuple[str, dict[str, Told]]:
        async with slots:
            body = await bus.request("senses.measured", msgspec.msgpack.encode(thing_id), ASK_S)
        sensors = msgspec.msgpack.decode(body, type=MeasuredNow).sensors
        by_oid = {oid: (metric, told) for (metric, oid), told in told_by(sensors).items()}
        return thing_id, {f"{by_oid[s.oid][0]}\0{s.name}": by_oid[s.oid][1] for s in sensors if s.oid in by_oid}

    async def ask() -> dict[str, dict[str, Told]]:
        bus = await SocketBus(run_dir(settings) / "bus.sock", "rule test").start()
        try:
            await bus.wait_connected(CONNECT_S)
            return dict(await asyncio.gather(*(one(bus, thing.id) for thing in things if thing.device is not None)))
        finally:
            await bus.close()

    try:
        return asyncio.run(ask())
    except (YunwangError, OSError, TimeoutError, msgspec.DecodeError):
        return {}


class _Stores:
    """Records and samples of a node, for reading."""

    def __init__(self, settings: Settings) -> None:
        self._records = open_records(records_at(settings), readonly=True)
        self._samples = open_samples(data_dir(settings) / "samples", settings.samples, readonly=True)

    def trial(self, order: Order) -> Trial:
        return Trial(order.wanted, {rule.name: rule for rule in order.book}, self._records, self._samples, order.wish, order.told)

    def close(self) -> None:
        self._samples.close()
        self._records.close()


def _added(into: dict[str, Tally], more: Mapping[str, Tally]) -> None:
    for name, tally in more.items():
        into[name] = into.get(name, Tally()).plus(tally)


def _alone(job: Run, order: Order, things: Sequence[Subjected]) -> dict[str, Tally]:
    stores, count = _Stores(job.settings), 0

    def done(more: int) -> None:
        nonlocal count
        count += more
        job.tell(count, len(things))

    try:
        return stores.trial(order).run(things, done)
    finally:
        stores.close()


def _together(job: Run, order: Order, things: Sequence[Subjected]) -> dict[str, Tally]:
    """Each process takes the next share when it is ready with one."""
    context = multiprocessing.get_context("spawn")
    shares = [things[start : start + SHARE] for start in range(0, len(things), SHARE)]
    found: dict[str, Tally] = {}
    busy: list[Connection[Any, Any]] = []
    helpers: list[BaseProcess] = []
    count = 0
    try:
        for _ in range(min(processors(), len(shares))):
            ours, theirs = context.Pipe()
            helper = context.Process(target=_help, args=(theirs, os.getpid(), job.settings, order), daemon=True)
            helper.start()
            theirs.close()
            helpers.append(helper)
            busy.append(ours)
            ours.send(shares.pop(0))
        while busy:
            for pipe in [pipe for pipe in wait(busy, timeout=0.2) if isinstance(pipe, Connection)]:
                said = _heard(pipe)
                if isinstance(said, int):
                    count += said
                    continue
                _added(found, said)
                if shares:
                    pipe.send(shares.pop(0))
                else:
                    busy.remove(pipe)
            job.tell(count, len(things))
        return found
    finally:
        for one in helpers:
            one.terminate()
            one.join()


def _heard(pipe: "Connection[Any, Any]") -> int | dict[str, Tally]:
    """How many more are done, or what was found. Raises what the other process could not do."""
    try:
        said: int | dict[str, Tally] | Failure = pipe.recv()
    except EOFError:
        raise UnavailableError(tr("A process that tried rules has ended."), way_out=tr("Try a shorter time, or fewer devices.")) from None
    if isinstance(said, Failure):
        raise said.error()
    return said


def _help(pipe: "Connection[Any, Any]", parent: int, settings: Settings, order: Order) -> None:
    """One such process: shares come, counts and what was found go."""
    die_with(parent)
    os.nice(NICE)
    try:
        stores = _Stores(settings)
        while True:
            pipe.send(stores.trial(order).run(pipe.recv(), pipe.send))
    except YunwangError as error:
        pipe.send(Failure.of(error))
