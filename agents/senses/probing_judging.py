"""What probes measured, judged by the rules in force: raised and cleared alerts. Time is an argument."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agents.senses.probing_store import Measured
from core.i18n import tr
from core.objects import Device
from core.probes import METRICS, SENTENCES, UP, Outcome, ProbeTask
from core.signals import Alert
from monitors.probes.levels import ByMetric, by_metric, is_bad, limit_of
from monitors.rules.applying import Subject, for_device, for_part, subject_of
from monitors.rules.hours import holds_at
from monitors.rules.rule import Rule
from monitors.rules.settling import Watch, cleared, observed, settled, taken_over

MOST_WATCHES = 100_000


class _Key(NamedTuple):
    object_id: str
    rule: str
    instance: str


class Levels:
    """One thread's."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._subjects: dict[str, Subject] = {}
        self._living: frozenset[tuple[str, str]] = frozenset()
        self._watches: dict[_Key, Watch] = {}
        self._good: set[_Key] = set()
        self.use(rules, 0)

    def use(self, rules: Iterable[Rule], now_ms: int) -> list[Alert]:
        """These rules from now on: what is known of those that stay is kept; clears what the others had raised."""
        self._rules: ByMetric = by_metric(rules)
        of_all = [rule for some in self._rules.values() for rule in some]
        self._names = frozenset(rule.name for rule in of_all)
        self._alone = frozenset(rule.name for rule in of_all if METRICS.issuperset(rule.metric))
        gone = [self._watches.pop(key) for key in [key for key in self._watches if key.rule not in self._names]]
        self._good = {key for key in self._good if key.rule in self._names}
        return [cleared(watch.alert, now_ms) for watch in gone if watch.alert is not None]

    def owns(self, alert: Alert, probes: frozenset[tuple[str, str]]) -> bool:
        """Whether an alert that was left open is of a probe, so that nobody else takes or clears it. probes: those that run, by the id of
        their object and their name. May be called from any thread."""
        if alert.rule in self._alone:
            return True
        return alert.rule in self._names and (alert.device_id, alert.instance.partition(":")[0]) in probes

    def keep(
        self, tasks: Iterable[ProbeTask], devices: Iterable[Device], open_alerts: Iterable[Alert], now_ms: int,
    ) -> list[Alert]:
        """These probes run from now on: clears what was raised by others. open_alerts: what was left open before this process."""
        self._living = frozenset((task.object_id, task.probe.name) for task in tasks)
        self._subjects = {device.id: subject_of(device) for device in devices}
        for alert in open_alerts:
            key = _Key(alert.device_id, alert.rule, alert.instance)
            if alert.rule in self._names and key not in self._watches:
                self._watches[key] = taken_over(alert)
                self._good.add(key)
        out = []
        for key in [key for key in self._watches if not self._lives(key)]:
            watch = self._watches.pop(key)
            if watch.alert is not None:
                out.append(cleared(watch.alert, now_ms))
        self._good = {key for key in self._good if self._lives(key)}
        return out

    def _lives(self, key: _Key) -> bool:
        return (key.object_id, key.instance.partition(":")[0]) in self._living

    def judge(self, task: ProbeTask, outcome: Outcome, values: Sequence[Measured], now_ms: int) -> list[Alert]:
        """Alerts that one run raised or cleared."""
        out: list[Alert] = []
        if (task.object_id, task.probe.name) not in self._living:
            return out
        subject = self._subjects.get(task.object_id) or Subject(name=task.probe.object)
        for one in values:
            for rule in for_device(self._rules.get(one.key.metric, ()), subject):
                found = for_part(rule, one.key.instance)
                if found is not None and (alert := self._one(found, task, outcome, one, now_ms)):
                    out.append(alert)
        return out

    def _one(self, rule: Rule, task: ProbeTask, outcome: Outcome, one: Measured, now_ms: int) -> Alert | None:
        key = _Key(task.object_id, rule.name, one.key.instance)
        before = self._watches.get(key)
        bad = is_bad(rule, one.value, was_bad=before is not None and before.bad)
        bad = bad and bool(holds_at(rule, now_ms))
        if bad is False and rule.only_after_good:
            self._good.add(key)
        if bad and rule.only_after_good and key not in self._good:
            return None
        watch = observed(before, bad, now_ms)
        watch, alert = settled(task.object_id, rule, key.instance, watch, _evidence(rule, task, outcome, one), now_ms)
        if watch is None:
            self._watches.pop(key, None)
        elif before is not None or len(self._watches) < MOST_WATCHES:
            self._watches[key] = watch
        return alert


def _evidence(rule: Rule, task: ProbeTask, outcome: Outcome, one: Measured) -> dict[str, str]:
    part = one.key.instance.partition(":")[2]
    why = " ".join(filter(None, (tr(SENTENCES[outcome.answer]), outcome.said))) if one.key.metric == UP else ""
    return {
        "value": f"{one.value:.6g}", "limit": limit_of(rule), "probe": task.probe.name, "part": part, "object": task.probe.object,
        "target": task.host, "why": why, "expires": outcome.facts.get("expires", ""),
    }
