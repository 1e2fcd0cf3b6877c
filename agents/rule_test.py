"""What rules would have raised: a job of the workers over the stored samples of all devices, with progress; nothing is changed by it."""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from agents.job import Run
from agents.rulebook import rulebook
from core.errors import InvalidInputError, NotFoundError, YunwangError
from core.i18n import mark, tr
from core.measured import MeasuredNow
from core.objects import Device, Interface
from core.paths import data_dir, run_dir
from core.ports import RecordStore, SampleStore
from core.probes import Probe
from core.rulebook import MOST_SHOWN, RuleTest, Tested, TestReport, WouldFire
from core.settings import Settings
from core.signals import Alert
from links.bus import SocketBus
from monitors.interfaces import is_aggregate, is_physical
from monitors.rules.applying import Subject, for_device, for_part, subject_of
from monitors.rules.binding import NOTHING_TOLD, Told, told_by
from monitors.rules.reading import put_together, read_rules
from monitors.rules.replay import composed, metrics_of, replay
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.windowed import span_ms
from stores.records import open_records, records_at
from stores.samples import open_samples

FINE_MS, COARSE_MS = 30_000, 300_000
CONNECT_S, ASK_S = 10.0, 8.0
NO_TRACE = mark("Samples do not show what it looks at.")
DAY_MS = 86_400_000
LONGEST_MS = 400 * DAY_MS


class Thing(NamedTuple):
    """A device, or another object that a probe is about."""

    id: str
    subject: Subject
    interfaces: Mapping[str, Interface]


