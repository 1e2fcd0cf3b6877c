"""Rules tried over the stored samples of some devices: the columns are read once for all rules, first by the hour, then closely where it
is worth it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from agents.rule_reading import Detail, by_hours, closely, detail_of
from core.nouns import Noun
from core.objects import Device, Interface
from core.ports import RecordStore, SampleStore
from core.rulebook import MOST_OBJECTS, MOST_SHOWN, RuleTest, Tested, WouldFire
from core.signals import Alert, SeriesFrame, SeriesKey
from monitors.interfaces import is_aggregate, is_physical
from monitors.rules.applying import Subject, for_device, for_part, subject_of
from monitors.rules.binding import NOTHING_TOLD, Told
from monitors.rules.closeup import Closeup, closeup
from monitors.rules.lasting import step_ms
from monitors.rules.replay import composed, metrics_of, moments_of, replay, replay_moments
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.sifting import bounds_of, may_fire
from monitors.rules.windowed import ENOUGH, FEWEST_WEEKS, HOUR_MS, WEEK_MS, span_ms

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SLICE = 100
"""Devices that are tried together: several thousand series."""
ToldOf = Mapping[str, Mapping[str, Told]]
"""Limits and meanings of sensors, by object, then metric and name."""


_Place = tuple[str, str]
"""Rule and object."""


class Subjected(NamedTuple):
    """What is to be looked at: a device, or another object that a probe is about."""

    id: str
    name: str
    device: Device | None = None


class Thing(NamedTuple):
    """The same with what rules ask of it."""

    id: str
    subject: Subject
    interfaces: Mapping[str, Interface]


class Tally(Noun, frozen=True, kw_only=True):
    """What one rule would have done on some devices."""

    count: int = 0
    open: int = 0
    objects: int = 0
    series: int = 0
    thin: int = 0
    ms: int = 0
    first_at: int = 0
    last_at: int = 0
    per_object: dict[str, int] = {}
    fires: tuple[WouldFire, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        fires = sorted((*self.fires, *other.fires), key=lambda one: (-one.raised_at, one.device, one.instance))[:MOST_SHOWN]
        firsts = [one for one in (self.first_at, other.first_at) if one]
        return Tally(
            count=self.count + other.count, open=self.open + other.open, objects=self.objects + other.objects,
            series=self.series + other.series, thin=self.thin + other.thin, ms=self.ms + other.ms, first_at=min(firsts, default=0),
            last_at=max(self.last_at, other.last_at), per_object=dict(Counter(self.per_object) + Counter(other.per_object)),
            fires=tuple(fires),
        )

    def told(self, rule: Rule, why_not: str) -> Tested:
        most = sorted(self.per_object.items(), key=lambda one: (-one[1], one[0]))[:MOST_OBJECTS]
        return Tested(
            rule=rule.name, kind=rule.kind, count=self.count, open=self.open, objects=self.objects, series=self.series, thin=self.thin,
            seconds=self.ms // 1000, first_at=self.first_at, last_at=self.last_at, per_object=dict(most), firing=len(self.per_object),
            alerts=self.fires, why_not=why_not,
        )


class _Aim(NamedTuple):
    """A series under a rule, as the rule is for it."""

    rule: Rule
    thing: Thing
    key: SeriesKey
    scale: float
    told: Told


_Close = tuple[_Aim, Closeup]


class Trial:
    """All rules over some devices."""

    def __init__(
        self, wanted: Sequence[Rule], book: Mapping[str, Rule], records: RecordStore, samples: SampleStore, wish: RuleTest, told: ToldOf,
    ) -> None:
        """wanted: what is tried; book: all rules, for what compositions name."""
        self._wanted, self._book, self._wish, self._told = wanted, book, wish, told
        self._records, self._samples = records, samples
        self._leaves = {rule.name: rule.replace(off=False) for rule in leaves(wanted, book)}

    def run(self, some: Sequence[Subjected], done: Callable[[int], None]) -> dict[str, Tally]:
        """By rule. done: called with how many more have been looked at."""
        out = {rule.name: Tally() for rule in self._wanted}
        for start in range(0, len(some), SLICE):
            things = [self._thing(one) for one in some[start : start + SLICE]]
            fired, looked, thin = self._fired(things)
            for rule in self._wanted:
                for thing in things:
                    alerts = self._alerts(rule, thing, fired)
                    found = _tally(alerts, looked.get((rule.name, thing.id), 0), thing.subject.name, self._wish.end_ms)
                    if found is not None:
                        out[rule.name] = out[rule.name].plus(found.replace(thin=thin.get((rule.name, thing.id), 0)))
            done(len(things))
        return out

    def _thing(self, one: Subjected) -> Thing:
        if one.device is None:
            return Thing(one.id, Subject(name=one.name), {})
        observed = self._records.observed(one.id)
        platform = next((fact.value for fact in observed.facts if fact.field == "platform"), "")
        return Thing(one.id, subject_of(one.device, platform), {port.name: port for port in observed.interfaces})

    def _alerts(self, rule: Rule, thing: Thing, fired: Mapping[_Place, Sequence[Alert]]) -> Sequence[Alert]:
        if rule.kind != "composed":
            return fired.get((rule.name, thing.id), ())
        mine = for_device((rule.replace(off=False),), thing.subject)
        if not mine:
            return ()
        parts = {name: self._alerts(self._book[name], thing, fired) for name in (*rule.all, *rule.any, *rule.none)}
        return composed(mine[0], thing.id, parts, self._wish.end_ms) if any(parts.values()) else ()

    def _fired(self, things: Sequence[Thing]) -> tuple[dict[_Place, list[Alert]], Counter[_Place], Counter[_Place]]:
        """Alerts, how many series there were, and how many of them are too short to tell, by rule and object."""
        aims: dict[SeriesKey, list[_Aim]] = {}
        for thing in things:
            for aim in self._aims(thing):
                aims.setdefault(aim.key, []).append(aim)
        fired: dict[_Place, list[Alert]] = {}
        looked, thin = Counter[_Place](), Counter[_Place]()
        close: dict[Detail, dict[SeriesKey, list[_Close]]] = {}
        for key, hours in by_hours(self._samples, {key: min(map(self._start, some)) for key, some in aims.items()}, self._wish.end_ms):
            bounds = bounds_of(hours)
            for aim in aims[key]:
                looked[aim.rule.name, aim.thing.id] += 1
                thin[aim.rule.name, aim.thing.id] += _is_thin(aim.rule, hours)
                if not may_fire(aim.rule, hours, aim.told, aim.scale, bounds):
                    continue
                if aim.rule.kind in WINDOWED and step_ms(aim.rule) == HOUR_MS:
                    self._judge(aim, hours, None, fired)
                elif (seen := self._closeup(aim, hours)).spans:
                    close.setdefault(detail_of(aim.rule), {}).setdefault(key, []).append((aim, seen))
        for detail, some in close.items():
            self._closely(some, detail, fired)
        return fired, looked, thin

    def _start(self, aim: _Aim) -> int:
        return max(self._wish.start_ms - (span_ms(aim.rule) if aim.rule.kind in WINDOWED else 0), 0)

    def _closeup(self, aim: _Aim, hours: SeriesFrame) -> Closeup:
        start, end = self._wish.start_ms, self._wish.end_ms
        return closeup(aim.rule, hours, aim.told, self._moments(aim.rule), start, end, aim.scale)

    def _closely(self, some: Mapping[SeriesKey, Sequence[_Close]], detail: Detail, fired: dict[_Place, list[Alert]]) -> None:
        """What was followed to where nothing had been read is tried again on all there is."""
        again: dict[SeriesKey, list[_Close]] = {}
        spans = {key: [span for _, seen in mine for span in seen.spans] for key, mine in some.items()}
        for key, frame in closely(self._samples, spans, self._wish.end_ms, detail):
            for aim, seen in some[key]:
                if not self._judge(aim, frame, seen.moments, fired):
                    again.setdefault(key, []).append((aim, Closeup(((self._start(aim), self._wish.end_ms),))))
        if again:
            self._closely(again, detail, fired)

    def _judge(self, aim: _Aim, frame: SeriesFrame, known: "npt.NDArray[np.bool_] | None", fired: dict[_Place, list[Alert]]) -> bool:
        """Whether the frame was enough."""
        rule, wish = aim.rule, self._wish
        found: Sequence[Alert] | None
        if rule.kind in WINDOWED:
            found = replay_moments(rule, aim.thing.id, aim.key.instance, frame, self._moments(rule), known, aim.scale)
        else:
            found = replay(rule, aim.thing.id, aim.key.instance, frame, wish.start_ms, wish.end_ms, scale=aim.scale, told=aim.told)
        if found:
            fired.setdefault((rule.name, aim.thing.id), []).extend(found)
        return found is not None

    def _moments(self, rule: Rule) -> "npt.NDArray[np.int64]":
        return moments_of(rule, self._wish.start_ms, self._wish.end_ms)

    def _aims(self, thing: Thing) -> Iterator[_Aim]:
        """Every series of an object under every rule that is about it."""
        by_metric: dict[str, list[Rule]] = {}
        for rule in for_device(self._leaves.values(), thing.subject):
            for metric in metrics_of(rule):
                by_metric.setdefault(metric, []).append(rule)
        told = self._told.get(thing.id, {})
        for key in self._samples.series_of(thing.id) if by_metric else ():
            for rule in by_metric.get(key.metric, ()):
                port = thing.interfaces.get(key.instance) if key.metric.startswith("if") else None
                if port and not rule.where.instance and not (is_physical(port) or is_aggregate(port)):
                    continue
                mine = for_part(rule, key.instance, port.alias if port else "")
                if mine is not None and (not mine.share_of or (port and port.speed_bps > 0)):
                    scale = 800 / port.speed_bps if mine.share_of and port else 1.0
                    yield _Aim(mine, thing, key, scale, told.get(f"{key.metric}\0{key.instance}", NOTHING_TOLD))


def leaves(wanted: Iterable[Rule], book: Mapping[str, Rule]) -> Iterator[Rule]:
    """What is tried on samples: rules, and of compositions what they are made of."""
    for rule in wanted:
        if rule.kind == "composed":
            yield from leaves((book[name] for name in (*rule.all, *rule.any, *rule.none)), book)
        else:
            yield rule


def _is_thin(rule: Rule, hours: SeriesFrame) -> bool:
    """Whether all that there is of a series is too short for a rule that looks back."""
    if rule.kind == "absence" or rule.kind not in WINDOWED:
        return False
    needed = (FEWEST_WEEKS - 1) * WEEK_MS if rule.kind == "seasonal" else ENOUGH * rule.window_s * 1000
    return int(hours.at_ms[-1] - hours.at_ms[0]) + HOUR_MS < needed


def _tally(alerts: Sequence[Alert], series: int, name: str, end_ms: int) -> Tally | None:
    if not alerts and not series:
        return None
    fires = tuple(
        WouldFire(device=name, instance=one.instance, severity=one.severity, raised_at=one.raised_at, cleared_at=one.cleared_at,
                  evidence=one.evidence)
        for one in sorted(alerts, key=lambda one: (-one.raised_at, one.instance))[:MOST_SHOWN]
    )
    return Tally(
        count=len(alerts), open=sum(not one.cleared_at for one in alerts), objects=int(series > 0), series=series,
        ms=sum((one.cleared_at or end_ms) - one.raised_at for one in alerts), first_at=min((one.raised_at for one in alerts), default=0),
        last_at=max((one.raised_at for one in alerts), default=0), per_object={name: len(alerts)} if alerts else {}, fires=fires,
    )
