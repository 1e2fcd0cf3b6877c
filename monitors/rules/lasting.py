"""Rules over a while, of all devices: which series each is about, and the alerts that follow from their frames. Pure but for its memory."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.signals import Alert, SeriesFrame, SeriesKey
from monitors.meaning import PlanMeaning
from monitors.rules.applying import Subject, for_device, for_part
from monitors.rules.binding import Interface, text_of
from monitors.rules.hours import holds_at
from monitors.rules.rule import Rule
from monitors.rules.settling import Key, Watch, cleared, observed, settled, taken_over
from monitors.rules.windowed import DAY_MS, HOUR_MS, span_ms, verdict
from monitors.samples import DEVICE_METRICS

FIVE_MS = 300_000
LONG_MS = 3 * DAY_MS
"""Rules that look back longer are judged on hours instead of five minutes, once an hour."""
_ALL = Interface(alerting=True)


class Watched(NamedTuple):
    """A device or another object that is measured. meaning: what is polled of it. interfaces: by ifIndex. series: what else there is of it,
    as of probes."""

    id: str
    subject: Subject
    meaning: PlanMeaning | None = None
    interfaces: Mapping[int, Interface] = {}
    series: Sequence[SeriesKey] = ()
    known: bool = True
    """False: it is not discovered yet; nothing of it is judged, and nothing ends."""


class Aim(NamedTuple):
    """A series under a rule, as the rule is for it."""

    rule: Rule
    scale: float
    alias: str


def step_ms(rule: Rule) -> int:
    """The roll-up on which a rule is judged."""
    return HOUR_MS if span_ms(rule) > LONG_MS else FIVE_MS


def aims(rule: Rule, watched: Iterable[Watched]) -> dict[SeriesKey, Aim]:
    """All series that a rule is about."""
    out: dict[SeriesKey, Aim] = {}
    metrics = frozenset(rule.metric)
    for one in watched:
        for mine in for_device((rule,), one.subject):
            for key, port in _series(one, metrics):
                if port is not None and ((not port.alerting and not mine.where.instance) or (mine.share_of and port.speed_bps <= 0)):
                    continue
                part = for_part(mine, key.instance, port.alias if port else "")
                if part is not None and (port is not None or not part.share_of):
                    scale = 800 / port.speed_bps if part.share_of and port else 1.0
                    out[key] = Aim(part, scale, port.alias if port else "")
    return out


def _series(one: Watched, metrics: frozenset[str]) -> Iterator[tuple[SeriesKey, Interface | None]]:
    if one.meaning is not None:
        for metric in (*DEVICE_METRICS, *(scalar.metric for scalar in one.meaning.scalars if scalar.store)):
            if metric in metrics:
                yield SeriesKey(one.id, metric), None
        for table in one.meaning.tables:
            wanted = [column.metric for column in table.columns if column.store and column.metric in metrics]
            for number, label in enumerate(table.labels) if wanted else ():
                port = one.interfaces.get(table.indexes[number], _ALL) if table.indexes else None
                for metric in wanted:
                    yield SeriesKey(one.id, metric, label), port
    yield from ((key, None) for key in one.series if key.metric in metrics)


class Lasting:
    """What is bad, over all rounds. Belongs to one thread."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._watches: dict[tuple[str, Key], Watch] = {}
        self._taken: set[str] = set()
        self.use(rules, 0)

    def use(self, rules: Iterable[Rule], now_ms: int) -> list[Alert]:
        """These rules from now on: what is known of those that stay is kept; ends what the others had raised."""
        self.rules = tuple(rules)
        self._names = frozenset(rule.name for rule in self.rules)
        gone = [self._watches.pop(place) for place in [place for place in self._watches if place[1][0] not in self._names]]
        return [cleared(watch.alert, now_ms) for watch in gone if watch.alert is not None]

    def take_over(self, open_alerts: Iterable[Alert]) -> None:
        """Alerts that were left open before this process; each is taken over once."""
        for alert in open_alerts:
            place = (alert.device_id, (alert.rule, alert.instance))
            if alert.rule in self._names and alert.id not in self._taken:
                self._taken.add(alert.id)
                self._watches.setdefault(place, taken_over(alert))

    def began(self, rule: Rule, about: Mapping[SeriesKey, Aim], watched: Iterable[Watched], now_ms: int) -> list[Alert]:
        """A round of a rule begins: ends what it is no longer about."""
        here = {(key.device_id, key.instance) for key in about}
        unknown = {one.id for one in watched if not one.known}
        mine = [place for place in self._watches if place[1][0] == rule.name and place[0] not in unknown]
        gone = [place for place in mine if (place[0], place[1][1]) not in here]
        ended = [self._watches.pop(place) for place in gone]
        return [cleared(watch.alert, now_ms) for watch in ended if watch.alert is not None]

    def look(self, aim: Aim, key: SeriesKey, frame: SeriesFrame, now_ms: int) -> Alert | None:
        """What follows from one series."""
        rule = aim.rule
        place = (key.device_id, (rule.name, key.instance))
        before = self._watches.get(place)
        found = verdict(
            rule, frame, now_ms - (FIVE_MS if rule.kind == "absence" else 0), was_bad=before is not None and before.bad, scale=aim.scale,
        )
        watch = observed(before, None if found is None else found.bad and bool(holds_at(rule, now_ms)), now_ms)
        evidence = {} if found is None else evidence_of(rule, found.seen, key, aim.alias)
        watch, alert = settled(key.device_id, rule, key.instance, watch, evidence, now_ms)
        if watch is None:
            self._watches.pop(place, None)
        else:
            self._watches[place] = watch
        return alert


def evidence_of(rule: Rule, seen: Mapping[str, float], key: SeriesKey, alias: str = "") -> dict[str, str]:
    """What was seen, for people: `value limit unit metric alias`, and what each kind adds."""
    level = rule.above if rule.above is not None else rule.below
    out = {name: text_of(value) for name, value in seen.items() if name != "at_ms"}
    if "at_ms" in seen and math.isfinite(seen["at_ms"]):
        out["date"] = datetime.fromtimestamp(min(seen["at_ms"], 4e12) / 1000, UTC).strftime("%Y-%m-%d")
    return {
        **out, "metric": key.metric, "alias": alias, "limit": text_of(level) if isinstance(level, int | float) else "",
        "unit": "%" if rule.share_of or key.metric.endswith("_percent") else "",
    }