def run(job: Run) -> dict[str, Any]:
    """`arguments`: a `RuleTest`. The result is a `TestReport`."""
    wish = msgspec.convert(job.arguments, RuleTest)
    wish = wish.replace(end_ms=wish.end_ms or time.time_ns() // 1_000_000)
    book, wanted = chosen(job.settings, wish)
    records = open_records(records_at(job.settings), readonly=True)
    try:
        things = list(_things(records, wish.device))
    finally:
        records.close()
    told = _told(job.settings, things) if any(_needs_told(rule) for rule in _with_parts(wanted, book)) else {}
    samples = open_samples(data_dir(job.settings) / "samples", job.settings.samples, readonly=True)
    trials = [_Trial(rule, book, samples, wish, told) for rule in wanted]
    try:
        for number, thing in enumerate(things):
            job.tell(number, len(things))
            for trial in trials:
                trial.look(thing)
    finally:
        samples.close()
    report = TestReport(start_ms=wish.start_ms, end_ms=wish.end_ms, rules=tuple(trial.told() for trial in trials))
    plain: dict[str, Any] = msgspec.to_builtins(report)
    return plain


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


def _things(records: RecordStore, only: str) -> Iterator[Thing]:
    found = False
    for device in records.all("device"):
        if isinstance(device, Device) and only in ("", device.id, device.name):
            found = True
            yield _device(records, device)
    seen = set()
    for probe in records.all("probe"):
        if not isinstance(probe, Probe) or probe.object_kind == "device" or only not in ("", probe.object):
            continue
        about = records.find(probe.object_kind, probe.object)
        if about is not None and about.id not in seen:
            seen.add(about.id)
            found = True
            yield Thing(about.id, Subject(name=probe.object), {})
    if only and not found:
        raise NotFoundError(tr("There is no device {name}.", name=only[:128]))


def _device(records: RecordStore, device: Device) -> Thing:
    observed = records.observed(device.id)
    platform = next((fact.value for fact in observed.facts if fact.field == "platform"), "")
    return Thing(device.id, subject_of(device, platform), {one.name: one for one in observed.interfaces})


def _with_parts(wanted: Iterable[Rule], book: Mapping[str, Rule]) -> Iterator[Rule]:
    for rule in wanted:
        yield rule
        yield from _with_parts((book[name] for name in (*rule.all, *rule.any, *rule.none)), book)


def _needs_told(rule: Rule) -> bool:
    return any(isinstance(one, str) for one in (rule.above, rule.below, *rule.bad))


def _told(settings: Settings, things: Iterable[Thing]) -> dict[str, dict[str, Told]]:
    """What discovery told of sensors, by object, then metric and name; only a poller that runs can say it."""

    async def ask() -> dict[str, dict[str, Told]]:
        out = {}
        bus = await SocketBus(run_dir(settings) / "bus.sock", "rule test").start()
        try:
            await bus.wait_connected(CONNECT_S)
            for thing in things:
                body = await bus.request("senses.measured", msgspec.msgpack.encode(thing.id), ASK_S)
                sensors = msgspec.msgpack.decode(body, type=MeasuredNow).sensors
                by_oid = told_by(sensors)
                out[thing.id] = {f"{metric}\0{one.name}": told for one in sensors for (metric, oid), told in by_oid.items()
                                 if oid == one.oid}
        finally:
            await bus.close()
        return out

    try:
        return asyncio.run(ask())
    except (YunwangError, OSError, TimeoutError, msgspec.DecodeError):
        return {}


class _Trial:
    """One rule while it is tried."""

    def __init__(
        self, rule: Rule, book: Mapping[str, Rule], samples: SampleStore, wish: RuleTest, told: Mapping[str, Mapping[str, Told]],
    ) -> None:
        self._rule, self._book, self._samples, self._wish, self._told = rule, book, samples, wish, told
        self._fires: list[WouldFire] = []
        self._count = self._open = self._objects = self._series = self._ms = 0

    def look(self, thing: Thing) -> None:
        before = self._series
        for alert in self._alerts(self._rule, thing):
            self._count += 1
            self._open += not alert.cleared_at
            self._ms += (alert.cleared_at or self._wish.end_ms) - alert.raised_at
            self._fires.append(WouldFire(
                device=thing.subject.name, instance=alert.instance, severity=alert.severity, raised_at=alert.raised_at,
                cleared_at=alert.cleared_at, evidence=alert.evidence,
            ))
        self._objects += self._series > before
        if len(self._fires) > 4 * MOST_SHOWN:
            self._fires = self._newest()

    def _newest(self) -> list[WouldFire]:
        return sorted(self._fires, key=lambda one: one.raised_at, reverse=True)[:MOST_SHOWN]

    def told(self) -> Tested:
        rule = self._rule
        traceless = rule.kind == "event" or (rule.kind == "poll" and not metrics_of(rule))
        return Tested(
            rule=rule.name, kind=rule.kind, count=self._count, open=self._open, objects=self._objects, series=self._series,
            seconds=self._ms // 1000, alerts=tuple(self._newest()), why_not=NO_TRACE if traceless else "",
        )

    def _alerts(self, rule: Rule, thing: Thing) -> tuple[Alert, ...]:
        found = for_device((rule,), thing.subject)
        if not found:
            return ()
        if rule.kind == "composed":
            names = (*rule.all, *rule.any, *rule.none)
            parts = {name: self._alerts(self._book[name].replace(off=False), thing) for name in names}
            return composed(found[0], thing.id, parts, self._wish.end_ms) if any(parts.values()) else ()
        return tuple(self._of_series(found[0], thing))

    def _of_series(self, rule: Rule, thing: Thing) -> Iterator[Alert]:
        metrics, wish = frozenset(metrics_of(rule)), self._wish
        for key in self._samples.series_of(thing.id) if metrics else ():
            port = thing.interfaces.get(key.instance) if key.metric.startswith("if") else None
            if key.metric not in metrics or (port and not rule.where.instance and not (is_physical(port) or is_aggregate(port))):
                continue
            mine = for_part(rule, key.instance, port.alias if port else "")
            if mine is None or (mine.share_of and not (port and port.speed_bps > 0)):
                continue
            scale = 800 / port.speed_bps if mine.share_of and port else 1.0
            start = wish.start_ms - (span_ms(mine) if mine.kind in WINDOWED else 0)
            step = COARSE_MS if mine.kind in WINDOWED else FINE_MS
            frame = self._samples.read(key, max(start, 0), wish.end_ms, max((wish.end_ms - start) // step, 1))
            if not len(frame.at_ms):
                continue
            self._series += 1
            told = self._told.get(thing.id, {}).get(f"{key.metric}\0{key.instance}", NOTHING_TOLD)
            yield from replay(mine, thing.id, key.instance, frame, wish.start_ms, wish.end_ms, scale=scale, told=told)
